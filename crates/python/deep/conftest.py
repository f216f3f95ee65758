"""What both engines are given: 200 sound recordings, one cut short, one empty, one that claims to unpack to more than there is memory."""

import hashlib
import os
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars
import pytest

import truehinge

SCENARIOS = ("typical", "slow", "fast", "swaying", "cheap-chips", "askew", "outages", "thigh-sensor", "two-sets", "held")
PEOPLE = 20
TABLE = "reps"


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")

    def save(scenario, seed):
        recording = truehinge.simulate(scenario, seed=seed, athlete=f"P-{seed:02}", session=scenario)
        recording.save(folder / f"P-{seed:02}_{scenario}.mcap")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda of: save(*of), [(scenario, seed + 1) for scenario in SCENARIOS for seed in range(PEOPLE)]))
    data = (folder / "P-01_typical.mcap").read_bytes()
    (folder / "cut.mcap").write_bytes(data[: len(data) // 2])
    (folder / "empty.mcap").write_bytes(b"")
    packed = b"\x28\xb5\x2f\xfd" + bytes(40)
    chunk = struct.pack("<QQQII", 0, 1, 1 << 62, 0, 4) + b"zstd" + struct.pack("<Q", len(packed)) + packed
    (folder / "poison.mcap").write_bytes(data[:8] + b"\x06" + struct.pack("<Q", len(chunk)) + chunk + data[8:])
    return folder


@pytest.fixture(scope="session")
def expected(study, tmp_path_factory):
    """The hash of the rows that the program writes."""
    out = tmp_path_factory.mktemp("tables")
    program = Path(os.environ["TRUEHINGE"])
    run = subprocess.run([program, "batch", study, "-o", out, "--no-cache", "--no-progress"], check=False)
    assert run.returncode == 3, "three inputs could not be used"
    failures = polars.read_csv(out / "failures.csv")
    assert sorted(failures["source"]) == ["cut.mcap", "empty.mcap", "poison.mcap"]
    return digest(polars.read_parquet(out / f"{TABLE}.parquet"))


def digest(rows):
    """SHA-256 over all cells, numbers by their bits, in the order of the keys."""
    sha = hashlib.sha256()
    for row in rows.select(truehinge.schema(TABLE).names).sort("rep_id").iter_rows():
        for cell in row:
            sha.update(struct.pack("<d", cell) if isinstance(cell, float) else repr(cell).encode())
            sha.update(b"\0")
    return sha.hexdigest()


def check(rows, study, expected):
    """Every file is in the rows, three of them as errors, and the others are those of the program."""
    files = sorted(path.name for path in study.glob("*.mcap"))
    assert sorted({Path(name).name for name in rows["source_file"]}) == files
    assert len(files) == 203
    failed = rows.filter(polars.col("error_code").is_not_null())
    assert sorted(Path(name).name for name in failed["source_file"]) == ["cut.mcap", "empty.mcap", "poison.mcap"]
    assert digest(rows.filter(polars.col("error_code").is_null())) == expected
