//! One recording to its analysis.

use std::path::Path;

use truehinge_core::{Protocol, Recording, SessionAnalysis, SessionInfo};
use truehinge_dataset::{ImportOptions, open};
use truehinge_signal::Method;

use crate::Error;
use crate::corrections::{self, Corrections};
use crate::protocol::{ProtocolError, of_session};

/// Judges sessions, all by the same numbers.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    /// Limits to judge by; each recording names its own if none are given.
    protocol: Option<Protocol>,
    method: Method,
}

impl Judge {
    /// By these limits, whatever a recording says it was made under.
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol: Some(protocol), method: Method::default() }
    }

    /// By these limits, or by those of each recording.
    #[must_use]
    pub fn by(self, protocol: Option<Protocol>) -> Self {
        Self { protocol, ..self }
    }

    /// With these numbers of the method.
    #[must_use]
    pub fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// The numbers it measures by.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Reads and analyses a recording, or a file or folder of another maker's sensors that says all that is needed.
    ///
    /// # Errors
    /// [`Error::Reading`], and as [`Judge::analyse_opened`].
    pub fn analyse(&self, path: &Path) -> Result<SessionAnalysis, Error> {
        let (recording, _) = open(path, &ImportOptions::default())?;
        self.analyse_opened(path, &recording)
    }

    /// Analyses a recording that was opened from a path, and applies what people corrected by hand since.
    ///
    /// # Errors
    /// As [`Judge::analyse_recording`]; [`Error::Corrections`].
    pub fn analyse_opened(&self, path: &Path, recording: &Recording) -> Result<SessionAnalysis, Error> {
        let mut analysis = self.analyse_recording(recording)?;
        corrections::apply(&mut analysis, &Corrections::beside(path)?)?;
        Ok(analysis)
    }

    /// Analyses a recording.
    ///
    /// # Errors
    /// [`Error::Protocol`], [`Error::Analysis`].
    pub fn analyse_recording(&self, recording: &Recording) -> Result<SessionAnalysis, Error> {
        let protocol = self.protocol(&recording.info)?;
        Ok(truehinge_signal::analyse(recording, &self.method, &protocol)?)
    }

    /// The protocol of a session: what was given, what the recording was made under, what is built in by that name.
    ///
    /// # Errors
    /// There is none, or what stands in the recording cannot be used.
    pub fn protocol(&self, info: &SessionInfo) -> Result<Protocol, ProtocolError> {
        self.protocol.clone().map_or_else(|| of_session(info), Ok)
    }
}
