#!/usr/bin/env bash
# The deep run: the program as built, in a virtual machine with a real Linux kernel and the real bluetoothd, records two virtual
# sensors over virtual radio; one link is lost in the rest between the sets. Needs root and Debian packages: exit code 77 where those
# cannot be had. run.sh [WORK]
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/real-bluez
work="${1:-${TMPDIR:-/tmp}/truehinge-real-bluez}"
if [ "$(id -u)" -ne 0 ] || ! "$here/setup.sh" "$work" >"$work.log" 2>&1; then
  echo "skipped: kernel, qemu or bumble cannot be had here (see $work.log)"
  exit 77
fi
target="${CARGO_TARGET_DIR:-target}/debug"
cargo build -q -p truehinge -p truehinge-tests --bins
"$here/guest.sh" "$work" "$target/truehinge" "$target/vhci_bridge"
out="$work/out"
rm -rf "$out" && mkdir -p "$out"
"$target/virtual_sensor" truth >"$out/truth.json"
length="$(python3 -c "import json,sys; print(int(json.load(open(sys.argv[1]))['duration_s']))" "$out/truth.json")"

# Out of reach for three seconds, four seconds into the rest.
rest_at="$(python3 -c "import json,sys; r=json.load(open(sys.argv[1]))['reps']; print(r[1]['start_s'] + 9)" "$out/truth.json")"
rm -f "$work/hci"
(
  until [ -S "$work/hci" ]; do sleep 0.05; done
  exec "$work/venv/bin/python" "$here/air.py" --hci "unix:$work/hci" \
    --sensor "C0:11:22:33:44:55=$target/virtual_sensor hip movella-dot" \
    --sensor "C1:11:22:33:44:55=$target/virtual_sensor shank nus" \
    --drop "C1:11:22:33:44:55@$rest_at:3" >"$out/air.log" 2>&1
) &
air=$!
trap 'kill $air 2>/dev/null || true; pkill -f "$target/virtual_sensor" 2>/dev/null || true' EXIT
port() { echo "-chardev file,id=$1,path=$out/$1 -device virtserialport,chardev=$1,name=$1"; }
# 30 s more than the session: connecting the second sensor takes long in there.
# shellcheck disable=SC2046
timeout 600 qemu-system-x86_64 -accel tcg,thread=multi,tb-size=512 -cpu max -smp 1 -m 1536 -nodefaults -no-user-config \
  -display none -serial stdio -no-reboot -kernel "$work/kernel/boot/vmlinuz-$(cat "$work/version")" -initrd "$work/initrd" \
  -append "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check random.trust_cpu=on truehinge.seconds=$((length + 30))" \
  -device virtio-serial-pci -chardev "socket,id=hci,path=$work/hci,server=on,wait=off" -device virtserialport,chardev=hci,name=hci \
  $(port scan) $(port lines) $(port recording) $(port signals) </dev/null | tee "$out/guest.log"
mv "$out/recording" "$out/recording.mcap"
"$target/truehinge" analyze "$out/recording.mcap" --json >"$out/analysis.json"
if ! python3 "$here/check.py" "$out/lines" "$out/scan" "$out/analysis.json" "$out/truth.json"; then
  tail -n 40 "$out/lines" "$out/air.log" | cut -c1-400
  exit 1
fi
# The emulator of the everyday tests is held to this order, too (tests/tests/air/order.rs).
"$target/signal_order" <"$out/signals" | diff -u "$here/signal_order.txt" -
echo "ok"
