"""What the tests share: a study of simulated people, and the program where it was built."""

import os
from pathlib import Path

import pytest

import truehinge


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """A folder with sound recordings of several people, and their paths in order."""
    folder = tmp_path_factory.mktemp("study")
    for scenario in ("typical", "slow", "thigh-sensor", "outages", "two-sets"):
        for seed in (1, 2):
            recording = truehinge.simulate(scenario, seed=seed, athlete=f"P-{seed}", session=scenario)
            recording.save(folder / f"{scenario}-{seed}.mcap")
    return folder


@pytest.fixture(scope="session")
def paths(study):
    return sorted(str(path) for path in study.glob("*.mcap"))


@pytest.fixture(scope="session")
def program():
    """The program itself: what it writes is what the package must give."""
    path = os.environ.get("TRUEHINGE")
    if path is None:
        pytest.skip("TRUEHINGE does not name the program: test.sh does")
    return Path(path)
