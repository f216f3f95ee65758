"""BROAD trials (HDF5) to plain numbers: python broad.py FOLDER OUT.

OUT/NAME.f32, little endian, rows of 11: angular rate (rad/s), specific force (m/s2), optical quaternion wxyz, movement phase.
"""
import pathlib
import sys

import h5py
import numpy as np

folder, out = map(pathlib.Path, sys.argv[1:])
for path in sorted(folder.glob("*.hdf5")):
    with h5py.File(path) as data:
        columns = [data[name][:].astype("<f4") for name in ("imu_gyr", "imu_acc", "opt_quat", "movement")]
    np.column_stack(columns).tofile(out / f"{path.stem}.f32")
