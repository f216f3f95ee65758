// A report.html in a real browser: no request, no console error, no serious finding of axe-core, readable without scripts, by keyboard.
// node check.mjs REPORT.html SCREENSHOT.png; playwright-core and axe-core are found through NODE_PATH.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [page_path, picture] = process.argv.slice(2);
const url = pathToFileURL(page_path).href;
const faults = [];
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });

const open = async (options) => {
  const page = await (await browser.newContext({ viewport: { width: 1000, height: 1400 }, ...options })).newPage();
  page.on("console", (message) => { if (message.type() === "error") faults.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => { if (request.url() !== url) faults.push(`request: ${request.url()}`); });
  await page.goto(url);
  return page;
};

const page = await open({});
const shown = () => page.locator(".rep:visible").count();
const all = await page.locator(".rep").count();
if (all > 1) {
  if (await shown() !== 1) faults.push(`${await shown()} repetitions are shown at first, not 1`);
  const tile = page.locator(".tiles a").first();
  await tile.focus();
  await page.keyboard.press("ArrowRight");
  const second = await page.locator(".rep").nth(1).isVisible();
  if (!second || await shown() !== 1) faults.push("the arrow key does not show the second repetition");
}
await page.screenshot({ path: picture, fullPage: true });
// The policy of the page forbids other scripts: the check goes into a context that does not ask it.
const checked = await open({ bypassCSP: true });
await checked.addScriptTag({ content: axe });
const { violations } = await checked.evaluate(() => globalThis.axe.run());
for (const { id, impact, nodes } of violations) {
  if (impact === "serious" || impact === "critical") faults.push(`axe: ${id} (${impact}): ${nodes[0].html.slice(0, 120)}`);
}
const plain = await open({ javaScriptEnabled: false });
if (await plain.locator(".rep:visible").count() !== all) faults.push("without scripts repetitions are missing");
await browser.close();
console.log(`${all} repetitions, ${violations.length} lesser findings of axe-core`);
faults.forEach((fault) => console.error(fault));
process.exit(faults.length === 0 ? 0 : 1);
