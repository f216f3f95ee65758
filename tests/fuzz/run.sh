#!/usr/bin/env bash
# Fuzzes every target for so many seconds (60 unless told). Needs a C++ compiler for libFuzzer, nothing else: the coverage flags are
# those of cargo-fuzz, without its sanitizers, which safe code has no use for. What is found stays in tests/fuzz/found.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-60}"
host="$(rustc -vV | sed -n 's/^host: //p')"
coverage=(passes=sancov-module llvm-args=-sanitizer-coverage-level=4 llvm-args=-sanitizer-coverage-inline-8bit-counters
  llvm-args=-sanitizer-coverage-pc-table llvm-args=-sanitizer-coverage-trace-compares codegen-units=1)
export RUSTFLAGS="${coverage[*]/#/-C} --cfg fuzzing"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/fuzz"
cargo build -q --release --locked --target "$host"
mkdir -p found
for target in sessions profiles; do
  corpus="$CARGO_TARGET_DIR/corpus-$target"
  mkdir -p "$corpus"
  "$CARGO_TARGET_DIR/$host/release/$target" "$corpus" "seeds/$target" -max_total_time="$seconds" -timeout=10 -max_len=4096 \
    -artifact_prefix="found/$target-" -print_final_stats=1 -verbosity=0
done
