// The live page: shows what the program sends, and sends back what an operator presses. It counts and judges nothing by itself.
import { voice } from "/voice.js";

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
// Settings stay on this device; where the browser keeps none, they last as long as the page.
const kept = {
  get(name, otherwise) { try { return localStorage.getItem(name) ?? otherwise; } catch { return otherwise; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* lasts as long as the page */ } },
};

let labels = {};
let state = {};
let language = kept.get("language", navigator.language?.startsWith("de") ? "de" : "en");

const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const make = (name, kind, text) => {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
};
const picture = (symbol) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${symbol}`);
  svg.append(use);
  svg.setAttribute("aria-hidden", "true");
  return svg;
};
const mark = ({ verdict, letter, title }) => {
  const box = make("span", "mark");
  box.dataset.verdict = verdict;
  box.append(picture(verdict), make("b", "", letter));
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", title);
  return box;
};

// ---- what is shown, section by section

const show = {
  labels(all) {
    labels = all;
    for (const element of document.querySelectorAll("[data-label]")) put(element, labels[element.dataset.label] ?? "");
    voice.label(labels);
  },
  language(code) { root.lang = code; },
  operate(may) {
    $("operate").hidden = !may;
    $("watching").hidden = may || state.head?.showing === "replay";
  },
  head(head) {
    const showing = head.stage === "ended" ? "ended" : head.showing;
    put($("showing"), labels[showing] ?? "");
    put($("set"), head.set);
    put($("leg"), head.leg ?? "");
    put($("count"), head.count);
    const minutes = Math.floor(head.seconds / 60);
    put($("seconds"), `${minutes}:${String(head.seconds % 60).padStart(2, "0")}`);
    put($("recording"), head.recording);
    document.title = `${head.count} · ${labels[showing] ?? ""} · truehinge`;
    for (const button of document.querySelectorAll("#operate button")) button.disabled = head.stage === "ended";
    turns(head.squad);
    $("gestures").hidden = !head.hands_free;
    if (head.stage === "ended") $("knee").hidden = true;
    voice.stage(head.stage);
  },
  prompt(prompt) {
    put($("prompt"), prompt.words);
    $("now").dataset.tone = prompt.tone;
    $("verdict").hidden = !prompt.mark;
    $("why").hidden = !prompt.mark;
    $("verdict").replaceChildren(...(prompt.mark ? [mark(prompt.mark)] : []));
  },
  knee(knee) {
    $("bar").toggleAttribute("hidden", !knee);
    put($("knee-value"), knee?.words ?? labels["knee-unknown"]);
    if (!knee) return;
    // From 4 cm behind the stance to twice the limit.
    const [from, to] = [-4, 2 * knee.fault_cm];
    const x = (cm) => 1000 * (Math.min(Math.max(cm, from), to) - from) / (to - from);
    const rect = (id, a, b) => { $(id).setAttribute("x", Math.min(x(a), x(b))); $(id).setAttribute("width", Math.abs(x(b) - x(a))); };
    rect("bar-good", from, knee.good_cm);
    rect("bar-grey", knee.good_cm, knee.fault_cm);
    rect("bar-fault", knee.fault_cm, to);
    rect("bar-value", 0, knee.cm);
    $("bar-zero").setAttribute("d", `M${x(0)} 20V106`);
    $("bar-limit").setAttribute("d", `M${x(knee.fault_cm)} 6V120`);
    $("bar").dataset.beyond = knee.cm > knee.fault_cm;
  },
  tiles(tiles) {
    $("none-yet").hidden = tiles.length > 0;
    put($("why"), tiles.at(-1)?.why ?? "");
    // The newest first: it is seen without scrolling.
    $("tiles").replaceChildren(...[...tiles].reverse().map((tile) => {
      const item = make("li");
      item.dataset.verdict = tile.mark.verdict;
      const words = make("div");
      words.append(make("p", "title", `${tile.number}. ${tile.mark.title}`), make("p", "result", tile.result ?? ""), make("p", "sure", tile.sure ?? ""));
      item.append(mark(tile.mark), words, make("p", "why", tile.why));
      return item;
    }));
  },
  sets(sets) {
    $("before").hidden = sets.length === 0;
    $("sets").replaceChildren(...sets.map((set) => {
      const item = make("li");
      item.append(make("span", "name", [set.set, set.leg].filter(Boolean).join(", ")), ...set.marks.map(mark));
      return item;
    }));
  },
  sensors(sensors) {
    $("sensors").replaceChildren(...sensors.map((sensor) => {
      const item = make("li");
      item.dataset.well = sensor.well;
      const battery = sensor.battery_pct === null ? null : `${labels.battery} ${sensor.battery_pct} %`;
      const numbers = [battery, sensor.signal ?? (state.head?.showing === "live" ? labels["no-signal"] : null), sensor.rate, sensor.share];
      item.append(make("p", "trouble", `${sensor.title}: ${sensor.trouble ?? (sensor.well ? labels.ok : sensor.rate)}`),
        ...(sensor.why ? [Object.assign(make("p", "why", sensor.why), { lang: "en" })] : []),
        make("p", "numbers", numbers.filter(Boolean).join(" · ")), make("p", "name", sensor.name));
      return item;
    }));
  },
  calibration(calibration) {
    $("guide").hidden = !calibration;
    $("knee").hidden = Boolean(calibration?.on) || state.head?.stage === "ended";
    put($("calibrate"), labels[calibration?.on ? "calibrate-end" : "calibrate"] ?? "");
    const steps = calibration?.steps ?? [];
    const now = steps.findIndex((step) => !step.done);
    $("steps").replaceChildren(...steps.map((step, index) => {
      const item = make("li");
      item.dataset.done = step.done;
      item.dataset.now = index === now && calibration.on;
      item.append(picture(`step-${step.step}`), make("p", "what", labels[`step-${step.step}`]),
        make("p", "tick", step.done ? `✓ ${labels["step-done"]}` : labels["step-open"]));
      if (step.lack) item.append(make("p", "lack", step.lack));
      return item;
    }));
  },
  worn(findings) { $("worn").replaceChildren(...findings.map((finding) => make("li", "", `! ${finding}`))); },
};
// Words first; then what needs them.
const ORDER = ["labels", "language", "head", "operate", "prompt", "knee", "tiles", "sets", "sensors", "calibration", "worn"];

const take = (changes) => {
  Object.assign(state, changes);
  for (const name of ORDER) if (name in changes) show[name](changes[name]);
};

// Who takes turns; whoever operates gives the turn to anybody but who has it.
const turns = (squad) => {
  $("squad").hidden = !squad;
  $("athletes").replaceChildren(...(squad ?? []).map((one, place) => {
    const item = make("li");
    const button = make("button", "", one.athlete);
    button.type = "button";
    button.disabled = one.turn === "now" || !state.operate;
    if (one.turn === "now") button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => ask({ athlete: place }));
    const done = one.turns > 0 ? `\u2713 ${one.turns}` : "";
    item.dataset.turn = one.turn;
    item.append(button, make("span", "", [labels[`turn-${one.turn}`], done].filter(Boolean).join(" ")));
    return item;
  }));
};

const notice = (name) => {
  $("notice").hidden = !name;
  if (name) put($("notice"), words[language][name] ?? labels[name] ?? name);
};
// What has to be said before the program has sent any words, or when it cannot.
const words = {
  en: { locked: "This page needs the whole link that the program printed.", full: "Too many pages are open. Close one and load this again." },
  de: { locked: "Diese Seite braucht den ganzen Link, den das Programm gezeigt hat.", full: "Zu viele Seiten sind offen. Eine schließen und neu laden." },
};

// ---- the connection

let events;
let heard = 0;
let retry;

const connect = () => {
  clearTimeout(retry);
  events?.close();
  events = new EventSource(`/events?lang=${language}`);
  const on = (name, act) => events.addEventListener(name, (event) => { heard = performance.now(); act(event.data && JSON.parse(event.data)); });
  on("state", (whole) => { notice(null); root.dataset.state = "ready"; take(whole); });
  on("change", take);
  on("say", (said) => voice.say(said, language));
  on("beat", () => {});
  heard = performance.now();
  events.onerror = () => lost();
};

// The program has ended, this page may not see it, or the connection is gone for a while.
const lost = async () => {
  events.close();
  const isOver = state.head?.stage === "ended";
  try {
    const answer = await fetch(`/events?lang=${language}`, { method: "HEAD" });
    if (answer.status === 403) { root.dataset.state = "locked"; return notice("locked"); }
    if (answer.status === 503) notice("full");
  } catch { if (labels.lost) notice(isOver ? "over" : "lost"); }
  clearTimeout(retry);
  retry = setTimeout(connect, isOver ? 5000 : 1000);
};

setInterval(() => { if (events?.readyState === EventSource.OPEN && performance.now() - heard > 6000) lost(); }, 1000);

// ---- what is pressed

const ask = async (wish) => {
  const answer = await fetch("/do", { method: "POST", body: JSON.stringify(wish) }).catch(() => null);
  if (!answer?.ok) notice("refused");
};
for (const button of document.querySelectorAll("[data-do]")) {
  const { sure } = button.dataset;
  let armed;
  const disarm = () => { clearTimeout(armed); armed = undefined; button.classList.remove("sure"); put(button, labels[button.dataset.label]); };
  button.addEventListener("click", () => {
    if (sure && !armed) {
      put(button, labels[sure]);
      button.classList.add("sure");
      armed = setTimeout(disarm, 4000);
      return;
    }
    if (sure) disarm();
    ask(button.dataset.do);
  });
}
$("theme").addEventListener("click", () => {
  const dark = root.dataset.theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : root.dataset.theme === "dark";
  theme(dark ? "light" : "dark");
});
const theme = (name) => { root.dataset.theme = name; kept.set("theme", name); };
$("language").addEventListener("click", () => {
  language = language === "de" ? "en" : "de";
  kept.set("language", language);
  connect();
});
for (const [button, dialog] of [["settings-open", "settings"], ["place-open", "place"]]) $(button).addEventListener("click", () => $(dialog).showModal());
for (const button of document.querySelectorAll("dialog .close")) button.addEventListener("click", () => button.closest("dialog").close());

// ---- the beginning

const enter = async () => {
  const key = location.hash.slice(1);
  if (!key) return;
  // Out of the address bar, the history and whatever somebody copies from there.
  history.replaceState(null, "", "/");
  await fetch("/enter", { method: "POST", body: key }).catch(() => null);
};
addEventListener("hashchange", async () => { await enter(); connect(); });

root.dataset.theme = kept.get("theme", "auto");
root.dataset.state = "ready";
voice.begin(kept);
await enter();
connect();
