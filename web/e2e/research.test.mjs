// A backtest that is started from the page, and its result; a formula that is typed and drawn.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { ROOT, Server, waitFor } from "./server.mjs";
import { Visitor, openBrowser } from "./visitor.mjs";

const RUN_MS = 90_000;

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

test("a backtest runs as a job, and ends with a result that is stored", async () => {
  const text = await readFile(join(ROOT, "samples", "strategies", "golden_cross.yaml"), "utf8");
  await server.api("POST", "/strategies", { text });
  const visitor = await Visitor.open(browser, server);
  const { page } = visitor;
  await visitor.logIn();
  await page.getByRole("link", { name: "Strategies", exact: true }).click();
  await page.getByRole("button", { name: /^golden_cross/ }).click();
  await page.getByText("fine", { exact: false }).first().waitFor();
  await page.getByRole("button", { name: "Backtest", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: /^Backtest of golden_cross/ });
  await dialog.getByLabel("Symbols").fill("AAPL");
  await dialog.getByLabel(/^quick/).check();
  await dialog.getByRole("button", { name: "Start the backtest" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("main").getByText("DONE").first().waitFor({ timeout: RUN_MS });
  const runs = await waitFor(async () => {
    const { items } = await server.api("GET", "/runs");
    return items.length > 0 && items;
  }, "the run");
  assert.deepEqual(
    runs.map((run) => run.strategy),
    ["golden_cross"],
  );
  await visitor.finish();
  assert.deepEqual(await server.policyReports(), []);
});

test("a formula is checked while it is typed, and drawn when it is right", async () => {
  const visitor = await Visitor.open(browser, server);
  const { page } = visitor;
  await visitor.logIn();
  await visitor.visit("/market/AAPL");
  const editor = page.getByRole("textbox", { name: "Formula" });
  await editor.click();
  // Slowly: each part is checked by itself, and none of them is an error in the console.
  await editor.pressSequentially("sma(clos, 2", { delay: 500 });
  const wrong = page.locator(".cm-lintRange-error");
  await waitFor(async () => (await wrong.allTextContents()).join() === "clos", "the word that is wrong, underlined");
  await page.getByText(/line 1, column 5: unknown name/).waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("sma(close, 20)");
  await page.getByText(/its first value comes after 19 bars/).waitFor();
  assert.equal(await wrong.count(), 0);
  await page.getByRole("button", { name: "Draw it" }).click();
  await page
    .getByRole("button", { name: /sma\(close, 20\)/ })
    .first()
    .waitFor();
  await visitor.finish();
});
