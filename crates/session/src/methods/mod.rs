//! The paragraphs on methods of a paper, written from results: nothing stands in them that the results do not say.
//!
//! In: rows of the tables, made of analyses or read from a folder. Out: [`Methods`], words and the literature they cite. Several versions,
//! configurations or protocols are named one by one and never made into one.

mod references;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use truehinge_core::{Protocol, SessionAnalysis};
use truehinge_dataset::table::{Event, EventRow, Named, RepRow, SessionRow, SetRow, Tabulate};
use truehinge_signal::{Method, configuration_hash};

use references::Cited;

/// Results that a text is to be written of.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// Recordings.
    pub sessions: Vec<SessionRow>,
    /// Sets.
    pub sets: Vec<SetRow>,
    /// Counted repetitions.
    pub reps: Vec<RepRow>,
    /// Codes of why movements were not counted, one for each.
    pub rejected: Vec<String>,
    /// Inputs that could not be used.
    pub failures: usize,
    /// What is known of configurations, by their hashes.
    pub settings: BTreeMap<String, Settings>,
}

/// What is known of a configuration.
#[derive(Clone, PartialEq, Debug)]
pub enum Settings {
    /// All numbers of the method are the built-in ones of this version.
    BuiltIn,
    /// These are others, such as `measure.smoothing_hz = 5.0`.
    Changed(Vec<String>),
}

/// Words for a paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Methods {
    /// The text, a paragraph each.
    pub paragraphs: Vec<String>,
    /// What it cites, a line each.
    pub references: Vec<String>,
    /// The same for BibTeX, with the program itself.
    pub bibtex: String,
}

impl Results {
    /// Of analyses that were made by a method. `failures` inputs could not be used.
    pub fn of<'a>(analyses: impl Iterator<Item = &'a SessionAnalysis>, method: &Method, failures: usize) -> Self {
        let mut results = Self { failures, ..Self::default() };
        for analysis in analyses {
            let named = Named::plainly(analysis);
            results.sessions.extend(SessionRow::rows(&named));
            results.sets.extend(SetRow::rows(&named));
            results.reps.extend(RepRow::rows(&named));
            results.rejected(&EventRow::rows(&named));
            let provenance = &analysis.provenance;
            if let Some(settings) = settings(&provenance.config_sha256, &provenance.protocol, method) {
                results.settings.insert(provenance.config_sha256.clone(), settings);
            }
        }
        results
    }

    /// Of tables. `rejected` are the events among which movements that were not counted stand.
    pub fn of_tables(
        sessions: Vec<SessionRow>,
        sets: Vec<SetRow>,
        reps: Vec<RepRow>,
        events: &[EventRow],
        failures: usize,
    ) -> Self {
        let mut results = Self { sessions, sets, reps, failures, ..Self::default() };
        results.rejected(events);
        let method = Method::default();
        for session in &results.sessions {
            // Tables do not hold a whole protocol: of a built-in one it is known.
            let protocol = crate::protocol::built_in(&session.protocol).and_then(Result::ok);
            let known = protocol.and_then(|protocol| settings(&session.config_sha256, &protocol, &method));
            if let Some(known) = known {
                results.settings.insert(session.config_sha256.clone(), known);
            }
        }
        results
    }

    fn rejected(&mut self, events: &[EventRow]) {
        let rejected = events.iter().filter(|event| event.event == Event::Rejected);
        self.rejected.extend(rejected.filter_map(|event| event.reason_code.as_deref().map(str::to_owned)));
    }

    /// The words.
    pub fn methods(&self) -> Methods {
        let mut cited = Cited::default();
        let paragraphs = words::paragraphs(self, &mut cited);
        let software = self.versions().into_iter().map(software).collect::<String>();
        Methods { paragraphs, references: cited.list(), bibtex: software + &cited.bibtex() }
    }

    /// Versions of the program that made them.
    fn versions(&self) -> BTreeSet<&str> {
        self.sessions.iter().map(|session| session.software_version.as_str()).collect()
    }

    /// People.
    fn people(&self) -> BTreeSet<&Arc<str>> {
        self.sessions.iter().map(|session| &session.athlete_id).collect()
    }
}

