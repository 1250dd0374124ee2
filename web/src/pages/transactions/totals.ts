// Sums of round trips, exact, and their columns in a file.
import type { Transaction } from "../../api/types";
import type { CsvColumn } from "../../format/csv";
import { sumDecimals, toNumber } from "../../format/numbers";

export interface Totals {
  currency: string;
  count: number;
  open: number;
  winners: number;
  losers: number;
  purchases: string;
  sales: string;
  fees: string;
  gain: string;
  net: string;
}

/** One for each currency: amounts of two are not added up. */
export function totalsOf(rows: readonly Transaction[], currencyOf: (row: Transaction) => string): Totals[] {
  const groups = new Map<string, Transaction[]>();
  for (const row of rows) {
    const currency = currencyOf(row);
    const group = groups.get(currency);
    if (group) group.push(row);
    else groups.set(currency, [row]);
  }
  return [...groups]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([currency, group]) => {
      const closed = group.filter((row) => row.state === "CLOSED");
      return {
        currency,
        count: group.length,
        open: group.filter((row) => row.state === "OPEN").length,
        winners: closed.filter((row) => toNumber(row.net_gain_loss) > 0).length,
        losers: closed.filter((row) => toNumber(row.net_gain_loss) < 0).length,
        purchases: sumDecimals(group.map((row) => row.purchase_amount)),
        sales: sumDecimals(group.map((row) => row.sale_amount)),
        fees: sumDecimals(group.map((row) => row.fees)),
        gain: sumDecimals(group.map((row) => row.gain_loss)),
        net: sumDecimals(group.map((row) => row.net_gain_loss)),
      };
    });
}

/** Gain after fees as a share of what the shares that were sold had cost. */
export function gainRatio(row: Transaction): number | null {
  const cost = toNumber(row.purchase_price) * toNumber(row.sold);
  const gain = toNumber(row.net_gain_loss);
  return row.sale_price !== null && cost > 0 && Number.isFinite(gain) ? gain / cost : null;
}

export function transactionColumns(
  serviceOf: (id: number) => string,
  currencyOf: (row: Transaction) => string,
): CsvColumn<Transaction>[] {
  const number = true;
  return [
    { title: "transaction", value: (row) => row.transaction_id, number },
    { title: "symbol", value: (row) => row.stock_symbol },
    { title: "service", value: (row) => row.service_id, number },
    { title: "service name", value: (row) => serviceOf(row.service_id) },
    { title: "state", value: (row) => row.state },
    { title: "bought", value: (row) => row.bought, number },
    { title: "purchase price", value: (row) => row.purchase_price, number },
    { title: "purchase amount", value: (row) => row.purchase_amount, number },
    { title: "purchase date", value: (row) => row.purchase_date },
    { title: "sold", value: (row) => row.sold, number },
    { title: "sale price", value: (row) => row.sale_price, number },
    { title: "sale amount", value: (row) => row.sale_amount, number },
    { title: "sale date", value: (row) => row.sale_date },
    { title: "fees", value: (row) => row.fees, number },
    { title: "gain before fees", value: (row) => row.gain_loss, number },
    { title: "gain after fees", value: (row) => row.net_gain_loss, number },
    { title: "currency", value: currencyOf },
    { title: "notes", value: (row) => row.notes },
  ];
}
