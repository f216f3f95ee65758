// The live page in a real browser, during a replayed session.
// node live.mjs PROGRAM RECORDING FOLDER: playwright-core and axe-core are found through NODE_PATH; pictures go to FOLDER.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { spawn, execFileSync } from "node:child_process";
import { createInterface } from "node:readline";
import net from "node:net";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [program, recording, folder] = process.argv.slice(2);
const faults = [];
const fault = (words) => faults.push(words);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const until = async (what, test, seconds = 60) => {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await wait(50)) if (await test()) return true;
  fault(`never: ${what}`);
  return false;
};

const truth = JSON.parse(execFileSync(program, ["analyze", recording, "--json"]));
const expected = truth.sets.flatMap((set) => set.reps.map((rep) => rep.judgement.label));
const last = truth.sets.at(-1).reps.length;

// ---- the program
const serve = (...options) => {
  const child = spawn(program, ["replay", recording, "--json", "--web=0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  const ended = new Promise((done) => child.on("exit", (code) => done(code)));
  return { child, lines, ended };
};
const opened = async (served) => {
  await until("the address is printed", () => served.lines.length > 0, 20);
  return served.lines[0].operate;
};

const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
// What is spoken is written down instead.
const speech = () => {
  globalThis.spoken = [];
  class Utterance { constructor(text) { this.text = text; } }
  Object.defineProperty(globalThis, "SpeechSynthesisUtterance", { value: Utterance });
  Object.defineProperty(globalThis, "speechSynthesis", { value: { speak: (u) => globalThis.spoken.push([u.text, u.lang]), cancel() {} } });
};
const open = async (link, { before = () => {}, ...options } = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await context.addInitScript(speech);
  await context.addInitScript(before);
  const page = await context.newPage();
  const host = new URL(link).origin;
  page.on("console", (message) => { if (message.type() === "error" && !options.mayFail && !/net::ERR_|status of 409/.test(message.text())) fault(`console: ${message.text()}`); });
  page.on("pageerror", (error) => fault(`script: ${error.message}`));
  page.on("request", (request) => { if (!request.url().startsWith(host)) fault(`request: ${request.url()}`); });
  await page.goto(link);
  return page;
};
const text = (page, id) => page.locator(`#${id}`).textContent();
const shot = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });
const shown = (page) => page.evaluate(() => [...document.querySelectorAll("#sets .mark"), ...[...document.querySelectorAll("#tiles .mark")].reverse()].map((mark) => mark.dataset.verdict));
const axed = async (page, name) => {
  // The policy of the page forbids other scripts, so that this one comes by the debugger.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const { id, impact, nodes } of violations) {
    if (impact === "serious" || impact === "critical") fault(`axe, ${name}: ${id} (${impact}): ${nodes[0].html.slice(0, 160)}`);
  }
  return violations.length;
};

