//! What came of what was dropped, as the page reads it.

use std::path::Path;

use serde::Serialize;
use truehinge_core::Explained;
use truehinge_report::model::Say;
use truehinge_session::batch::Judged;
use truehinge_session::{Failed, Session};

use crate::pages;

/// What came of all that was dropped: nothing of it goes unsaid.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Outcome {
    /// Version of the program whose numbers these are.
    pub version: &'static str,
    /// The recordings, each once, in the order of their names.
    pub sessions: Vec<Shown>,
    /// Which files are the same as others.
    pub notices: Vec<String>,
    /// What could not be used, and why.
    pub troubles: Vec<Trouble>,
}

/// A session, and where its pages and tables are.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Shown {
    /// Its folder in that of the results.
    pub folder: String,
    /// The input.
    pub source: String,
    /// Whose it is, as pages show it.
    pub athlete: String,
    /// Its name.
    pub session: String,
    /// Beginning of file names.
    pub file_stem: String,
    /// What reading it warned of.
    pub warnings: Vec<String>,
}

/// Why there is no result.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Trouble {
    /// What it is about; nothing if about all.
    pub source: String,
    /// Stays the same from version to version.
    pub code: &'static str,
    /// What was found.
    pub found: String,
    /// What to do.
    pub hint: Option<String>,
    /// The question on the page whose answer may help.
    pub question: Option<&'static str>,
}

/// Which question of the page does what the hint of an error asks for, by its code.
const QUESTIONS: [(&str, &str); 6] = [
    ("recording_impossible_body", "height_cm"),
    ("import_both_legs", "side"),
    ("import_roles", "roles"),
    ("import_missing_sensor", "roles"),
    ("recording_roles", "roles"),
    ("analysis_missing_sensor", "roles"),
];

/// What asks for something that the page has not, by the code of the error.
const PROGRAM: [(&str, &str); 6] = [
    ("recording_unfinished", "the program does: truehinge recover"),
    ("recording_damaged", "the program does: truehinge recover"),
    ("recording_ended_early", "the program does: truehinge recover"),
    ("import_no_rate", "the program can be told: --rate"),
    ("import_unknown_format", "the program can be told: truehinge import"),
    ("import_unread", "the program can be told: truehinge import"),
];

/// What stands behind an error with this code, in a table.
fn behind(table: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    table.iter().find(|(of, _)| *of == code).map(|(_, what)| *what)
}

impl Trouble {
    /// Of an error about an input.
    pub fn of(error: &dyn Explained, source: &str) -> Self {
        let code = error.code();
        let question = behind(&QUESTIONS, code);
        let hint = error.hint().map(|hint| match behind(&PROGRAM, code) {
            Some(program) => format!("{hint} ({program})"),
            None => hint.into_owned(),
        });
        Self { source: source.to_owned(), code, found: error.found(), hint, question }
    }

    /// An answer that cannot be.
    pub fn answer(question: &'static str, found: String, hint: &str) -> Self {
        let (source, code) = (String::new(), "page_answer");
        Self { source, code, found, hint: Some(hint.to_owned()), question: Some(question) }
    }

    /// The same about the answer to a question.
    #[must_use]
    pub fn about(self, question: &'static str) -> Self {
        Self { question: Some(question), ..self }
    }

    fn of_failed(failed: &Failed) -> Self {
        Self::of(failed.error.as_ref(), &failed.source)
    }
}

impl Outcome {
    /// Of what was analysed; writes pages and tables of every session.
    ///
    /// # Errors
    /// They cannot be made or written.
    pub fn of(judged: &Judged, say: Say, out: &Path) -> Result<Self, Trouble> {
        let sessions = judged.sessions.iter().enumerate();
        let shown = |(index, session): (usize, &Session)| pages::write(session, &index.to_string(), say, out);
        Ok(Self {
            sessions: sessions.map(shown).collect::<Result<_, _>>()?,
            notices: judged.notices.iter().map(ToString::to_string).collect(),
            troubles: judged.failures.iter().map(Trouble::of_failed).collect(),
            ..Self::empty()
        })
    }

    /// Nothing could be done.
    pub fn nothing(trouble: Trouble) -> Self {
        Self { troubles: vec![trouble], ..Self::empty() }
    }

    fn empty() -> Self {
        Self { version: env!("CARGO_PKG_VERSION"), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use truehinge_dataset::DatasetError;
    use truehinge_dataset::import::ImportError;

    use super::*;

    #[test]
    fn an_error_names_the_question_that_may_help_or_says_that_the_program_can() {
        let legs = DatasetError::from(ImportError::BothLegs { path: PathBuf::from("x.csv") });
        let trouble = Trouble::of(&legs, "x.csv");
        assert_eq!((trouble.code, trouble.question), ("import_both_legs", Some("side")));
        let rate = DatasetError::from(ImportError::NoRate { path: PathBuf::from("x.csv") });
        let hint = Trouble::of(&rate, "x.csv").hint.expect("a hint");
        assert!(hint.ends_with("or say the rate (the program can be told: --rate)"), "{hint}");
    }
}
