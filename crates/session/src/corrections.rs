//! What people say of repetitions afterwards: one does not count, one was something else. It stands in a file beside the recording, a line of
//! JSON for each time that somebody said something, and is applied after every analysis; the recording is never touched.
//!
//! The file is an audit trail: it only grows, also when a correction is taken back, and each line carries a hash of itself and of the
//! line before, so that a line which somebody changed, moved or left out is seen. (That the last lines are gone cannot be seen.)
//!
//! A correction belongs to a time in a recording, not to a number: another version may count otherwise. Where no repetition is any more, a
//! finding says so.

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use truehinge_core::{
    CorrectedTo, Correction, Explained, Finding, FindingKind, Rep, SessionAnalysis, SessionTime, SetAnalysis, Span,
    Verdict,
};
use truehinge_dataset::CORRECTIONS_SUFFIX;
use truehinge_dataset::atomic::{sha256, sync_folder, write_private};
use truehinge_dataset::files::read_whole;

/// Name and version of what a line is.
const SCHEMA: &str = "truehinge/correction/1";

/// Why corrections cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorrectionsError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A line is not as it was written.
    #[error("{}: line {line}: {found}", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        found: String,
    },
    /// They were made for another recording.
    #[error("{}: line {line} corrects another recording than the one beside it", path.display())]
    OtherRecording {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

impl Explained for CorrectionsError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "corrections_io",
            Self::Changed { .. } => "corrections_changed",
            Self::OtherRecording { .. } => "corrections_other_recording",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Io { .. } => None,
            Self::Changed { .. } => Some(
                "put the file back as it was, from a copy; or move it away and correct the repetitions anew".into(),
            ),
            Self::OtherRecording { .. } => {
                Some("move the file beside the recording that it was made for, or out of the way".into())
            }
        }
    }
}

/// What somebody said of a repetition, as a line of the file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    /// Hash of the samples of the recording that it was said of.
    pub content_sha256: String,
    /// Set of the repetition, as it was counted then.
    pub set: u32,
    /// Number of the repetition in the set then.
    pub rep: u32,
    /// Where the repetition began, s on the session's clock.
    pub start_s: f64,
    /// Where it ended, s on the session's clock.
    pub end_s: f64,
    /// What the analysis said of it then.
    pub computed: Verdict,
    /// What it is to be.
    #[serde(flatten)]
    pub change: Change,
    /// Why, in the words of whoever said it.
    pub reason: String,
    /// Who that was, as they gave it.
    pub author: String,
    /// When it was said, nanoseconds after the Unix epoch.
    pub at_utc_ns: i64,
}

/// What a repetition is to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It does not count.
    Excluded,
    /// It has another verdict.
    Verdict {
        /// Which.
        verdict: Verdict,
    },
    /// What was said before is taken back: it is again what is computed.
    Undone,
}

/// Who says something, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Author {
    /// A name or initials.
    pub name: String,
    /// Why it is said.
    pub reason: String,
    /// When, nanoseconds after the Unix epoch.
    pub at_utc_ns: i64,
}

impl Said {
    /// Something said of a repetition of an analysis.
    pub fn of(analysis: &SessionAnalysis, set: &SetAnalysis, rep: &Rep, change: Change, author: Author) -> Self {
        Self {
            content_sha256: analysis.provenance.content_sha256.clone(),
            set: set.number,
            rep: rep.number,
            start_s: rep.span.start.seconds(),
            end_s: rep.span.end.seconds(),
            computed: rep.judgement.verdict,
            change,
            reason: author.reason,
            author: author.name,
            at_utc_ns: author.at_utc_ns,
        }
    }

    /// That this is taken back.
    #[must_use]
    pub fn undone(&self, author: Author) -> Self {
        let Author { name, reason, at_utc_ns } = author;
        Self { change: Change::Undone, author: name, reason, at_utc_ns, ..self.clone() }
    }

    /// Where the repetition was.
    pub fn span(&self) -> Span {
        Span::from_seconds(self.start_s, self.end_s)
    }

    /// What it makes of the repetition; `None` if it takes something back.
    pub fn correction(&self) -> Option<Correction> {
        let change = match self.change {
            Change::Excluded => CorrectedTo::Excluded,
            Change::Verdict { verdict } => CorrectedTo::Verdict { verdict },
            Change::Undone => return None,
        };
        let (reason, author, at_utc_ns) = (self.reason.clone(), self.author.clone(), self.at_utc_ns);
        Some(Correction { change, reason, author, at_utc_ns })
    }

    /// Whether it is said of the repetition in this span.
    pub fn is_of(&self, span: Span) -> bool {
        is_same(self.span(), span)
    }
}

