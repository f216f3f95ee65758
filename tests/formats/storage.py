"""Opens `export --opensim` in OpenSim itself: does it read the orientations, and do the segments lean as the tables say once it turned them
to its own axes?

    storage.py PROGRAM RECORDING
"""

import csv
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import opensim

WITHIN_DEG = 0.5


def lean(matrix):
    """Up, in the segment's axes, is the second row of the rotation from the segment to the ground."""
    return math.degrees(math.atan2(-matrix.get(1, 0), matrix.get(1, 1)))


def leans(file):
    """Forward lean in degrees by column: in OpenSim's ground y is up and x forward."""
    table = opensim.TimeSeriesTableQuaternion(str(file))
    # What OpenSense does with `sensor_to_opensim_rotations = -1.5707963 0 0`.
    turn = opensim.Rotation(-math.pi / 2, opensim.CoordinateAxis(0))
    opensim.OpenSenseUtilities.rotateOrientationTable(table, turn)
    rotations = opensim.OpenSenseUtilities.convertQuaternionsToRotations(table)
    times = list(rotations.getIndependentColumn())
    columns = {}
    for place, name in enumerate(rotations.getColumnLabels()):
        along = [rotations.getRowAtIndex(row).getElt(0, place) for row in range(len(times))]
        columns[name] = [lean(turned.asMat33()) for turned in along]
    return times, columns


def main(program, recording):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        run = lambda *options: subprocess.run([program, "export", recording, "--no-progress", *options], check=True)
        run("--opensim", "-o", str(out / "opensim"))
        run("-o", str(out / "tables"))
        with open(out / "tables" / "reps.csv", newline="") as file:
            reps = list(csv.DictReader(file))
        worst, looked = 0.0, 0
        for rep in reps:
            side = rep["side"]
            (file,) = (out / "opensim").glob(f"*_set{int(rep['set']):02}_{side}.sto")
            times, columns = leans(file)
            for name, number in (("pelvis_imu", "pelvis_tilt_deg"), (f"tibia_{side[0]}_imu", "shank_tilt_deg")):
                between = lambda a, b: [v for t, v in zip(times, columns[name]) if float(rep[a]) <= t < float(rep[b])]
                before = between("quiet_start_s", "quiet_end_s")
                peak = max(between("start_s", "end_s")) - sum(before) / len(before)
                worst = max(worst, abs(peak - float(rep[number])))
                looked += 1
            assert f"femur_{side[0]}_imu" in columns, columns.keys()
    assert looked and worst < WITHIN_DEG, f"{worst:.2f} degrees off the tables"
    print(f"OpenSim {opensim.GetVersion()}: {looked} leans of {len(reps)} repetitions within {worst:.2f} degrees of the tables")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
