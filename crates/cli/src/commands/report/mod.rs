//! `report`: the pages of a person, or the sheet of a squad.

mod day;
mod files;
pub mod rescored;
pub mod settings;
pub mod style;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use rayon::prelude::*;
use serde::Serialize;
use truehinge_core::trend::{Retest, Trend};
use truehinge_core::{AthleteId, SideSummary};
use truehinge_dataset::cards::Cards;
use truehinge_report::model::{Against, Clinic, Say};
use truehinge_report::squad::Member;
use truehinge_report::{
    Document, Laid, PdfOptions, Pictures, ReportModel, SquadModel, lay_out, lay_out_squad, render_html,
};
use truehinge_session::days::Which;
use truehinge_session::workplace::RESULTS;
use truehinge_session::{Batch, trend};

use crate::args::{Cli, Pages, ReportArgs};
use crate::failure::{Failure, interrupted, nothing};
use crate::inputs::{self, name_failures};
use crate::json::Output;
use crate::naming::Names;
use crate::progress;
use crate::reading::{find, judge, options, results};
use crate::{Outcome, json};
pub use day::{Day, by_athlete};
use files::Folder;
use rescored::{Rescored, rescored};
pub use style::Style;

/// People whose pages are made at once, for each thread: memory stays small.
const AT_ONCE: usize = 4;
/// Of pictures of pages: sharp on a screen and on paper.
const DOTS_PER_INCH: f64 = 150.0;

/// Runs the command.
pub fn run(args: &ReportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let cards = cards(&args.from, cli);
    let style = Style::of(&args.style, args.compare, cards.as_ref())?;
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let found = find(std::slice::from_ref(&args.from), &options)?;
    let (root, athlete) = (Path::new(""), args.athlete.as_ref());
    let store = results(&args.out.join(RESULTS), &args.results);
    let batch = Batch { root, options: &options, judge: &judge, threads: None, athlete, store: store.as_ref() };
    let mut judged = inputs::run(&batch, found, cli)?;
    if judged.interrupted {
        return Err(interrupted("no report was written"));
    }
    let outcome = name_failures(&judged.failures, cli);
    if judged.sessions.is_empty() {
        return Err(nobody(args).into());
    }
    let sessions = std::mem::take(&mut judged.sessions);
    sessions.iter().flat_map(|session| &session.warnings).for_each(|warning| eprintln!("{warning}"));
    let people = by_athlete(sessions.into_iter().map(|session| session.analysis));
    let mut names = Names::default();
    for (athlete, sessions) in &people {
        sessions.iter().for_each(|session| names.count(&session.info.athlete));
        names.athlete(athlete);
    }
    let which = which(args);
    let mut days = Vec::new();
    for (athlete, all) in &people {
        let Some(mut day) = Day::of(athlete, all, &which) else { continue };
        day.ask(cards.as_ref())?;
        let wanted = args.squad.as_deref().filter(|name| !name.is_empty());
        days.extend(wanted.is_none_or(|name| day.squads.contains(name)).then_some(day));
    }
    if days.is_empty() {
        return Err(no_such_day(args).into());
    }
    if args.squad.is_some() {
        squad(args, &style, &days, cli)?;
    } else {
        pages(args, &style, &days, cli)?;
    }
    names.ask();
    Ok(outcome)
}

/// The cards of the library that is named, or of that of the recordings.
pub fn cards(recordings: &Path, cli: &Cli) -> Option<Cards> {
    cli.library.as_deref().map(Cards::of_library).or_else(|| Cards::near(&recordings.join("any")))
}

