//! What a recording keeps when the program is killed, the disk is full, or the folder cannot be written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use truehinge_tests::bluez::{Bluez, PrivateBus};
use truehinge_tests::recording::{Live, two_sensors};
use truehinge_tests::{run, words};

/// Samples of a sensor in a second.
const RATE: u64 = 120;

/// The one file of a kind in a folder.
fn only(folder: &Path, suffix: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("lists")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.to_string_lossy().ends_with(suffix))
        .collect();
    assert_eq!(found.len(), 1, "{suffix}: {found:?}");
    found.remove(0)
}

/// Samples per sensor that `recover` brings back; it says until when, and what is missing.
fn recovered(unfinished: &Path, more: &[&str]) -> [u64; 2] {
    let output = run(&[&["recover", &unfinished.to_string_lossy(), "--json"], more].concat());
    assert!(output.status.success(), "{}", words(&output));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(said["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{said}");
    let of = |sensor: &str| said["samples"][sensor].as_u64().unwrap_or(0);
    [of("hip"), of("shank")]
}

/// Records, kills the program at a moment between 0.3 s and 3 s after the first samples, and counts what comes back.
fn killed(bus: &PrivateBus, bluez: &Bluez, moment: u64) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let before = [0, 1].map(|index| bluez.sent(index).notifications);
    let mut live = Live::record(bus, folder.path(), &[]);
    live.wait_for_samples(1);
    std::thread::sleep(Duration::from_millis(300 + moment));
    let sent = [0, 1].map(|index| bluez.sent(index).notifications - before[index]);
    live.signal("-KILL");
    let ended = live.end();
    assert!(!ended.status.success());
    let unfinished = only(folder.path(), ".unfinished.mcap");
    let kept = recovered(&unfinished, &[]);
    for (kept, sent) in kept.into_iter().zip(sent) {
        // A second between syncs, and what was on its way.
        assert!(kept + RATE + RATE / 4 >= sent, "{kept} of {sent} came back, killed at {moment} ms");
    }
    let analysed = run(&["analyze", &only(folder.path(), ".recovered.mcap").to_string_lossy(), "--json"]);
    assert!(analysed.status.code() != Some(101), "{}", words(&analysed));
    // The next recording is not in its way, although the sensors are still connected.
    let next = Live::record(bus, folder.path(), &["--duration", "1"]).end();
    assert!(next.recording() != unfinished);
    let offered =
        |line: &serde_json::Value| line["event"] == "unfinished" && line["recording"] == *unfinished.to_string_lossy();
    assert!(next.said.iter().any(offered), "{:#?}", next.said);
}

/// Moments that look random and are the same every time.
fn moments(count: u64) -> impl Iterator<Item = u64> {
    (1..=count).map(|i| (i * 1_103_515_245 + 12_345) % 2_700)
}

