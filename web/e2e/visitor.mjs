// Somebody with a browser, who notes what goes wrong on the pages that they see.
//
//   const visitor = await Visitor.open(browser, server);
//   await visitor.logIn();
//   await visitor.page.getByRole("link", { name: "Services" }).click();
//   await visitor.finish();           // fails where anything went wrong
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const CHROMIUM = process.env.ARGOSY_CHROMIUM ?? "/usr/bin/chromium";
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WAIT_MS = 15_000;

export function openBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: ["--disable-gpu", "--no-first-run"] });
}

export class Visitor {
  static async open(browser, server, { width = 1440, height = 900, theme = "light" } = {}) {
    const visitor = new Visitor();
    visitor.server = server;
    visitor.context = await browser.newContext({
      baseURL: server.url,
      viewport: { width, height },
      colorScheme: theme,
      locale: "en-US",
      timezoneId: "Europe/Vienna",
      reducedMotion: "reduce",
    });
    visitor.context.setDefaultTimeout(WAIT_MS);
    visitor.page = await visitor.context.newPage();
    visitor.page.on("console", (message) => {
      if (message.type() === "error") visitor.note(`console: ${message.text()} (${message.location().url})`);
    });
    visitor.page.on("pageerror", (error) => visitor.note(`uncaught: ${error.stack ?? error}`));
    visitor.page.on("request", (request) => {
      const url = new URL(request.url());
      const isOwn = url.host === new URL(server.url).host || url.protocol === "data:" || url.protocol === "blob:";
      if (!isOwn) visitor.note(`a request leaves the machine: ${request.url()}`);
    });
    return visitor;
  }

  troubles = [];
  expected = [];

  note(trouble) {
    if (!this.expected.some((each) => each.test(trouble))) this.troubles.push(trouble);
  }

  // Troubles like these are part of what is tried.
  expect(...patterns) {
    this.expected.push(...patterns);
  }

  async logIn(user = "admin", password = this.server.password) {
    await this.page.goto("/login");
    await this.page.getByLabel("User name or email").fill(user);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Log in" }).click();
    // On a telephone the navigation is folded away.
    await this.page.getByRole("banner").waitFor();
  }

  // A page as it is when it has what it shows.
  async visit(path) {
    await this.page.goto(path);
    await this.settled();
  }

  async settled() {
    await this.page.getByRole("main").waitFor();
    await this.page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
  }

  // Violations that axe-core calls serious or critical, as texts.
  async audit() {
    const session = await this.context.newCDPSession(this.page);
    // Past the page's policy, which allows no script of others.
    await session.send("Runtime.evaluate", { expression: await readFile(AXE, "utf8") });
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression: "axe.run(document, { resultTypes: ['violations'] })",
      awaitPromise: true,
      returnByValue: true,
    });
    await session.detach();
    if (exceptionDetails) throw new Error(`axe-core failed: ${exceptionDetails.exception?.description}`);
    return result.value.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, help, nodes }) => {
        const shown = nodes
          .slice(0, 5)
          .map((node) => `  ${node.html.slice(0, 200)} (${node.failureSummary?.replaceAll("\n", " ")})`);
        return [`${id}: ${help} (${nodes.length})`, ...shown].join("\n");
      });
  }

  // Milliseconds from the request to the first text or picture.
  async firstContentfulPaint() {
    const entry = await this.page.waitForFunction(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    );
    return entry.jsonValue();
  }

  async finish() {
    const troubles = this.troubles;
    await this.context.close();
    assert.deepEqual(troubles, []);
  }
}
