import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias, final

import pandas
import polars
import pyarrow

_PathLike: TypeAlias = str | os.PathLike[str]
_Source: TypeAlias = _PathLike | bytes | bytearray | memoryview | Recording | tuple[str, bytes | OSError]
_TableName: TypeAlias = Literal[
    "sessions", "sides", "sets", "reps", "reps_long", "budgets", "evidence", "curves", "events", "quality"
]
_Side: TypeAlias = Literal["left", "right"]
_Verdict: TypeAlias = Literal["true_hinge", "knee_forward_drift", "insufficient_hip_travel", "indeterminate"]
_Method: TypeAlias = _PathLike | Mapping[str, float]

__all__ = [
    "PROTOCOLS",
    "SCENARIOS",
    "TABLES",
    "Analysis",
    "Defect",
    "Error",
    "Recording",
    "Schema",
    "Stream",
    "Table",
    "__version__",
    "analyze",
    "analyze_files",
    "data_dictionary",
    "find",
    "read_recording",
    "schema",
    "simulate",
]

__version__: Final[str]
TABLES: Final[tuple[str, ...]]
SCENARIOS: Final[tuple[str, ...]]
PROTOCOLS: Final[tuple[str, ...]]

class Error(Exception):
    code: str
    found: str
    hint: str | None
    source: str | None

class Defect(Error): ...

@final
class Schema:
    def __arrow_c_schema__(self) -> object: ...
    @property
    def names(self) -> list[str]: ...
    def unit(self, column: str) -> str | None: ...
    def description(self, column: str) -> str | None: ...
    def __len__(self) -> int: ...

@final
class Table:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    @property
    def schema(self) -> Schema: ...
    @property
    def column_names(self) -> list[str]: ...
    @property
    def num_rows(self) -> int: ...
    def __len__(self) -> int: ...
    def to_pylist(self) -> list[dict[str, Any]]: ...
    def to_polars(self) -> polars.DataFrame: ...
    def to_arrow(self) -> pyarrow.Table: ...
    def to_pandas(self) -> pandas.DataFrame: ...
    def _repr_html_(self) -> str: ...

@final
class Stream:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    @property
    def schema(self) -> Schema: ...
    def __iter__(self) -> Iterator[Table]: ...
    def read_all(self) -> Table: ...

@final
class Analysis:
    def table(self, name: _TableName) -> Table: ...
    @property
    def reps(self) -> Table: ...
    @property
    def reps_long(self) -> Table: ...
    @property
    def sessions(self) -> Table: ...
    @property
    def sides(self) -> Table: ...
    @property
    def sets(self) -> Table: ...
    @property
    def budgets(self) -> Table: ...
    @property
    def evidence(self) -> Table: ...
    @property
    def curves(self) -> Table: ...
    @property
    def events(self) -> Table: ...
    @property
    def quality(self) -> Table: ...
    @property
    def athlete(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def verdicts(self) -> list[_Verdict]: ...
    @property
    def findings(self) -> list[str]: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def grade(self) -> Literal["good", "fair", "poor"]: ...

@final
class Recording:
    @property
    def samples(self) -> Table: ...
    @property
    def orientations(self) -> Table: ...
    @property
    def truth(self) -> Table | None: ...
    @property
    def athlete(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def start_utc_ns(self) -> int | None: ...
    @property
    def sensors(self) -> list[str]: ...
    @property
    def warnings(self) -> list[str]: ...
    def save(self, path: _PathLike) -> None: ...

def analyze(
    source: _Source,
    *,
    name: str | None = None,
    protocol: _PathLike | None = None,
    method: _Method | None = None,
    library: _PathLike | None = None,
    side: _Side | None = None,
    athlete: str | None = None,
    height_cm: float | None = None,
    mapping: _PathLike | None = None,
    max_bytes: int | None = None,
) -> Analysis: ...
def analyze_files(
    sources: Iterable[_Source] | _PathLike,
    *,
    table: _TableName = "reps",
    threads: int | None = None,
    protocol: _PathLike | None = None,
    method: _Method | None = None,
    library: _PathLike | None = None,
    side: _Side | None = None,
    athlete: str | None = None,
    height_cm: float | None = None,
    mapping: _PathLike | None = None,
    max_bytes: int | None = None,
) -> Stream: ...
def find(folder: _PathLike) -> list[str]: ...
def read_recording(
    source: _Source,
    *,
    name: str | None = None,
    side: _Side | None = None,
    athlete: str | None = None,
    height_cm: float | None = None,
    mapping: _PathLike | None = None,
    max_bytes: int | None = None,
) -> Recording: ...
def simulate(
    scenario: str = "typical", *, seed: int = 1, athlete: str | None = None, session: str | None = None
) -> Recording: ...
def schema(table: _TableName = "reps", *, sources: bool = False) -> Schema: ...
def data_dictionary() -> Table: ...
