// Speech, the beat of the tempo, and a screen that stays on. What is said, and in which mode, the program decides; here it is spoken.

const $ = (id) => document.getElementById(id);
const MODES = ["off", "count", "cue", "tempo"];
const CUES = ["action", "sensation"];

let kept;
let mode = "cue";
let cues = "action";
let awake;
let sound;
let beat;
let running = false;
let started = false;

const speech = globalThis.speechSynthesis;

// Choices as buttons, of which one is pressed.
const choices = (box, names, chosen, choose) => {
  box.replaceChildren(...names.map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.choice = name;
    button.setAttribute("aria-pressed", name === chosen);
    button.addEventListener("click", () => {
      for (const other of box.children) other.setAttribute("aria-pressed", other === button);
      choose(name);
    });
    return button;
  }));
};

const keepAwake = async () => {
  // Only pages from this computer, or by HTTPS, may keep the screen on.
  try { awake = await navigator.wakeLock.request("screen"); } catch { $("no-awake").hidden = false; }
};

// A short tone; the first of each phase is higher.
const tone = (high) => {
  if (!sound) return;
  const [oscillator, gain] = [sound.createOscillator(), sound.createGain()];
  oscillator.frequency.value = high ? 880 : 440;
  gain.gain.setValueAtTime(0.25, sound.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.12);
  oscillator.connect(gain).connect(sound.destination);
  oscillator.start();
  oscillator.stop(sound.currentTime + 0.13);
};

// Down, hold, up, in seconds; between repetitions two to stand still.
const metronome = () => {
  clearInterval(beat);
  if (mode !== "tempo" || !running || !started) return;
  const phases = [...$("tempo").value.split("-").map(Number), 2];
  const whole = phases.reduce((sum, seconds) => sum + seconds, 0);
  const begins = phases.map((_, index) => phases.slice(0, index).reduce((sum, seconds) => sum + seconds, 0));
  let second = 0;
  beat = setInterval(() => {
    // Nothing sounds while somebody stands still.
    if (second < begins.at(-1)) tone(begins.includes(second));
    second = (second + 1) % whole;
  }, 1000);
};

const start = () => {
  started = true;
  $("start-box").hidden = true;
  keepAwake();
  // Both have to be used once within a tap: afterwards they may sound by themselves.
  const Sound = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (Sound) { sound = new Sound(); sound.resume(); }
  speech?.speak(new SpeechSynthesisUtterance(" "));
  metronome();
};

export const voice = {
  begin(settings) {
    kept = settings;
    [mode, cues] = [kept.get("voice", "cue"), kept.get("cues", "action")];
    choices($("modes"), MODES, mode, (name) => { mode = name; kept.set("voice", name); if (name === "off") speech?.cancel(); metronome(); });
    choices($("cues"), CUES, cues, (name) => { cues = name; kept.set("cues", name); });
    $("every").checked = kept.get("every", "no") === "yes";
    $("every").addEventListener("change", () => kept.set("every", $("every").checked ? "yes" : "no"));
    $("tempo").value = kept.get("tempo", "3-1-2");
    $("tempo").addEventListener("change", () => { kept.set("tempo", $("tempo").value); metronome(); });
    $("start").addEventListener("click", start);
    $("no-speech").hidden = Boolean(speech);
    document.addEventListener("visibilitychange", () => { if (started && document.visibilityState === "visible" && awake?.released) keepAwake(); });
  },
  label(labels) {
    for (const button of $("modes").children) button.textContent = labels[`voice-${button.dataset.choice}`];
    for (const button of $("cues").children) button.textContent = labels[`cues-${button.dataset.choice}`];
  },
  stage(stage) {
    if (running === (stage === "running")) return;
    running = stage === "running";
    metronome();
  },
  say(said, language) {
    if (!started || !speech || !($("every").checked ? said.modes_every : said.modes).includes(mode)) return;
    // What is said now matters more than what was not finished.
    speech.cancel();
    const words = new SpeechSynthesisUtterance(said[cues]);
    words.lang = language;
    speech.speak(words);
  },
};
