// Every page, by the name of its pictures.
import { waitFor } from "./server.mjs";

export const PAGES = [
  { name: "overview", path: "/" },
  { name: "services", path: "/services" },
  { name: "service", path: "/services/:service" },
  { name: "transactions", path: "/transactions" },
  { name: "orders", path: "/orders" },
  { name: "portfolios", path: "/portfolios" },
  { name: "market", path: "/market/AAPL" },
  { name: "strategies", path: "/strategies" },
  { name: "runs", path: "/runs" },
  { name: "jobs", path: "/jobs" },
  { name: "risk", path: "/risk" },
  { name: "health", path: "/health" },
  { name: "users", path: "/users" },
  { name: "settings", path: "/settings" },
];

export const addressOf = (page, { service }) => page.path.replace(":service", service);

const SERVICES = [
  ["AAPL", "probability"],
  ["MSFT", "hybrid"],
  ["NVDA", "golden_cross"],
];

// Something to see on each page: services that have traded, a run that is stored. What pages are told of is in it.
export async function furnish(server) {
  const made = [];
  for (const [symbol, strategy] of SERVICES)
    made.push(await server.api("POST", "/services", { symbol, balance: "10000", strategy, name: `${symbol} ${strategy}`, interval_seconds: 5 }));
  await server.run(["backtest", "samples/strategies/golden_cross.yaml", "--symbol", "AAPL", "--quick"]);
  const traded = async () => (await server.api("GET", "/fills")).meta.total > 3;
  await waitFor(traded, "the services' first fills", 60_000);
  return { service: made[0].service_id };
}
