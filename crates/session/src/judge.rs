//! One recording to its analysis.

use std::path::{Path, PathBuf};

use truehinge_core::{Protocol, Recording, SessionAnalysis, SessionInfo};
use truehinge_dataset::cards::Cards;
use truehinge_dataset::{ImportOptions, open};
use truehinge_signal::Method;

use crate::Error;
use crate::corrections::{self, Corrections};
use crate::facts::{self, Settled};
use crate::protocol::{ProtocolError, of_session};

/// Judges sessions, all by the same numbers.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    /// Limits to judge by; each recording names its own if none are given.
    protocol: Option<Protocol>,
    method: Method,
    /// The library whose cards are used; those near each recording if none is given.
    library: Option<PathBuf>,
}

impl Judge {
    /// By these limits, whatever a recording says it was made under.
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol: Some(protocol), ..Self::default() }
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

    /// With the cards of a library; else those beside or above each recording.
    #[must_use]
    pub fn with_library(self, library: Option<PathBuf>) -> Self {
        Self { library, ..self }
    }

    /// Reads and analyses a recording, or a file or folder of another maker's sensors that says all that is needed.
    ///
    /// # Errors
    /// [`Error::Reading`], and as [`Judge::analyse_opened`].
    pub fn analyse(&self, path: &Path) -> Result<SessionAnalysis, Error> {
        let (mut recording, _) = open(path, &ImportOptions::default())?;
        self.analyse_opened(path, &mut recording)
    }

    /// Analyses a recording that was opened from a path, with what the athlete's card says, and applies what people corrected by hand since.
    /// The measures that it used are in the recording then.
    ///
    /// # Errors
    /// As [`Judge::settle`] and [`Judge::analyse_recording`]; [`Error::Corrections`].
    pub fn analyse_opened(&self, path: &Path, recording: &mut Recording) -> Result<SessionAnalysis, Error> {
        let mut analysis = self.analyse_uncorrected(path, recording)?;
        corrections::apply(&mut analysis, &Corrections::beside(path)?)?;
        Ok(analysis)
    }

    /// Analyses a recording that came from no path, so that no card and no corrections lie near it: with the card of the library, where one
    /// was given. The measures that it used are in the recording then.
    ///
    /// # Errors
    /// As [`Judge::settle`] and [`Judge::analyse_recording`].
    pub fn analyse_in_memory(&self, recording: &mut Recording) -> Result<SessionAnalysis, Error> {
        let settled = self.settle_by(self.library.as_deref().map(Cards::of_library), &mut recording.info)?;
        self.analyse_settled(recording, settled)
    }

    /// [`Judge::analyse_opened`] without what people corrected: what can be stored.
    pub(crate) fn analyse_uncorrected(&self, path: &Path, recording: &mut Recording) -> Result<SessionAnalysis, Error> {
        let settled = self.settle(path, &mut recording.info)?;
        self.analyse_settled(recording, settled)
    }

    fn analyse_settled(&self, recording: &Recording, settled: Settled) -> Result<SessionAnalysis, Error> {
        let mut analysis = truehinge_signal::analyse(recording, &self.method, &settled.protocol)?;
        analysis.provenance.facts = settled.facts;
        Ok(analysis)
    }

    /// What it judges by, whatever library it looks into.
    pub(crate) fn rules(&self) -> (Option<&Protocol>, &Method) {
        (self.protocol.as_ref(), &self.method)
    }

    /// What is known of the person of a session that was opened from a path: the measures are put into it, and the protocol gets the limits of
    /// the person's own. Two sessions of equal content, method and outcome of this have equal analyses.
    ///
    /// # Errors
    /// [`Error::Card`], [`Error::Protocol`], [`Error::Body`].
    pub fn settle(&self, path: &Path, info: &mut SessionInfo) -> Result<Settled, Error> {
        let cards = match &self.library {
            Some(library) => Some(Cards::of_library(library)),
            None => Cards::near(path),
        };
        self.settle_by(cards, info)
    }

    fn settle_by(&self, cards: Option<Cards>, info: &mut SessionInfo) -> Result<Settled, Error> {
        let card = cards.map_or(Ok(None), |cards| cards.read(&info.athlete))?;
        let protocol = self.protocol(info)?;
        facts::settle(info, card.as_ref(), protocol, self.protocol.is_some())
    }

    /// Analyses a recording by what stands in it.
    ///
    /// # Errors
    /// [`Error::Protocol`], [`Error::Analysis`].
    pub fn analyse_recording(&self, recording: &Recording) -> Result<SessionAnalysis, Error> {
        let protocol = self.protocol(&recording.info)?;
        let mut analysis = truehinge_signal::analyse(recording, &self.method, &protocol)?;
        analysis.provenance.facts = facts::stated(&recording.info);
        Ok(analysis)
    }

    /// The protocol of a session: what was given, what the recording was made under, what is built in by that name.
    ///
    /// # Errors
    /// There is none, or what stands in the recording cannot be used.
    pub fn protocol(&self, info: &SessionInfo) -> Result<Protocol, ProtocolError> {
        self.protocol.clone().map_or_else(|| of_session(info), Ok)
    }
}

#[cfg(test)]
mod tests {
    use truehinge_dataset::open_bytes;
    use truehinge_dataset::recording::write_recording;
    use truehinge_sim::Scenario;

    use super::*;

    #[test]
    fn bytes_are_judged_as_their_file_is() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("S1.mcap");
        write_recording(&path, &Scenario::clean().run().expect("a session").recording()).expect("written");
        let (bytes, judge) = (std::fs::read(&path).expect("there"), Judge::default());
        let by_path = judge.analyse(&path).expect("analysed");
        let mut recording = open_bytes(Path::new("S1.mcap"), &bytes, &ImportOptions::default()).expect("read");
        assert_eq!(judge.analyse_in_memory(&mut recording).expect("analysed"), by_path);
        let cut = open_bytes(Path::new("S1.mcap"), &bytes[..bytes.len() / 2], &ImportOptions::default());
        assert!(cut.expect_err("it has no end").to_string().starts_with("S1.mcap: "));
    }
}
