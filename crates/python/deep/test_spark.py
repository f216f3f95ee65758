"""truehinge.spark on a local cluster of executors, one of which is killed in the middle."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import polars
import pyarrow
import pytest
from conftest import check
from pyspark.sql import SparkSession

import truehinge
import truehinge.spark


@pytest.fixture(scope="module")
def spark():
    # The workers' Python must be the one that the package is installed in.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("truehinge")
    quiet = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": "1g",
        "spark.sql.session.timeZone": "Europe/Zurich",
    }
    for key, value in quiet.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    truehinge.spark.register(session)
    yield session
    session.stop()


def rows_of(frame):
    return polars.from_arrow(frame.toArrow())


def executors():
    """Process ids of the executors below this process."""
    parents, names = {}, {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(process.name)] = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
            names[int(process.name)] = (process / "cmdline").read_bytes().decode(errors="replace")
        except (OSError, IndexError):
            continue

    def is_ours(process):
        while process > 1:
            if process == os.getpid():
                return True
            process = parents.get(process, 0)
        return False

    return [process for process, name in names.items() if "CoarseGrainedExecutorBackend" in name and is_ours(process)]


def test_all_rows_are_those_of_the_program_and_a_partitioned_table_is_written(spark, study, expected, tmp_path):
    started = time.perf_counter()
    frame = spark.read.format("truehinge").load(str(study))
    frame.write.partitionBy("athlete_id").parquet(str(tmp_path / "reps"))
    print(f"spark: {time.perf_counter() - started:.1f} s")
    written = spark.read.parquet(str(tmp_path / "reps"))
    check(rows_of(written), study, expected)
    assert len(list((tmp_path / "reps").glob("athlete_id=*"))) == 21, "20 people, and errors that are nobody's"


def test_an_executor_is_killed_in_the_middle(spark, study, expected):
    frame = spark.read.format("truehinge").option("recordingsPerTask", 4).load(str(study))
    tracker, killed, rows = spark.sparkContext.statusTracker(), [], []
    job = threading.Thread(target=lambda: rows.append(rows_of(frame)))
    job.start()
    while job.is_alive() and not killed:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        if any(stage and 8 <= stage.numCompletedTasks < stage.numTasks - 8 for stage in stages):
            killed = executors()[:1]
            os.kill(killed[0], signal.SIGKILL)
        time.sleep(0.02)
    job.join()
    assert killed, "it was over before anything could be killed"
    check(rows[0], study, expected)


def test_every_table_has_its_types(spark, study):
    some = study / "P-01_typical.mcap"
    for table in truehinge.TABLES:
        frame = spark.read.format("truehinge").option("table", table).load(str(some))
        found = frame.toArrow()
        given = pyarrow.table(truehinge.analyze_files([some], table=table))
        assert found.column_names == given.column_names
        zones = (field for field in given.schema if pyarrow.types.is_timestamp(field.type) and field.type.tz)
        for field in zones:
            found = found.set_column(found.schema.get_field_index(field.name), field, found[field.name].cast(field.type))
        assert found.to_pylist() == given.to_pylist(), table


def test_options_reach_the_judge_and_columns_say_what_they_are(spark, study):
    read = spark.read.format("truehinge").option("protocol", truehinge.PROTOCOLS[1]).option("table", "sessions")
    frame = read.load(str(study / "P-01_typical.mcap"))
    assert [row["protocol"] for row in frame.select("protocol").collect()] == [truehinge.PROTOCOLS[1]]
    comment = frame.schema["shank_length_mm"].metadata["comment"]
    assert comment == truehinge.schema("sessions").description("shank_length_mm")


def test_a_store_is_read_by_its_address(spark, study, expected):
    check(rows_of(spark.read.format("truehinge").load(f"file://{study}")), study, expected)
