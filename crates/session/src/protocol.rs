//! Protocol files, and the built-in ones by their names.

use std::borrow::Cow;
use std::path::Path;

use truehinge_core::{Explained, Protocol, SessionInfo};
use truehinge_dataset::files::read_text;

/// Why there is no protocol to judge by.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// What stands in the recording is none.
    #[error("the protocol {name} inside the recording cannot be used: {source}")]
    Inside {
        /// What the recording calls it.
        name: String,
        /// What is wrong with it.
        source: toml::de::Error,
    },
    /// The recording names one that nobody knows.
    #[error("the recording names the protocol {name}, which is not built in")]
    Unknown {
        /// The name.
        name: String,
    },
    /// A built-in one is broken: a defect of the program.
    #[error("the built-in protocol {name}: {source}")]
    BuiltIn {
        /// Which.
        name: String,
        /// What is wrong with it.
        source: toml::de::Error,
    },
    /// Neither the name of a built-in one nor a file.
    #[error("{name} is neither a built-in protocol nor a readable file: {source}")]
    Neither {
        /// What was given.
        name: String,
        /// What the file system said.
        source: std::io::Error,
    },
    /// A file that is no protocol, or asks for what no body can do.
    #[error("{name} cannot be used as a protocol: {}", source.to_string().trim_end())]
    Unusable {
        /// The file.
        name: String,
        /// What is wrong with it.
        source: toml::de::Error,
    },
}

impl Explained for ProtocolError {
    fn code(&self) -> &'static str {
        match self {
            Self::Inside { .. } => "protocol_inside",
            Self::Unknown { .. } => "protocol_unknown",
            Self::BuiltIn { .. } => "protocol_built_in",
            Self::Neither { .. } => "protocol_neither",
            Self::Unusable { .. } => "protocol_unusable",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Inside { .. } | Self::Unknown { .. } => "give its file".into(),
            Self::BuiltIn { .. } => "report this: it is a defect of the program".into(),
            Self::Neither { .. } => {
                format!("built in are {}", Protocol::BUILT_IN.map(|(name, _)| name).join(", ")).into()
            }
            Self::Unusable { .. } => "correct it in the protocol".into(),
        })
    }
}

/// The protocol that a session was made under: what stands in the recording, or is built in by the name in it.
///
/// # Errors
/// [`ProtocolError::Inside`] or [`ProtocolError::Unknown`].
pub fn of_session(info: &SessionInfo) -> Result<Protocol, ProtocolError> {
    let name = &info.protocol;
    match &info.source.protocol_file {
        Some(file) => toml::from_str(file).map_err(|source| ProtocolError::Inside { name: name.clone(), source }),
        None => built_in(name).unwrap_or_else(|| Err(ProtocolError::Unknown { name: name.clone() })),
    }
}

/// A built-in protocol by its name, if there is one.
///
/// # Errors
/// [`ProtocolError::BuiltIn`]: a defect.
pub fn built_in(name: &str) -> Option<Result<Protocol, ProtocolError>> {
    let file = built_in_file(name)?;
    Some(toml::from_str(file).map_err(|source| ProtocolError::BuiltIn { name: name.to_owned(), source }))
}

fn built_in_file(name: &str) -> Option<&'static str> {
    Protocol::BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, file)| *file)
}

/// A built-in protocol by its name or one by its file, with the text of the file.
///
/// # Errors
/// [`ProtocolError::Neither`] or [`ProtocolError::Unusable`].
pub fn named_or_read(name: &str) -> Result<(Protocol, String), ProtocolError> {
    if let (Some(protocol), Some(file)) = (built_in(name), built_in_file(name)) {
        return Ok((protocol?, file.to_owned()));
    }
    let text = read_text(Path::new(name)).map_err(|source| ProtocolError::Neither { name: name.to_owned(), source })?;
    let protocol = toml::from_str(&text).map_err(|source| ProtocolError::Unusable { name: name.to_owned(), source })?;
    Ok((protocol, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_protocol_is_a_whole_file_under_its_name() {
        for (name, _) in Protocol::BUILT_IN {
            assert_eq!(named_or_read(name).expect(name).0.name, name);
        }
        assert_eq!(named_or_read("single-leg-hip-hinge").expect("reads").0, Protocol::default());
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
            let error = named_or_read(&name).expect_err("nobody does that").in_full();
            assert_eq!(error, format!("{name} cannot be used as a protocol: {said}: correct it in the protocol"));
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
