#!/usr/bin/env python3
"""How much memory and time a study takes: run.py FOLDER N... [--program PATH] [--study PATH] [--jobs N] [--tables whole|parts] [--short]

For each N: recordings 0 to N are made where they are missing (in order of N, so that a larger study goes on from a smaller one), analysed into a
fresh folder, then once more from the results. Prints a row of the table in docs/BENCHMARKS.md for each run. Linux only: the peak is that
of the kernel (ru_maxrss of the one child that is waited for).
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import time


def run(command):
    """Seconds, peak memory in MB, and what the command printed."""
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} ended with {child.returncode}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024, json.loads(printed)


def size(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("counts", type=int, nargs="+")
    parser.add_argument("--program", default="target/release/truehinge")
    parser.add_argument("--study", default="target/release/study")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--tables", default="auto", help="as batch takes it: studies of one layout compare")
    parser.add_argument("--short", action="store_true", help="recordings of 0.2 MB, so that a hundred thousand fit on a disk")
    said = parser.parse_args()
    print("| recordings | run | s | ms a recording | memory, MB | results, MB | tables, MB |\n|---|---|---|---|---|---|---|")
    made = 0
    for count in sorted(said.counts):
        data, out = said.folder / "data", said.folder / "out"
        subprocess.run([said.study, data, str(made), str(count)] + (["--short"] if said.short else []), check=True)
        made = count
        shutil.rmtree(out, ignore_errors=True)
        for what in ["first", "again"]:
            command = [said.program, "batch", data, "-o", out, "--jobs", said.jobs, "--tables", said.tables, "--json"]
            seconds, memory, done = run(command)
            assert done["n_sessions"] == count and done["n_analysed"] == (count if what == "first" else 0), done
            results = size(out / ".results")
            print(f"| {count} | {what} | {seconds:.1f} | {1000 * seconds / count:.1f} | {memory:.0f} | {results:.0f} "
                  f"| {size(out) - results:.0f} |", flush=True)


if __name__ == "__main__":
    main()
