//! Joins the crates: from a path to a recording, from a recording to an analysis with its provenance.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use sha2::{Digest, Sha256};
use truehinge_core::{Protocol, Provenance, Recording, SessionAnalysis, Stance};
use truehinge_signal::PipelineParams;

use crate::args::ProtocolArgs;

/// Version of the program, as it stands in every table and on every page.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a run judges: the same for all its recordings.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Protocol given on the command line; otherwise each recording names its own.
    protocol: Option<Protocol>,
    /// The stages' parameters.
    pub params: PipelineParams,
}

impl Config {
    /// Reads the protocol file, if one is given.
    pub fn new(args: &ProtocolArgs) -> anyhow::Result<Self> {
        let protocol = args.protocol.as_deref().map(named_or_read).transpose()?;
        Ok(Self { protocol, params: PipelineParams::default() })
    }

    /// Analyses a recording.
    pub fn analyse(&self, recording: &Recording) -> anyhow::Result<SessionAnalysis> {
        let protocol = match &self.protocol {
            Some(protocol) => protocol.clone(),
            None => built_in(&recording.info.protocol).unwrap_or_default(),
        };
        let provenance = self.provenance(recording, &protocol)?;
        Ok(truehinge_signal::analyse(recording, &protocol, &self.params, provenance)?)
    }

    fn provenance(&self, recording: &Recording, protocol: &Protocol) -> anyhow::Result<Provenance> {
        #[derive(Serialize)]
        struct Hashed<'a> {
            protocol: &'a Protocol,
            params: &'a PipelineParams,
        }
        let config = serde_json::to_vec(&Hashed { protocol, params: &self.params })?;
        let mut input = Sha256::new();
        for file in &recording.info.source.files {
            input.update(file.sha256.as_bytes());
        }
        Ok(Provenance {
            version: VERSION.to_owned(),
            protocol: protocol.clone(),
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

/// Protocols that need no file.
fn built_in(name: &str) -> Option<Protocol> {
    match name {
        "single-leg-hip-hinge" => Some(Protocol::default()),
        "two-leg-hip-hinge" => Some(Protocol {
            name: "two-leg-hip-hinge".to_owned(),
            title: "Two-leg hip hinge".to_owned(),
            stance: Stance::TwoLegs,
            ..Protocol::default()
        }),
        _ => None,
    }
}

fn named_or_read(name: &str) -> anyhow::Result<Protocol> {
    if let Some(protocol) = built_in(name) {
        return Ok(protocol);
    }
    let path = Path::new(name);
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("{name} is neither a built-in protocol (single-leg-hip-hinge, two-leg-hip-hinge) nor a readable file")
    })?;
    toml::from_str(&text).with_context(|| format!("{name} is not a protocol file"))
}
