#!/usr/bin/env bash
# Builds the Python package, installs it in a Python of its own and runs its tests; the tutorial notebook too. With --deep also what takes
# minutes: 203 recordings on Dask and Spark with workers killed in the middle, and both wheels as they ship, with their sizes.
#
#   crates/python/test.sh [--deep]
#
# TRUEHINGE names the program whose tables the package must give; it is built if nobody names one.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/../../target}"
deep="${1:-}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

if [ -z "${TRUEHINGE:-}" ]; then
  (cd ../.. && cargo build -q -p truehinge)
  export TRUEHINGE="$CARGO_TARGET_DIR/debug/truehinge"
fi
venv="${TMPDIR:-/tmp}/truehinge-python-venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q "maturin>=1.8,<2" pytest mypy polars pandas pyarrow duckdb matplotlib nbclient nbformat ipykernel

cargo fmt --check
cargo clippy -q --all-targets -- -D warnings
python3 same_versions.py
"$venv/bin/maturin" build -q --locked --out "$scratch/dev"
"$venv/bin/pip" install -q --force-reinstall --no-deps "$scratch"/dev/*.whl
"$venv/bin/python" -m pytest -q tests
"$venv/bin/python" ../../notebooks-export/run.py "$scratch" --notebook ../../notebooks-export/tutorial.ipynb

[ "$deep" = --deep ] || exit 0
"$venv/bin/maturin" build -q --locked --release --out "$scratch/release"
"$venv/bin/maturin" build -q --locked --release -m ../cli/Cargo.toml --out "$scratch/release"
"$venv/bin/python" deep/wheels.py "$scratch"/release/*.whl
"$venv/bin/pip" install -q --force-reinstall --no-deps "$scratch"/release/truehinge-[0-9]*.whl
"$venv/bin/python" -m pytest -q tests
"$venv/bin/pip" install -q "dask[distributed]>=2024.8" "pyspark>=4"
command -v java >/dev/null || { apt-get update -qq && apt-get install -y -qq default-jre-headless >/dev/null; }
"$venv/bin/python" -m pytest -q -s deep
