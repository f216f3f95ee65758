"""Recordings as a Dask data frame: a few machines, a Slurm cluster through dask-jobqueue.

>>> import truehinge.dask
>>> frame = truehinge.dask.read_files("recordings/")          # or s3://..., hdfs://...
>>> frame.to_parquet("reps/", partition_on=["athlete_id"])

Needs `pip install truehinge[dask]`. Every recording is in the frame; one that cannot be used has a row with `error_code` and `error`.
A worker that dies is replaced and its tasks are done again: rows are the same then, and so they are with any number of workers.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import dask.dataframe
import pandas
import pyarrow

import truehinge
from truehinge import _storage

if TYPE_CHECKING:
    from dask.dataframe import DataFrame

__all__ = ["read_files"]


def read_files(
    source: str | os.PathLike[str] | Iterable[str],
    *,
    table: str = "reps",
    recordings_per_task: int = 16,
    **keywords: object,
) -> DataFrame:
    """A table of many recordings, a partition for each task.

    `source` is a folder (on a disk that all workers see, or a URI of a store), or the recordings themselves. `table` and keywords are those
    of `truehinge.analyze_files`. Columns have Arrow's types, so that a missing whole number stays one.
    """
    names = _storage.listed(os.fspath(source)) if isinstance(source, str | os.PathLike) else list(source)
    if not names:
        raise FileNotFoundError(f"no recording below {source}")
    nothing = pyarrow.schema(truehinge.schema(table, sources=True)).empty_table()
    return dask.dataframe.from_map(
        _read,
        _storage.portions(names, recordings_per_task),
        table=table,
        keywords=keywords,
        meta=_frame(nothing),
        label="truehinge",
    )


def _read(names: list[str], *, table: str, keywords: dict[str, object]) -> pandas.DataFrame:
    return _frame(_storage.read(names, table, keywords))


def _frame(rows: pyarrow.Table) -> pandas.DataFrame:
    return rows.to_pandas(types_mapper=pandas.ArrowDtype)
