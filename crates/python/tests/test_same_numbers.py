"""The package and the program give the same rows, bit for bit."""

import struct
import subprocess

import polars
import pytest

import truehinge


@pytest.fixture(scope="session")
def written(program, study, tmp_path_factory):
    out = tmp_path_factory.mktemp("tables")
    subprocess.run([program, "batch", study, "-o", out, "--no-cache", "--no-progress"], check=True, capture_output=True)
    return out


def bits(frame):
    """Every cell as it is, numbers by their bits: equal lists are equal tables."""
    def cell(value):
        return struct.pack("<d", value) if isinstance(value, float) else value

    rows = [tuple(map(cell, row)) for row in frame.iter_rows()]
    return sorted(rows, key=repr)


@pytest.mark.parametrize("table", truehinge.TABLES)
def test_every_table_is_that_of_batch(table, written, paths):
    expected = polars.read_parquet(written / f"{table}.parquet")
    found = polars.DataFrame(truehinge.analyze_files(paths, table=table))
    found = found.filter(polars.col("error_code").is_null()).drop("source_file", "error_code", "error")
    assert found.schema == expected.schema
    assert len(expected) > 0
    assert bits(found) == bits(expected)


def test_one_recording_is_that_of_analyze(program, paths, tmp_path):
    subprocess.run([program, "analyze", paths[0], "-o", tmp_path], check=True, capture_output=True)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    analysis = truehinge.analyze(paths[0])
    for table in truehinge.TABLES:
        assert bits(analysis.table(table).to_polars()) == bits(polars.read_parquet(folder / f"{table}.parquet"))


def test_protocol_and_method_change_the_numbers_as_the_program_does(program, paths, tmp_path):
    method = tmp_path / "mine.toml"
    method.write_text("repetitions.leaves_deg = 4.2\n")
    protocol = truehinge.PROTOCOLS[1]
    command = [program, "analyze", paths[0], "-o", tmp_path, "--method", method, "--protocol", protocol]
    subprocess.run(command, check=True, capture_output=True)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    expected = polars.read_parquet(folder / "sessions.parquet")
    for given in (method, {"repetitions.leaves_deg": 4.2}):
        analysis = truehinge.analyze(paths[0], method=given, protocol=protocol)
        assert bits(analysis.sessions.to_polars()) == bits(expected)
    plain = truehinge.analyze(paths[0]).sessions.to_pylist()[0]
    assert plain["config_sha256"] != expected["config_sha256"][0]


def test_bytes_a_recording_and_a_path_are_one_and_the_same(paths):
    with open(paths[0], "rb") as file:
        data = file.read()
    by_path = truehinge.analyze(paths[0])
    name = paths[0].rsplit("/", 1)[-1]
    given = [data, bytearray(data), memoryview(data), (name, data), truehinge.read_recording(paths[0])]
    for source in given:
        analysis = truehinge.analyze(source, name=name)
        for table in truehinge.TABLES:
            assert bits(analysis.table(table).to_polars()) == bits(by_path.table(table).to_polars()), table


def test_threads_and_repetition_change_nothing(paths):
    def read(threads):
        return bits(polars.DataFrame(truehinge.analyze_files(paths, threads=threads)))

    assert read(1) == read(2) == read(7)
    stream = truehinge.analyze_files(paths)
    assert bits(polars.DataFrame(stream)) == bits(polars.DataFrame(stream)), "a stream can be read again"


def test_columns_say_what_they_are(paths):
    import pyarrow

    described = truehinge.data_dictionary().to_polars()
    for table in truehinge.TABLES:
        schema = pyarrow.schema(truehinge.schema(table))
        of_table = described.filter(polars.col("table") == table)
        assert schema.names == of_table["column"].to_list() == truehinge.schema(table).names
        for field, unit, text in zip(schema, of_table["unit"], of_table["description"], strict=True):
            said = {key.decode(): value.decode() for key, value in field.metadata.items()}
            assert (said.get("unit"), said["description"]) == (unit, text)
            assert truehinge.schema(table).unit(field.name) == unit
            assert truehinge.schema(table).description(field.name) == text
        assert pyarrow.table(truehinge.analyze(paths[0]).table(table)).schema.equals(schema, check_metadata=True)
