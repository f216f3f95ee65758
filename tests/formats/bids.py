"""What the BIDS validator found, against what may be found; and whether two tables say the same.

    bids.py FOUND.json
    bids.py --same TABLE.csv TABLE.csv
"""

import csv
import json
import sys

# What only the people who publish a data set know, and keys that the standard recommends and deprecates at once.
MAY_MISS = {
    "Authors", "HEDVersion", "License", "SourceDatasets", "InstitutionName", "InstitutionAddress",
    "InstitutionalDepartmentName", "Instructions", "StimulusPresentation", "MISCChannelCount",
}
MAY_WARN = {"TOO_FEW_AUTHORS", "NO_AUTHORS"}
# Names of sessions of two recordings that are called the same are made of their files' names.
NAMES = {"session"}


def issues(found):
    """All issues, of the data set and of those derived from it."""
    yield from found["issues"]["issues"]
    for derived in (found.get("derivativesSummary") or {}).values():
        yield from derived["issues"]["issues"]


def check(path):
    with open(path) as file:
        found = json.load(file)
    looked = 0
    unexpected = []
    for issue in issues(found):
        looked += 1
        may = issue["code"] in MAY_WARN or issue.get("subCode") in MAY_MISS
        if issue["severity"] != "warning" or not may:
            unexpected.append(f'{issue["severity"]} {issue["code"]} {issue.get("subCode", "")} {issue.get("location", "")}')
    if unexpected:
        sys.exit("the validator found:\n  " + "\n  ".join(unexpected))
    summary = found["summary"]
    assert summary["dataTypes"] == ["motion"] and len(summary["subjects"]) == 2, summary
    print(f"no errors; {looked} warnings, all of what sensors cannot know")


def rows(path):
    with open(path, newline="") as file:
        read = [{name: cell for name, cell in row.items() if name not in NAMES} for row in csv.DictReader(file)]
    return sorted(tuple(row.items()) for row in read)


if __name__ == "__main__":
    if sys.argv[1] == "--same":
        one, other = rows(sys.argv[2]), rows(sys.argv[3])
        assert one and one == other, f"{sys.argv[2]} and {sys.argv[3]} differ"
        print(f"{len(one)} rows of {sys.argv[2]} are the same")
    else:
        check(sys.argv[1])
