//! Results under other names: for each person, session and source a pseudonym that only the key leads back from, and dates moved by a number
//! of whole days of the person's own, so that the time between sessions stays.
//!
//! This is pseudonymous, not anonymous: whoever has the key, the recordings, or enough of a person's measures can tell who it is.

use sha2::{Digest, Sha256};
use truehinge_core::{AthleteId, SessionAnalysis, SessionId, SessionInfo};
use truehinge_dataset::atomic::hex;

use crate::outgoing::Unanalysed;
use crate::{Failed, Session};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Dates are moved by up to so many days, either way.
const MOST_DAYS: i64 = 365;
const DAY_NS: i64 = 86_400_000_000_000;
/// Digits of a pseudonym: two of ten thousand people share one once in twenty thousand studies.
const DIGITS: usize = 10;

/// Makes pseudonyms of names, always the same by one key.
pub struct Pseudonyms {
    key: [u8; KEY_BYTES],
}

impl Pseudonyms {
    /// By a key that its owner keeps.
    pub const fn new(key: [u8; KEY_BYTES]) -> Self {
        Self { key }
    }

    /// Nothing of a session says any more whose it was, when, and where it came from.
    pub fn hide(&self, session: Session) -> Session {
        let Session { source, copies, mut analysis, warnings } = session;
        self.hide_analysis(&mut analysis);
        // Warnings name the source and what stands in it: how many there were is all that is left.
        let warnings =
            warnings.iter().map(|_| format!("{}: an import warned of something", self.name("source", &source)));
        Session {
            warnings: warnings.collect(),
            source: self.name("source", &source),
            copies: copies.iter().map(|copy| self.name("source", copy)).collect(),
            analysis,
        }
    }

    /// Nothing of a recording without results says any more whose it was and when.
    pub fn hide_unanalysed(&self, recording: &mut Unanalysed) {
        self.hide_info(&mut recording.info);
        recording.content_sha256 = self.long("content", &recording.content_sha256);
    }

    /// What an input that could not be used is called.
    pub fn source(&self, failed: &Failed) -> String {
        self.name("source", &failed.source)
    }

    fn hide_analysis(&self, analysis: &mut SessionAnalysis) {
        let days = self.hide_info(&mut analysis.info);
        let provenance = &mut analysis.provenance;
        provenance.input_sha256 = self.long("input", &provenance.input_sha256);
        provenance.content_sha256 = self.long("content", &provenance.content_sha256);
        for fact in &mut provenance.facts {
            fact.since = fact.since.and_then(|since| since.moved(days));
        }
        for correction in analysis.sets.iter_mut().flat_map(|set| &mut set.reps).filter_map(|rep| rep.by_hand.as_mut())
        {
            correction.author = self.name("author", &correction.author);
            correction.reason = "not exported".to_owned();
            correction.at_utc_ns = correction.at_utc_ns.saturating_add(days * DAY_NS);
        }
    }

    /// Returns the days by which dates are moved.
    fn hide_info(&self, info: &mut SessionInfo) -> i64 {
        let days = self.days(&info.athlete);
        let session = format!("{}\0{}", info.athlete, info.session);
        info.start_utc_ns = info.start_utc_ns.map(|at| at.saturating_add(days * DAY_NS));
        info.session = SessionId::from(self.name("session", &session));
        info.athlete = AthleteId::from(self.name("athlete", info.athlete.as_str()));
        // Names of files, remarks and hashes lead back to the recording.
        info.source.notes = Vec::new();
        info.source.files = Vec::new();
        info.source.imported_from = Vec::new();
        info.source.made_from = Vec::new();
        days
    }

    /// The days by which a person's dates are moved; never none.
    fn days(&self, athlete: &AthleteId) -> i64 {
        let mac = self.mac("days", athlete.as_str());
        let number = mac.first_chunk().copied().map_or(0, u32::from_be_bytes);
        let days = i64::from(number) % (2 * MOST_DAYS) - MOST_DAYS;
        if days < 0 { days } else { days + 1 }
    }

    /// `athlete-` and digits.
    fn name(&self, kind: &str, name: &str) -> String {
        format!("{kind}-{}", &self.long(kind, name)[..DIGITS])
    }

    fn long(&self, kind: &str, name: &str) -> String {
        hex(&self.mac(kind, name))
    }

    fn mac(&self, kind: &str, name: &str) -> [u8; 32] {
        hmac(&self.key, format!("{kind}\0{name}").as_bytes())
    }
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use truehinge_core::{CorrectedTo, Correction};
    use truehinge_sim::Scenario;

    use super::*;
    use crate::Judge;

    #[test]
    fn the_hmac_is_that_of_the_standard() {
        // RFC 4231, test cases 2 and 6.
        let jefe = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&jefe), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long = hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex(&long), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    fn session(athlete: &str, name: &str) -> Session {
        let mut recording = Scenario::typical(1).run().expect("a session").recording();
        recording.info.athlete = AthleteId::new(athlete).expect("an id");
        recording.info.session = SessionId::new(name).expect("an id");
        recording.info.start_utc_ns = Some(1_790_892_135_500_000_000);
        recording.info.source.notes = vec![format!("read from {athlete}.csv")];
        let mut analysis = Judge::default().analyse_recording(&recording).expect("analyses");
        let (reason, author) = (format!("{athlete} talked"), "Mary Key".to_owned());
        let correction = Correction { change: CorrectedTo::Excluded, reason, author, at_utc_ns: 1 };
        analysis.sets[0].reps[0].by_hand = Some(correction);
        let source = format!("data/{athlete}_{name}.mcap");
        Session { source: source.clone(), copies: vec![source.clone()], analysis, warnings: vec![source] }
    }

    #[test]
    fn nothing_names_the_person_and_the_same_key_gives_the_same_names() {
        let (one, two) = (Pseudonyms::new([1; KEY_BYTES]), Pseudonyms::new([2; KEY_BYTES]));
        let hidden = one.hide(session("P-014", "20261002"));
        let json = serde_json::to_string(&hidden.analysis).expect("JSON");
        let all = format!("{json}{}{:?}{:?}", hidden.source, hidden.copies, hidden.warnings);
        for name in ["P-014", "20261002", "Mary Key", "talked"] {
            assert!(!all.contains(name), "{name}: {all}");
        }
        let again = one.hide(session("P-014", "20261002"));
        assert_eq!((&again.analysis, &again.source), (&hidden.analysis, &hidden.source));
        let later = one.hide(session("P-014", "20261003"));
        assert_eq!(later.analysis.info.athlete, hidden.analysis.info.athlete);
        assert_ne!(later.analysis.info.session, hidden.analysis.info.session);
        assert_eq!(later.analysis.info.start_utc_ns, hidden.analysis.info.start_utc_ns, "all dates move alike");
        let other = two.hide(session("P-014", "20261002"));
        assert_ne!(other.analysis.info.athlete, hidden.analysis.info.athlete);
        let before = session("P-014", "20261002").analysis;
        assert_eq!(before.sets[0].reps[1], hidden.analysis.sets[0].reps[1], "numbers stay");
        let moved = hidden.analysis.info.start_utc_ns.expect("a date") - 1_790_892_135_500_000_000;
        assert!(moved != 0 && moved % DAY_NS == 0 && (moved / DAY_NS).abs() <= MOST_DAYS);
    }
}
