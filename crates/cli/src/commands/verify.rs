//! `verify`: makes a document again from the recordings, and compares. The same bytes are the proof; where they differ, what it says it was
//! made from tells why.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use truehinge_core::AthleteId;
use truehinge_report::model::Logo;
use truehinge_report::{Document, PdfOptions, Pictures, ReportModel, lay_out};
use truehinge_report::{NoProvenance, Provenance, attached_to};
use truehinge_session::Batch;
use truehinge_session::days::Which;

use super::report::style::{Style, logo};
use super::report::{Day, by_athlete, cards, settings};
use crate::args::{Cli, VerifyArgs};
use crate::failure::{Failure, interrupted, nothing};
use crate::inputs::{self, name_failures};
use crate::json::{Output, path};
use crate::reading::{find, judge, options};
use crate::{Outcome, json};

/// Largest document that is read.
const MOST_BYTES: u64 = 64 << 20;
/// Most differences that are printed; `--json` has all.
const PRINTED: usize = 20;

/// Runs the command.
pub fn run(args: &VerifyArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let bytes = read(&args.report)?;
    let page = attached_to(bytes.clone()).map_err(|error| no_provenance(&args.report, &error))?;
    let document = Document::ALL.into_iter().find(|document| document.name() == page.document);
    let style = Style::of_document(&page.style, logo_of(args, &page, cli)?);
    let (Some(document), Some(style), Ok(athlete)) = (document, style, AthleteId::new(&page.athlete_id)) else {
        let reason = "it names pages that this version does not make".to_owned();
        return Err(no_provenance(&args.report, &NoProvenance::Unreadable { reason }).into());
    };
    let again = make(args, &page, &athlete, &style, cli)?;
    let options = PdfOptions { paper: style.paper };
    let pdf = |model| lay_out(model, &Pictures::of(model)?, document, options)?.pdf();
    let made = again.as_ref().map(pdf).transpose()?;
    let now = again.map(|model| model.provenance.for_document(document.name(), style.paper.name()));
    let verified = made.is_some_and(|made| made == bytes);
    let differences = if verified { Vec::new() } else { differences(&page, now.as_ref()) };
    tell(args, &page, verified, &differences, cli);
    // What else could not be read is named, but does not concern this document.
    Ok(if verified { Outcome::Done } else { Outcome::SomeFailed })
}

fn read(report: &Path) -> anyhow::Result<Vec<u8>> {
    let failed = |found: String, hint: &'static str| {
        nothing("verify_not_read", format!("{}: {found}", report.display())).hint(hint)
    };
    let size = std::fs::metadata(report).map_err(|error| failed(error.to_string(), "check the path"))?.len();
    if size > MOST_BYTES {
        return Err(failed(format!("{size} bytes are too many for a report"), "give a PDF that report wrote").into());
    }
    Ok(std::fs::read(report).map_err(|error| failed(error.to_string(), "check the path"))?)
}

fn no_provenance(report: &Path, error: &NoProvenance) -> Failure {
    Failure::of(Outcome::SomeFailed, error).about(&report.display().to_string())
}

/// The logo that is named, or that of the library if it is the one on the page.
fn logo_of(args: &VerifyArgs, page: &Provenance, cli: &Cli) -> anyhow::Result<Option<Logo>> {
    let Some(sha256) = &page.style.logo_sha256 else { return Ok(None) };
    let settings = settings::Settings::of(cards(&args.from, cli).as_ref())?;
    let file = args.logo.as_ref().or(settings.logo.as_ref());
    let found = file.map(|file| logo(file)).transpose()?;
    if found.as_ref().is_none_or(|logo| logo.sha256 != *sha256) {
        let found = format!("{}: the logo on it (SHA-256 {sha256}) is not at hand", args.report.display());
        return Err(Failure::new(Outcome::WrongUsage, "verify_logo", found).hint("give its file with --logo").into());
    }
    Ok(found)
}

/// The pages of the day from the recordings, each analysed anew; nothing if none of it is there. Names what could not be read.
fn make(
    args: &VerifyArgs,
    page: &Provenance,
    athlete: &AthleteId,
    style: &Style,
    cli: &Cli,
) -> anyhow::Result<Option<ReportModel>> {
    let (options, judge) = (options(&args.read)?, judge(&args.protocol, cli)?);
    let found = find(std::slice::from_ref(&args.from), &options)?;
    let (root, athlete_id) = (Path::new(""), Some(athlete));
    let batch = Batch { root, options: &options, judge: &judge, threads: None, athlete: athlete_id, store: None };
    let judged = inputs::run(&batch, found, cli)?;
    if judged.interrupted {
        return Err(interrupted("nothing was compared"));
    }
    name_failures(&judged.failures, cli);
    let people = by_athlete(judged.sessions.into_iter().map(|session| session.analysis));
    let Some((athlete, all)) = people.get_key_value(athlete) else { return Ok(None) };
    let Some(mut day) = Day::of(athlete, all, &which(page)) else { return Ok(None) };
    day.ask(cards(&args.from, cli).as_ref())?;
    Ok(Some(day.model(style)))
}

