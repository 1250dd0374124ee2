// The path that everybody takes first; ./dev test runs it each time.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PASSWORD, Server, waitFor } from "./server.mjs";
import { Visitor, openBrowser } from "./visitor.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start({ password: null, speed: 120 }), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

test("the first login, a service made and stopped, and the kill switch", async (t) => {
  const visitor = await Visitor.open(browser, server);
  const { page } = visitor;

  // Who is not logged in is asked to.
  visitor.expect(/status of 401/);
  await page.goto("/services");
  await page.getByLabel("User name or email").fill("admin");
  t.diagnostic(`measured: first contentful paint ${(await visitor.firstContentfulPaint()).toFixed(0)} ms`);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").waitFor();
  assert.deepEqual(await visitor.audit(), []);

  // A one-time password is changed before anything else.
  await page.getByLabel("Password", { exact: true }).fill(server.oncePassword);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("Password until now").fill(server.oncePassword);
  await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("New password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  server.password = PASSWORD;
  visitor.expected = [];

  await page.getByRole("link", { name: "Services", exact: true }).click();
  await page.getByRole("button", { name: "Create service" }).click();
  const dialog = page.getByRole("dialog", { name: "Create a service" });
  await dialog.getByRole("combobox", { name: "Symbol" }).fill("AAPL");
  await dialog.getByRole("option", { name: /^AAPL/ }).click();
  await dialog.getByLabel("Starting balance").fill("10000");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: /AAPL/ }).waitFor();
  const [service] = (await server.api("GET", "/services")).items;
  assert.deepEqual([service.stock_symbol, service.state], ["AAPL", "ACTIVE"]);

  await page.getByRole("button", { name: "Stop", exact: true }).click();
  // It asks where shares are held.
  const confirmed = page.getByRole("dialog").getByRole("button", { name: "Stop", exact: true });
  const started = page.getByRole("button", { name: "Start", exact: true });
  await confirmed.or(started).first().waitFor();
  if (await confirmed.isVisible()) await confirmed.click();
  await started.waitFor();
  assert.equal((await server.api("GET", `/services/${service.service_id}`)).state, "INACTIVE");

  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await page.getByRole("button", { name: "Kill switch" }).click();
  const asked = page.getByRole("dialog", { name: "Throw the kill switch" });
  await asked.getByLabel("Reason").fill("a test");
  await asked.getByRole("button", { name: "Go on" }).click();
  await asked.getByRole("button", { name: "Throw the kill switch" }).click();
  await page.getByRole("button", { name: "Kill switch is on" }).waitFor();
  const switches = await waitFor(
    async () => (await server.api("GET", "/risk/switches")).items.filter((each) => each.scope === "all"),
    "the kill switch",
  );
  assert.equal(switches.length, 1);
  assert.equal(switches[0].reason, "a test");

  await visitor.finish();
  assert.deepEqual(await server.policyReports(), []);
});
