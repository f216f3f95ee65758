#!/usr/bin/env python3
"""The usual Python way from two sensors' files to a table of repetitions, with its time and memory.

    python route.py SESSION [SESSION ...] [--out FOLDER] [--repeat N]

A SESSION is a folder with meta.json and the files it names, with columns sensor_us, host_ns, ax, ay, az (m/s2) and gx, gy,
gz (rad/s). Per recording: read both files (pandas), put them on one 100 Hz timeline by a straight line through sensor and
host time (numpy), orientation by offline VQF without magnetometer, tilt against the quietest second, zero-phase 4 Hz low-pass
and peak finding (scipy), double integration of the pelvis' free acceleration per repetition, a table as CSV (pandas).

It is here to compare speed. Signs and the sagittal plane are guessed crudely; its numbers are no reference for accuracy.
Prints JSON: seconds for the imports, per recording (best of N) and in all; peak memory of the process in MB.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

begin = time.perf_counter()
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import scipy  # noqa: E402
import vqf  # noqa: E402
from scipy.integrate import cumulative_trapezoid  # noqa: E402
from scipy.signal import butter, find_peaks, sosfiltfilt  # noqa: E402
from scipy.spatial.transform import Rotation  # noqa: E402

IMPORT_SECONDS = time.perf_counter() - begin

RATE = 100.0
LOW_PASS = butter(2, 4.0, fs=RATE, output="sos")
GRAVITY = 9.80665


def read(path):
    """Host seconds by a straight line, specific force and angular rate of one sensor, in order."""
    table = pd.read_csv(path).drop_duplicates("sensor_us").sort_values("sensor_us")
    sensor = table["sensor_us"].to_numpy() * 1e-6
    host = table["host_ns"].to_numpy() * 1e-9
    slope, offset = np.polyfit(sensor - sensor[0], host, 1)
    return slope * (sensor - sensor[0]) + offset, table[["ax", "ay", "az"]].to_numpy(), table[["gx", "gy", "gz"]].to_numpy()


def on_grid(grid, time, values):
    return np.ascontiguousarray(np.column_stack([np.interp(grid, time, column) for column in values.T]))


def quietest_second(gyr):
    """Index of the middle of the second with the least rotation."""
    power = np.convolve((gyr**2).sum(axis=1), np.ones(int(RATE)), mode="valid")
    return int(np.argmin(power) + RATE / 2)


def orientation(acc, gyr):
    """Sensor to Earth."""
    quaternions = vqf.offlineVQF(gyr, acc, None, 1 / RATE)["quat6D"]
    return Rotation.from_quat(quaternions[:, [1, 2, 3, 0]])


def tilt(rotation, gyr, rest):
    """Degrees from the stance at `rest`, about the horizontal axis that most of the rotation is about."""
    up = rotation.inv().apply([0.0, 0.0, 1.0])
    flat = gyr - np.outer(gyr @ up[rest], up[rest])
    axis = np.linalg.eigh(flat.T @ flat)[1][:, -1]
    forward = np.cross(axis, up[rest])
    angle = np.degrees(np.arctan2(up @ forward, up @ up[rest]))
    angle -= angle[rest]
    return sosfiltfilt(LOW_PASS, angle if angle.max() > -angle.min() else -angle)


def travel(free_acceleration, first, last):
    """Largest horizontal excursion in mm, at rest at both ends."""
    velocity = cumulative_trapezoid(free_acceleration[first:last, :2], dx=1 / RATE, axis=0, initial=0)
    velocity -= np.linspace(0, 1, len(velocity))[:, None] * velocity[-1]
    position = cumulative_trapezoid(velocity, dx=1 / RATE, axis=0, initial=0)
    return 1e3 * float(np.linalg.norm(position, axis=1).max())


def repetitions(folder):
    meta = json.loads((folder / "meta.json").read_text())
    sensors = {role: read(folder / meta["sensors"][role]["file"]) for role in ("hip", "shank")}
    first = max(time[0] for time, _, _ in sensors.values())
    last = min(time[-1] for time, _, _ in sensors.values())
    grid = np.arange(first, last, 1 / RATE)
    turned = {}
    for role, (time, acc, gyr) in sensors.items():
        acc, gyr = on_grid(grid, time, acc), on_grid(grid, time, gyr)
        rotation = orientation(acc, gyr)
        turned[role] = (rotation, acc, tilt(rotation, gyr, quietest_second(gyr)))
    rotation, acc, pelvis = turned["hip"]
    shank = turned["shank"][2]
    free = rotation.apply(acc) - [0.0, 0.0, GRAVITY]
    shank_length = meta["measured_mm"]["shank_length"]

    rows = []
    peaks, found = find_peaks(pelvis, prominence=4.0, distance=int(RATE))
    for number, peak in enumerate(peaks, start=1):
        edge = pelvis[peak] - 0.95 * found["prominences"][number - 1]
        below = np.flatnonzero(pelvis < edge)
        start = below[below < peak].max(initial=found["left_bases"][number - 1])
        end = below[below > peak].min(initial=found["right_bases"][number - 1])
        lean = np.radians(shank[start : end + 1])
        rows.append({
            "session_id": meta["session"],
            "rep": number,
            "start_s": grid[start],
            "turn_s": grid[peak],
            "end_s": grid[end],
            "pelvis_tilt_deg": pelvis[peak] - pelvis[start],
            "shank_tilt_deg": np.degrees(lean.max() - lean[0]),
            "knee_forward_mm": shank_length * (np.sin(lean).max() - np.sin(lean[0])),
            "hip_back_mm": travel(free, start, end + 1),
        })
    return pd.DataFrame(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sessions", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, help="folder for the tables; without it they are made and dropped")
    parser.add_argument("--repeat", type=int, default=3, help="runs per recording; the best one counts")
    arguments = parser.parse_args()
    recordings = []
    for folder in arguments.sessions:
        seconds = []
        for _ in range(max(arguments.repeat, 1)):
            started = time.perf_counter()
            table = repetitions(folder)
            text = table.round(4).to_csv(index=False)
            if arguments.out:
                target = arguments.out / folder.name / "reps.csv"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
            seconds.append(time.perf_counter() - started)
        recordings.append({"session": folder.name, "seconds": round(min(seconds), 4), "first_run_seconds": round(seconds[0], 4), "reps": len(table)})
    best = [recording["seconds"] for recording in recordings]
    json.dump(
        {
            "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__,
                         "pandas": pd.__version__},
            "import_seconds": round(IMPORT_SECONDS, 3),
            "recordings": recordings,
            "median_seconds_per_recording": round(float(np.median(best)), 4),
            "total_seconds": round(float(np.sum(best)), 3),
            # ru_maxrss is in kB on Linux and in bytes on macOS.
            "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024), 1),
        },
        sys.stdout,
        indent=1,
    )
    print()


if __name__ == "__main__":
    main()