fn kill_at(count: u64) {
    let (bus, bluez) = two_sensors();
    moments(count).for_each(|moment| killed(&bus, &bluez, moment));
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn killed_at_any_moment_all_but_the_last_second_comes_back() {
    kill_at(3);
}

#[test]
#[ignore = "takes minutes"]
fn killed_at_fifty_moments_all_but_the_last_second_comes_back() {
    kill_at(50);
}

#[test]
#[cfg_attr(not(has_dbus_daemon), ignore = "needs dbus-daemon")]
fn cut_or_damaged_anywhere_the_program_says_so_and_never_crashes() {
    let (bus, _bluez) = two_sensors();
    let folder = tempfile::tempdir().expect("temporary folder");
    let ended = Live::record(&bus, folder.path(), &["--duration", "3"]).end();
    let whole = fs::read(ended.recording()).expect("reads");
    let complete = ended.count("hip", "received");
    let mut most = 0;
    for eighths in 1..8 {
        let damaged = folder.path().join(format!("cut{eighths}.unfinished.mcap"));
        fs::write(&damaged, &whole[..whole.len() * eighths / 8]).expect("writes");
        let refused = run(&["analyze", &damaged.to_string_lossy()]);
        assert_eq!(refused.status.code(), Some(3), "{}", words(&refused));
        assert!(words(&refused).contains("truehinge recover"), "{}", words(&refused));
        let [kept, _] = recovered(&damaged, &[]);
        assert!(kept >= most && kept <= complete, "{kept} after {most} of {complete}");
        most = kept;
        let mut flipped = whole.clone();
        flipped[whole.len() * eighths / 8] ^= 0x10;
        let damaged = folder.path().join(format!("flip{eighths}.mcap"));
        fs::write(&damaged, &flipped).expect("writes");
        let refused = run(&["analyze", &damaged.to_string_lossy()]);
        assert!(matches!(refused.status.code(), Some(0 | 3)), "{}", words(&refused));
    }
    assert!(most > 0, "something came back");
}

#[test]
fn a_terminal_that_is_closed_ends_the_recording_as_ctrl_c_does() {
    let (bus, _bluez) = two_sensors();
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut live = Live::record(&bus, folder.path(), &[]);
    live.wait_for_samples(120);
    live.signal("-HUP");
    let ended = live.end();
    assert!(ended.status.success(), "{}", ended.complaints);
    let path = ended.recording();
    assert!(path.extension().is_some_and(|extension| extension == "mcap") && path.exists(), "{path:?}");
    assert!(!path.to_string_lossy().contains("unfinished"), "{path:?}");
    let analysed = run(&["analyze", &path.to_string_lossy(), "--json"]);
    assert!(!words(&analysed).contains("was not ended"), "{}", words(&analysed));
}

#[test]
fn a_folder_that_is_renamed_does_not_end_the_recording() {
    let (bus, _bluez) = two_sensors();
    let folder = tempfile::tempdir().expect("temporary folder");
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    let mut live = Live::record(&bus, &before, &[]);
    live.wait_for_samples(60);
    fs::rename(&before, &after).expect("renames");
    live.wait_for_samples(360);
    live.signal("-INT");
    let ended = live.end();
    assert!(ended.status.success(), "{}", ended.complaints);
    let path = only(&after, ".mcap");
    assert_eq!(fs::canonicalize(ended.recording()).expect("it is said where"), fs::canonicalize(path).expect("there"));
}

/// What needs a file system of its own.
mod mounted {
    use super::*;

    /// A small file system of its own.
    struct Mounted(tempfile::TempDir);

    impl Mounted {
        fn with(options: &str) -> Self {
            let folder = tempfile::tempdir().expect("temporary folder");
            let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()).output();
            let mount = mount.expect("starts");
            assert!(mount.status.success(), "no file system can be mounted here: {}", words(&mount));
            Self(folder)
        }
    }

    impl Drop for Mounted {
        fn drop(&mut self) {
            // Should it be busy, it goes with the machine.
            let _ = Command::new("umount").arg(self.0.path()).status();
        }
    }

    #[test]
    #[cfg_attr(not(all(has_dbus_daemon, has_mounts)), ignore = "needs dbus-daemon and the right to mount")]
    fn a_full_disk_ends_the_recording_with_words_and_keeps_what_fitted() {
        let disk = Mounted::with("size=128k");
        let (bus, _bluez) = two_sensors();
        let ended = Live::record(&bus, disk.0.path(), &[]).end();
        assert_eq!(ended.status.code(), Some(3), "{}", ended.complaints);
        let said = &ended.complaints;
        assert!(said.contains("cannot be stored") && said.contains("free some space"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        let elsewhere = tempfile::tempdir().expect("temporary folder");
        let full = only(disk.0.path(), ".unfinished.mcap");
        assert!(said.contains(&format!("truehinge recover {}", full.display())), "{said}");
        let refused = run(&["recover", &full.to_string_lossy()]);
        assert_eq!(refused.status.code(), Some(3), "there is no room beside it: {}", words(&refused));
        assert!(words(&refused).contains("--out"), "{}", words(&refused));
        let [hip, shank] = recovered(&full, &["--out", &elsewhere.path().to_string_lossy()]);
        assert!(hip > RATE && shank > RATE, "{hip}, {shank}");
    }

    #[test]
    #[cfg_attr(not(all(has_dbus_daemon, has_mounts)), ignore = "needs dbus-daemon and the right to mount")]
    fn a_folder_that_cannot_be_written_is_named_before_anything_begins() {
        let disk = Mounted::with("ro");
        let (bus, _bluez) = two_sensors();
        let ended = Live::record(&bus, disk.0.path(), &[]).end();
        assert_eq!(ended.status.code(), Some(3), "{}", ended.complaints);
        assert!(ended.complaints.contains(&*disk.0.path().to_string_lossy()), "{}", ended.complaints);
        assert!(!ended.said.iter().any(|line| line["event"] == "begin"), "{:?}", ended.said);
    }
}
