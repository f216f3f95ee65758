//! In which order a Bluetooth service says what happens to its devices, from a trace of `dbus-monitor`: what the emulated service
//! and the real one are compared by.
//!
//! Times, values and repeats are left out: a run of packets is one line, advertising is none. Interfaces that BlueZ adds to a
//! device for its own plugins (`Battery1`) are left out, too: the program has no use for them.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Properties whose changes matter.
const STATES: [&str; 3] = ["Connected", "ServicesResolved", "Notifying"];

/// The real daemon tells these two in either order: both were seen. Here they are in this one.
const EITHER_ORDER: [&str; 2] = ["its attributes appear", "ServicesResolved true"];

/// One signal of the trace.
#[derive(Default)]
struct Signal<'a> {
    path: &'a str,
    member: &'a str,
    /// Strings, object paths and booleans in it, in order.
    content: Vec<&'a str>,
}

/// What was said about each device, in order, as text: its address, then a line for each thing.
pub fn order(trace: &str) -> String {
    let mut devices: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for signal in signals(trace) {
        let Some((device, said)) = reduced(&signal) else { continue };
        let lines = devices.entry(device).or_default();
        if lines.last() != Some(&said) {
            lines.push(said);
        }
    }
    let mut text = String::new();
    for (device, mut lines) in devices {
        let [first, second] = EITHER_ORDER;
        for at in 1..lines.len() {
            if lines[at - 1] == second && lines[at] == first {
                lines.swap(at - 1, at);
            }
        }
        let _ = writeln!(text, "{device}\n    {}", lines.join("\n    "));
    }
    text
}

fn signals(trace: &str) -> Vec<Signal<'_>> {
    let mut signals: Vec<Signal<'_>> = Vec::new();
    for line in trace.lines() {
        let field = |name: &str| line.split_once(name).and_then(|(_, rest)| rest.split([';', ' ']).next());
        if line.starts_with("signal ") {
            let (path, member) = (field("path=").unwrap_or_default(), field("member=").unwrap_or_default());
            signals.push(Signal { path, member, content: Vec::new() });
            continue;
        }
        let Some(signal) = signals.last_mut() else { continue };
        let quoted = line.split('"').nth(1);
        match (quoted, line.trim().rsplit(' ').next()) {
            (Some(text), _) if line.contains("string ") || line.contains("object path ") => signal.content.push(text),
            (_, Some(truth @ ("true" | "false"))) if line.contains("boolean") => signal.content.push(truth),
            _ => {}
        }
    }
    signals
}

/// The device a signal is about, and what it says.
fn reduced(signal: &Signal<'_>) -> Option<(String, String)> {
    match (signal.member, signal.content.split_first()?) {
        ("PropertiesChanged", (&"org.bluez.GattCharacteristic1", rest)) if rest.contains(&"Value") => {
            Some((device_of(signal.path)?, "packets".to_owned()))
        }
        ("PropertiesChanged", (_, rest)) => {
            let changed = |state: &&str| {
                let at = rest.iter().position(|text| text == state)?;
                Some(format!("{state} {}", rest.get(at + 1)?))
            };
            let changes: Vec<String> = STATES.iter().filter_map(changed).collect();
            (!changes.is_empty()).then_some(())?;
            Some((device_of(signal.path)?, changes.join(", ")))
        }
        ("InterfacesAdded", (path, rest)) if rest.contains(&"org.bluez.Device1") => {
            Some((device_of(path)?, "appears".to_owned()))
        }
        ("InterfacesAdded", (path, _)) if path.contains("/service") => {
            Some((device_of(path)?, "its attributes appear".to_owned()))
        }
        ("InterfacesRemoved", (path, rest)) if rest.contains(&"org.bluez.Device1") => {
            Some((device_of(path)?, "disappears".to_owned()))
        }
        ("InterfacesRemoved", (path, _)) if path.contains("/service") => {
            Some((device_of(path)?, "its attributes disappear".to_owned()))
        }
        _ => None,
    }
}

/// `C0:11:22:33:44:55` of `/org/bluez/hci0/dev_C0_11_22_33_44_55/...`.
fn device_of(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/dev_")?;
    Some(rest.split('/').next()?.replace('_', ":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_becomes_an_order() {
        let signal = |path: &str, rest: &str| {
            format!(
                "signal time=1.5 sender=:1.1 -> serial=2 path={path}; interface=i; member=PropertiesChanged\n{rest}"
            )
        };
        let device = "/org/bluez/hci0/dev_C0_11_22_33_44_55";
        let lost = "   string \"org.bluez.Device1\"\n         string \"ServicesResolved\"\n         variant             boolean false\n         \
                    string \"Connected\"\n         variant             boolean false\n";
        let packet = "   string \"org.bluez.GattCharacteristic1\"\n         string \"Value\"\n";
        let heard = "   string \"org.bluez.Device1\"\n         string \"RSSI\"\n";
        let trace = [
            signal(device, heard),
            signal(&format!("{device}/service0001/char0002"), packet),
            signal(&format!("{device}/service0001/char0002"), packet),
            signal(device, lost),
        ]
        .concat();
        assert_eq!(order(&trace), "C0:11:22:33:44:55\n    packets\n    Connected false, ServicesResolved false\n");
        let resolved = "   string \"org.bluez.Device1\"\n         string \"ServicesResolved\"\n         variant             boolean true\n";
        let attributes = format!(
            "signal time=1.5 sender=:1.1 -> serial=2 path=/; interface=i; member=InterfacesAdded\n   object path \"{device}/service0001\"\n"
        );
        let either = [signal(device, resolved) + &attributes, attributes.clone() + &signal(device, resolved)];
        for trace in either {
            assert_eq!(order(&trace), "C0:11:22:33:44:55\n    its attributes appear\n    ServicesResolved true\n");
        }
    }
}
