//! A bus of our own.

use std::io;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A `dbus-daemon` with its own configuration, on a socket in a temporary folder.
pub struct PrivateBus {
    daemon: Child,
    folder: TempDir,
    policy: Policy,
}

/// Who may talk to whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Policy {
    /// Anybody to anybody: there is nobody else on this bus.
    Open,
    /// As [`Policy::Open`], but nobody may ask the Bluetooth service for anything.
    NoBluetooth,
}

impl PrivateBus {
    /// Starts one.
    ///
    /// # Panics
    /// There is no `dbus-daemon`, or it does not start.
    pub fn start() -> Self {
        Self::start_with(Policy::Open)
    }

    /// One on which programs are not permitted to use Bluetooth.
    ///
    /// # Panics
    /// As [`PrivateBus::start`].
    pub fn start_forbidding_bluetooth() -> Self {
        Self::start_with(Policy::NoBluetooth)
    }

    fn start_with(policy: Policy) -> Self {
        let folder = match tempfile::tempdir() {
            Ok(folder) => folder,
            Err(error) => panic!("no temporary folder: {error}"),
        };
        match launch(&folder, policy) {
            Ok(daemon) => Self { daemon, folder, policy },
            Err(error) => panic!("this needs dbus-daemon: {error}"),
        }
    }

    /// For `DBUS_SYSTEM_BUS_ADDRESS`.
    pub fn address(&self) -> String {
        address(&self.folder)
    }

    /// Ends the bus, as if the machine's had crashed.
    pub fn kill(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
        let _ = std::fs::remove_file(self.folder.path().join("bus"));
    }

    /// Starts it again, on the same address.
    ///
    /// # Panics
    /// It does not start.
    pub fn restart(&mut self) {
        match launch(&self.folder, self.policy) {
            Ok(daemon) => self.daemon = daemon,
            Err(error) => panic!("dbus-daemon: {error}"),
        }
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        self.kill();
    }
}

fn address(folder: &TempDir) -> String {
    format!("unix:path={}/bus", folder.path().display())
}

fn configuration(address: &str, policy: Policy) -> String {
    let deny = if policy == Policy::NoBluetooth { r#"<deny send_destination="org.bluez"/>"# } else { "" };
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>{address}</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>{deny}</policy></busconfig>"#
    )
}

fn launch(folder: &TempDir, policy: Policy) -> io::Result<Child> {
    let file = folder.path().join("bus.conf");
    std::fs::write(&file, configuration(&address(folder), policy))?;
    let mut daemon = Command::new("dbus-daemon")
        .args(["--nofork", "--nopidfile", "--nosyslog"])
        .arg(format!("--config-file={}", file.display()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    for _ in 0..2000 {
        // The socket's file is there a moment before anybody answers on it.
        if UnixStream::connect(folder.path().join("bus")).is_ok() {
            return Ok(daemon);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = daemon.kill();
    Err(io::Error::other("nobody answers after 10 s"))
}
