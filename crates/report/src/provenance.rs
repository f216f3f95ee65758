//! What a document was made from, as it is attached to it (`provenance.json` in the PDF): enough to make it again and to compare.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truehinge_core::{CorrectedTo, Correction, Metric, SessionAnalysis};

use crate::model::Content;

/// Name of the attachment.
pub const FILE: &str = "provenance.json";
/// Name and version of its form.
pub(crate) const SCHEMA: &str = "truehinge/page/1";

/// What a document was made from. Fields that another version wrote, and this one does not know, are ignored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Provenance {
    /// Name and version of this form.
    pub schema: String,
    /// Which document, by the end of its file's name.
    pub document: String,
    /// Version of the program.
    pub software_version: String,
    /// Whose it is.
    pub athlete_id: String,
    /// What the pages say of the person beside the recordings.
    pub person: String,
    /// Its looks.
    pub style: StyleOf,
    /// The sessions that it shows, in order of time.
    pub shown: Vec<MadeOf>,
    /// Earlier ones that trends and comparisons rest on.
    pub earlier: Vec<MadeOf>,
}

/// What a document looks like.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StyleOf {
    /// ISO 639-1.
    pub language: String,
    /// Unit of lengths: cm, mm or in.
    pub length_unit: String,
    /// a4 or letter.
    pub paper: String,
    /// What the last session is compared with: baseline, first or last.
    pub compared_with: String,
    /// Who hands it out.
    pub clinic: String,
    /// SHA-256 of the logo; nothing without one.
    pub logo_sha256: Option<String>,
}

/// A session that it was made from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MadeOf {
    /// Its name.
    pub session: String,
    /// Its date on the clock on the wall, if it has one.
    pub date: Option<String>,
    /// SHA-256 over the input files' hashes.
    pub input_sha256: String,
    /// SHA-256 over roles and samples.
    pub content_sha256: String,
    /// SHA-256 of protocol and parameters.
    pub config_sha256: String,
    /// Name of the protocol.
    pub protocol: String,
    /// The measures of the body it rests on, each with who said it.
    pub facts: Vec<String>,
    /// Every repetition.
    pub reps: Vec<RepOf>,
}

/// A repetition.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RepOf {
    /// Number of the set.
    pub set: u32,
    /// Number in the set.
    pub rep: u32,
    /// Its verdict, after corrections by hand.
    pub verdict: String,
    /// What somebody made of it, why, who and when; nothing if nobody did.
    pub by_hand: Option<String>,
    /// Probability of what was judged, to six digits as all values.
    pub probability: f64,
    /// Values by the names of the tables, in their units.
    pub values: BTreeMap<String, f64>,
}

impl Provenance {
    /// Of the documents of a report, whose pages say so of the person.
    pub fn of(content: &Content<'_>, person: &str) -> Self {
        let style = StyleOf {
            language: content.say.language.code().to_owned(),
            length_unit: content.say.unit.symbol().to_owned(),
            paper: String::new(),
            compared_with: content.against.name().to_owned(),
            clinic: content.clinic.name.clone(),
            logo_sha256: content.clinic.logo.as_ref().map(|logo| logo.sha256.clone()),
        };
        Self {
            schema: SCHEMA.to_owned(),
            document: String::new(),
            software_version: env!("CARGO_PKG_VERSION").to_owned(),
            athlete_id: content.athlete.to_string(),
            person: person.to_owned(),
            style,
            shown: content.sessions.iter().map(made_of).collect(),
            earlier: content.earlier.iter().copied().map(made_of).collect(),
        }
    }

    /// The same of one of the documents, by its name and that of its paper.
    #[must_use]
    pub fn for_document(&self, document: &str, paper: &str) -> Self {
        let style = StyleOf { paper: paper.to_owned(), ..self.style.clone() };
        Self { document: document.to_owned(), style, ..self.clone() }
    }
}

fn corrected(by_hand: &Correction) -> String {
    let to = match by_hand.change {
        CorrectedTo::Excluded => "excluded".to_owned(),
        CorrectedTo::Verdict { verdict } => verdict.to_string(),
    };
    format!("{to}: {} ({}, {})", by_hand.reason, by_hand.author, by_hand.at())
}

/// Six digits behind the point: more than any page shows, and read back as written.
fn short(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn made_of(session: &SessionAnalysis) -> MadeOf {
    let p = &session.provenance;
    let rep = |(set, rep): (&truehinge_core::SetAnalysis, &truehinge_core::Rep)| {
        let value = |metric: Metric| Some((metric.name().to_owned(), short(rep.metrics.reading(metric)?.value)));
        RepOf {
            set: set.number,
            rep: rep.number,
            verdict: rep.verdict().to_string(),
            by_hand: rep.by_hand.as_ref().map(corrected),
            probability: short(rep.judgement.probability),
            values: Metric::ALL.into_iter().filter_map(value).collect(),
        }
    };
    MadeOf {
        session: session.info.session.to_string(),
        date: session.info.local_start().map(|start| start.date()),
        input_sha256: p.input_sha256.clone(),
        content_sha256: p.content_sha256.clone(),
        config_sha256: p.config_sha256.clone(),
        protocol: p.protocol.name.clone(),
        facts: p.facts.iter().map(ToString::to_string).collect(),
        reps: session.reps().map(rep).collect(),
    }
}
