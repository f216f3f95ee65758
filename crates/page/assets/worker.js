// Runs the program on a file system in memory, beside the page, so that the page stays alive. One message is one run; each run has a new memory.
import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";

let compiled;

const unpacked = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();

/** The files of a folder as the file system has them. `path` is below the working folder. */
const laid = async (files) => {
  const root = new Map();
  for (const { path, file } of files) {
    const folders = path.split("/");
    const name = folders.pop();
    let here = root;
    for (const folder of folders) {
      if (!here.has(folder)) here.set(folder, new Directory(new Map()));
      here = here.get(folder).contents;
    }
    here.set(name, new File(await file.arrayBuffer()));
  }
  return root;
};

/** What is in a folder, as `[path, bytes]`. */
const taken = (folder, before = "") => [...folder.contents].flatMap(([name, entry]) =>
  entry instanceof Directory ? taken(entry, `${before}${name}/`) : [[before + name, entry.data]]);

const run = async ({ files, questions }) => {
  const out = new Directory(new Map());
  // Results and questions have names that nothing has that was dropped.
  let free = "results";
  const dropped = await laid(files);
  while (dropped.has(free)) free += "-";
  const asked = new File(new TextEncoder().encode(JSON.stringify(questions)));
  const root = new PreopenDirectory("/", new Map([...dropped, [free, new Directory(new Map([["out", out], ["questions.json", asked]]))]]));
  const said = [];
  const lines = ConsoleStdout.lineBuffered((line) => said.push(line));
  const program = new WASI(["truehinge-page", `${free}/questions.json`, `${free}/out`], [], [new OpenFile(new File([])), lines, lines, root]);
  const began = performance.now();
  const instance = await WebAssembly.instantiate(await compiled, { wasi_snapshot_preview1: program.wasiImport });
  let code;
  try {
    code = program.start(instance);
  } catch (error) {
    said.push(String(error));
  }
  const ms = performance.now() - began;
  const outcome = out.contents.get("outcome.json");
  if (code !== 0 || !outcome) return { defect: said.join("\n") };
  out.contents.delete("outcome.json");
  return { outcome: JSON.parse(new TextDecoder().decode(outcome.data)), results: taken(out), ms };
};

onmessage = async ({ data }) => {
  if (data.program) {
    compiled = unpacked(data.program).then((bytes) => WebAssembly.compile(bytes));
    // What goes wrong here is told when it is asked for.
    compiled.catch(() => {});
    return;
  }
  try {
    postMessage({ id: data.id, ...(await run(data)) });
  } catch (error) {
    // A file that cannot be read any more, or no memory.
    postMessage({ id: data.id, unread: error.name === "NotReadableError" || error.name === "NotFoundError", defect: String(error) });
  }
};
