#!/usr/bin/env python3
"""How long pages take, in one run with the same figures drawn by matplotlib.

    python bench.py PROGRAM

PROGRAM is a release build. Needs the package `truehinge` (for simulated people) and matplotlib. Prints a table for docs/BENCHMARKS.md: seconds
of a processor and of the clock, the least of three runs; sizes of the files.
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages

import truehinge

PEOPLE, SESSIONS, RUNS = 20, 3, 3


def people(folder):
    """Simulated people with some sessions each."""
    for person in range(PEOPLE):
        for session in range(SESSIONS):
            made = truehinge.simulate("typical", seed=100 * person + session, athlete=f"P-{person:02}", session=f"S{session}")
            made.save(folder / f"P-{person:02}_S{session}.mcap")


def timed(work):
    """The least processor and clock seconds of some runs."""
    best = (float("inf"), float("inf"))
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        own = time.process_time()
        work()
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime + time.process_time() - own
        best = min(best, (spent, wall))
    return best


def columns(path):
    """Numbers of a CSV by column; words are left out."""
    found = defaultdict(list)
    for row in csv.DictReader(path.open()):
        for name, value in row.items():
            try:
                found[name].append(float(value))
            except (TypeError, ValueError):
                continue
    return [(name, values) for name, values in found.items() if len(values) > 1]


def matplotlib_pages(figures, out):
    """Every figure of a report as a page of a PDF: its numbers as lines over their index, axes and names."""
    with PdfPages(out) as pdf:
        for path in sorted(figures.glob("*.csv")):
            numbers = columns(path)
            figure, axes = plt.subplots(2, 3, figsize=(8.27, 5))
            for ax, (name, values) in zip(axes.flat, numbers):
                ax.plot(values, "o-", ms=2, lw=0.8)
                ax.set_title(name, fontsize=8)
            pdf.savefig(figure)
            plt.close(figure)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        recordings, out = scratch / "recordings", scratch / "out"
        recordings.mkdir()
        people(recordings)

        def report(*arguments):
            for old in [*out.glob("*.pdf"), *out.glob("*.html")]:
                old.unlink()
            command = [program, "report", *arguments, "--from", recordings, "-o", out, "--no-progress"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        # Results are stored: pages alone are measured.
        report("--all", "--pages", "summary", "--figures")
        figures = next(out.glob("P-00_*_figures"))
        rows = [
            ("summary of one person, with the start of the program", lambda: report("P-00", "--pages", "summary")),
            ("report of one person", lambda: report("P-00", "--pages", "report")),
            ("report.html of one person", lambda: report("P-00", "--pages", "html")),
            (f"summary, report, quality of {PEOPLE} people", lambda: report("--all", "--pages", "summary,report,quality")),
            ("the figures of one report by matplotlib", lambda: matplotlib_pages(figures, scratch / "m.pdf")),
        ]
        print("| what | processor, s | clock, s | largest file, kB |\n|---|---|---|---|")
        for what, work in rows:
            spent, wall = timed(work)
            files = [scratch / "m.pdf"] if "matplotlib" in what else [*out.glob("*.pdf"), *out.glob("*.html")]
            size = max(path.stat().st_size for path in files) / 1000
            print(f"| {what} | {spent:.2f} | {wall:.2f} | {size:.0f} |")


if __name__ == "__main__":
    main()
