// node e2e/screenshots.mjs FOLDER [PAGE...]: pictures of the pages, at three widths, light and dark.
import { join } from "node:path";

import { PAGES, addressOf, furnish } from "./pages.mjs";
import { Server } from "./server.mjs";
import { Visitor, openBrowser } from "./visitor.mjs";

const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

const [folder, ...names] = process.argv.slice(2);
const chosen = [{ name: "login", path: "/login" }, ...PAGES].filter(
  ({ name }) => names.length === 0 || names.includes(name),
);
const [server, browser] = await Promise.all([Server.start({ speed: 240 }), openBrowser()]);
let failed = 0;

// The whole page in a window of its size: a window that grows while it is drawn shows charts that are empty.
async function picture(page, size, path) {
  await page.waitForFunction(() => document.querySelector(".skeleton") === null, null, { timeout: 10_000 });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: size.width, height: Math.max(size.height, height) });
  // Charts are drawn anew, and move into their places.
  await new Promise((done) => setTimeout(done, 1000));
  await page.screenshot({ path });
  await page.setViewportSize(size);
}

try {
  const world = await furnish(server);
  for (const theme of ["light", "dark"]) {
    for (const size of SIZES) {
      const visitor = await Visitor.open(browser, server, { ...size, theme });
      for (const page of chosen) {
        if (page.name !== "login" && !visitor.isIn) {
          await visitor.logIn();
          visitor.isIn = true;
        }
        try {
          await visitor.visit(addressOf(page, world));
          await picture(visitor.page, size, join(folder, `${page.name}-${size.width}-${theme}.png`));
        } catch (error) {
          ++failed;
          console.error(`${page.name} at ${size.width}, ${theme}: ${error.message}`);
        }
      }
      await visitor.context.close();
    }
  }
} finally {
  await browser.close();
  await server.remove();
}
process.exitCode = failed > 0 ? 1 : 0;
