#!/usr/bin/env python3
"""Runs hinge_sessions.ipynb on a folder of tables, or another notebook in a folder, without a browser.

    python run.py TABLES [--notebook tutorial.ipynb] [--out EXECUTED.ipynb] [--figures FOLDER]

TABLES is a folder that `truehinge batch`, `analyze` or `export` wrote. The folder's own copy of the notebook is run if it
has one, else the one beside this script. Ends with an error if any cell fails, or if a cell that draws shows no figure.
"""

import argparse
import base64
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NAME = "hinge_sessions.ipynb"


def figures(cell):
    """The PNG figures that a cell shows."""
    images = (output.get("data", {}).get("image/png") for output in cell.get("outputs", []))
    return [base64.b64decode(image) for image in images if image]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, help="folder with the tables")
    parser.add_argument("--notebook", type=Path, help="another notebook, that is to be run in the folder")
    parser.add_argument("--out", type=Path, help="where to put the notebook with its results")
    parser.add_argument("--figures", type=Path, help="folder for the figures, as PNG")
    arguments = parser.parse_args()

    source = arguments.tables / NAME
    if arguments.notebook:
        source = arguments.notebook.resolve()
    elif not source.exists():
        source = Path(__file__).resolve().parent / NAME
    notebook = nbformat.read(source, as_version=4)
    nbformat.validate(notebook)
    # The notebook's paths are relative to the tables.
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(arguments.tables)}})
    try:
        client.execute()
    except CellExecutionError as error:
        sys.exit(f"{source}: a cell stopped: {error}")

    shown = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        images = figures(cell)
        if "plt.show()" in cell.source and not images:
            sys.exit(f"{source}: cell {cell.id} draws a figure but shows none")
        shown += len(images)
        if arguments.figures:
            arguments.figures.mkdir(parents=True, exist_ok=True)
            for number, image in enumerate(images, start=1):
                (arguments.figures / f"{cell.id}-{number}.png").write_bytes(image)
    if arguments.out:
        nbformat.write(notebook, arguments.out)
    print(f"{source}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} cells, {shown} figures")


if __name__ == "__main__":
    main()
