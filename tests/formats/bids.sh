#!/usr/bin/env bash
# Two people whose names differ by a dash as Motion-BIDS: the official validator finds no error, and no warning but of what the sensors cannot know.
# The data set is read back: the same repetitions with the same numbers.
#
#   tests/formats/bids.sh PROGRAM
set -euo pipefail
program="$(realpath "$1")"
here="$(cd "$(dirname "$0")" && pwd)"
venv="${TMPDIR:-/tmp}/truehinge-formats-venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q "bids-validator-deno>=3,<4"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
"$program" demo --out demo --no-progress >/dev/null
mkdir recordings
"$program" edit demo/demo.mcap -o recordings/a.mcap --athlete "P-014" --cut 0-50 >/dev/null
"$program" edit demo/demo.mcap -o recordings/b.mcap --athlete "P014" --cut 50-102 >/dev/null
"$program" export recordings --bids -o bids --no-progress >/dev/null
"$venv/bin/bids-validator-deno" --version
# It ends with an error code where it finds errors; which ones is read from what it says.
"$venv/bin/bids-validator-deno" bids --recursive --max-rows -1 --format json >found.json || true
"$venv/bin/python" "$here/bids.py" found.json
"$program" export recordings -o before --no-progress >/dev/null
"$program" export bids -o after --no-progress >/dev/null
for table in sets reps reps_long budgets evidence; do
  # Sessions have the names of their files where two are called the same; all else is equal.
  "$venv/bin/python" "$here/bids.py" --same "before/$table.csv" "after/$table.csv"
done
# What is too short for an analysis is in the data set with its samples alone.
mkdir short
cp recordings/a.mcap short
"$program" edit demo/demo.mcap -o short/c.mcap --athlete "P-015" --cut 0-0.3 >/dev/null
code=0
"$program" export short --bids -o raw --no-progress >/dev/null 2>&1 || code=$?
[ "$code" -eq 3 ]
"$venv/bin/bids-validator-deno" raw --recursive --max-rows -1 --format json >found.json || true
"$venv/bin/python" "$here/bids.py" found.json
[ -f raw/sub-P015/ses-demo/motion/sub-P015_ses-demo_task-singleleghiphinge_tracksys-hip_motion.tsv ]
[ ! -e raw/derivatives/truehinge/sub-P015 ]
"$program" export recordings --bids --pseudonymise --key key -o hidden --no-progress >/dev/null 2>&1
if grep -rIl -e "P-014" -e "P014" -e "virtual-hip" hidden; then
  echo "a name is left under pseudonyms"
  exit 1
fi
