// What a service has gained: booked, and with what it holds at the newest price.
import type { Service } from "../api/types";
import { subtractDecimals, toNumber } from "../format/numbers";
import { usePrice } from "../live/live";
import { Gain } from "../ui/values";

/** Cash and shares at the newest price, in doubles; NaN while no price has come. */
export function valueOf(service: Service, last: string | undefined): number {
  const shares = toNumber(service.current_shares);
  if (shares === 0) return toNumber(service.current_balance);
  return toNumber(service.current_balance) + shares * toNumber(last);
}

/** Booked gains, and of an open position what it has gained so far, once a price is known. */
export function gainOf(service: Service, last: string | undefined, invested: string | undefined): string {
  if (service.current_shares === "0" || last === undefined || invested === undefined) return service.total_gain_loss;
  const open = toNumber(service.current_shares) * toNumber(last) - toNumber(invested);
  return (toNumber(service.total_gain_loss) + open).toFixed(2);
}

/** What its cash would be without the open position. */
export function investedOf(service: Service): string {
  // Given + booked gains = cash + what the open position cost. What was given back while it was stopped is apart.
  return subtractDecimals(
    subtractDecimals(service.initial_balance, service.returned_balance),
    subtractDecimals(service.current_balance, service.total_gain_loss),
  );
}

export function TotalGain({ service }: { service: Service }) {
  const price = usePrice(service.stock_symbol);
  return <Gain amount={gainOf(service, price?.last, investedOf(service))} currency={service.currency} />;
}
