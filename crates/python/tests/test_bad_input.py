"""Bad input is an exception or a row that says what to do; the interpreter lives on."""

import pickle
import random
import shutil
import struct

import polars
import pytest

import truehinge


def caught(*arguments, **keywords):
    with pytest.raises(truehinge.Error) as error:
        truehinge.analyze(*arguments, **keywords)
    return error.value


def test_an_error_has_a_code_what_was_found_a_hint_and_its_source(paths, tmp_path):
    path = tmp_path / "gone.mcap"
    error = caught(path)
    assert (error.code, error.source) == ("input_not_there", str(path))
    assert error.hint == "check the path"
    assert str(error) == f"{error.found}: {error.hint}"
    assert not isinstance(error, truehinge.Defect)
    # Errors travel between processes.
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.hint, again.source) == (str(error), error.code, error.hint, error.source)


def test_the_codes_are_those_of_the_program(paths, tmp_path):
    with open(paths[0], "rb") as file:
        data = file.read()
    assert caught(data[: len(data) // 2]).code == "recording_unfinished"
    assert caught(b"").code == "recording_not_one"
    assert caught(b"athlete,side\n1,2\n").code == "recording_not_one"
    assert caught(data[:-3000] + bytes(2000) + data[-1000:]).code == "recording_damaged"
    assert caught(paths[0], protocol="squat").code == "protocol_neither"
    assert caught(paths[0], method={"no.such_number": 1.0}).code.startswith("method")
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    assert caught(empty).hint


def test_size_is_bounded(paths):
    error = caught(paths[0], max_bytes=1000)
    assert error.code == "input_too_large"
    with open(paths[0], "rb") as file:
        assert caught(file.read(), max_bytes=1000).code == "input_too_large"


def test_wrong_use_is_named(paths):
    with pytest.raises(TypeError, match="protocol, method"):
        truehinge.analyze(paths[0], protocl="x")
    with pytest.raises(TypeError, match="cannot be analysed"):
        truehinge.analyze(3)
    with pytest.raises(ValueError, match="left"):
        truehinge.analyze(paths[0], side="up")
    with pytest.raises(ValueError, match="reps_long"):
        truehinge.analyze_files(paths, table="rep")
    with pytest.raises(ValueError, match="typical"):
        truehinge.simulate("nobody")
    with pytest.raises(KeyError):
        truehinge.schema().unit("nothing")


def chunk_of(claimed):
    """A chunk of a recording that claims to unpack to so many bytes."""
    packed = b"\x28\xb5\x2f\xfd" + bytes(40)
    content = struct.pack("<QQQII", 0, 1, claimed, 0, 4) + b"zstd" + struct.pack("<Q", len(packed)) + packed
    return b"\x06" + struct.pack("<Q", len(content)) + content


def test_every_source_is_in_the_result(paths, tmp_path):
    with open(paths[0], "rb") as file:
        data = file.read()
    truncated, empty, poison = (tmp_path / name for name in ("truncated.mcap", "empty.mcap", "poison.mcap"))
    truncated.write_bytes(data[: len(data) // 2])
    empty.write_bytes(b"")
    poison.write_bytes(data[:8] + chunk_of(1 << 62) + data[8:])
    sources = [*paths, str(truncated), str(empty), str(poison), str(tmp_path / "gone.mcap"), ("in-memory.mcap", b"?"), ("s3://gone.mcap", OSError("no such key"))]
    frame = polars.DataFrame(truehinge.analyze_files(sources))
    names = [source if isinstance(source, str) else source[0] for source in sources]
    assert frame["source_file"].unique(maintain_order=True).to_list() == names
    failed = frame.filter(polars.col("error_code").is_not_null())
    assert failed["source_file"].to_list() == names[len(paths) :]
    assert failed["error"].null_count() == failed["rep_id"].count() == 0
    assert frame.filter(polars.col("error_code").is_null())["rep_id"].null_count() == 0


def test_a_recording_without_rows_is_named_too(tmp_path):
    # No movement is as brief.
    still = {"repetitions.duration.least_s": 0.7, "repetitions.duration.most_s": 0.7}
    frame = polars.DataFrame(truehinge.analyze_files([truehinge.simulate("clean")], method=still))
    assert frame["error_code"].to_list() == ["no_rows"]


def test_random_bytes_never_end_the_interpreter(paths):
    with open(paths[0], "rb") as file:
        data = file.read()
    draw = random.Random(20261)
    outcomes = set()
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(draw.choice((1, 3, 30))):
            broken[draw.randrange(len(broken))] ^= 1 << draw.randrange(8)
        if draw.random() < 0.3:
            del broken[draw.randrange(len(broken)) :]
        try:
            truehinge.analyze(bytes(broken))
            outcomes.add("analysed")
        except truehinge.Error as error:
            assert not isinstance(error, truehinge.Defect), error
            outcomes.add(error.code)
    assert len(outcomes) > 1


def test_find_names_what_cannot_be_used_too(study, tmp_path):
    shutil.copytree(study, tmp_path / "study")
    unfinished = tmp_path / "study" / "late.unfinished.mcap"
    unfinished.write_bytes(next(study.glob("*.mcap")).read_bytes()[:20_000])
    found = truehinge.find(tmp_path / "study")
    assert str(unfinished) in found
    frame = polars.DataFrame(truehinge.analyze_files(found))
    assert sorted(frame["source_file"].unique()) == found
    with pytest.raises(truehinge.Error):
        truehinge.find(tmp_path / "nowhere")
