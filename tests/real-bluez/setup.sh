#!/usr/bin/env bash
# Once per machine, into the folder given: a Linux kernel with its Bluetooth modules (unpacked, not installed), bumble in a virtual
# environment. Debian packages for the rest. Fails where they cannot be had.
set -euo pipefail
work="$1"
mkdir -p "$work"
packages=(qemu-system-x86 busybox-static cpio kmod bluez dbus binutils zstd python3-venv)
if ! dpkg -s "${packages[@]}" >/dev/null 2>&1; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
image="$(apt-cache depends linux-image-amd64 | sed -n 's/ *Depends: //p' | head -n 1)"
version="${image#linux-image-}"
if [ ! -e "$work/kernel/boot/vmlinuz-$version" ]; then
  rm -rf "$work/kernel" && mkdir -p "$work/kernel"
  (cd "$work" && apt-get download -qq "$image")
  dpkg -x "$work/$image"_*.deb "$work/kernel"
  rm -f "$work/$image"_*.deb
  /sbin/depmod -b "$work/kernel" "$version"
fi
echo "$version" >"$work/version"
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q bumble==0.0.236