/// Whether two spans are those of one repetition: more than half of the longer one is in both, so that no span is the same as two others that
/// share no time.
fn is_same(a: Span, b: Span) -> bool {
    let shared = |from: SessionTime, to: SessionTime| if from < to { (to - from).seconds() } else { 0.0 };
    let longer = a.length().seconds().max(b.length().seconds());
    2.0 * shared(a.start.max(b.start), a.end.min(b.end)) > longer
}

/// All that was ever said of the repetitions of a recording, in the order it was said.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Corrections {
    path: PathBuf,
    said: Vec<Said>,
    /// Hash of the last line, which the next one carries on.
    chain: String,
    /// Bytes of whole lines.
    whole: u64,
}

/// The file with the corrections of a recording, or of a folder of another maker's files: beside it, with its whole name in front.
pub fn path_of(recording: &Path) -> PathBuf {
    let resolved = recording.file_name().is_none().then(|| recording.canonicalize().ok()).flatten();
    let recording = resolved.as_deref().unwrap_or(recording);
    let mut name = recording.file_name().unwrap_or_default().to_owned();
    name.push(CORRECTIONS_SUFFIX);
    recording.with_file_name(name)
}

impl Corrections {
    /// What stands beside a recording; nothing where nobody corrected anything.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is not as it was written.
    pub fn beside(recording: &Path) -> Result<Self, CorrectionsError> {
        let path = path_of(recording);
        match read_whole(&path) {
            Ok(bytes) => Self::read(path, &bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self { path, ..Self::default() }),
            Err(source) => Err(CorrectionsError::Io { path, source }),
        }
    }

    /// What was said of a recording when it was read, with the path of the file that it stood in.
    pub(crate) fn of(path: PathBuf, said: Vec<Said>) -> Self {
        Self { path, said, ..Self::default() }
    }

    fn read(path: PathBuf, bytes: &[u8]) -> Result<Self, CorrectionsError> {
        let mut all = Self { path, ..Self::default() };
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            // A line without its end was being written when the power failed: it was never in force.
            let Some(text) = line.strip_suffix(b"\n") else { break };
            let (said, chain) = opened(&all.chain, text).map_err(|found| CorrectionsError::Changed {
                path: all.path.clone(),
                line: index + 1,
                found,
            })?;
            all.said.push(said);
            all.chain = chain;
            all.whole += line.len() as u64;
        }
        Ok(all)
    }

    /// All that was ever said.
    pub fn history(&self) -> &[Said] {
        &self.said
    }

    /// What is in force: the last that was said of each repetition, unless that takes something back.
    pub fn in_force(&self) -> Vec<&Said> {
        let mut force: Vec<&Said> = Vec::new();
        for said in &self.said {
            force.retain(|before| !said.is_of(before.span()));
            if said.change != Change::Undone {
                force.push(said);
            }
        }
        force
    }

    /// Writes one more line behind all others, and makes it survive a power loss.
    ///
    /// # Errors
    /// The file cannot be written; a line that stands there already is not as it was written, or of another recording.
    pub fn append(recording: &Path, said: &Said) -> Result<(), CorrectionsError> {
        let path = path_of(recording);
        let failed = |source| CorrectionsError::Io { path: path.clone(), source };
        let mut file = opened_private(&path).map_err(failed)?;
        // Two programs that write at once would both carry on the same line.
        file.lock().map_err(failed)?;
        let before = Self::read(path.clone(), &read_whole(&path).map_err(failed)?)?;
        before.check(&said.content_sha256)?;
        let line = sealed(&before.chain, said).map_err(|error| failed(error.into()))?;
        file.set_len(before.whole).map_err(failed)?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new("."))).map_err(failed)
    }

    /// Whether all of it is of the recording with these samples.
    fn check(&self, content_sha256: &str) -> Result<(), CorrectionsError> {
        match self.said.iter().position(|said| said.content_sha256 != content_sha256) {
            Some(index) => Err(CorrectionsError::OtherRecording { path: self.path.clone(), line: index + 1 }),
            None => Ok(()),
        }
    }
}

/// For its owner alone, as all that is about a person; written at its end only.
fn opened_private(path: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(truehinge_dataset::files::private_mode(path.parent().unwrap_or(Path::new("."))));
    }
    options.open(path)
}

/// What stands between a line and its hash.
const CHAIN: &str = ",\"chain\":\"";

