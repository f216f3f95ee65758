#!/usr/bin/env python3
"""What the deep run must have brought: check.py LINES SCAN ANALYSIS TRUTH. Counts, order and states; never latency."""
import json
import sys


def objects(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.startswith("{")]


lines, scan = objects(sys.argv[1]), objects(sys.argv[2])
with open(sys.argv[3]) as file:
    analysis = json.load(file)
with open(sys.argv[4]) as file:
    truth = json.load(file)

models = sorted(line["model"] for line in scan)
assert models == ["movella-dot", "nus"], f"scan found {models}"

links = {role: [line["event"] for line in lines if line.get("sensor") == role and line["event"] in ("connected", "lost")] for role in ("hip", "shank")}
assert links["hip"] == ["connected"], links
assert links["shank"] == ["connected", "lost", "connected"], links
end = lines[-1]
assert end["event"] == "end", f"it did not end well: {end}"
for role, sensor in end["sensors"].items():
    print(role, sensor)
    assert sensor["lost"] == sensor["duplicates"] == sensor["late"] == 0 and not sensor["undecodable"], role

reps = [rep for found in analysis["sets"] for rep in found["reps"]]
found = [rep["judgement"]["label"] for rep in reps]
wanted = [rep["verdict"] for rep in truth["reps"]]
print("found", found, "true", wanted)
assert len(found) == len(wanted), "repetitions"
opposite = [(f, w) for f, w in zip(found, wanted) if f != "indeterminate" and f != w]
assert not opposite, opposite
# The pace of the movements, whatever the zero of the clock.
starts = [rep["span"]["start_s"] for rep in reps]
true_starts = [rep["start_s"] for rep in truth["reps"]]
off = [(a - starts[0]) - (b - true_starts[0]) for a, b in zip(starts, true_starts)]
print("starts off by", [f"{x:+.2f}" for x in off], "s")
assert max(abs(x) for x in off) < 0.5, off
told = [line for line in lines if line["event"] == "repetition"]
assert len(told) >= len(reps), f"{len(told)} told live"
