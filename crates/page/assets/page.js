// The page without the program: hands what is dropped to a worker, and shows what comes back. It counts and judges nothing by itself.
import { zipSync } from "fflate";
import { words } from "./words.js";

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
// Settings stay on this device; where the browser keeps none, they last as long as the page.
const kept = {
  get(name, otherwise) { try { return localStorage.getItem(name) ?? otherwise; } catch { return otherwise; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* lasts as long as the page */ } },
};
const make = (name, kind, text) => {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
};
const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };

/** Largest drop, bytes: what the Python package reads as well. */
const MOST_BYTES = 512 << 20;
/** Most files that are asked about one by one. */
const MOST_ASKED = 12;

let language = kept.get("language", navigator.language?.startsWith("de") ? "de" : "en");
const say = (key, ...values) => {
  const word = words[language][key];
  return typeof word === "function" ? word(...values) : word;
};

// ---- the worker: made new when it was stopped or had a defect

const packed = Uint8Array.from(atob(globalThis.truehingeEngine.program), (letter) => letter.charCodeAt(0));
const source = URL.createObjectURL(new Blob([globalThis.truehingeEngine.worker], { type: "text/javascript" }));
let worker;
let asked = 0;
let waiting;

const renew = () => {
  worker?.terminate();
  worker = new Worker(source);
  worker.onmessage = ({ data }) => waiting?.id === data.id && waiting.answer(data);
  worker.onerror = (event) => { event.preventDefault(); waiting?.answer({ defect: event.message || "the worker ended" }); };
  worker.postMessage({ program: packed });
};

const analysed = (files, questions) => new Promise((answer) => {
  asked += 1;
  waiting = { id: asked, answer };
  worker.postMessage({ id: asked, files, questions });
});

// ---- what is dropped

let files = [];

/** Every file below what was dropped, with its path from there. */
const below = async (entry, before = "") => {
  if (entry.isFile) return [{ path: before + entry.name, file: await new Promise((found, failed) => entry.file(found, failed)) }];
  const reader = entry.createReader();
  const all = [];
  // A reader gives some at a time.
  for (;;) {
    const some = await new Promise((found, failed) => reader.readEntries(found, failed));
    if (some.length === 0) break;
    for (const inner of some) all.push(...await below(inner, `${before}${entry.name}/`));
  }
  return all;
};

/** Two files of one name are two: the second one gets a number. */
const apart = (all) => {
  const taken = new Set();
  return all.map(({ path, file }) => {
    const [, stem, ending] = /^(.*?)(\.[^./]*)?$/.exec(path);
    let free = path;
    for (let number = 2; taken.has(free); number += 1) free = `${stem} (${number})${ending ?? ""}`;
    taken.add(free);
    return { path: free, file };
  });
};

const take = (all) => {
  if (all.length === 0) return tell("nothing");
  const size = all.reduce((sum, { file }) => sum + file.size, 0);
  if (size > MOST_BYTES) return tell("large", Math.ceil(size / 1e6));
  files = apart(all);
  put($("dropped"), tops().join(", "));
  askWhere();
  return run();
};

/** What lies at the top of what was dropped: what the program would be given. */
const tops = () => [...new Set(files.map(({ path }) => path.split("/")[0]))];

const drop = $("drop");
for (const name of ["dragenter", "dragover"]) addEventListener(name, (event) => { event.preventDefault(); drop.dataset.over = true; });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.dataset.over = false; });
addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.dataset.over = false;
  const items = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...event.dataTransfer.files].map((file) => ({ path: file.name, file }));
  try {
    take(items.length > 0 ? (await Promise.all(items.map((entry) => below(entry)))).flat() : plain);
  } catch {
    tell("unread");
  }
});
for (const id of ["files", "folder"]) $(id).addEventListener("change", ({ target }) => {
  const all = [...target.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  // So that the same file can be chosen again.
  target.value = "";
  if (all.length > 0) take(all);
});

// ---- what is asked

const place = (name, chosen = "") => {
  const select = make("select");
  select.setAttribute("aria-label", `${say("role-place")} ${name}`);
  for (const role of ["", "hip", "shank", "thigh", "trunk"]) {
    const option = make("option", "", say(role || "role-none"));
    option.value = role;
    select.append(option);
  }
  select.value = chosen;
  select.addEventListener("change", run);
  return select;
};
const askWhere = () => {
  const names = files.map(({ path }) => path).filter((path) => !path.endsWith(".mcap"));
  const rows = names.length <= MOST_ASKED ? names.map((path) => path.split("/").at(-1)) : [];
  $("worn").replaceChildren(...rows.map((name) => {
    const row = make("li");
    row.dataset.name = name;
    row.append(make("span", "", name), place(name));
    return row;
  }));
};
$("role-more").addEventListener("click", () => {
  const row = make("li");
  const name = make("input");
  name.setAttribute("aria-label", say("role-name"));
  name.placeholder = say("role-name");
  name.addEventListener("change", () => { row.dataset.name = name.value.trim(); run(); });
  row.append(name, place(say("role-name")));
  $("worn").append(row);
  name.focus();
});

const questions = () => {
  const given = (id) => $(id).value.trim() || null;
  const height = given("height_cm")?.replace(",", ".");
  const rows = [...$("worn").children].map((row) => [row.dataset.name ?? "", row.querySelector("select").value]);
  return {
    inputs: tops(), athlete: given("athlete"), side: given("side"), height_cm: height ?? null,
    roles: rows.filter(([name, role]) => name && role), language, unit: given("unit"),
  };
};
$("questions").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["side", "height_cm", "athlete", "unit"]) $(id).addEventListener("change", () => run());

// ---- what is shown

let result = null;
let shown = 0;