/// A line with its hash and its end.
fn sealed(before: &str, said: &Said) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Line<'a> {
        schema: &'static str,
        #[serde(flatten)]
        said: &'a Said,
    }
    let json = serde_json::to_string(&Line { schema: SCHEMA, said })?;
    let text = json.strip_suffix('}').unwrap_or(&json);
    Ok(format!("{text}{CHAIN}{}\"}}\n", link(before, text)))
}

/// What a line says, and its hash; or what is wrong with it.
fn opened(before: &str, line: &[u8]) -> Result<(Said, String), String> {
    let text = std::str::from_utf8(line).map_err(|_| "is no text".to_owned())?;
    let (body, hash) = text.rsplit_once(CHAIN).ok_or("has no hash at its end")?;
    let chain = link(before, body);
    if hash.strip_suffix("\"}") != Some(chain.as_str()) {
        return Err("was changed after it was written, or a line before it is gone: its hash is another".to_owned());
    }
    let said = serde_json::from_str(text).map_err(|error| format!("cannot be read: {error}"))?;
    Ok((said, chain))
}

/// The hash of a line and of all before it.
fn link(before: &str, text: &str) -> String {
    sha256(format!("{before}{text}").as_bytes())
}

/// What became of the corrections of a recording that was written anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// There were none.
    None,
    /// They hold for the new one, too.
    All,
    /// Its samples are others: so many were left behind.
    LeftBehind(usize),
}

/// Takes the corrections of a recording along to one that was made from it, where its samples are the same: that one counts from now on.
///
/// # Errors
/// They cannot be read or written.
pub fn take_along(old: &Path, new: &Path) -> Result<Taken, CorrectionsError> {
    let corrections = Corrections::beside(old)?;
    if corrections.said.is_empty() {
        return Ok(Taken::None);
    }
    let path = path_of(new);
    let failed = |source| CorrectionsError::Io { path: path.clone(), source };
    let recording = truehinge_dataset::recording::read(new).map_err(|error| failed(io::Error::other(error)))?;
    if corrections.check(&truehinge_signal::content_hash(&recording)).is_err() {
        return Ok(Taken::LeftBehind(corrections.in_force().len()));
    }
    let lines = read_whole(&corrections.path).map_err(failed)?;
    write_private(&path, |file| file.write_all(&lines)).map_err(failed)?;
    Ok(Taken::All)
}

