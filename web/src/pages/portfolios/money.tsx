// A new portfolio; money that comes in or goes out.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, askAll } from "../../api/client";
import type { Portfolio } from "../../api/types";
import { useWish } from "../../app/wish";
import { formatMoney } from "../../format/numbers";
import { FormDialog } from "../../ui/action";
import { Checkbox, SelectField, TextField } from "../../ui/field";
import { useToasts } from "../../ui/toasts";

export function NewPortfolio({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  const accounts = useQuery({
    queryKey: ["accounts"],
    queryFn: () => askAll((page) => api.GET("/accounts", { params: { query: page } })),
  });
  return (
    <FormDialog
      title="New portfolio"
      action="Make the portfolio"
      onClose={onClose}
      onSend={async (text, form) => {
        const body = {
          name: text("name"),
          is_default: form.get("is_default") !== null,
          ...(text("broker_account_id") && { broker_account_id: Number(text("broker_account_id")) }),
        };
        const made = await wish.send(body, (header) => ask(api.POST("/portfolios", { params: { header }, body })));
        tell(`Portfolio ${made.name} is made. Money comes in by Fund`);
        await queries.invalidateQueries({ queryKey: ["portfolios"] });
      }}
    >
      {(error) => (
        <>
          <TextField label="Name" name="name" error={error("name")} required autoFocus />
          <SelectField
            label="Broker account"
            name="broker_account_id"
            hint="where its money and shares lie; it has the account's currency"
            options={[
              { value: "", text: "the first" },
              ...(accounts.data ?? []).map((row) => ({
                value: String(row.broker_account_id),
                text: `${row.broker} ${row.masked_number}, ${row.environment}, ${row.base_currency}`,
              })),
            ]}
            error={error("broker_account_id")}
          />
          <Checkbox label="It is meant when none is named" name="is_default" />
        </>
      )}
    </FormDialog>
  );
}

export function MoveMoney({ portfolio, out, onClose }: { portfolio: Portfolio; out: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  const wish = useWish();
  const { portfolio_id: id, currency, name } = portfolio;
  return (
    <FormDialog
      title={out ? `Withdraw from ${name}` : `Fund ${name}`}
      action={out ? "Withdraw" : "Fund"}
      danger={out}
      onClose={onClose}
      onSend={async (text, form) => {
        const body = { amount: text("amount"), note: text("note"), money_market: form.get("money_market") !== null };
        await wish.send(body, (header) => {
          const request = { params: { path: { id }, header }, body };
          return ask(out ? api.POST("/portfolios/{id}/withdraw", request) : api.POST("/portfolios/{id}/fund", request));
        });
        tell(`${formatMoney(text("amount"), currency)} ${out ? "went out of" : "came into"} ${name}`);
        for (const each of ["portfolios", "fundings", "statement"])
          await queries.invalidateQueries({ queryKey: [each] });
      }}
    >
      {(error) => (
        <>
          <p className="small soft">
            {out
              ? `Its own cash is ${formatMoney(portfolio.cash, currency)}. What services were given is theirs until they are stopped.`
              : "It counts as a deposit: performance is told apart from it. At a real broker, send the money there as well."}
          </p>
          <TextField
            label={`Amount (${currency})`}
            name="amount"
            inputMode="decimal"
            error={error("amount")}
            required
            autoFocus
          />
          <TextField label="Note" name="note" maxLength={200} error={error("note")} />
          <Checkbox label="of the parked money (money market)" name="money_market" />
        </>
      )}
    </FormDialog>
  );
}