// ---- a session at three times its speed: laptop, phone, television; a second viewer; a lost connection
const first = serve("--speed", "3");
const link = await opened(first);
const origin = new URL(link).origin;
const page = await open(link);
await until("the page is ready", async () => (await text(page, "prompt")) !== "");
if (page.url() !== `${origin}/`) fault(`the key is still in the address: ${page.url()}`);
await page.locator("#start").click();
const phone = await open(link, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, colorScheme: "dark", locale: "de-DE" });
const television = await open(link, { viewport: { width: 1920, height: 1080 }, colorScheme: "dark", locale: "en-GB" });
// The tablet reaches the program through a stand-in of the network that can be cut. It puts the program's port in place of its own.
const real = new URL(link).port;
const pairs = new Set();
let isCut = false;
const network = net.createServer((near) => {
  if (isCut) return near.destroy();
  const far = net.connect(Number(real), "127.0.0.1");
  const pair = [near, far];
  pairs.add(pair);
  near.on("data", (data) => far.write(data.toString("latin1").replaceAll(`127.0.0.1:${own}`, `127.0.0.1:${real}`), "latin1"));
  far.on("data", (data) => near.write(data));
  for (const [one, other] of [pair, [far, near]]) one.on("error", () => {}).on("close", () => { other.destroy(); pairs.delete(pair); });
});
await new Promise((done) => network.listen(0, "127.0.0.1", done));
// Once it is closed it has none.
const own = network.address().port;
if (`${own}`.length !== real.length) fault("the stand-in of the network cannot change the length of requests");
const tablet = await open(link.replace(`:${real}/`, `:${own}/`), { viewport: { width: 820, height: 1180 }, locale: "en-GB" });
await until("somebody calibrates", async () => page.locator("#guide").isVisible());
await wait(1500);
if (await page.locator("#knee").isVisible()) fault("the knee is judged while somebody calibrates");
await shot(page, "calibration-laptop");
await shot(television, "calibration-television");
await shot(phone, "calibration-phone");
let lesser = await axed(page, "calibration");
await until("there is a repetition", async () => (await page.locator("#tiles li").count()) > 0, 120);
await until("the knee is shown", async () => page.locator("#bar").isVisible(), 30);
await page.reload();
await until("the state is whole after a reload", async () => (await page.locator("#tiles li").count()) > 0, 5);
await page.locator("#start").click();
await until("a drift", async () => page.evaluate(() => document.querySelector("#now").dataset.tone === "alarm"), 120);
for (const [device, name] of [[page, "laptop"], [phone, "phone"], [tablet, "tablet"], [television, "television"]]) await shot(device, `alarm-${name}`);
await until("three repetitions", async () => (await page.locator("#tiles li").count()) >= 3, 120);
for (const [device, name] of [[page, "laptop"], [phone, "phone"], [tablet, "tablet"], [television, "television"]]) {
  await shot(device, `session-${name}`);
  lesser += await axed(device, name);
}
// An operator's buttons, which a replay hides, and to which its program says that there is nothing to operate.
if (await page.locator("#operate").isVisible()) fault("a replay shows buttons");
const wishes = [];
page.on("request", (request) => { if (request.url().endsWith("/do")) wishes.push(request.postData()); });
for (const device of [page, phone, television]) await device.evaluate(() => { document.getElementById("operate").hidden = false; });
await page.locator("[data-do=redo_set]").click();
if (wishes.length !== 0) fault("a set is undone without asking once more");
await shot(page, "operator-laptop");
await shot(phone, "operator-phone");
await shot(television, "operator-television");
await axed(page, "operator");
await page.locator("[data-do=redo_set]").click();
await page.locator("[data-do=new_set]").click();
await until("a refusal is told", async () => (await text(page, "notice")).includes("did not take"), 5);
if (wishes.join() !== '"redo_set","new_set"') fault(`asked for ${wishes}`);
for (const device of [page, phone, television]) await device.evaluate(() => { document.getElementById("operate").hidden = true; });
// The connection is lost for three seconds; what happened meanwhile is there afterwards.
isCut = true;
for (const pair of pairs) pair.forEach((socket) => socket.destroy());
await until("the lost connection is told", async () => (await text(tablet, "notice")).includes("lost"), 10);
await shot(tablet, "lost");
await wait(2500);
isCut = false;
await until("the connection is back", async () => !(await tablet.locator("#notice").isVisible()), 10);

await until("the session ends", async () => (await page.evaluate(() => document.querySelector("#showing").textContent)) === "Ended", 240);
await wait(1500);
for (const [device, name] of [[page, "laptop"], [phone, "phone"], [tablet, "tablet"], [television, "television"]]) {
  await shot(device, `ended-${name}`);
  const found = await shown(device);
  if (JSON.stringify(found) !== JSON.stringify(expected)) fault(`${name} shows ${found}, the analysis says ${expected}`);
  const count = parseInt(await text(device, "count"), 10);
  if (count !== last) fault(`${name} counts ${count}, the analysis ${last}`);
}
const wide = await phone.evaluate(() => document.documentElement.scrollWidth > innerWidth);
if (wide) fault("the page is wider than the phone");
const said = await page.evaluate(() => globalThis.spoken);
const told = first.lines.filter((line) => line.event === "repetition").length;
console.log(`spoken after the reload: ${JSON.stringify(said.map(([words]) => words))}`);
if (!said.some(([words]) => /^\d+$/.test(words))) fault("no count was spoken");
if (!said.some(([words]) => words.includes("Done"))) fault("the end was not spoken");
if (said.some(([, language]) => language !== undefined && language !== "en")) fault("not in the page's language");
console.log(`${expected.length} repetitions, ${told} told, ${lesser} lesser findings of axe-core`);

