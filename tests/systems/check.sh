#!/usr/bin/env bash
# Whether the program compiles for systems that this computer is not: all of it is checked by the compiler, nothing is linked or run.
#
#   tests/systems/check.sh [TARGET ...]      x86_64-pc-windows-gnu and aarch64-apple-darwin if none is named
#
# Programs for these systems are made and tried on their own computers (.github/workflows/dist.yml).
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
target="${CARGO_TARGET_DIR:-$PWD/target}/systems"
. crates/page/tools.sh

# What writes the lists of functions that Windows' own libraries have.
if [ ! -x "$tools/mingw/usr/bin/x86_64-w64-mingw32-dlltool" ]; then
  mkdir -p "$tools/mingw"
  (cd "$tools/mingw" && apt-get download -qq binutils-mingw-w64-x86-64 2>/dev/null && dpkg-deb -x binutils-mingw-w64-x86-64_*.deb . && rm ./*.deb)
fi
export PATH="$PATH:$tools/mingw/usr/bin"

# check TARGET ZIG'S-NAME: C parts are compiled by zig, which has its own names and knows nothing of Apple's options.
check() {
  local cc="$tools/cc-$1"
  cat >"$cc" <<END
#!/usr/bin/env bash
arguments=()
skip=""
for argument in "\$@"; do
  if [ -n "\$skip" ]; then skip=""; continue; fi
  case "\$argument" in
    --target=*|-mmacosx-version-min=*) ;;
    -arch|-isysroot) skip=1 ;;
    *) arguments+=("\$argument") ;;
  esac
done
exec "$python" -m ziglang cc -target $2 "\${arguments[@]}"
END
  chmod +x "$cc"
  local name="${1//-/_}"
  export "CC_$name=$cc" "AR_$name=$tools/ar"
  cross_cargo check -q --locked --target "$1" -Zbuild-std=std,panic_unwind -p truehinge
  echo "$1: the program compiles"
}

export CARGO_TARGET_DIR="$target"
[ $# -gt 0 ] || set -- x86_64-pc-windows-gnu aarch64-apple-darwin
for system in "$@"; do
  case "$system" in
    x86_64-pc-windows-gnu) check "$system" x86_64-windows-gnu ;;
    aarch64-apple-darwin) check "$system" aarch64-macos ;;
    *) echo "no C compiler is known for $system" >&2; exit 2 ;;
  esac
done
