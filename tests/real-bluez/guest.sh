#!/usr/bin/env bash
# The virtual machine's file system: busybox, the kernel's Bluetooth modules, the real dbus-daemon and bluetoothd, and the programs
# under test with their libraries. guest.sh WORK PROGRAM...  writes WORK/initrd.
set -euo pipefail
work="$1" && shift
version="$(cat "$work/version")"
modules="$work/kernel/lib/modules/$version"
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,mod,proc,sys,dev,run/dbus,tmp,var/lib/bluetooth,var/lib/dbus,etc/dbus-1/system.d,etc/bluetooth,root,usr/share}
cp "$(command -v busybox)" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"

# A module after those it needs. drbg and its hashes must be there before the Bluetooth module tests its ciphers.
: >"$root/mod/list"
add_module() {
  local line path name
  line="$(grep -E "/$1\.ko[^:]*:" "$modules/modules.dep")" || { echo "the kernel has no module $1" >&2; return 1; }
  for path in $(tr ' ' '\n' <<<"${line#*:}" | tac) "${line%%:*}"; do
    [ -n "$path" ] || continue
    name="$(basename "$path")"
    grep -qx "${name%.xz}" "$root/mod/list" && continue
    cp "$modules/$path" "$root/mod/"
    case "$name" in *.xz) xz -d "$root/mod/$name" ;; esac
    strip --strip-debug "$root/mod/${name%.xz}"
    echo "${name%.xz}" >>"$root/mod/list"
  done
}
for module in virtio_pci virtio_console sha512_generic ctr drbg cmac ecb ccm ecdh_generic algif_hash algif_skcipher bluetooth uhid hci_vhci; do
  add_module "$module"
done

install_program() {
  local target="$root$2"
  mkdir -p "$(dirname "$target")"
  cp -L "$1" "$target"
  strip "$target" 2>/dev/null || true
  ldd "$1" 2>/dev/null | grep -oE '/[^ ]+\.so[^ ]*' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -Ln "$library" "$root$library" 2>/dev/null || true
  done
}
for program in /usr/bin/dbus-daemon /usr/bin/dbus-send /usr/bin/dbus-monitor /usr/libexec/bluetooth/bluetoothd; do
  install_program "$program" "$program"
done
for program in "$@"; do
  install_program "$program" "/t/$(basename "$program")"
done
cp -r /usr/share/dbus-1 "$root/usr/share/"
rm -rf "$root"/usr/share/dbus-1/{services,system-services,system.d,session.d}
cp /etc/dbus-1/system.d/bluetooth.conf "$root/etc/dbus-1/system.d/" 2>/dev/null \
  || cp /usr/share/dbus-1/system.d/bluetooth.conf "$root/etc/dbus-1/system.d/"
cp /etc/bluetooth/main.conf "$root/etc/bluetooth/"
printf 'root:x:0:0::/root:/bin/sh\nmessagebus:x:100:100::/nonexistent:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nbluetooth:x:101:\nmessagebus:x:100:\n' >"$root/etc/group"
cp "$(dirname "$0")/init" "$root/init"
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$work/initrd"
