"""Folders of recordings, on a disk or in a store of objects (S3, HDFS, GCS, through pyarrow.fs)."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow
import pyarrow.fs

import truehinge


def listed(root: str) -> list[str]:
    """Every recording below a folder, in order: what cannot be used as well, so that nothing is left out unsaid."""
    if "://" not in root:
        return truehinge.find(root)
    store, folder = pyarrow.fs.FileSystem.from_uri(root)
    files = store.get_file_info(pyarrow.fs.FileSelector(folder, recursive=True))
    below = (file.path for file in files if file.is_file and file.path.lower().endswith(".mcap"))
    return sorted(root.rstrip("/") + path[len(folder.rstrip("/")) :] for path in below)


def read(names: list[str], table: str, keywords: dict[str, object]) -> pyarrow.Table:
    """The rows of these recordings, on one thread: the engine has its own."""
    return pyarrow.table(truehinge.analyze_files(list(_sources(names)), table=table, threads=1, **keywords))


def portions(names: list[str], size: int) -> list[list[str]]:
    """The names in portions of one task each."""
    if size < 1:
        raise ValueError(f"a task takes at least 1 recording, not {size}")
    return [names[start : start + size] for start in range(0, len(names), size)]


def _sources(names: list[str]) -> Iterator[str | tuple[str, bytes | OSError]]:
    for name in names:
        if "://" not in name:
            yield name
            continue
        try:
            store, path = pyarrow.fs.FileSystem.from_uri(name)
            with store.open_input_stream(path) as stream:
                yield name, stream.read()
        except OSError as error:
            yield name, error
