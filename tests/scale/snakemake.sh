#!/usr/bin/env bash
# A study with blanks in its name and one damaged recording in three parts by docs/cluster/Snakefile: the tables are those of one run.
#
#   tests/scale/snakemake.sh PROGRAM
set -euo pipefail
program="$(realpath "$1")"
here="$(cd "$(dirname "$0")/../.." && pwd)"
venv="${TMPDIR:-/tmp}/truehinge-snakemake-venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q "snakemake>=9"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir "my study" bin
ln -s "$program" bin/truehinge
export PATH="$scratch/bin:$PATH"
truehinge demo --out demo --no-progress >/dev/null
for name in a b c d; do
  truehinge edit demo/demo.mcap -o "my study/$name.mcap" --athlete "P-$name" >/dev/null
  truehinge edit demo/demo.mcap -o "my study/$name-short.mcap" --athlete "P-$name" --cut 0-30 >/dev/null
done
head -c 5000 demo/demo.mcap >"my study/cut.mcap"
"$venv/bin/snakemake" -q --cores 2 -s "$here/docs/cluster/Snakefile" --config study="my study" out=tables parts=3
# Exit code 3: the damaged one cannot be used.
truehinge batch "my study" -o one --no-progress >/dev/null || [ $? -eq 3 ]
count=0
for table in one/*; do
  [ -f "$table" ] || continue
  cmp "$table" "tables/${table#one/}"
  count=$((count + 1))
done
[ "$count" -gt 20 ]
echo "$count tables of three parts are those of one run, byte for byte"
