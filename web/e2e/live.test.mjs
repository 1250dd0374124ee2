// What happens is seen as it happens, and still seen after the server was gone for a while.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Server, waitFor } from "./server.mjs";
import { Visitor, openBrowser } from "./visitor.mjs";

const TRADED_MS = 90_000;

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start({ speed: 240 }), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

test("a service for AAPL with 10,000 buys and sells before one's eyes, is stopped, and has its history", async () => {
  const visitor = await Visitor.open(browser, server);
  const { page } = visitor;
  await visitor.logIn();
  const service = await server.api("POST", "/services", {
    symbol: "AAPL",
    balance: "10000",
    interval_seconds: 5,
    stop_loss_percent: "0.2",
    take_profit_percent: "0.2",
  });
  // The page is not loaded again: what it shows came by the socket.
  await page.getByRole("link", { name: "Services", exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: service.name });
  await row.getByText(/^[1-9]\d* \/ [1-9]\d*$/).waitFor({ timeout: TRADED_MS });
  await row.getByRole("link", { name: service.name }).click();
  await page.getByRole("heading", { name: service.name }).waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  const confirmed = page.getByRole("dialog").getByRole("button", { name: "Stop", exact: true });
  const started = page.getByRole("button", { name: "Start", exact: true });
  await confirmed.or(started).first().waitFor();
  if (await confirmed.isVisible()) await confirmed.click();
  await started.waitFor();

  const stored = (await server.api("GET", `/transactions?service_id=${service.service_id}`)).meta.total;
  assert.ok(stored > 0);
  const history = page.getByRole("region", { name: "Transactions" }).first();
  await waitFor(async () => (await history.getByRole("row").count()) > 1, "the service's history");
  await page.getByRole("link", { name: "Transactions", exact: true }).click();
  await waitFor(
    async () => (await page.getByRole("main").getByRole("row").filter({ hasText: "AAPL" }).count()) > 0,
    "the history",
  );
  await visitor.finish();
  assert.deepEqual(await server.policyReports(), []);
});

test("a viewer looks, and cannot trade", async () => {
  const password = "a viewer of long ago 7";
  await server.api("POST", "/users", { username: "viewer", email: "viewer@example.com", password, role: "viewer" });
  const visitor = await Visitor.open(browser, server);
  const { page } = visitor;
  await visitor.logIn("viewer", password);
  await page.getByRole("link", { name: "Services", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Services" }).waitFor();
  for (const name of ["Create service", "Kill switch", "Start", "Stop", "Pause"])
    assert.equal(await page.getByRole("button", { name, exact: true }).count(), 0, name);
  assert.equal(await page.getByRole("link", { name: "Users", exact: true }).count(), 0);
  // Whatever the page shows: the server says no.
  const status = await page.evaluate(async () => {
    const csrf = /argosy_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
    const answer = await fetch("/api/v1/services", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ symbol: "AAPL", balance: "100" }),
    });
    return answer.status;
  });
  assert.equal(status, 403);
  visitor.troubles = visitor.troubles.filter((each) => !/status of 403/.test(each));
  await visitor.finish();
});

// Once for each thing that a page may be about just then.
const MOMENTS = [
  { when: "a page is shown", lost: null, isClickedBefore: true },
  { when: "a page is loaded", lost: null, isClickedBefore: false },
  { when: "rows are read", lost: "**/api/v1/services?*", isClickedBefore: true },
];
for (const { when, lost, isClickedBefore } of MOMENTS)
  test(`the server is killed while ${when} and started again, and the page goes on by itself`, async () => {
    const visitor = await Visitor.open(browser, server);
    const { page } = visitor;
    visitor.expect(/ERR_CONNECTION_REFUSED/, /ERR_EMPTY_RESPONSE/, /ERR_CONNECTION_RESET/, /WebSocket connection to/);
    if (lost) await page.route(lost, (route) => route.abort("connectionrefused"));
    await visitor.logIn();
    await page.getByRole("banner").getByText("live").waitFor();
    await page.evaluate(() => (globalThis.isFirstLoad = true));
    const link = page.getByRole("link", { name: "Services", exact: true });
    if (isClickedBefore) await link.click();
    if (isClickedBefore) await page.getByRole("heading", { level: 1, name: "Services" }).waitFor();
    await server.kill();
    await page.getByText(/connection lost/).waitFor();
    if (!isClickedBefore) await link.click();
    if (lost) await page.getByRole("alert").waitFor();
    await server.begin();
    if (lost) await page.unroute(lost);
    await page.getByRole("banner").getByText("live").waitFor({ timeout: 60_000 });
    // What happens from then on is seen, without loading the page again.
    const name = `after the restart while ${when}`;
    await server.api("POST", "/services", { symbol: "MSFT", balance: "1000", name });
    await page.getByRole("row").filter({ hasText: name }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.isFirstLoad), true);
    await visitor.finish();
  });
