"""Whether wheels keep their promises: how large they are, and whether the program of one runs.

    python wheels.py WHEEL...
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

# Megabytes of each package at most.
MOST = {"truehinge": 8.0, "truehinge_cli": 40.0}


def main():
    for wheel in map(Path, sys.argv[1:]):
        package = wheel.name.split("-")[0]
        size = wheel.stat().st_size / 1e6
        print(f"{wheel.name}: {size:.1f} MB")
        if size > MOST[package]:
            sys.exit(f"{wheel.name} has {size:.1f} MB, at most {MOST[package]} are promised")
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder, with_pip=True)
            python = Path(folder, "bin", "python")
            subprocess.run([python, "-m", "pip", "install", "-q", "--no-index", wheel], check=True)
            run = [python, "-c", "import truehinge; print(truehinge.simulate())"]
            if package == "truehinge_cli":
                run = [Path(folder, "bin", "truehinge"), "--version"]
            print(" ", subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    main()
