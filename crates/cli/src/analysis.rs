//! Joins the crates: from a path to a recording, from a recording to an analysis with its provenance.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use sha2::{Digest, Sha256};
use truehinge_core::{Protocol, Provenance, Recording, SessionAnalysis, SessionInfo};
use truehinge_signal::Method;
use truehinge_signal::clock::knocks;

use crate::args::{MethodFile, ProtocolArgs};
use crate::hints;
use crate::reading::unusable;
use crate::{WrongUsage, method_file};

/// Version of the program, as it stands in every table and on every page.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a run judges: the same for all its recordings.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Protocol given on the command line; otherwise each recording names its own.
    protocol: Option<Protocol>,
    /// The numbers of the method.
    pub method: Method,
}

impl Config {
    /// Reads the method file and the protocol file, if they are given.
    ///
    /// # Errors
    /// A protocol file that cannot be used is unusable input, a method file wrong usage.
    pub fn new(args: &ProtocolArgs) -> anyhow::Result<Self> {
        let config = Self::of_method(&args.method)?;
        let protocol = args.protocol.as_deref().map(named_or_read).transpose().map_err(unusable)?;
        Ok(Self { protocol, ..config })
    }

    /// Reads the method file, if one is given; each recording names its own protocol.
    ///
    /// # Errors
    /// The method file cannot be used: wrong usage.
    pub fn of_method(args: &MethodFile) -> anyhow::Result<Self> {
        let method = args.file.as_deref().map(method_file::read).transpose().map_err(WrongUsage)?;
        Ok(Self::with_method(method.unwrap_or_default()))
    }

    /// With this method; each recording names its own protocol.
    pub fn with_method(method: Method) -> Self {
        Self { protocol: None, method }
    }

    /// Analyses a recording.
    pub fn analyse(&self, recording: &Recording) -> anyhow::Result<SessionAnalysis> {
        let provenance = self.provenance(&recording.info)?;
        let protocol = provenance.protocol.clone();
        let mut analysis =
            truehinge_signal::analyse(recording, &protocol, &self.method, provenance).map_err(hints::with_hint)?;
        analysis.findings.extend(knocks::findings(recording, &self.method.clock));
        Ok(analysis)
    }

    /// The protocol of a session.
    fn protocol(&self, name: &str) -> anyhow::Result<Protocol> {
        match &self.protocol {
            Some(protocol) => Ok(protocol.clone()),
            None => built_in(name).with_context(|| {
                format!("the recording names the protocol {name}, which is not built in: give its file with --protocol")
            })?,
        }
    }

    /// By what, and from what, a session is analysed.
    pub fn provenance(&self, info: &SessionInfo) -> anyhow::Result<Provenance> {
        #[derive(Serialize)]
        struct Hashed<'a> {
            protocol: &'a Protocol,
            method: &'a Method,
        }
        let protocol = self.protocol(&info.protocol)?;
        let config = serde_json::to_vec(&Hashed { protocol: &protocol, method: &self.method })?;
        let mut input = Sha256::new();
        for file in &info.source.files {
            input.update(file.sha256.as_bytes());
        }
        Ok(Provenance {
            version: VERSION.to_owned(),
            protocol,
            config_sha256: hex(&Sha256::digest(config)),
            input_sha256: hex(&input.finalize()),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A built-in protocol by its name.
pub fn built_in(name: &str) -> Option<anyhow::Result<Protocol>> {
    let (_, file) = Protocol::BUILT_IN.iter().find(|(known, _)| *known == name)?;
    Some(toml::from_str(file).with_context(|| format!("the built-in protocol {name}")))
}

fn named_or_read(name: &str) -> anyhow::Result<Protocol> {
    if let Some(protocol) = built_in(name) {
        return protocol;
    }
    let path = Path::new(name);
    let text = std::fs::read_to_string(path).with_context(|| {
        let known = Protocol::BUILT_IN.map(|(name, _)| name).join(", ");
        format!("{name} is neither a built-in protocol ({known}) nor a readable file")
    })?;
    toml::from_str(&text).with_context(|| format!("{name} is not a protocol file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_signal::method::{Allowed, Entry};

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
        let info = truehinge_sim::Scenario::demo().run().expect("simulates").info;
        let hash = |method: Method| {
            let config = Config { protocol: Some(Protocol::default()), method };
            config.provenance(&info).expect("hashes").config_sha256
        };
        let mut seen = std::collections::BTreeSet::from([hash(method.clone())]);
        for entry in method.entries() {
            let changed = other_values(&entry).iter().find_map(|value| method.with(&entry.path, value).ok());
            let changed = changed.unwrap_or_else(|| panic!("{} can be changed", entry.path));
            assert!(seen.insert(hash(changed)), "{} is not in the hash", entry.path);
        }
        assert_eq!(hash(Method::from_toml(&method.to_toml()).expect("reads back")), hash(method));
    }

    #[test]
    fn every_built_in_protocol_is_a_whole_file_under_its_name() {
        for (name, _) in Protocol::BUILT_IN {
            assert_eq!(named_or_read(name).expect(name).name, name);
        }
        assert_eq!(named_or_read("single-leg-hip-hinge").expect("reads"), Protocol::default());
    }

    #[test]
    fn a_protocol_file_with_the_old_names_of_the_pelvis_is_read() {
        let (_, file) = Protocol::BUILT_IN[0];
        let old =
            file.replace("pelvis_drop_deg", "pelvic_drop_deg").replace("pelvis_rotation_deg", "pelvic_rotation_deg");
        assert!(old != file);
        assert_eq!(toml::from_str::<Protocol>(&old).expect("reads"), Protocol::default());
    }
}
