// The page without the program in a real browser: what is dropped there comes out as the program has it.
// node page.mjs PAGE_FOLDER PROGRAM DEMO.mcap FOLDER: playwright-core, axe-core and fflate are found through NODE_PATH; pictures go to FOLDER.
import { createRequire } from "node:module";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const { unzipSync } = require("fflate");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [site, program, demo, folder] = process.argv.slice(2);
const samples = join(dirname(fileURLToPath(import.meta.url)), "../../datasets/samples");
const faults = [];
const fault = (words) => { faults.push(words); console.error(words); };
const same = (what, found, expected) => { if (found !== expected) fault(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`); };

// ---- what is dropped
const inputs = join(folder, "inputs");
rmSync(inputs, { recursive: true, force: true });
mkdirSync(inputs, { recursive: true });
const put = (name, bytes) => { writeFileSync(join(inputs, name), bytes); return join(inputs, name); };
const whole = join(inputs, "demo.mcap");
copyFileSync(demo, whole);
const minute = join(inputs, "minute.mcap");
execFileSync(program, ["edit", whole, "--cut", "20-80", "--out", minute], { stdio: "ignore" });
const tables = join(inputs, "xsens-dot");
cpSync(join(samples, "xsens-dot"), tables, { recursive: true });
const two = join(inputs, "two");
mkdirSync(two);
const pair = readdirSync(tables).filter((name) => /^(LTibia|Pelvis).*csv$/.test(name)).map((name) => join(two, name));
for (const path of pair) copyFileSync(join(tables, basename(path)), path);
const noise = Uint8Array.from({ length: 4000 }, (_, index) => (index * index * 31 + 7) % 251);
const broken = [
  put("noise.csv", noise), put("noise.mcap", noise), put("empty.csv", ""), put("empty.mcap", ""), put("cut.mcap", readFileSync(demo).subarray(0, 200_000)),
  put("letter.txt", "Dear all,\nthis is no recording.\n"),
];

// ---- what the program says of it
const told = (paths, options = []) => {
  const { stdout } = spawnSync(program, ["analyze", ...paths, "--json", "--no-progress", ...options], { encoding: "utf8", maxBuffer: 1 << 28 });
  return stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
};
const tablesOf = (path, options = []) => {
  const out = join(folder, "tables");
  rmSync(out, { recursive: true, force: true });
  execFileSync(program, ["analyze", path, "-o", out, "--no-progress", ...options], { stdio: "ignore" });
  return out;
};
const reportOf = (path) => {
  const [library, out] = [join(folder, "library"), join(folder, "report")];
  for (const made of [library, out]) rmSync(made, { recursive: true, force: true });
  mkdirSync(library);
  copyFileSync(path, join(library, basename(path)));
  execFileSync(program, ["report", "--all", "--from", library, "--pages", "html", "-o", out, "--no-progress"], { stdio: "ignore" });
  const [name] = readdirSync(out).filter((file) => file.endsWith("_report.html"));
  return { name, bytes: readFileSync(join(out, name)) };
};

// ---- a plain server, and the browser
const kinds = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const server = createServer((request, answer) => {
  const name = request.url === "/" ? "index.html" : request.url.slice(1);
  const path = join(site, name);
  if (name.includes("..") || !existsSync(path)) return answer.writeHead(404).end();
  return answer.writeHead(200, { "content-type": kinds[extname(path)] ?? "text/plain" }).end(readFileSync(path));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${server.address().port}/`;
const own = new Set(["", "index.html", "page.css", "page.js", "engine.js", "icon.svg"]);
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
const open = async (options = {}, link = address, script = null) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", acceptDownloads: true, ...options });
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error") fault(`console: ${message.text()}`); });
  page.on("pageerror", (error) => fault(`script: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    const isOwn = url.startsWith("blob:") || url.startsWith("data:") || url === "about:srcdoc" || (url.startsWith(link.slice(0, link.lastIndexOf("/") + 1)) && own.has(url.slice(link.lastIndexOf("/") + 1)));
    if (!isOwn) fault(`request: ${url}`);
  });
  await page.goto(link);
  return page;
};
const done = async (page) => page.waitForFunction(() => document.documentElement.dataset.busy === "false", null, { timeout: 120_000 });
const give = async (page, paths) => { await page.locator("#files").setInputFiles(paths); await done(page); };
const text = (page, id) => page.locator(`#${id}`).textContent();
const saved = async (page, selector) => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(selector).click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
};
const troubles = (page) => page.locator("#troubles .code").allTextContents();
/** Repetitions as the sheet shows them. */
const shown = async (page) => {
  const sheet = page.frameLocator("#report");
  await sheet.locator("main").waitFor();
  return sheet.locator(".rep").evaluateAll((cards) => cards.map((card) => card.querySelector("h3").textContent));
};
const axed = async (page, name) => {
  // The policy of the page forbids other scripts, so that this one comes by the debugger.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ exclude: [["#report"]] }));
  for (const { id, impact, nodes } of violations) {
    if (impact === "serious" || impact === "critical") fault(`axe, ${name}: ${id} (${impact}): ${nodes[0].html.slice(0, 160)}`);
  }
  return violations.length;
};

// ---- the recording of the demo: verdicts, page and tables are the program's
const page = await open();
const [expected] = told([whole]);
await page.screenshot({ path: join(folder, "page-empty.png"), fullPage: true });
let lesser = await axed(page, "empty");
await give(page, [whole]);
const titles = { true_hinge: "true hinge", knee_forward_drift: "knee-forward drift", insufficient_hip_travel: "too little hip travel", indeterminate: "not sure" };
const labels = expected.sets.flatMap((set) => set.reps.map((rep) => rep.judgement.label));
const cards = await shown(page);
same("repetitions", cards.length, labels.length);
labels.forEach((label, index) => {
  if (!cards[index]?.toLowerCase().includes(titles[label])) fault(`repetition ${index + 1}: ${cards[index]}, not ${titles[label]}`);
});
const report = reportOf(whole);
const page_file = await saved(page, "#save-report");
same("name of the page", page_file.name, report.name);
if (!page_file.bytes.equals(report.bytes)) fault("report.html is not the program's");
const compare = (what, archive, out) => {
  const files = unzipSync(archive);
  const names = readdirSync(out, { recursive: true }).filter((name) => name.endsWith(".csv")).sort();
  same(`tables of ${what}`, Object.keys(files).sort().join(), names.join());
  for (const name of names) if (files[name] && !Buffer.from(files[name]).equals(readFileSync(join(out, name)))) fault(`${what}: ${name} is not the program's`);
  return names.length;
};
const count = compare("demo", (await saved(page, "#save-tables")).bytes, tablesOf(whole));
const again = await saved(page, "#save-tables");
if (!again.bytes.equals((await saved(page, "#save-tables")).bytes)) fault("an archive saved twice is two archives");
lesser += await axed(page, "result");
await page.screenshot({ path: join(folder, "page-laptop.png"), fullPage: true });
// The sheet works: the arrow key shows the second repetition, and nothing is cut off.
const sheet = page.frameLocator("#report");
await sheet.locator(".tiles a").first().focus();
await page.keyboard.press("ArrowRight");
if (!await sheet.locator(".rep").nth(1).isVisible()) fault("the arrow key does not show the second repetition");
const isCut = await page.evaluate(() => { const { contentDocument, clientHeight } = document.getElementById("report"); return contentDocument.documentElement.scrollHeight > clientHeight + 1; });
if (isCut) fault("the sheet is cut off");

// ---- what is said beside the files beats them, as with the program
await page.locator("#asked > summary").click();
await page.locator("#height_cm").fill("181");
await page.locator("#athlete").fill("P-007");
await page.locator("#athlete").blur();
await done(page);
compare("demo of somebody 181 cm tall", (await saved(page, "#save-tables")).bytes, tablesOf(whole, ["--height", "181", "--athlete", "P-007"]));
await page.locator("#height_cm").fill("1810");
await page.locator("#height_cm").blur();
await done(page);
same("an impossible height", (await troubles(page)).join(), "page_answer");
if (await page.locator("#height_cm").getAttribute("data-wanted") !== "true") fault("the field with the impossible height is not shown");
if (await page.locator("#result").isVisible()) fault("a result is shown under an impossible height");
await page.locator("#height_cm").fill("");
await page.locator("#athlete").fill("");
await page.locator("#athlete").blur();
await done(page);

// ---- files of another maker: a folder, and two files of it
for (const [what, paths] of [["a folder", [tables]], ["two files", pair]]) {
  await page.locator("#side").selectOption("left");
  await done(page);
  await page.locator(what === "a folder" ? "#folder" : "#files").setInputFiles(what === "a folder" ? tables : paths);
  await done(page);
  const all = told(paths, ["--side", "left"]);
  const sessions = all.filter((line) => line.schema.startsWith("truehinge/analysis"));
  same(`recordings in ${what}`, await text(page, "says"), sessions.length === 1 ? "One recording was analysed." : `${sessions.length} recordings were analysed.`);
  same(`repetitions in ${what}`, (await shown(page)).length, sessions[0].sets.flatMap((set) => set.reps).length);
  // Files that belong together are no copies of each other.
  if ((await page.locator("#notices").textContent()).includes("the same recording")) fault(`${what}: taken for copies`);
  compare(what, (await saved(page, "#save-tables")).bytes, tablesOf(paths[0], ["--side", "left"]));
}
await page.screenshot({ path: join(folder, "page-csv.png"), fullPage: true });
await page.locator("#side").selectOption("");
await done(page);

// ---- garbage is said, in the program's words, and nothing else suffers
for (const path of broken) {
  await give(page, [path]);
  const codes = told([path]).map((line) => line.error?.code).join();
  same(basename(path), (await troubles(page)).join(), codes);
  if (codes === "") fault(`${basename(path)}: the program finds nothing wrong`);
  if (await page.locator("#result").isVisible()) fault(`${basename(path)}: a result of something else is still shown`);
}
await page.screenshot({ path: join(folder, "page-trouble.png"), fullPage: true });
await give(page, [...broken, whole]);
same("one recording among garbage", (await shown(page)).length, labels.length);
same("what could not be used", (await troubles(page)).length, told([...broken, whole]).filter((line) => line.error).length);
lesser += await axed(page, "trouble");
await give(page, [whole, ...pair]);
same("two recordings", await page.locator("#sessions button").count(), 2);
await page.locator("#sessions button").last().click();
await shown(page);
await page.screenshot({ path: join(folder, "page-several.png") });
// A part of a recording is said to be one.
await give(page, [whole, minute]);
same("a recording and its part", (await page.locator("#notices li").allTextContents()).filter((line) => line.includes("was made from it")).length, 1);

// ---- how long a minute takes: the first on a new page, then again
const quick = await open();
const times = [];
for (let run = 0; run < 6; run += 1) {
  await give(quick, [minute]);
  times.push(Number(await quick.evaluate(() => document.documentElement.dataset.milliseconds)));
}

// ---- phone, dark, German
const phone = await open({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: "dark", locale: "de-DE" });
await give(phone, [whole]);
same("cards in German", (await shown(phone)).length, labels.length);
same("language of the sheet", await phone.frameLocator("#report").locator("html").getAttribute("lang"), "de");
const isWide = await phone.evaluate(() => document.documentElement.scrollWidth > innerWidth);
if (isWide) fault("the page is wider than the phone");
lesser += await axed(phone, "phone");
await phone.screenshot({ path: join(folder, "page-phone.png") });
await phone.locator("#report").scrollIntoViewIfNeeded();
await phone.evaluate(() => document.getElementById("report").scrollIntoView());
await phone.screenshot({ path: join(folder, "page-phone-sheet.png") });
const dark = await open({ colorScheme: "dark" });
await give(dark, [whole]);
await shown(dark);
await dark.screenshot({ path: join(folder, "page-dark.png") });
lesser += await axed(dark, "dark");

// ---- from a disk, without a server
const local = await open({}, pathToFileURL(join(site, "index.html")).href);
await give(local, [whole]);
same("repetitions from a disk", (await shown(local)).length, labels.length);

// ---- a browser that cannot, and one whose program ends in a defect
const old = await open({}, address, () => { delete globalThis.DecompressionStream; });
if (!await old.locator("#old").isVisible() || await old.locator("main").isVisible()) fault("an old browser is not told");
const plain = await open({ javaScriptEnabled: false });
if (!await plain.locator("#old").isVisible()) fault("a browser without scripts is not told");
const ill = await open({}, address, () => {
  // The first worker's program ends as a panic does.
  const Whole = Blob;
  let first = true;
  globalThis.Blob = class extends Whole {
    constructor(parts, options) {
      const isWorker = options?.type === "text/javascript";
      super(isWorker ? [`let first = ${first};`, "const real = WebAssembly.instantiate; WebAssembly.instantiate = async (...a) => { const made = await real(...a); if (!name) { return { exports: { ...made.exports, _start() { throw new WebAssembly.RuntimeError('unreachable'); } } }; } return made; };", ...parts] : parts, options);
      first = false;
    }
  };
});
await give(ill, [whole]);
const words = await ill.locator("#troubles .found").allTextContents();
if (!words.join().includes("could not be analysed")) fault(`a defect is told as: ${words.join()}`);
if (await ill.locator("#result").isVisible()) fault("a defect has a result");

await browser.close();
server.close();
const [first, ...later] = times;
const median = later.sort((a, b) => a - b)[Math.floor(later.length / 2)];
console.log(`${labels.length} repetitions, ${count} tables and report.html as the program's; ${lesser} lesser findings of axe-core`);
console.log(`a minute of two sensors, page and tables: ${first} ms at first, then ${median} ms`);
if (median > 300) fault(`a minute takes ${median} ms, at most 300 are meant`);
process.exit(faults.length === 0 ? 0 : 1);
