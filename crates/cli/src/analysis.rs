//! Joins the crates: from a path to a recording, from a recording to an analysis with its provenance.

use std::path::Path;

use anyhow::Context;
use truehinge_core::{Protocol, Recording, SessionAnalysis, SessionInfo};
use truehinge_dataset::files::read_text;
use truehinge_signal::Method;

use crate::args::{MethodFile, ProtocolArgs};
use crate::hints;
use crate::reading::unusable;
use crate::{WrongUsage, method_file};

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
        let protocol = self.protocol(&recording.info)?;
        truehinge_signal::analyse(recording, &self.method, &protocol).map_err(hints::with_hint)
    }

    /// The protocol of a session: what was given, what the recording was made under, what is built in by that name.
    pub fn protocol(&self, info: &SessionInfo) -> anyhow::Result<Protocol> {
        let name = &info.protocol;
        match (&self.protocol, &info.source.protocol_file) {
            (Some(protocol), _) => Ok(protocol.clone()),
            (None, Some(file)) => toml::from_str(file).with_context(|| {
                format!("the protocol {name} inside the recording cannot be used: give one with --protocol")
            }),
            (None, None) => built_in(name).with_context(|| {
                format!("the recording names the protocol {name}, which is not built in: give its file with --protocol")
            })?,
        }
    }
}

/// A built-in protocol by its name.
pub fn built_in(name: &str) -> Option<anyhow::Result<Protocol>> {
    let (_, file) = Protocol::BUILT_IN.iter().find(|(known, _)| *known == name)?;
    Some(toml::from_str(file).with_context(|| format!("the built-in protocol {name}")))
}

fn named_or_read(name: &str) -> anyhow::Result<Protocol> {
    named_or_read_with_file(name).map(|(protocol, _)| protocol)
}

/// A built-in protocol by its name or one by its file, with the text of the file.
pub fn named_or_read_with_file(name: &str) -> anyhow::Result<(Protocol, String)> {
    if let Some(protocol) = built_in(name) {
        let file = Protocol::BUILT_IN.iter().find(|(known, _)| *known == name).map_or("", |(_, file)| *file);
        return Ok((protocol?, file.to_owned()));
    }
    let path = Path::new(name);
    let text = read_text(path).with_context(|| {
        let known = Protocol::BUILT_IN.map(|(name, _)| name).join(", ");
        format!("{name} is neither a built-in protocol ({known}) nor a readable file")
    })?;
    let protocol = toml::from_str(&text).with_context(|| format!("{name} cannot be used as a protocol"))?;
    Ok((protocol, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_protocol_is_a_whole_file_under_its_name() {
        for (name, _) in Protocol::BUILT_IN {
            assert_eq!(named_or_read(name).expect(name).name, name);
        }
        assert_eq!(named_or_read("single-leg-hip-hinge").expect("reads"), Protocol::default());
    }

    #[test]
    fn a_protocol_file_that_asks_for_what_no_body_can_do_is_refused_by_its_limit() {
        let (_, file) = Protocol::BUILT_IN[0];
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("mine.toml");
        for (from, to, said) in [
            ("good = 25.0", "good = 900.0", "hip_back_mm.good is 900 mm, possible is 15 to 600 mm"),
            ("good = 25.0", "good = nan", "hip_back_mm.good is NaN mm, possible is 15 to 600 mm"),
            ("confidence = 0.9", "confidence = 1e308", "confidence is 1e308, possible is 0.5 to 1"),
            ("max_repetitions = 5", "max_repetitions = 1", "dose.max_repetitions is 1, possible is 3 to 1000"),
        ] {
            assert!(file.contains(from), "{from}");
            std::fs::write(&path, file.replace(from, to)).expect("written");
            let name = path.to_string_lossy();
            let error = format!("{:#}", named_or_read(&name).expect_err("nobody does that"));
            let expected = format!("{name} cannot be used as a protocol: {said}: correct it in the protocol");
            assert_eq!(error.trim_end(), expected);
        }
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
