//! How a result was computed: enough to compute it again.

use serde::Serialize;
use sha2::{Digest, Sha256};
use truehinge_core::{Protocol, Provenance, Recording, TrackSamples};

use crate::method::Method;

/// Version, protocol and hashes of an analysis: of the configuration (protocol and every number of the method), and of the input
/// (the files it was read from; without any, the samples), and of the samples alone.
pub(crate) fn provenance(recording: &Recording, method: &Method, protocol: &Protocol) -> Provenance {
    let content_sha256 = content_hash(recording);
    let input_sha256 =
        if recording.info.source.files.is_empty() { content_sha256.clone() } else { files_hash(recording) };
    Provenance { input_sha256, content_sha256, ..of_configuration(method, protocol) }
}

/// The same before there is any input.
pub(crate) fn of_configuration(method: &Method, protocol: &Protocol) -> Provenance {
    #[derive(Serialize)]
    struct Configuration<'a> {
        protocol: &'a Protocol,
        method: &'a Method,
    }
    // Both are trees of finite numbers and words, which JSON can always hold.
    let configuration = serde_json::to_vec(&Configuration { protocol, method }).unwrap_or_default();
    Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: protocol.clone(),
        facts: Vec::new(),
        config_sha256: hex(&Sha256::digest(configuration)),
        input_sha256: hex(&Sha256::digest([])),
        content_sha256: hex(&Sha256::digest([])),
    }
}

/// The hash of a configuration, as it stands in the provenance of results.
pub fn configuration_hash(method: &Method, protocol: &Protocol) -> String {
    of_configuration(method, protocol).config_sha256
}

fn files_hash(recording: &Recording) -> String {
    let mut hash = Sha256::new();
    for file in &recording.info.source.files {
        hash.update(file.sha256.as_bytes());
    }
    hex(&hash.finalize())
}

/// SHA-256 over roles and samples: the same for a file and what was imported from it, whatever they are called.
pub fn content_hash(recording: &Recording) -> String {
    let mut hash = Sha256::new();
    for track in &recording.tracks {
        hash.update(track.role.name());
        match &track.samples {
            TrackSamples::Inertial(samples) => {
                for sample in samples {
                    let [fx, fy, fz] = sample.specific_force.to_array().map(f64::to_le_bytes);
                    let [wx, wy, wz] = sample.angular_rate.to_array().map(f64::to_le_bytes);
                    let time = sample.device_time.nanos().to_le_bytes();
                    hash.update([time, fx, fy, fz, wx, wy, wz].as_flattened());
                }
            }
            TrackSamples::Orientation(samples) => {
                for sample in samples {
                    hash.update(sample.device_time.nanos().to_le_bytes());
                    hash.update(sample.rotation.to_wxyz().map(f64::to_le_bytes).as_flattened());
                }
            }
        }
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::{Allowed, Entry};
    use truehinge_core::{MountSite, Samples, SensorRole, SourceFile};

    fn recording(change: f64) -> Recording {
        let mut rows = [[0.0, 0.0, 9.81, 0.0, 0.0, 0.0]; 20];
        rows[7][4] = change;
        let samples = Samples::at_rate(100.0, &rows);
        Recording::builder().sensor(SensorRole::Hip, MountSite::Sacrum, samples).build().expect("possible")
    }

    #[test]
    fn every_sample_and_every_file_is_in_the_hash_of_the_input() {
        let of = |recording: &Recording| provenance(recording, &Method::default(), &Protocol::default()).input_sha256;
        assert_eq!(of(&recording(0.0)), of(&recording(0.0)));
        assert_ne!(of(&recording(0.0)), of(&recording(1e-9)));
        let file = |sha: &str| {
            let mut recording = recording(0.0);
            recording.info.source.files = vec![SourceFile { name: String::new(), bytes: 1, sha256: sha.to_owned() }];
            of(&recording)
        };
        assert_ne!(file("ab"), file("ac"));
        assert_ne!(file("ab"), of(&recording(0.0)));
    }

    #[test]
    fn the_content_is_the_same_whatever_the_files_are_called() {
        let of = |recording: &Recording| provenance(recording, &Method::default(), &Protocol::default()).content_sha256;
        let mut named = recording(0.0);
        named.info.source.files = vec![SourceFile { name: "a".to_owned(), bytes: 1, sha256: "ab".to_owned() }];
        assert_eq!(of(&named), of(&recording(0.0)));
        assert_ne!(of(&named), of(&recording(1e-9)));
    }

    #[test]
    fn protocol_and_method_are_in_the_hash_of_the_configuration_and_the_input_is_not() {
        let of = |method: &Method, protocol: &Protocol| of_configuration(method, protocol).config_sha256;
        let (method, protocol) = (Method::default(), Protocol::default());
        let changed = method.with("repetitions.leaves_deg", "3.7").expect("allowed");
        assert_ne!(of(&method, &protocol), of(&changed, &protocol));
        let named = Protocol { name: "other".to_owned(), ..protocol.clone() };
        assert_ne!(of(&method, &protocol), of(&method, &named));
        assert_eq!(of(&method, &protocol), provenance(&recording(0.0), &method, &protocol).config_sha256);
    }

    /// Values close to the present one, some of which are allowed.
    fn other_values(entry: &Entry) -> Vec<String> {
        match (&entry.allowed, entry.value.parse::<f64>()) {
            (Allowed::Words(words), _) => words.iter().filter(|word| **word != entry.value).cloned().collect(),
            (Allowed::Range { whole: true, .. }, Ok(number)) => {
                vec![(number + 1.0).to_string(), (number - 1.0).to_string()]
            }
            (_, Ok(number)) => [1e-9, -1e-9].map(|step| format!("{:e}", number * (1.0 + step) + step)).to_vec(),
            _ => vec![],
        }
    }

    #[test]
    fn a_change_of_any_number_changes_the_hash_of_the_configuration() {
        let method = Method::default();
        let hash = |method: Method| of_configuration(&method, &Protocol::default()).config_sha256;
        let mut seen = std::collections::BTreeSet::from([hash(method.clone())]);
        for entry in method.entries() {
            let changed = other_values(&entry).iter().find_map(|value| method.with(&entry.path, value).ok());
            let changed = changed.unwrap_or_else(|| panic!("{} can be changed", entry.path));
            assert!(seen.insert(hash(changed)), "{} is not in the hash", entry.path);
        }
        assert_eq!(hash(Method::from_toml(&method.to_toml()).expect("reads back")), hash(method));
    }
}
