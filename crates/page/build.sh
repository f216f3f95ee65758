#!/usr/bin/env bash
# Makes the page without the program: one folder of files that any server, or a double click, shows (docs/page.md).
#
#   crates/page/build.sh [FOLDER]        target/page if no folder is named
#
# On Debian, with cargo, pip and npm. What it needs beside them is put into a folder of its own and nowhere else: Debian's rustc-web with the
# sources of its standard library, ziglang (a linker, a C compiler for zstd, and the C library of WASI), the file system in memory and a bundler.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
target="${CARGO_TARGET_DIR:-$PWD/../../target}/page"
folder="$(realpath -m "${1:-$target/page}")"
mkdir -p "$target"
. ./tools.sh

self="$rust/lib/rustlib/wasm32-wasip1/lib/self-contained"
if [ ! -e "$self/libc.a" ]; then
  # zig makes the library when something is linked with it, and keeps it.
  mkdir -p "$self"
  echo 'int main(void) { return 0; }' >"$tools/nothing.c"
  ZIG_GLOBAL_CACHE_DIR="$tools/zig" "$python" -m ziglang cc -target wasm32-wasi -Os "$tools/nothing.c" -o "$tools/nothing.wasm"
  for part in libc.a libzigc.a libcompiler_rt.a crt1-command.o; do
    cp "$(find "$tools/zig" -name "$part" -print -quit)" "$self/"
  done
fi
cat >"$tools/cc" <<END
#!/usr/bin/env bash
# zig has its own name for the target.
arguments=()
for argument in "\$@"; do [[ "\$argument" = --target=* ]] || arguments+=("\$argument"); done
exec "$python" -m ziglang cc -target wasm32-wasi "\${arguments[@]}"
END
cat >"$tools/ld" <<END
#!/usr/bin/env bash
# It is the linker for WebAssembly already. Behind everything stand the parts of the C library that zig has of its own.
[ "\$1" != -flavor ] || shift 2
exec "$python" -m ziglang wasm-ld "\$@" "$self/libzigc.a" "$self/libcompiler_rt.a"
END
chmod +x "$tools/cc" "$tools/ld"

# plotters leaves its fonts out on all of wasm32, though they compile for WASI: without them no figure could be the program's. The condition is
# taken out of a copy.
version="$(sed -n '/^name = "plotters"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)"
plotters="$target/plotters-$version"
if [ ! -e "$plotters.done" ]; then
  cargo fetch -q --locked
  rm -rf "$plotters"
  cp -r "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"plotters-$version" "$plotters"
  before="$(cat "$plotters/src/style/font/mod.rs" "$plotters/src/style/mod.rs" | grep -c 'not(target_arch = "wasm32")' || true)"
  sed -i -z 's/not(target_arch = "wasm32"),\s*not(target_os = "wasi"),\s*feature = "ab_glyph"/feature = "ab_glyph"/g' "$plotters/src/style/font/mod.rs"
  sed -i 's/all(not(target_arch = "wasm32"), feature = "ab_glyph")/feature = "ab_glyph"/' "$plotters/src/style/mod.rs"
  after="$(cat "$plotters/src/style/font/mod.rs" "$plotters/src/style/mod.rs" | grep -c 'not(target_arch = "wasm32")' || true)"
  if [ "$before $after" != "4 0" ]; then
    echo "plotters $version has other conditions for its fonts: look at this script" >&2
    exit 1
  fi
  touch "$plotters.done"
fi

# The lock file names plotters as the registry has it, and stays so.
cp Cargo.lock "$target/Cargo.lock.whole"
trap 'cp "$target/Cargo.lock.whole" Cargo.lock' EXIT
trap 'exit 1' INT TERM
CARGO_TARGET_DIR="$target" CC_wasm32_wasip1="$tools/cc" AR_wasm32_wasip1="$tools/ar" CARGO_TARGET_WASM32_WASIP1_LINKER="$tools/ld" \
  cross_cargo build -q --release --target wasm32-wasip1 -Zbuild-std=std,panic_abort --config "patch.crates-io.plotters.path=\"$plotters\"" \
  2>"$target/said" || { cat "$target/said" >&2; exit 1; }

# What shows it.
npm install --prefix "$tools/node" --no-fund --no-audit --no-save --silent @bjorn3/browser_wasi_shim@0.4.2 fflate@0.8.3 esbuild@0.28.2
NODE_PATH="$tools/node/node_modules" node bundle.mjs "$tools/node" "$target/wasm32-wasip1/release/truehinge-page.wasm" "$folder"