/// Pages of several people at once, written and told of one after the other: what is written does not depend on the number of processors.
fn pages(args: &ReportArgs, style: &Style, days: &[Day<'_>], cli: &Cli) -> anyhow::Result<()> {
    let bar = progress::bar(cli, days.len() as u64, "people");
    let wanted = Wanted { pages: &args.pages, figures: args.figures, png: args.png };
    for some in days.chunks(AT_ONCE * rayon::current_num_threads()) {
        let made: Vec<_> = some.par_iter().map(|day| Made::of(day, style, wanted)).collect();
        for (day, made) in some.iter().zip(made) {
            let made = made?;
            let rescored = rescored(&args.out, day.athlete, &made.model.provenance);
            let written = Written { rescored, ..made.write(&args.out, day)? };
            bar.inc(1);
            tell(day, &written, style, args.text, &bar, cli);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// The document of a kind of pages; the one for a browser is none.
fn document(page: Pages) -> Option<Document> {
    match page {
        Pages::Summary => Some(Document::Summary),
        Pages::Report => Some(Document::Report),
        Pages::Quality => Some(Document::Quality),
        Pages::Home => Some(Document::Home),
        Pages::Html => None,
    }
}

fn which(args: &ReportArgs) -> Which {
    match (&args.which.session, &args.which.date) {
        (Some(session), _) => Which::Session(session.clone()),
        (None, Some(date)) => Which::Date(date.clone()),
        (None, None) => Which::Last,
    }
}

/// Nobody of that name is there.
fn nobody(args: &ReportArgs) -> Failure {
    let wanted = args.athlete.as_ref().map_or("any athlete".to_owned(), ToString::to_string);
    let failure = nothing("report_nobody", format!("{}: no usable recording of {wanted}", args.from.display()));
    if wanted.starts_with('-') {
        return failure
            .hint(format!("there is no option {wanted}, if it was meant as one: see `truehinge report --help`"));
    }
    failure
}

/// There are recordings, but none of that name or date.
fn no_such_day(args: &ReportArgs) -> Failure {
    let wanted = match (&args.which.session, &args.which.date, &args.squad) {
        (Some(session), ..) => format!("session {session}"),
        (None, Some(date), _) => format!("day {date}"),
        (None, None, squad) => format!("athlete of squad {}", squad.as_deref().unwrap_or_default()),
    };
    nothing("report_no_day", format!("{}: no {wanted} among the recordings", args.from.display()))
        .hint("leave --session, --date and the name of the squad out for everybody's last day")
}

/// What is to be written.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Which pages.
    pub pages: &'a [Pages],
    /// Also the figures, each in all forms.
    pub figures: bool,
    /// Also each page of a PDF as a picture.
    pub png: bool,
}

/// What was written.
pub struct Written {
    /// The documents.
    pub documents: Vec<(&'static str, PathBuf)>,
    /// Pictures of the pages.
    pub pictures: Vec<PathBuf>,
    /// Folder of the figures.
    pub figures: Option<PathBuf>,
    /// Three sentences.
    pub text: Vec<String>,
    /// Pages that were there before and say otherwise.
    pub rescored: Vec<Rescored>,
}

/// Pages of a person that are made, but not written.
pub struct Made {
    model: ReportModel,
    files: Vec<File>,
    figures: bool,
}

impl Made {
    /// Makes them.
    pub fn of(day: &Day<'_>, style: &Style, wanted: Wanted<'_>) -> anyhow::Result<Self> {
        let model = day.model(style);
        let pictures = Pictures::of(&model)?;
        let options = PdfOptions { paper: style.paper };
        let mut files: Vec<File> = Vec::new();
        for &page in wanted.pages {
            files.extend(match document(page) {
                Some(document) => {
                    let laid = lay_out(&model, &pictures, document, options)?;
                    files_of(document.name(), &laid, wanted.png)?
                }
                None => vec![(Some("html"), "report.html".to_owned(), render_html(&model)?.into_bytes())],
            });
        }
        Ok(Self { model, files, figures: wanted.figures })
    }

    /// Writes them. What is there already and differs is left alone: the new pages get a number behind their name.
    pub fn write(&self, out: &Path, day: &Day<'_>) -> anyhow::Result<Written> {
        let named: Vec<(&str, &[u8])> =
            self.files.iter().map(|(_, name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let folder = Folder::free(out, &self.model.file_stem, day.athlete, &named);
        let (mut documents, mut pictures) = (Vec::new(), Vec::new());
        for (kind, name, bytes) in &self.files {
            let path = folder.write(name, bytes)?;
            match kind {
                Some(kind) => documents.push((*kind, path)),
                None => pictures.push(path),
            }
        }
        let figures = self.figures.then(|| folder.write_figures(&self.model)).transpose()?;
        Ok(Written { documents, pictures, figures, text: self.model.text(), rescored: Vec::new() })
    }
}

/// A file: the document that it is, or nothing for a picture of a page; the end of its name; its bytes.
type File = (Option<&'static str>, String, Vec<u8>);

/// The PDF of a document, and its pages as pictures if they are wanted.
fn files_of(kind: &'static str, laid: &Laid, png: bool) -> anyhow::Result<Vec<File>> {
    let mut files = vec![(Some(kind), format!("{kind}.pdf"), laid.pdf()?)];
    if png {
        let pages = laid.pngs(DOTS_PER_INCH)?.into_iter().enumerate();
        files.extend(pages.map(|(index, bytes)| (None, format!("{kind}-{}.png", index + 1), bytes)));
    }
    Ok(files)
}

fn tell(day: &Day<'_>, written: &Written, style: &Style, text: bool, bar: &ProgressBar, cli: &Cli) {
    let said = |line: String| bar.suspend(|| println!("{line}"));
    if !day.left_out.is_empty() {
        bar.suspend(|| {
            eprintln!(
                "{}: not on these pages, because the exercise or what it is judged by differs: {}",
                day.athlete,
                day.left_out.join(", ")
            );
        });
    }
    for rescored in &written.rescored {
        bar.suspend(|| eprintln!("{}: {}", day.athlete, rescored.words()));
    }
    if cli.json {
        let documents = written.documents.iter().map(|(name, path)| (*name, json::path(path))).collect();
        let figures = written.figures.as_deref().map(json::path);
        let pictures = written.pictures.iter().map(|path| json::path(path)).collect();
        let language = style.say.language.code();
        bar.suspend(|| {
            json::print(&Reported {
                athlete_id: day.athlete,
                language,
                documents,
                pictures,
                figures,
                text: &written.text,
                rescored: &written.rescored,
            });
        });
        return;
    }
    for path in written.documents.iter().map(|(_, path)| path).chain(&written.pictures) {
        said(format!("{}: {}", day.athlete, path.display()));
    }
    if let Some(figures) = &written.figures {
        said(format!("{}: figures in {}", day.athlete, figures.display()));
    }
    if text {
        written.text.iter().for_each(|line| said(line.clone()));
    }
}

/// The pages of a person.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reported<'a> {
    /// Pseudonym of the person, every letter of it.
    athlete_id: &'a AthleteId,
    /// Language of the pages, ISO 639-1.
    language: &'static str,
    /// The documents by their names: summary, report, quality, home, html.
    documents: BTreeMap<&'static str, Cow<'a, str>>,
    /// The pages as pictures, if they were asked for.
    pictures: Vec<Cow<'a, str>>,
    /// Folder of the figures, if they were asked for.
    figures: Option<Cow<'a, str>>,
    /// Three sentences for the notes: what was seen, what changed, how good the data are.
    text: &'a [String],
    /// Pages of the person in the same folder that say otherwise of a repetition, made by another version or by other limits.
    rescored: &'a [Rescored],
}

impl Output for Reported<'_> {
    const SCHEMA: &'static str = "truehinge/report/2";
}

/// The sheet of all people.
fn squad(args: &ReportArgs, style: &Style, days: &[Day<'_>], cli: &Cli) -> anyhow::Result<()> {
    let members: Vec<Member<'_>> = days.iter().map(|day| member(day, style)).collect();
    let model = SquadModel::build(&members, &retest(days), &style.clinic, style.say);
    let laid = lay_out_squad(&model, PdfOptions { paper: style.paper })?;
    let path = files::write_free(&args.out, &format!("squad_{}", model.date), "pdf", &laid.pdf()?)?;
    if args.png {
        files::write_pages(&path, &laid.pngs(DOTS_PER_INCH)?)?;
    }
    if cli.json {
        json::print(&Squad { athletes: days.len(), document: json::path(&path) });
    } else {
        println!("{} athletes: {}", days.len(), path.display());
    }
    Ok(())
}

/// How far two sessions agree, of those who did what the last one of all did.
fn retest(days: &[Day<'_>]) -> Vec<Retest> {
    let latest = days.iter().filter_map(|day| day.shown.last()).max_by_key(|session| session.info.start_utc_ns);
    let Some(latest) = latest else { return Vec::new() };
    let alike = days.iter().filter(|day| day.shown.last().is_some_and(|session| trend::comparable(session, latest)));
    let people: Vec<&[Trend]> = alike.map(|day| day.trends.as_slice()).collect();
    trend::retest(&people)
}

fn member<'a>(day: &'a Day<'_>, style: &Style) -> Member<'a> {
    let model = day.model(style);
    let faulty = SideSummary::of_all(&day.shown)
        .iter()
        .any(|side| side.counts.knee_forward_drift + side.counts.insufficient_hip_travel > 0);
    let attention = if faulty { model.advice.first().map(|advice| advice.found.clone()) } else { None };
    let attention = attention.or_else(|| (!model.nothing.is_empty()).then(|| model.nothing.clone()));
    Member { athlete: day.athlete, sessions: &day.shown, trends: &day.trends, attention: attention.unwrap_or_default() }
}

/// The sheet of a squad.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Squad<'a> {
    /// How many people are on it.
    athletes: usize,
    /// Where it is.
    document: Cow<'a, str>,
}

impl Output for Squad<'_> {
    const SCHEMA: &'static str = "truehinge/squad-sheet/1";
}

/// The pages as the demo makes them.
pub fn demo_style() -> Style {
    Style {
        say: Say::default(),
        paper: truehinge_report::Paper::A4,
        against: Against::default(),
        clinic: Clinic::default(),
    }
}