/// The day that the page shows.
fn which(page: &Provenance) -> Which {
    match &page.shown[..] {
        [one] => Which::Session(one.session.clone().into()),
        [.., last] => last.date.clone().map_or(Which::Last, Which::Date),
        [] => Which::Last,
    }
}

/// One thing that is not the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Difference {
    /// Which thing.
    what: String,
    /// On the page; null if it is not there.
    on_page: Option<String>,
    /// Now; null if it is not there.
    now: Option<String>,
}

/// What of the page is no longer so: what holds of all of it first, such as the version of the program, then session by session.
fn differences(page: &Provenance, now: Option<&Provenance>) -> Vec<Difference> {
    let list = |of: Option<&Provenance>| {
        let mut all = BTreeMap::new();
        let value = of.and_then(|of| serde_json::to_value(of).ok()).unwrap_or_default();
        flatten("", &value, &mut all);
        all
    };
    if now.is_none() {
        let on_page = page.shown.iter().map(|made| made.session.as_str()).collect::<Vec<_>>().join(", ");
        return vec![Difference { what: "sessions that it shows".to_owned(), on_page: Some(on_page), now: None }];
    }
    let (before, after) = (list(Some(page)), list(now));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let keys: Vec<&String> = all.into_iter().filter(|key| before.get(*key) != after.get(*key)).collect();
    // Where a whole session or repetition is on one side alone, that it is says it all.
    let there = format!(": {IS_THERE}");
    let alone: Vec<&str> = keys.iter().filter_map(|key| key.strip_suffix(there.as_str())).collect();
    let below = |key: &str| {
        alone.iter().any(|of| {
            key.strip_prefix(of).is_some_and(|rest| rest.starts_with(' ') || rest.starts_with(": ") && rest != there)
        })
    };
    let difference = |key: &String| Difference {
        what: key.trim_end_matches(there.as_str()).to_owned(),
        on_page: before.get(key).cloned(),
        now: after.get(key).cloned(),
    };
    let (of_sessions, of_all): (Vec<_>, Vec<_>) =
        keys.into_iter().filter(|key| !below(key)).partition(|key| key.starts_with(SHOWN) || key.starts_with(EARLIER));
    of_all.into_iter().chain(of_sessions).map(difference).collect()
}

/// Lists of sessions.
const SHOWN: &str = "shown ";
const EARLIER: &str = "earlier ";
/// Key of a session or repetition itself.
const IS_THERE: &str = "is there";

/// Leaves of a tree by their places; sessions and repetitions by their names.
fn flatten(place: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    let below = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place} {key}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| match value {
            Value::Object(_) | Value::Array(_) => flatten(&below(key), value, all),
            leaf => leaf_at(&format!("{place}: {key}"), leaf, all),
        }),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item.get("session").and_then(Value::as_str).map(str::to_owned);
                let rep = || Some(format!("{}.{}", item.get("set")?, item.get("rep")?));
                match name.or_else(rep) {
                    Some(name) => {
                        all.insert(format!("{}: {IS_THERE}", below(&name)), IS_THERE.to_owned());
                        flatten(&below(&name), item, all);
                    }
                    None => leaf_at(&format!("{place}: {}", index + 1), item, all),
                }
            }
        }
        leaf => leaf_at(place, leaf, all),
    }
}

fn leaf_at(place: &str, leaf: &Value, all: &mut BTreeMap<String, String>) {
    let said = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
    all.insert(place.trim_start_matches(": ").to_owned(), said);
}

/// What came of it.
#[allow(clippy::struct_field_names, reason = "names of what is printed")]
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verified<'a> {
    /// The document.
    report: Cow<'a, str>,
    /// Whether the recordings give the same document, byte for byte.
    verified: bool,
    /// Version of the program that made it.
    made_by: &'a str,
    /// What is not the same; empty also where everything it was made from is the same, but what is printed is not.
    differences: &'a [Difference],
}

impl Output for Verified<'_> {
    const SCHEMA: &'static str = "truehinge/verify/1";
}

fn tell(args: &VerifyArgs, page: &Provenance, verified: bool, differences: &[Difference], cli: &Cli) {
    if cli.json {
        let (report, made_by) = (path(&args.report), page.software_version.as_str());
        return json::print(&Verified { report, verified, made_by, differences });
    }
    let report = args.report.display();
    if verified {
        let sessions = page.shown.len() + page.earlier.len();
        println!("{report}: verified: {sessions} recordings give the same document, byte for byte");
        return;
    }
    println!("{report}: not verified: the recordings do not give the same document");
    if differences.is_empty() {
        println!(
            "  everything that it says it was made from is the same: the file was changed, or another build made it"
        );
    }
    for Difference { what, on_page, now } in differences.iter().take(PRINTED) {
        let said = |side: &Option<String>| side.clone().unwrap_or_else(|| "not there".to_owned());
        println!("  {what}: {} on the page, {} now", said(on_page), said(now));
    }
    if differences.len() > PRINTED {
        println!("  and {} more: see --json", differences.len() - PRINTED);
    }
}
