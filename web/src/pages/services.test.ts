import { describe, expect, it } from "vitest";
import type { Service } from "../api/types";
import { readNewService } from "./create-service";
import { readChange } from "./edit-service";
import { gainOf, investedOf, valueOf } from "./service-values";
import { possibleActions } from "./service-actions";
import { filterServices } from "./services";

const kService: Service = {
  service_id: 1,
  owner_id: 1,
  portfolio_id: 1,
  broker_account_id: 1,
  instrument_id: 1,
  name: "apples",
  description: "",
  stock_symbol: "AAPL",
  state: "ACTIVE",
  mode: "SELL",
  currency: "USD",
  initial_balance: "10000",
  current_balance: "478.94",
  minimum_balance: "0",
  returned_balance: "0",
  allocation_percent: "100",
  buy_threshold: "0",
  sell_threshold: "0",
  stop_loss_percent: "5",
  take_profit_percent: "10",
  current_shares: "22",
  buy_count: 1,
  sell_count: 0,
  total_gain_loss: "0",
  strategy: "probability",
  interval_seconds: 10,
  fractional: false,
  failures: 0,
  error: "",
  created_at: "2024-01-02T15:00:00Z",
  updated_at: "2024-01-02T15:00:00Z",
  removed_at: null,
  is_active: true,
};

function form(values: Record<string, string>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(values)) made.set(name, value);
  return made;
}

describe("what a service is worth", () => {
  it("counts fees and the open position", () => {
    // 22 bought at 432.73 with a fee of 1: 10000 - 9520.06 - 1 = 478.94.
    expect(investedOf(kService)).toBe("9521.06");
    expect(gainOf(kService, "432.73", investedOf(kService))).toBe("-1.00");
    expect(gainOf(kService, "442.73", investedOf(kService))).toBe("219.00");
    expect(valueOf(kService, "442.73")).toBeCloseTo(10219);
  });
  it("is what was booked when nothing is held", () => {
    const sold = { ...kService, current_shares: "0", current_balance: "9774.02", total_gain_loss: "-225.98" };
    expect(gainOf(sold, undefined, investedOf(sold))).toBe("-225.98");
    expect(valueOf(sold, undefined)).toBeCloseTo(9774.02);
    expect(valueOf(kService, undefined)).toBeNaN();
  });
});

describe("forms", () => {
  it("send what was filled in, and nothing else", () => {
    expect(
      readNewService(form({ balance: " 10000 ", strategy: "hybrid", stop_loss_percent: "", starts: "on" }), "aapl "),
    ).toEqual({
      symbol: "AAPL",
      balance: "10000",
      strategy: "hybrid",
      starts: true,
    });
  });
  it("send what has changed, and nothing else", () => {
    const same = Object.fromEntries(
      ["name", "strategy", "stop_loss_percent", "take_profit_percent", "buy_threshold", "sell_threshold"].map(
        (name) => [name, String(kService[name as keyof Service])],
      ),
    );
    const rest = { allocation_percent: "100", minimum_balance: "0", interval_seconds: "10", mode: "SELL" };
    expect(readChange(form({ ...same, ...rest }), kService)).toEqual({});
    expect(readChange(form({ ...same, ...rest, stop_loss_percent: "3", mode: "HOLD" }), kService)).toEqual({
      stop_loss_percent: "3",
      mode: "HOLD",
    });
  });
});

describe("tables", () => {
  it("find services by their words and their state", () => {
    expect(filterServices([kService], "APP", "all")).toHaveLength(1);
    expect(filterServices([kService], "aapl", "PAUSED")).toHaveLength(0);
    expect(filterServices([kService], "ibm", "all")).toHaveLength(0);
  });
  it("offer what a service can be told", () => {
    expect(possibleActions("ACTIVE")).toEqual(["pause", "stop"]);
    expect(possibleActions("ERROR")).toEqual(["start"]);
  });
});
