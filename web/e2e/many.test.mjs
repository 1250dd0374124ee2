// A thousand services in the table, of which a hundred change each second, leave the page usable.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Server, waitFor } from "./server.mjs";
import { Visitor, openBrowser } from "./visitor.mjs";

const SERVICES = 1000;
const UPDATES_A_SECOND = 100;
const MEASURED_MS = 10_000;
const LONGEST_TASK_MS = 300;

let server;
let browser;
before(async () => {
  const settings = { "requests_per_minute: 1200": "requests_per_minute: 0" };
  [server, browser] = await Promise.all([Server.start({ speed: 1, settings }), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

test("a thousand services", async (t) => {
  const made = [];
  for (let first = 0; first < SERVICES; first += 20) {
    const some = Array.from({ length: 20 }, (_, at) => first + at);
    made.push(
      ...(await Promise.all(
        some.map((number) =>
          server.api("POST", "/services", {
            symbol: "AAPL",
            balance: "10",
            name: `service ${String(number).padStart(4, "0")}`,
            starts: false,
          }),
        ),
      )),
    );
  }
  const visitor = await Visitor.open(browser, server);
  const { page } = visitor;
  await visitor.logIn();
  await page.getByRole("link", { name: "Services", exact: true }).click();
  await page.getByText(`${SERVICES} of ${SERVICES}`).waitFor({ timeout: 30_000 });
  await page.evaluate(() => {
    window.longest = 0;
    window.tasks = 0;
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) {
        window.longest = Math.max(window.longest, task.duration);
        ++window.tasks;
      }
    }).observe({ type: "longtask" });
  });
  // Each change of a row is a message of the socket.
  let changed = 0;
  const until = performance.now() + MEASURED_MS;
  const begun = performance.now();
  while (performance.now() < until) {
    const due = ((performance.now() - begun) / 1000) * UPDATES_A_SECOND;
    if (changed >= due) {
      await new Promise((done) => setTimeout(done, 10));
      continue;
    }
    await Promise.all(
      Array.from({ length: 10 }, () => {
        const service = made[changed++ % made.length];
        return server.api("PATCH", `/services/${service.service_id}`, { description: `change ${changed}` });
      }),
    );
  }
  const rate = changed / ((performance.now() - begun) / 1000);
  await waitFor(async () => (await page.getByRole("row").count()) > 5, "rows");
  // It answers while that goes on.
  await page.getByLabel("Filter services").fill("service 0999");
  await page.getByText(`1 of ${SERVICES}`).waitFor();
  const { longest, tasks } = await page.evaluate(() => ({ longest: window.longest, tasks: window.tasks }));
  t.diagnostic(
    `measured: ${SERVICES} services, ${rate.toFixed(0)} changes a second: longest task ${longest.toFixed(0)} ms, ${tasks} over 50 ms`,
  );
  assert.ok(longest < LONGEST_TASK_MS, `the longest task took ${longest} ms`);
  await visitor.finish();
});
