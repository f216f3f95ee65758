"""truehinge.dask on a cluster of processes, one of which is killed in the middle."""

import os
import signal
import time

import dask
import polars
import pyarrow
import pytest
from conftest import check
from distributed import Client, LocalCluster, as_completed

import truehinge
import truehinge.dask


@pytest.fixture
def client():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client


def rows_of(frame):
    return polars.from_arrow(pyarrow.Table.from_pandas(frame, preserve_index=False))


def test_all_rows_are_those_of_the_program(client, study, expected):
    started = time.perf_counter()
    frame = truehinge.dask.read_files(study).compute()
    print(f"dask: {time.perf_counter() - started:.1f} s")
    check(rows_of(frame), study, expected)


def test_a_worker_is_killed_in_the_middle(client, study, expected):
    frame = truehinge.dask.read_files(study, recordings_per_task=4)
    parts = client.compute(frame.to_delayed())
    first = as_completed(parts)
    for _ in range(8):
        next(first)
    victim = next(iter(client.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    assert any(not part.done() for part in parts), "it was in the middle"
    rows = polars.concat([rows_of(part) for part in client.gather(parts)])
    assert victim not in client.run(os.getpid).values()
    check(rows, study, expected)


def test_a_partitioned_table_is_written(client, study, expected, tmp_path):
    truehinge.dask.read_files(study).to_parquet(tmp_path / "reps", partition_on=["athlete_id"], write_index=False)
    rows = polars.read_parquet(tmp_path / "reps" / "**" / "*.parquet", hive_partitioning=True)
    assert len(list((tmp_path / "reps").glob("athlete_id=P-*"))) == 20
    check(rows.with_columns(polars.col("athlete_id").cast(polars.String)), study, expected)


def test_a_store_is_read_by_its_address(client, study, expected):
    frame = truehinge.dask.read_files(f"file://{study}").compute()
    check(rows_of(frame), study, expected)


def test_what_cannot_be_fetched_is_a_row(client, study):
    gone = f"file://{study}/gone.mcap"
    with dask.config.set(scheduler="threads"):
        frame = truehinge.dask.read_files([gone]).compute()
    assert frame["error_code"].to_list() == ["input_unreadable"]
    with pytest.raises(FileNotFoundError, match="no recording"):
        truehinge.dask.read_files([])
