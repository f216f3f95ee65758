"""Fails where the package, or the folder that is named, would be built of another version of a crate than the program: their numbers must be
the same."""

import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here


def versions(lock):
    """Versions of each crate in a lock file."""
    found = {}
    for name, version in re.findall(r'name = "(.+)"\nversion = "(.+)"', lock.read_text()):
        found.setdefault(name, set()).add(version)
    return found


program, package = versions(here / "../../Cargo.lock"), versions(folder / "Cargo.lock")
shared = package.keys() & program.keys()
other = {name: (package[name], program[name]) for name in shared if package[name].isdisjoint(program[name])}
for name, (ours, theirs) in sorted(other.items()):
    print(f"{name}: {', '.join(ours)} here, {', '.join(theirs)} in the program")
sys.exit(f"{len(other)} crates differ: cargo update -p NAME --precise VERSION" if other else 0)
