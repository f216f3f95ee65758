#!/usr/bin/env python3
"""Speed and memory of truehinge beside the usual Python way, on the same files, in one run. Writes docs/BENCHMARKS.md.

    python compare.py --sessions FOLDER [--recordings 500] [--program target/release/truehinge] [-o docs/BENCHMARKS.md]

FOLDER holds bench session folders (see route.py). They are copied until there are as many as asked for, with the two sensors that
both programs use, each copy a few rows shorter than the one before, since truehinge knows copies and counts them once; both programs
read the same copies and write tables. Every figure is the best of three runs; memory is the largest resident set of any run.
The disk's part is measured by reading every input and writing every output once more.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 3
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def run(command, environment=None):
    """Wall seconds, user + system seconds, and largest resident set in MB of a command."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{command[0]} ended with {process.returncode}: {errors.read().decode()[-2000:]}")
        output.seek(0)
        memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
        return wall, usage.ru_utime + usage.ru_stime, memory, output.read().decode()


def best(runs):
    return min(r[0] for r in runs), min(r[1] for r in runs), max(r[2] for r in runs)


def copies(sessions, count, target):
    sources = sorted(folder for folder in sessions.iterdir() if (folder / "meta.json").is_file())
    for index in range(count):
        source = sources[index % len(sources)]
        copy = target / f"{source.name}-{index:04d}"
        copy.mkdir()
        meta = json.loads((source / "meta.json").read_text())
        meta["session"] = copy.name
        meta["sensors"] = {role: meta["sensors"][role] for role in ["hip", "shank"]}
        (copy / "meta.json").write_text(json.dumps(meta))
        for sensor in meta["sensors"].values():
            lines = (source / sensor["file"]).read_text().splitlines(keepends=True)
            (copy / sensor["file"]).write_text("".join(lines[: len(lines) - index // len(sources)]))
    return sorted(target.iterdir())


def recorded_seconds(folders):
    """Length of the hip sensor's data, by its first and last arrival."""
    total = 0.0
    for folder in folders:
        lines = (folder / "hip.csv").read_text().splitlines()
        column = lines[0].split(",").index("host_ns")
        total += (int(lines[-1].split(",")[column]) - int(lines[1].split(",")[column])) * 1e-9
    return total


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def disk_seconds(inputs, outputs, target):
    """Reads every input and writes every output again, nothing else."""
    kept = [path.read_bytes() for path in files(outputs)]
    started = time.perf_counter()
    for path in files(inputs):
        path.read_bytes()
    for index, content in enumerate(kept):
        with open(target / str(index), "wb") as file:
            file.write(content)
    return time.perf_counter() - started


def megabytes(folder):
    return sum(path.stat().st_size for path in files(folder)) / 1e6


def kept(page):
    """The sections of the page that are not written here."""
    _, heading, rest = (page.read_text() if page.exists() else "").partition("\n## ")
    return heading + rest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=Path, required=True)
    parser.add_argument("--recordings", type=int, default=500)
    parser.add_argument("--program", default="target/release/truehinge")
    parser.add_argument("-o", "--out", type=Path)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        (work / "in").mkdir()
        folders = copies(arguments.sessions, arguments.recordings, work / "in")
        seconds = recorded_seconds(folders)

        def batch(jobs):
            results = []
            for _ in range(RUNS):
                shutil.rmtree(work / "out", ignore_errors=True)
                results.append(run([arguments.program, "batch", str(work / "in"), "-o", str(work / "out"), "-j", str(jobs),
                                    "--no-progress"]))
            return best(results)

        start_up = best([run([arguments.program, "--version"]) for _ in range(RUNS)])
        single = best([
            run([arguments.program, "analyze", str(folders[0]), "-o", str(work / f"one{i}"), "--no-progress"])
            for i in range(RUNS)
        ])
        one, two = batch(1), batch(2)
        (work / "again").mkdir()
        disk = disk_seconds(work / "in", work / "out", work / "again")
        route = Path(__file__).with_name("route.py")
        command = [sys.executable, str(route), *map(str, folders), "--out", str(work / "python"), "--repeat", "1"]
        python = [run(command, ONE_THREAD) for _ in range(RUNS)]
        detail = json.loads(python[-1][3])
        python = best(python)
        python_single = best([run([sys.executable, str(route), str(folders[0]), "--repeat", "1"], ONE_THREAD)
                              for _ in range(RUNS)])
        count = len(folders)
        minutes = seconds / 60

        def row(name, run, cores):
            wall, cpu, memory = run
            return (f"| {name} | {cores} | {wall:.2f} | {1e3 * wall / count:.1f} | {1e3 * wall / minutes:.1f} | "
                    f"{1e3 * cpu / count:.1f} | {memory:.0f} |")

        versions = ", ".join(f"{name} {version}" for name, version in detail["versions"].items())
        text = f"""# Speed and memory

Written by `tests/python-route/compare.py`; every figure is of one run on one machine ({platform.machine()}, {os.cpu_count()} cores,
{platform.system()}), so the ratios are what counts. {count} recordings of two sensors ({seconds / count:.0f} s each on average,
{megabytes(work / "in"):.0f} MB of CSV in all), the best of {RUNS} runs.

| from files to tables | cores | all, s | per recording, ms | per 60 s of data, ms | CPU per recording, ms | memory, MB |
|---|---|---|---|---|---|---|
{row("truehinge batch", one, 1)}
{row("truehinge batch", two, 2)}
{row("Python route, one process", python, 1)}
| reading every input, writing every output, nothing else | 1 | {disk:.2f} | {1e3 * disk / count:.1f} | {1e3 * disk / minutes:.1f} | | |

| one recording, from the shell | s | memory, MB |
|---|---|---|
| truehinge analyze | {single[0]:.2f} | {single[2]:.0f} |
| truehinge --version | {start_up[0]:.3f} | {start_up[2]:.0f} |
| Python route, imports of {detail["import_seconds"]:.1f} s included | {python_single[0]:.2f} | {python_single[2]:.0f} |

A second worker takes {max(two[2] - one[2], 0):.0f} MB more. truehinge writes {megabytes(work / "out"):.0f} MB (every table as CSV and Parquet, one
with every curve), the Python route {megabytes(work / "python"):.1f} MB (repetitions only); truehinge also does what the route does not:
clock model, alignment, uncertainty, verdict ([its description](../tests/python-route/README.md)). {versions}.

The time of the analysis alone, without reading and writing, is `cargo bench -p truehinge-tests`.
"""
    if arguments.out:
        arguments.out.write_text(text + kept(arguments.out))
    print(text)


if __name__ == "__main__":
    main()
