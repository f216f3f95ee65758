// Lays the files of the page out: node bundle.mjs NODE_TOOLS PROGRAM.wasm FOLDER
//
// The program stands packed in a script, and the worker beside it as text: files that a page fetches, and workers from files, are refused by
// browsers when the page was opened from a disk.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const [tools, program, folder] = process.argv.slice(2);
const require = createRequire(join(tools, "node_modules", "/"));
const esbuild = require("esbuild");
const here = dirname(fileURLToPath(import.meta.url));
const report = join(here, "../report");
const text = (path) => readFileSync(path, "utf8");

// Of browsers that unpack streams; what is older is told so by the page.
const target = ["chrome103", "firefox113", "safari16.4"];
const bundled = (name) => esbuild.buildSync({
  entryPoints: [join(here, "assets", name)], bundle: true, format: "iife", minify: true, target, write: false, charset: "utf8",
  nodePaths: [join(tools, "node_modules")], legalComments: "none",
}).outputFiles[0].text;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const write = (name, content) => writeFileSync(join(folder, name), content);
const packed = gzipSync(readFileSync(program), { level: 9 }).toString("base64");
write("engine.js", `globalThis.truehingeEngine=${JSON.stringify({ worker: bundled("worker.js"), program: packed })};\n`);
write("page.js", bundled("page.js"));
// report.html has its style and its script inside: the policy of the page allows these two, and no others.
const hash = (content) => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
const of = { STYLE: hash(text(join(report, "assets/report.css"))), SCRIPT: hash(text(join(report, "assets/report.js"))) };
write("index.html", text(join(here, "assets/index.html")).replace(/@(STYLE|SCRIPT)@/g, (_, name) => of[name]));
write("page.css", text(join(here, "assets/page.css")));
for (const file of [join(here, "../web/assets/icon.svg"), join(here, "../../LICENSE-MIT"), join(here, "../../LICENSE-APACHE"), join(here, "../cli/licenses.tsv")]) {
  cpSync(file, join(folder, basename(file)));
}
cpSync(join(report, "fonts/OFL.txt"), join(folder, "LICENSE-FONT-OFL.txt"));
const scripts = [["@bjorn3/browser_wasi_shim", "LICENSE-MIT"], ["fflate", "LICENSE"]];
write("LICENSES-SCRIPTS.txt", scripts.map(([name, file]) => `${name}\n\n${text(join(tools, "node_modules", name, file))}`).join("\n\n"));

const files = ["index.html", "page.css", "page.js", "engine.js", "icon.svg"];
const sizes = files.map((name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length);
const whole = sizes.reduce((sum, size) => sum + size, 0);
console.log(`${folder}: ${(whole / 1e6).toFixed(2)} MB compressed, ${(statSync(program).size / 1e6).toFixed(2)} MB of program`);
if (whole > 4e6) {
  console.error("the page is larger than 4 MB");
  process.exit(1);
}
