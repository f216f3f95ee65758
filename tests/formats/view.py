"""Opens `export --view` in rerun's own reader: are the transforms there, and does the leg move as the tables say?

    view.py PROGRAM RECORDING
"""

import csv
import json
import math
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from rerun.chunk import McapReader

# The tables' values are smoothed, which takes the wobble off a peak.
WITHIN_DEG = 0.5
FRAMES = {"shank", "thigh", "pelvis"}


def lean(x, y, z, w):
    """Forward lean in degrees of a rotation that takes (anterior, proximal, right) to (forward, left, up)."""
    anterior_up = 2 * (x * z - w * y)
    proximal_up = 2 * (y * z + w * x)
    return math.degrees(math.atan2(-anterior_up, proximal_up))


def read(path):
    """Leans by frame and time, and what else is there."""
    leans, others = {frame: [] for frame in FRAMES}, set()
    for chunk in McapReader(str(path)).stream():
        batch = chunk.to_record_batch()
        names = batch.schema.names
        others.add(chunk.entity_path)
        if "Transform3D:quaternion" not in names:
            continue
        columns = ("message_log_time", "Transform3D:child_frame", "Transform3D:parent_frame", "Transform3D:quaternion")
        for at, child, parent, turned in zip(*(batch.column(name) for name in columns)):
            assert parent.as_py() == ["earth"], parent
            leans[child.as_py()[0]].append((at.value, lean(*turned.as_py()[0])))
    for track in leans.values():
        track.sort()
    return leans, others


def main(program, recording):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        run = lambda *options: subprocess.run([program, "export", recording, "--no-progress", *options], check=True)
        run("--view", "-o", str(out / "view"))
        run("-o", str(out / "tables"))
        (view,) = (out / "view").glob("*.view.mcap")
        layout = json.loads((out / "view" / "foxglove-layout.json").read_text())
        leans, others = read(view)
        for topic in [topic for panel in layout["configById"].values() for topic in panel.get("topics", {})]:
            assert topic in others, f"the layout shows {topic}, which is not there"
        with open(out / "tables" / "sessions.csv", newline="") as file:
            start = next(csv.DictReader(file))["start_utc"].replace("Z", "+00:00")
        with open(out / "tables" / "reps.csv", newline="") as file:
            reps = list(csv.DictReader(file))
    zero = round(datetime.fromisoformat(start).timestamp() * 1e9)
    worst, moved = 0.0, 0.0
    for rep in reps:
        between = lambda frame, a, b: [v for t, v in leans[frame] if float(rep[a]) <= (t - zero) * 1e-9 < float(rep[b])]
        for frame, column in (("shank", "shank_tilt_deg"), ("pelvis", "pelvis_tilt_deg")):
            before = between(frame, "quiet_start_s", "quiet_end_s")
            peak = max(between(frame, "start_s", "end_s")) - sum(before) / len(before)
            worst = max(worst, abs(peak - float(rep[column])))
        thigh = between("thigh", "start_s", "end_s")
        moved = max(moved, max(thigh) - min(thigh))
    assert worst < WITHIN_DEG, f"{worst:.2f} degrees off the tables"
    assert moved > 5, f"the thigh moves by {moved:.1f} degrees only"
    print(f"{len(reps)} repetitions: shank and pelvis within {worst:.2f} degrees of the tables; the thigh moves by {moved:.0f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