/// What is known of a configuration by its hash, where a protocol and a method make it.
fn settings(hash: &str, protocol: &Protocol, method: &Method) -> Option<Settings> {
    if configuration_hash(&Method::default(), protocol) == hash {
        return Some(Settings::BuiltIn);
    }
    let changed = method.entries().into_iter().filter(|entry| entry.value != entry.default);
    let changed = changed.map(|entry| format!("{} = {}", entry.path, entry.value)).collect();
    (configuration_hash(method, protocol) == hash).then_some(Settings::Changed(changed))
}

/// The program, for a list of references.
fn software(version: &str) -> String {
    let key = version.replace(|c: char| !c.is_ascii_alphanumeric(), "");
    format!(
        "@software{{truehinge{key}, author={{{{The truehinge authors}}}}, title={{truehinge}}, version={{{version}}}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use truehinge_sim::Scenario;

    use super::*;
    use crate::Judge;

    fn analysis(seed: u64, judge: &Judge) -> SessionAnalysis {
        let recording = Scenario::typical(seed).run().expect("a session").recording();
        judge.analyse_recording(&recording).expect("analyses")
    }

    fn text(methods: &Methods) -> String {
        methods.paragraphs.join("\n")
    }

    #[test]
    fn the_text_says_what_the_results_say_and_cites_what_it_names() {
        let judge = Judge::default();
        let analyses = [analysis(1, &judge), analysis(2, &judge)];
        let methods = Results::of(analyses.iter(), judge.method(), 1).methods();
        let text = text(&methods);
        let reps: usize = analyses.iter().map(|analysis| analysis.reps().count()).sum();
        for part in [
            format!("{reps} repetitions"),
            "2 recordings".to_owned(),
            format!("truehinge {}", env!("CARGO_PKG_VERSION")),
            "built-in".to_owned(),
            "(Laidig and Seel 2023)".to_owned(),
            "1 input could not be used".to_owned(),
            "beyond 30 mm".to_owned(),
        ] {
            assert!(text.contains(&part), "{part}: {text}");
        }
        assert!(text.is_ascii() && !text.contains("NaN") && !text.contains("  "), "{text}");
        assert!(methods.references.iter().any(|line| line.starts_with("Laidig")));
        assert!(methods.bibtex.starts_with("@software{truehinge") && methods.bibtex.contains("@article{Laidig2023"));
        // What is cited in the text is in the list, and nothing else is.
        let years = text.matches("et al. ").count() + text.matches(" and Seel ").count();
        assert!(years >= 2 && methods.references.len() >= 4, "{:?}", methods.references);
    }

    #[test]
    fn other_settings_and_versions_are_named_and_not_made_into_one() {
        let other = Method::default().with("measure.smoothing_hz", "5").expect("possible");
        let (plain, changed) = (Judge::default(), Judge::default().with_method(other.clone()));
        let mut analyses = [analysis(1, &plain), analysis(2, &changed)];
        analyses[0].provenance.version = "0.0.9".to_owned();
        let text = text(&Results::of(analyses.iter(), &other, 0).methods());
        assert!(text.contains("truehinge 0.0.9") && text.contains("measure.smoothing_hz = 5"), "{text}");
        assert!(text.contains("2 combinations of version and configuration"), "{text}");
        // What the low-pass was is not the same in all: it is not said of all.
        assert!(!text.contains("low-pass filtered at"), "{text}");
    }

    #[test]
    fn nothing_is_said_of_no_results() {
        let methods = Results::default().methods();
        assert_eq!((methods.paragraphs.len(), methods.references.len()), (1, 0));
    }
}
