#!/usr/bin/env python3
"""Reference orientations from the VQF authors' Python package, for the tests of truehinge-signal.

    python -m venv venv && venv/bin/pip install "vqf==2.1.2" h5py numpy
    venv/bin/python vqf_reference.py excerpt VQF_TESTDATA/imu_data.npz    # writes vqf_excerpt.f64 beside this file
    venv/bin/python vqf_reference.py broad BROAD_FOLDER > broad_reference.csv      # for `cargo xtask validate`

`excerpt` cuts 4000 samples (14 s at 285.7 Hz, from rest into movement) out of the authors' own test recording.
`broad` evaluates trials of the BROAD benchmark.

All files are little endian. vqf_excerpt.f64: sampling rate, number of samples n, decimation k, then n x 6 inputs
(gyr rad/s, acc m/s^2), then ceil(n/k) rows of 17: real-time quaternion wxyz, real-time bias, real-time rest,
offline quaternion wxyz, offline bias, offline bias sigma, offline rest.
"""
import csv
import pathlib
import sys

import numpy as np
import vqf

HERE = pathlib.Path(__file__).resolve().parent
FIRST, COUNT, KEEP = 1000, 4000, 8


def estimates(gyr, acc, period):
    gyr, acc = (np.ascontiguousarray(v, dtype=float) for v in (gyr, acc))
    return vqf.VQF(period).updateBatch(gyr, acc), vqf.offlineVQF(gyr, acc, None, period)


def excerpt(path):
    data = np.load(path)
    rate = float(data["sampling_rate"])
    gyr, acc = (data[name][FIRST : FIRST + COUNT].astype(float) for name in ("gyr", "acc"))
    online, offline = estimates(gyr, acc, 1 / rate)
    rows = np.column_stack([
        online["quat6D"], online["bias"], online["restDetected"],
        offline["quat6D"], offline["bias"], offline["biasSigma"], offline["restDetected"],
    ])[::KEEP]
    parts = [np.array([rate, COUNT, KEEP]), np.column_stack([gyr, acc]).ravel(), rows.ravel()]
    np.concatenate(parts).astype("<f8").tofile(HERE / "vqf_excerpt.f64")


def inclination_rmse(estimate, truth, movement):
    """Degrees; the angle between the two verticals, over the movement phase. Quaternions wxyz, sensor to Earth."""
    def up(q):
        w, x, y, z = q.T
        return np.column_stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])

    a, b = up(estimate), up(truth)
    angle = np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(axis=1))
    return np.degrees(np.sqrt(np.mean(angle[movement & np.isfinite(angle)] ** 2)))


def broad(folder):
    import h5py

    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["trial", "online_deg", "offline_deg"])
    for path in sorted(pathlib.Path(folder).glob("*.hdf5")):
        with h5py.File(path) as data:
            period = 1 / float(data.attrs["sampling_rate"])
            names = ("imu_gyr", "imu_acc", "opt_quat", "movement")
            gyr, acc, truth, movement = (data[name][:].astype("<f4") for name in names)
        errors = [
            inclination_rmse(o["quat6D"], truth.astype(float), movement > 0) for o in estimates(gyr, acc, period)
        ]
        table.writerow([path.stem, *(f"{error:.6f}" for error in errors)])


if __name__ == "__main__":
    {"excerpt": excerpt, "broad": broad}[sys.argv[1]](*sys.argv[2:])
