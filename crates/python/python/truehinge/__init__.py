"""Was it a true hip hinge? Recordings of two IMUs to verdicts, numbers and Arrow tables.

>>> import truehinge
>>> analysis = truehinge.analyze("P-014_S1.mcap")
>>> analysis.reps.to_polars()

One recording: `analyze`, `read_recording`, and `simulate` for people who do not exist. Many: `find` and `analyze_files`. What columns mean:
`schema` and `data_dictionary`. Clusters: `truehinge.dask` and `truehinge.spark`. Numbers are those of the program, bit for bit.
"""

from ._truehinge import (
    PROTOCOLS,
    SCENARIOS,
    TABLES,
    Analysis,
    Defect,
    Error,
    Recording,
    Schema,
    Stream,
    Table,
    __version__,
    analyze,
    analyze_files,
    data_dictionary,
    find,
    read_recording,
    schema,
    simulate,
)

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
