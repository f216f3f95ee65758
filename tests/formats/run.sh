#!/usr/bin/env bash
# Formats in the programs they are for: the BIDS validator, rerun, OpenSim, R and PSPP (where these two are installed); CITATION.cff.
#
#   tests/formats/run.sh PROGRAM
set -euo pipefail
program="$(realpath "$1")"
here="$(cd "$(dirname "$0")" && pwd)"
venv="${TMPDIR:-/tmp}/truehinge-formats-venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q "rerun-sdk>=0.41,<0.42" cffconvert
export PYTHONDONTWRITEBYTECODE=1
"$here/bids.sh" "$program"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
"$program" demo --out "$scratch/demo" --no-progress >/dev/null
recording="$scratch/demo/demo.mcap"
"$venv/bin/python" "$here/view.py" "$program" "$recording"
# OpenSim is on PyPI for some systems only.
if "$venv/bin/pip" install -q opensim 2>/dev/null; then
  "$venv/bin/python" "$here/storage.py" "$program" "$recording"
else
  echo "skipped: no package of OpenSim for this system"
fi
for locale in en de; do
  "$program" export "$recording" --wide --csv-locale "$locale" -o "$scratch/$locale" --no-progress >/dev/null
  cd "$scratch/$locale"
  if command -v Rscript >/dev/null; then
    reader="$([ "$locale" = en ] && echo read.csv || echo read.csv2)"
    Rscript -e "w <- $reader('wide.csv'); stopifnot(nrow(w) == 2, sum(w\$n_reps) == 11, is.numeric(w\$hip_back_mm_r05), !anyNA(w\$hip_back_mm_r05), all(w\$schema_version >= 4))"
    echo "R reads the wide table ($locale)"
  fi
  if command -v pspp >/dev/null; then
    { cat wide.sps; echo "DESCRIPTIVES /VARIABLES=n_reps /STATISTICS=SUM."; } >check.sps
    pspp check.sps >read.txt
    grep -q "Repetitions that count|2|11" read.txt
    if grep -i -e "error:" -e "warning:" read.txt; then exit 1; fi
    echo "PSPP reads the wide table ($locale)"
  fi
done
cd "$here/../../docs"
"$venv/bin/cffconvert" --validate -i CITATION.cff
