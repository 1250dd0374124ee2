// Every page, by the name of its pictures.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT, waitFor } from "./server.mjs";

const ENTRIES = await readFile(join(ROOT, "web", "src", "app", "pages.tsx"), "utf8");

// Those that the dashboard itself goes by: none is forgotten.
export const PAGES = [...ENTRIES.matchAll(/path: "(\/[^"]*)",\s*title: "([^"]+)"/g)]
  .map(([, path, title]) => ({
    name: title.toLowerCase().replaceAll(/\W+/g, "-"),
    path,
  }))
  .filter((page, at, all) => all.findIndex(({ name }) => name === page.name) === at);
if (PAGES.length < 3) throw new Error("src/app/pages.tsx has no list of pages that can be read here");

// With what this server has in the place of ":id" and ":symbol".
export const addressOf = ({ path }, { ids }) =>
  path
    .replace(":symbol", "AAPL")
    .replace(/^\/(\w+)\/:id/, (whole, of) => {
      if (ids[of] === undefined) throw new Error(`${whole}: nothing of that kind is made for the pages`);
      return `/${of}/${ids[of]}`;
    })
    .replace("*", "");

const SERVICES = [
  ["AAPL", "probability"],
  ["MSFT", "hybrid"],
  ["NVDA", "golden_cross"],
];

// Something to see on each page: services that have traded, a run that is stored. What pages are told of is in it.
export async function furnish(server) {
  const made = [];
  for (const [symbol, strategy] of SERVICES)
    made.push(
      await server.api("POST", "/services", {
        symbol,
        balance: "10000",
        strategy,
        name: `${symbol} ${strategy}`,
        interval_seconds: 5,
      }),
    );
  await server.run(["backtest", "samples/strategies/golden_cross.yaml", "--symbol", "AAPL", "--quick"]);
  const traded = async () => (await server.api("GET", "/fills")).meta.total > 3;
  await waitFor(traded, "the services' first fills", 60_000);
  await server.run(["optimize", "samples/strategies/golden_cross.yaml", "--symbol", "AAPL", "--trials", 6]);
  const first = async (list, id) => (await server.api("GET", `/${list}`)).items[0][id];
  return {
    ids: {
      services: made[0].service_id,
      portfolios: await first("portfolios", "portfolio_id"),
      runs: await first("runs", "number"),
      studies: await first("studies", "number"),
    },
  };
}
