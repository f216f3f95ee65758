"""What other libraries take without asking."""

import duckdb
import pandas
import polars
import pyarrow
import pytest

import truehinge


def test_polars_pandas_pyarrow_and_duckdb_take_a_table(paths):
    reps = truehinge.analyze(paths[0]).reps
    assert polars.DataFrame(reps).equals(reps.to_polars())
    table = pyarrow.table(reps)
    assert table.equals(reps.to_arrow())
    assert len(table) == len(reps) == reps.num_rows > 0
    assert reps.to_pandas().equals(table.to_pandas())
    assert isinstance(reps.to_pandas(), pandas.DataFrame)
    ((count, most),) = duckdb.sql("select count(*), max(knee_forward_mm) from reps").fetchall()
    assert (count, most) == (len(reps), table["knee_forward_mm"].drop_null().to_numpy().max())


def test_nothing_is_copied_on_the_way(paths):
    curves = truehinge.analyze(paths[0]).curves
    first, again = pyarrow.table(curves)["value"], pyarrow.table(curves)["value"]
    assert first.chunk(0).buffers()[1].address == again.chunk(0).buffers()[1].address


def test_duckdb_and_pyarrow_read_a_stream_piece_by_piece(paths):
    stream = truehinge.analyze_files(paths * 3, threads=1)  # 30 recordings, 8 at once
    reader = pyarrow.RecordBatchReader.from_stream(stream)
    pieces = [len(batch) for batch in reader]
    assert len(pieces) > 1
    tables = [len(table) for table in stream]
    assert tables == pieces
    assert len(stream.read_all()) == sum(pieces)
    reader = pyarrow.RecordBatchReader.from_stream(stream)
    ((files,),) = duckdb.sql("select count(distinct source_file) from reader").fetchall()
    assert files == len(paths)


def test_memory_outlives_the_objects_it_came_from(paths):
    def value():
        return pyarrow.table(truehinge.analyze(paths[0]).curves)["value"]

    first = value()
    assert first.equals(value())


def test_plain_python_has_the_same_values(paths):
    analysis = truehinge.analyze(paths[0])
    for table in truehinge.TABLES:
        rows = analysis.table(table)
        assert rows.to_pylist() == pyarrow.table(rows).to_pylist(), table


def test_a_table_is_shown_with_its_text_escaped(paths):
    recording = truehinge.read_recording(paths[0], athlete="<b>P-1")
    html = truehinge.analyze(recording).reps._repr_html_()
    assert "&lt;b&gt;P-1" in html and "<b>P-1" not in html
    assert html.count("<tr>") == 1 + len(truehinge.analyze(recording).reps)


def test_samples_are_those_that_were_recorded(paths):
    recording = truehinge.read_recording(paths[0])
    samples = recording.samples.to_polars()
    assert set(samples["sensor"]) == set(recording.sensors) == {"hip", "shank"}
    assert samples.null_count().sum_horizontal().item() == 0
    hip = samples.filter(polars.col("sensor") == "hip")
    assert hip["device_time_ns"].is_sorted()
    force = sum(hip[f"specific_force_{axis}_m_s2"] ** 2 for axis in "xyz").sqrt()
    assert abs(force.median() - 9.81) < 0.1
    assert recording.truth is None
    assert len(recording.orientations) == 0


def test_a_simulated_session_knows_what_happened():
    recording = truehinge.simulate("clean")
    truth, reps = recording.truth.to_polars(), truehinge.analyze(recording).reps.to_polars()
    assert len(truth) == len(reps) == 5
    assert (truth["knee_forward_mm"] - reps["knee_forward_mm"]).abs().max() < 5
    sure = truth["label"].is_not_null()
    assert truth.filter(sure)["label"].to_list() == reps.filter(sure)["label"].to_list()


def test_people_differ_by_their_seed_and_a_seed_is_always_the_same_person():
    samples = [truehinge.simulate("typical", seed=seed).samples.to_polars() for seed in (1, 1, 2)]
    assert samples[0].equals(samples[1])
    assert not samples[0].equals(samples[2])


@pytest.mark.parametrize("scenario", truehinge.SCENARIOS)
def test_every_scenario_runs(scenario):
    assert truehinge.simulate(scenario).truth.num_rows > 0
