// Another name for a portfolio, being the default one, and its end.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "../../api/client";
import type { Portfolio } from "../../api/types";
import { FormDialog } from "../../ui/action";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Checkbox, TextField } from "../../ui/field";
import { useToasts } from "../../ui/toasts";

export function ManagePortfolio({ portfolio }: { portfolio: Portfolio }) {
  const queries = useQueryClient();
  const go = useNavigate();
  const { tell } = useToasts();
  const [asking, setAsking] = useState<"change" | "remove" | null>(null);
  const path = { id: portfolio.portfolio_id };
  return (
    <>
      <Button onClick={() => setAsking("change")}>Change</Button>
      {!portfolio.is_default && (
        <Button look="danger" onClick={() => setAsking("remove")}>
          Remove
        </Button>
      )}
      {asking === "change" && (
        <FormDialog
          title={`Change ${portfolio.name}`}
          action="Change"
          onClose={() => setAsking(null)}
          onSend={async (text, form) => {
            const row = await ask(
              api.PATCH("/portfolios/{id}", {
                params: { path },
                body: {
                  ...(text("name") !== portfolio.name && { name: text("name") }),
                  ...(form.has("is_default") && { is_default: true }),
                },
              }),
            );
            tell(`${row.name} is changed`);
            await queries.invalidateQueries({ queryKey: ["portfolios"] });
          }}
        >
          {(error) => (
            <>
              <TextField label="Name" name="name" defaultValue={portfolio.name} required error={error("name")} />
              {!portfolio.is_default && (
                <Checkbox label="Make it the default one, which is meant when none is named" name="is_default" />
              )}
            </>
          )}
        </FormDialog>
      )}
      {asking === "remove" && (
        <Confirm
          title={`Remove ${portfolio.name}?`}
          action="Remove it"
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await ask(api.DELETE("/portfolios/{id}", { params: { path } }));
            tell(`${portfolio.name} is removed`);
            await go("/portfolios");
            await queries.invalidateQueries({ queryKey: ["portfolios"] });
          }}
        >
          <p>
            It must have no money, shares, services or working orders. What happened in it stays in the history; it
            cannot be used again.
          </p>
        </Confirm>
      )}
    </>
  );
}
