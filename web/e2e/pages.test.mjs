// Every page loads without an error, asks nobody else for anything, and can be used by everybody.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PAGES, addressOf, furnish } from "./pages.mjs";
import { Server, waitFor } from "./server.mjs";
import { Visitor, openBrowser } from "./visitor.mjs";

let server;
let browser;
let world;
before(async () => {
  [server, browser] = await Promise.all([Server.start({ speed: 240 }), openBrowser()]);
  world = await furnish(server);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

for (const each of PAGES) {
  test(`the page ${each.name}`, async (t) => {
    const visitor = await Visitor.open(browser, server);
    await visitor.logIn();
    await visitor.visit(addressOf(each, world));
    const heading = visitor.page.getByRole("main").getByRole("heading", { level: 1 });
    await heading.waitFor();
    t.diagnostic(
      `measured: ${each.name}: first contentful paint ${(await visitor.firstContentfulPaint()).toFixed(0)} ms`,
    );
    assert.deepEqual(await visitor.audit(), [], "in the light");
    await visitor.page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await visitor.audit(), [], "in the dark");
    // Nothing is wider than a telephone.
    await visitor.page.setViewportSize({ width: 360, height: 740 });
    // A chart is drawn anew a moment later.
    await waitFor(
      () => visitor.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      "a page that is no wider than 360 pixels",
    );
    await visitor.finish();
  });
}

test("no page broke its policy", async () => {
  assert.deepEqual(await server.policyReports(), []);
});

test("what a page is kept from is noted, and reported", async () => {
  const visitor = await Visitor.open(browser, server);
  await visitor.page.goto("/login");
  await visitor.page.evaluate(() => document.body.insertAdjacentHTML("beforeend", '<p style="color: red">x</p>'));
  const reports = await waitFor(async () => {
    const all = await server.policyReports();
    return all.length > 0 && all;
  }, "the report");
  assert.equal(reports[0].directive, "style-src-attr");
  await assert.rejects(visitor.finish(), /Content Security Policy/);
});