// ---- turns of a squad, as a recording of one sends them: on a wide screen they stand beside the repetitions
const taking_turns = () => {
  const Real = globalThis.EventSource;
  const squad = [["P-001", 1, "done"], ["P-002", 0, "now"], ["P-003", 0, "next"]].map(([athlete, turns, turn]) => ({ athlete, turns, turn }));
  globalThis.EventSource = class extends Real {
    addEventListener(name, act) {
      super.addEventListener(name, (event) => {
        if (!event.data) return act(event);
        const data = JSON.parse(event.data);
        if (data.head) data.head.squad = squad;
        if (name === "state") data.operate = true;
        act({ data: JSON.stringify(data) });
      });
    }
  };
};
const turns = await open(link, { before: taking_turns });
await until("turns are shown", async () => (await turns.locator("#athletes button").count()) === 3, 20);
const place = await turns.locator("#athletes").boundingBox();
if (place.y + place.height > 800 || place.x < 640) fault(`the turns stand at ${JSON.stringify(place)}`);
const able = await turns.locator("#athletes button").evaluateAll((buttons) => buttons.map((button) => !button.disabled));
if (able.join() !== "true,false,true") fault(`turns can be given so: ${able}`);
await shot(turns, "turns-laptop");
await axed(turns, "turns");
await turns.close();

// ---- dialogs
await page.locator("#place-open").click();
await shot(page, "place");
await axed(page, "place");
await page.keyboard.press("Escape");
await page.locator("#settings-open").click();
await shot(page, "voice");
await axed(page, "voice");
await page.keyboard.press("Escape");

// ---- who has no key sees nothing
const stranger = await open(`${origin}/`, { mayFail: true });
await until("a stranger is told so", async () => (await text(stranger, "notice")).includes("whole link"), 10);
if (await stranger.locator("main").isVisible()) fault("a stranger sees the session");
await shot(stranger, "stranger");
const wrong = await open(`${origin}/#0123456789abcdef0123456789abcdef`, { mayFail: true });
await until("a wrong key is told so", async () => (await text(wrong, "notice")).includes("whole link"), 10);
const old = await open(`${origin}/`, { javaScriptEnabled: false, mayFail: true });
if (!(await old.locator("#old").isVisible())) fault("an old browser is not told");

network.close();
first.child.kill("SIGINT");
const code = await first.ended;
if (code !== 0) fault(`the program ended with ${code}`);
await until("the end of the program is told", async () => (await text(page, "notice")).includes("ended"), 15);
await shot(page, "over");

// ---- as fast as it goes: nothing is missed, and a viewer that does not read holds nobody up
const second = serve("--speed", "inf");
const fast = await opened(second);
const { port } = new URL(fast);
const quick = await open(fast);
const cookies = await quick.context().cookies();
const asleep = net.connect(Number(port), "127.0.0.1", () => {
  asleep.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookies.map(({ name, value }) => `${name}=${value}`).join("; ")}\r\n\r\n`);
  asleep.pause();
});
await until("the fast session ends", async () => (await quick.evaluate(() => document.querySelector("#showing").textContent)) === "Ended", 120);
await wait(500);
const quickly = await shown(quick);
if (JSON.stringify(quickly) !== JSON.stringify(expected)) fault(`at once it shows ${quickly}, the analysis says ${expected}`);
asleep.destroy();
second.child.kill("SIGINT");
await second.ended;

await browser.close();
faults.forEach((words) => console.error(words));
process.exit(faults.length === 0 ? 0 : 1);
