// A thousand services in the table, of which a hundred change each second, leave the page usable.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Server } from "./server.mjs";
import { Visitor, openBrowser } from "./visitor.mjs";

const SERVICES = 1000;
const UPDATES_A_SECOND = 100;
const AT_ONCE = 40;
const MEASURED_MS = 10_000;
const LONGEST_TASK_MS = 300;

let server;
let browser;
before(async () => {
  const settings = { "requests_per_minute: 1200": "requests_per_minute: 0" };
  [server, browser] = await Promise.all([Server.start({ speed: 60, settings }), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

// So many at a time, for as long as there is one to do.
async function inTurn(many, work) {
  let next = 0;
  const worker = async () => {
    while (next < many) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

test("a thousand services", { timeout: 280_000 }, async (t) => {
  const made = [];
  await inTurn(SERVICES, async (number) => {
    const name = `service ${String(number).padStart(4, "0")}`;
    made.push(await server.api("POST", "/services", { symbol: "AAPL", balance: "10", name, starts: false }));
  });
  const visitor = await Visitor.open(browser, server);
  const { page } = visitor;
  // What the page is told of rows.
  const told = { rows: 0 };
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => (told.rows += String(payload).split('"service_id"').length - 1)),
  );
  await visitor.logIn();
  await page.getByRole("link", { name: "Services", exact: true }).click();
  await page.getByText(`${SERVICES} of ${SERVICES}`).waitFor({ timeout: 30_000 });
  // By the trace: how long tasks of the page's own thread were at work, whatever else the machine does meanwhile.
  const trace = await visitor.context.newCDPSession(page);
  const events = [];
  trace.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await trace.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "devtools.timeline", "__metadata"] },
  });
  // Each change of a row is a message of the socket.
  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 1000;
  told.rows = 0;
  await inTurn((MEASURED_MS / 1000) * UPDATES_A_SECOND, async (number) => {
    while (number > passed() * UPDATES_A_SECOND) await new Promise((done) => setTimeout(done, 5));
    const { service_id: id } = made[(number * 7) % made.length];
    await server.api("PATCH", `/services/${id}`, { description: `change ${number}` });
  });
  const rate = told.rows / passed();
  // It answers while that goes on.
  await page.getByLabel("Filter services").fill("service 0999");
  await page.getByText(`1 of ${SERVICES}`).waitFor();
  const complete = new Promise((done) => trace.once("Tracing.tracingComplete", done));
  await trace.send("Tracing.end");
  await complete;
  const main = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = events.filter(
    ({ name, tdur, pid, tid }) => name === "RunTask" && tdur !== undefined && main.has(`${pid} ${tid}`),
  );
  assert.ok(tasks.length > 100, "the trace has tasks");
  const longest = Math.max(...tasks.map(({ tdur }) => tdur)) / 1000;
  const passing = Math.max(...tasks.map(({ dur }) => dur)) / 1000;
  const long = tasks.filter(({ tdur }) => tdur > 50_000).length;
  t.diagnostic(
    `measured: ${SERVICES} services, ${rate.toFixed(0)} rows a second: longest task ${longest.toFixed(0)} ms at work ` +
      `(${passing.toFixed(0)} ms by the clock), ${long} over 50 ms`,
  );
  assert.ok(longest < LONGEST_TASK_MS, `the longest task took ${longest} ms`);
  assert.ok(told.rows >= SERVICES, `the page was told of ${told.rows} rows`);
  await visitor.finish();
});
