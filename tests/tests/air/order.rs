//! The emulated Bluetooth service says things in the order of the real one, whose order the deep run keeps in `real-bluez`.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering::SeqCst;
use std::thread::sleep;
use std::time::Duration;

use truehinge_sim::device::{Dot, Nus, VirtualDevice};
use truehinge_tests::bluez::{Hosted, PrivateBus, Sensor, order};
use truehinge_tests::recording::{HIP, Live, SHANK, on_the_air};
use truehinge_tests::{program, root};

/// Listens to a bus, into a file.
fn listen(bus: &PrivateBus, trace: fs::File) -> Child {
    let mut monitor = Command::new("dbus-monitor");
    monitor.args(["--address", &bus.address(), "type='signal'"]).stdout(Stdio::from(trace)).stderr(Stdio::null());
    monitor.spawn().expect("there is a dbus-monitor")
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn the_emulated_service_keeps_the_order_of_the_real_one() {
    // The sensors and the events of the deep run.
    let sensor = |device: Box<dyn VirtualDevice>, rate: f64| Box::new(Hosted::still(device, rate)) as Box<dyn Sensor>;
    let hip = sensor(Box::<Dot>::default(), 60.0);
    let shank = sensor(Box::new(Nus::new("Shin", 100.0, 4)), 100.0);
    let (bus, bluez) = on_the_air(vec![(HIP, hip), (SHANK, shank)]);
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("trace");
    let mut monitor = listen(&bus, fs::File::create(&path).expect("creates"));
    let scan =
        Command::new(program()).args(["scan", "--seconds", "1"]).env("DBUS_SYSTEM_BUS_ADDRESS", bus.address()).output();
    assert!(scan.expect("starts").status.success());
    let mut live = Live::record(&bus, folder.path(), &[]);
    live.wait_for_samples(60);
    let device = bluez.device(1);
    device.in_range.store(false, SeqCst);
    bluez.drop_link(1);
    live.wait_for("lost", "shank");
    device.in_range.store(true, SeqCst);
    live.wait_for("connected", "shank");
    live.wait_until(|line| line["event"] == "samples");
    live.signal("-INT");
    assert!(live.end().status.success());
    // What the service says about the program's end comes after it.
    sleep(Duration::from_millis(300));
    monitor.kill().and_then(|()| monitor.wait()).expect("ends");
    let emulated = order(&fs::read_to_string(&path).expect("reads"));
    let real = fs::read_to_string(root().join("tests/real-bluez/signal_order.txt")).expect("reads");
    assert_eq!(emulated, real);
}
