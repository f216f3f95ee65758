#!/usr/bin/env python3
"""Executes the notebook in a folder of exported tables and keeps the result beside it; fails on any error."""
import pathlib
import sys

import nbformat
from nbclient import NotebookClient

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
notebook = nbformat.read(folder / "hinge_sessions.ipynb", as_version=4)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
nbformat.write(notebook, folder / "hinge_sessions.executed.ipynb")
images = sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
if images < 2:
    sys.exit(f"{folder}: the notebook drew {images} figures, it should draw 2")
print(f"{folder}: executed, {images} figures")
