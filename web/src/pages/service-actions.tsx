// Start, pause, stop and close, of one service or of many. What was asked for shows at once; the row comes when it is done.
import { useState } from "react";
import { api, ask } from "../api/client";
import type { Service } from "../api/types";
import { useMayTrade } from "../app/auth";
import { useWish } from "../app/wish";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { useToasts } from "../ui/toasts";
import { formatDecimal } from "../format/numbers";

export type ServiceAction = "start" | "pause" | "stop";

const kDone: Record<ServiceAction, string> = { start: "started", pause: "paused", stop: "stopped" };

/** What a service in this state can be told. */
export function possibleActions(state: Service["state"]): ServiceAction[] {
  switch (state) {
    case "ACTIVE":
      return ["pause", "stop"];
    case "PAUSED":
      return ["start", "stop"];
    default:
      return ["start"];
  }
}

export function useServiceAction() {
  const queries = useQueryClient();
  const wish = useWish();
  return async (id: number, action: ServiceAction) => {
    const row = await wish.send([id, action], (header) => {
      const params = { path: { id }, header };
      if (action === "start") return ask(api.POST("/services/{id}/start", { params }));
      if (action === "pause") return ask(api.POST("/services/{id}/pause", { params }));
      return ask(api.POST("/services/{id}/stop", { params }));
    });
    queries.setQueryData(["services", "one", id], row);
    queries.setQueryData(["services", "list", "all"], (rows: Service[] | undefined) =>
      rows?.map((each) => (each.service_id === id ? row : each)),
    );
    return row;
  };
}

export function ServiceButtons({ service, small }: { service: Service; small?: boolean }) {
  const may = useMayTrade();
  const act = useServiceAction();
  const { tell, tellError } = useToasts();
  const [busy, setBusy] = useState<ServiceAction | null>(null);
  const [stopping, setStopping] = useState(false);
  if (!may) return null;
  const run = async (action: ServiceAction) => {
    setBusy(action);
    try {
      await act(service.service_id, action);
      tell(`${service.name} is ${kDone[action]}`);
    } catch (error) {
      tellError(error);
    }
    setBusy(null);
  };
  const holds = service.current_shares !== "0";
  return (
    <span className="row">
      {possibleActions(service.state).map((action) => (
        <Button
          key={action}
          small={small}
          look={action === "start" && !small ? "primary" : undefined}
          busy={busy === action}
          disabled={busy !== null}
          aria-label={small ? `${kTitles[action]} ${service.name}` : undefined}
          onClick={() => (action === "stop" && holds ? setStopping(true) : void run(action))}
        >
          {kTitles[action]}
        </Button>
      ))}
      {stopping && (
        <Confirm
          title={`Stop ${service.name}?`}
          action="Stop"
          onClose={() => setStopping(false)}
          onConfirm={() => act(service.service_id, "stop").then(() => tell(`${service.name} is stopped`))}
        >
          <p>
            It holds {formatDecimal(service.current_shares)} {service.stock_symbol}. They stay as they are, and nobody
            watches their stop loss any more. Close the position first to sell them; or pause the service, which keeps
            its stops.
          </p>
        </Confirm>
      )}
    </span>
  );
}

const kTitles: Record<ServiceAction, string> = { start: "Start", pause: "Pause", stop: "Stop" };

export function ClosePositionButton({ service }: { service: Service }) {
  const may = useMayTrade();
  const { tell } = useToasts();
  const [asking, setAsking] = useState(false);
  const wish = useWish();
  if (!may || service.current_shares === "0") return null;
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Close position
      </Button>
      {asking && (
        <Confirm
          title={`Close the position of ${service.name}?`}
          action={`Sell ${formatDecimal(service.current_shares)} ${service.stock_symbol}`}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            const path = { id: service.service_id };
            await wish.send(path, (header) =>
              ask(api.POST("/services/{id}/close-position", { params: { path, header } })),
            );
            tell("The order to sell is on its way");
          }}
        >
          <p>
            {formatDecimal(service.current_shares)} {service.stock_symbol} are sold at the market, at whatever price
            there is. An active service may buy again at its next decision.
          </p>
        </Confirm>
      )}
    </>
  );
}