/// Puts what is in force on the repetitions of an analysis, by time. Where none is any more, a finding says so.
///
/// # Errors
/// [`CorrectionsError::OtherRecording`]: nothing is applied then.
pub fn apply(analysis: &mut SessionAnalysis, corrections: &Corrections) -> Result<(), CorrectionsError> {
    corrections.check(&analysis.provenance.content_sha256)?;
    for said in corrections.in_force() {
        let mut reps = analysis.sets.iter_mut().flat_map(|set| &mut set.reps);
        match reps.find(|rep| said.is_of(rep.span)) {
            Some(rep) => rep.by_hand = said.correction(),
            None => {
                let kind = FindingKind::CorrectionUnfit { set: said.set, rep: said.rep };
                analysis.findings.push(Finding::of_recording(kind).during(said.span()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use truehinge_dataset::recording::write_recording;
    use truehinge_sim::Scenario;

    use super::*;
    use crate::Judge;

    fn author(reason: &str) -> Author {
        Author { name: "MK".to_owned(), reason: reason.to_owned(), at_utc_ns: 1_790_892_135_500_000_000 }
    }

    struct Bench(tempfile::TempDir);

    impl Bench {
        fn new() -> Self {
            let bench = Self(tempfile::tempdir().expect("temporary folder"));
            let recording = Scenario::typical(1).run().expect("a session").recording();
            write_recording(&bench.recording(), &recording).expect("writes");
            bench
        }

        fn recording(&self) -> PathBuf {
            self.0.path().join("a.mcap")
        }

        fn analysis(&self) -> Result<SessionAnalysis, crate::Error> {
            Judge::default().analyse(&self.recording())
        }

        fn say(&self, rep: usize, change: Change, reason: &str) {
            let analysis = self.analysis().expect("analyses");
            let (set, rep) = analysis.reps().nth(rep).expect("a repetition");
            let said = Said::of(&analysis, set, rep, change, author(reason));
            Corrections::append(&self.recording(), &said).expect("appends");
        }

        fn file(&self) -> PathBuf {
            self.0.path().join("a.mcap.corrections.json")
        }
    }

    #[test]
    fn corrections_hold_until_they_are_taken_back_and_the_file_only_grows() {
        let bench = Bench::new();
        let before = bench.analysis().expect("analyses");
        let drift = Change::Verdict { verdict: Verdict::KneeForwardDrift };
        bench.say(0, Change::Excluded, "talked");
        bench.say(1, drift, "seen on video");
        bench.say(0, drift, "no: it counts");
        let corrected = bench.analysis().expect("analyses");
        let reps: Vec<&Rep> = corrected.reps().map(|(_, rep)| rep).collect();
        assert!(reps[0].counts() && reps[0].verdict() == Verdict::KneeForwardDrift);
        assert_eq!(reps[0].by_hand.as_ref().map(|by| by.reason.as_str()), Some("no: it counts"));
        assert_eq!(reps[1].verdict(), Verdict::KneeForwardDrift);
        assert_eq!(
            reps[1].judgement,
            before.reps().nth(1).expect("a repetition").1.judgement,
            "what was computed stays"
        );
        let grown = fs::read(bench.file()).expect("reads");
        bench.say(0, Change::Undone, "sorry");
        bench.say(1, Change::Undone, "sorry");
        assert_eq!(bench.analysis().expect("analyses"), before);
        let all = fs::read(bench.file()).expect("reads");
        assert!(all.starts_with(&grown) && all.split(|byte| *byte == b'\n').count() == 6);
    }

    #[test]
    fn a_line_that_was_changed_moved_or_left_out_is_seen_and_half_a_line_was_never_said() {
        let bench = Bench::new();
        bench.say(0, Change::Excluded, "one");
        bench.say(1, Change::Excluded, "two");
        bench.say(2, Change::Excluded, "three");
        let whole = fs::read_to_string(bench.file()).expect("reads");
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        let changed = whole.replace("\"reason\":\"two\"", "\"reason\":\"2\"");
        let moved = [lines[1], lines[0], lines[2]].concat();
        let left_out = [lines[0], lines[2]].concat();
        let foreign = format!("{whole}{{}}\n");
        for (text, line) in [(changed, 2), (moved, 1), (left_out, 2), (foreign, 4)] {
            fs::write(bench.file(), &text).expect("writes");
            let error = bench.analysis().expect_err("refused");
            assert_eq!(error.code(), "corrections_changed");
            assert!(error.to_string().contains(&format!("line {line}:")), "{error}");
        }
        let half = &whole[..whole.len() - 30];
        fs::write(bench.file(), half).expect("writes");
        let excluded = |analysis: &SessionAnalysis| analysis.reps().filter(|(_, rep)| !rep.counts()).count();
        assert_eq!(excluded(&bench.analysis().expect("analyses")), 2);
        bench.say(2, Change::Excluded, "three");
        assert_eq!(fs::read_to_string(bench.file()).expect("reads"), whole);
    }

    #[test]
    fn corrections_of_another_recording_are_refused_and_what_is_gone_is_named() {
        let bench = Bench::new();
        let analysis = bench.analysis().expect("analyses");
        let (set, rep) = analysis.reps().next().expect("a repetition");
        let said = Said::of(&analysis, set, rep, Change::Excluded, author("early"));
        let other = Said { content_sha256: "0".repeat(64), ..said.clone() };
        Corrections::append(&bench.recording(), &other).expect("appends");
        assert_eq!(bench.analysis().expect_err("refused").code(), "corrections_other_recording");
        let error = Corrections::append(&bench.recording(), &said).expect_err("refused");
        assert_eq!(error.code(), "corrections_other_recording");
        fs::remove_file(bench.file()).expect("removes");
        let elsewhere = Said { start_s: said.end_s - 0.1, end_s: said.end_s + 0.1, ..said };
        Corrections::append(&bench.recording(), &elsewhere).expect("appends");
        let analysis = bench.analysis().expect("analyses");
        assert!(analysis.reps().all(|(_, rep)| rep.by_hand.is_none()));
        let found = analysis.findings.last().expect("a finding");
        assert_eq!(found.kind, FindingKind::CorrectionUnfit { set: 1, rep: 1 });
    }

    #[test]
    fn a_span_is_that_of_one_repetition_only() {
        let span = Span::from_seconds;
        assert!(is_same(span(1.0, 4.0), span(1.2, 4.4)));
        assert!(!is_same(span(1.0, 4.0), span(1.0, 7.0)), "two repetitions that became one");
        assert!(!is_same(span(1.0, 4.0), span(4.0, 7.0)) && !is_same(span(1.0, 1.0), span(1.0, 1.0)));
    }

    #[test]
    fn the_file_lies_beside_what_it_corrects() {
        assert_eq!(path_of(Path::new("x/S000/")), Path::new("x/S000.corrections.json"));
        assert_eq!(path_of(Path::new("a.mcap")), Path::new("a.mcap.corrections.json"));
    }
}