const tell = (key, ...values) => {
  put($("says"), say(key, ...values));
  $("stop").hidden = key !== "working";
};

let again = false;
let busy = false;
/** Analyses what was dropped; what changes meanwhile is analysed next. */
const run = async () => {
  if (files.length === 0) return;
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    root.dataset.busy = true;
    tell("working");
    const answer = await analysed(files, questions());
    if (!again) show(answer);
  }
  busy = false;
  root.dataset.busy = false;
};
$("stop").addEventListener("click", () => { renew(); waiting?.answer({ stopped: true }); });

const show = (answer) => {
  waiting = undefined;
  if (answer.stopped) return tell("stopped");
  if (answer.defect) renew();
  const outcome = answer.outcome ?? { sessions: [], notices: [], troubles: [] };
  const troubles = answer.defect ? [{ found: say(answer.unread ? "unread" : "defect"), details: answer.unread ? null : answer.defect }] : outcome.troubles;
  result = { ...outcome, results: new Map(answer.results ?? []), ms: answer.ms };
  list("troubles", troubles.map(trouble));
  list("notices", [...outcome.notices, ...outcome.sessions.flatMap(({ warnings }) => warnings)].map((line) => make("li", "", line)));
  want(troubles.map(({ question }) => question).filter(Boolean));
  root.dataset.milliseconds = answer.ms ? Math.round(answer.ms) : "";
  if (outcome.version) put($("version"), say("version", outcome.version));
  $("result").hidden = outcome.sessions.length === 0;
  if (outcome.sessions.length === 0) return tell("done-none");
  tell("done", outcome.sessions.length);
  choose(Math.min(shown, outcome.sessions.length - 1));
};

const list = (id, items) => {
  $(id).hidden = items.length === 0;
  $(id).querySelector("ul").replaceChildren(...items);
};
const trouble = ({ source, code, found, hint, details }) => {
  const item = make("li");
  // The sentence mostly begins with the name.
  item.append(make("p", "found", source && !found.includes(source) ? `${source}: ${found}` : found));
  if (hint) item.append(make("p", "hint", hint));
  if (code) item.append(make("p", "code", code));
  if (details) {
    const more = make("details");
    more.append(make("summary", "", say("details")), make("pre", "", details));
    item.append(more);
  }
  return item;
};
/** Shows which questions may help. */
const want = (ids) => {
  for (const element of document.querySelectorAll("[data-wanted]")) delete element.dataset.wanted;
  for (const id of ids) if ($(id)) $(id).dataset.wanted = true;
  if (ids.length > 0) $("asked").open = true;
};

const bytes = (path) => result.results.get(path);
const text = (path) => new TextDecoder().decode(bytes(path));
const choose = (index) => {
  shown = index;
  const session = result.sessions[index];
  $("which").hidden = result.sessions.length < 2;
  $("sessions").replaceChildren(...result.sessions.map(({ source }, number) => {
    const button = make("button", "", source);
    button.type = "button";
    button.setAttribute("aria-pressed", number === index);
    button.addEventListener("click", () => choose(number));
    return button;
  }));
  $("report").title = `${say("report")} ${session.athlete}, ${session.session}`;
  $("report").srcdoc = text(`${session.folder}/report.html`);
  const tables = tablesOf(session);
  $("tables").replaceChildren(...tables.map((path) => {
    const name = path.split("/").at(-1);
    const button = make("button", "", name);
    button.type = "button";
    button.addEventListener("click", () => save(`${session.file_stem}_${name}`, bytes(path), "text/csv"));
    return button;
  }));
};
const tablesOf = ({ folder }) => [...result.results.keys()].filter((path) => path.startsWith(`${folder}/`) && path.endsWith(".csv")).sort();

// The sheet is as high as what stands on it.
let watched;
$("report").addEventListener("load", () => {
  const sheet = $("report").contentDocument;
  watched?.disconnect();
  if (!sheet?.body) return;
  const fit = () => { $("report").style.height = `${sheet.body.getBoundingClientRect().height + 4}px`; };
  watched = new ResizeObserver(fit);
  watched.observe(sheet.body);
  fit();
});

// ---- what is saved

const save = (name, content, type) => {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};
$("save-report").addEventListener("click", () => {
  const { folder, file_stem } = result.sessions[shown];
  save(`${file_stem}_report.html`, bytes(`${folder}/report.html`), "text/html");
});
$("save-tables").addEventListener("click", () => {
  const session = result.sessions[shown];
  // Below the session's name, as the program writes them. The time is none, so that equal results are equal archives.
  const inside = tablesOf(session).map((path) => [path.slice(session.folder.length + 1), [bytes(path), { mtime: "1980-01-01T12:00:00" }]]);
  save(`${session.file_stem}_tables.zip`, zipSync(Object.fromEntries(inside)), "application/zip");
});

// ---- looks and language

const theme = (name) => { root.dataset.theme = name; kept.set("theme", name); };
$("theme").addEventListener("click", () => {
  const dark = root.dataset.theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : root.dataset.theme === "dark";
  theme(dark ? "light" : "dark");
});
const speak = () => {
  root.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) put(element, say(element.dataset.word));
  put($("switch"), language === "de" ? "English" : "Deutsch");
  $("switch").lang = language === "de" ? "en" : "de";
};
$("switch").addEventListener("click", () => {
  language = language === "de" ? "en" : "de";
  kept.set("language", language);
  speak();
  askWhere();
  run();
});

// ---- the beginning

const isNew = () => typeof DecompressionStream === "function" && typeof WebAssembly === "object" && typeof ResizeObserver === "function";
if (isNew()) {
  root.dataset.theme = kept.get("theme", "auto");
  root.dataset.state = "ready";
  speak();
  renew();
}
