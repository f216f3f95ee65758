# Sourced: a compiler for other systems than this one, in a folder of its own and nowhere else ($tools; TRUEHINGE_PAGE_TOOLS names it).
#
# Debian's rustc-web with the sources of its standard library ($rust), and ziglang ($python -m ziglang: C compilers, linkers and C libraries).
tools="${TRUEHINGE_PAGE_TOOLS:-${TMPDIR:-/tmp}/truehinge-page-tools}"
zig_version=0.17.1
mkdir -p "$tools"
tools="$(realpath "$tools")"

# The compiler, unpacked and not installed: Debian's package and rustup do not go together.
rust="$tools/rust/usr"
if [ ! -e "$tools/rust.done" ]; then
  command -v apt-get >/dev/null || { echo "this needs Debian's packages (apt-get)" >&2; exit 1; }
  apt-cache show rustc-web >/dev/null 2>&1 || apt-get update -qq
  needs() { apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$1" | sed -n 's/^ *Depends: //p'; }
  standard="$(needs libstd-rust-web-dev | grep '^libstd-rust-web-')"
  llvm="$(needs "$standard" | grep '^libllvm')"
  rm -rf "$tools/debs" "$tools/rust" && mkdir -p "$tools/debs"
  (cd "$tools/debs" && apt-get download -qq rustc-web libstd-rust-web-dev rust-web-src "$standard" "$llvm" 2>/dev/null)
  for package in "$tools"/debs/*.deb; do dpkg-deb -x "$package" "$tools/rust"; done
  rm -rf "$tools/debs"
  touch "$tools/rust.done"
fi

# Linker, C compiler and C library.
python="$tools/python/bin/python"
[ -x "$python" ] || python3 -m venv "$tools/python"
"$python" -m ziglang version 2>/dev/null | grep -qx "$zig_version" || "$tools/python/bin/pip" install -q "ziglang==$zig_version"
printf '#!/usr/bin/env bash\nexec "%s" -m ziglang ar "$@"\n' "$python" >"$tools/ar"
chmod +x "$tools/ar"

# Cargo with that compiler: cross_cargo ARGUMENTS
cross_cargo() {
  env RUSTC="$rust/bin/rustc" LD_LIBRARY_PATH="$rust/lib/x86_64-linux-gnu" RUSTC_BOOTSTRAP=1 cargo "$@"
}
