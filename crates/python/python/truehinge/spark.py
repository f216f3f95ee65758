"""Recordings as a Spark data source: for clusters and data platforms that have Spark 4.

>>> import truehinge.spark
>>> truehinge.spark.register(spark)
>>> reps = spark.read.format("truehinge").load("recordings/")          # or s3://..., hdfs://...
>>> reps.write.partitionBy("athlete_id").parquet("reps/")

Needs `pip install truehinge[spark]` on the driver and on every worker. Every recording is in the result; one that cannot be used has a row
with `error_code` and `error`. Options: `table` (default `reps`), `recordingsPerTask` (16), and the keywords of `truehinge.analyze_files` but
`threads`. A task whose worker dies is done again where Spark may: on a cluster, or with `local[N,4]`; bare `local[N]` gives up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_type
from pyspark.sql.types import StructField, StructType

import truehinge
from truehinge import _storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["TruehingeSource", "register"]

# What the options are called, in small letters as Spark hands them out, and what Python makes of their words.
_KEYWORDS = {
    "protocol": str,
    "method": str,
    "library": str,
    "side": str,
    "athlete": str,
    "height_cm": float,
    "mapping": str,
    "max_bytes": int,
}


def register(spark: SparkSession) -> None:
    """Makes the format `truehinge` known to a session."""
    spark.dataSource.register(TruehingeSource)


class TruehingeSource(DataSource):
    """The format `truehinge`."""

    @classmethod
    def name(cls) -> str:
        return "truehinge"

    def schema(self) -> StructType:
        columns = pyarrow.schema(truehinge.schema(self._table(), sources=True))
        return StructType([_column(field) for field in columns])

    def reader(self, schema: StructType) -> DataSourceReader:
        root = self.options.get("path")
        if not root:
            raise ValueError("no folder: give one to load()")
        size = int(self.options.get("recordingsPerTask", "16"))
        given = {name: of(self.options[name]) for name, of in _KEYWORDS.items() if name in self.options}
        return _Reader(root, self._table(), size, given)

    def _table(self) -> str:
        return self.options.get("table", "reps")


class _Task(InputPartition):
    def __init__(self, names: list[str]) -> None:
        self.names = names


class _Reader(DataSourceReader):
    def __init__(self, root: str, table: str, size: int, keywords: dict[str, object]) -> None:
        self.root, self.table, self.size, self.keywords = root, table, size, keywords

    def partitions(self) -> list[InputPartition]:
        names = _storage.listed(self.root)
        if not names:
            raise FileNotFoundError(f"no recording below {self.root}")
        return [_Task(portion) for portion in _storage.portions(names, self.size)]

    def read(self, partition: InputPartition) -> Iterator[pyarrow.RecordBatch]:
        yield from _storage.read(partition.names, self.table, self.keywords).to_batches()


def _column(field: pyarrow.Field) -> StructField:
    meaning = {"comment": field.metadata[b"description"].decode()}
    # A clock on a wall has no zone, in Spark neither.
    return StructField(field.name, from_arrow_type(field.type, prefer_timestamp_ntz=True), True, meaning)
