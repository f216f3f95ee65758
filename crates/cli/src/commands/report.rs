//! `report`: per-athlete PDF and pictures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use truehinge_core::id::short_hash;
use truehinge_core::{AthleteId, SessionAnalysis};
use truehinge_dataset::atomic::replace_private;
use truehinge_dataset::names::other_case;
use truehinge_dataset::same::Fingerprint;
use truehinge_dataset::{ImportOptions, Unread};
use truehinge_report::{PdfOptions, ReportModel, render_figures, render_pdf};
use truehinge_signal::content_hash;

use crate::Outcome;
use crate::analysis::Config;
use crate::args::{Cli, Paper, ReportArgs};
use crate::naming::Names;
use crate::progress;
use crate::reading::{find, is_imported, name_copies, name_unread, options, read};

/// Runs the command.
pub fn run(args: &ReportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let config = Config::new(&args.protocol)?;
    let found = find(std::slice::from_ref(&args.from), &options)?;
    let bar = progress::bar(cli, found.sources.len() as u64, "sessions");
    let mut all = Analysed::default();
    for path in &found.sources {
        bar.inc(1);
        all.add(path, args.athlete.as_ref(), &options, &config);
    }
    bar.finish_and_clear();
    let failed = all.name_what_failed(found.unread);
    all.leave_out_copies();
    if all.sessions.is_empty() {
        nobody(args);
        return Ok(Outcome::NothingFound);
    }
    let mut names = Names::default();
    for (athlete, sessions) in by_athlete(all.sessions.into_iter().map(|(_, session)| session)) {
        sessions.iter().for_each(|session| names.count(&session.info));
        let written = write_report(&args.out, &athlete, &sessions, args.paper)?;
        names.athlete(&athlete);
        tell(&athlete, &written, cli);
    }
    names.ask();
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// What was found below a folder.
#[derive(Default)]
struct Analysed {
    /// What tells all recordings apart, also those of others.
    found: Vec<Fingerprint>,
    /// The sessions that are wanted, each with its place among all.
    sessions: Vec<(usize, SessionAnalysis)>,
    /// What could not be used.
    failures: Vec<(PathBuf, anyhow::Error)>,
}

impl Analysed {
    fn add(&mut self, path: &Path, wanted: Option<&AthleteId>, options: &ImportOptions, config: &Config) {
        let (recording, _) = match read(path, options) {
            Ok(read) => read,
            Err(error) => return self.failures.push((path.to_owned(), error)),
        };
        self.found.push(Fingerprint::new(path, &recording, content_hash(&recording)));
        if wanted.is_some_and(|wanted| *wanted != recording.info.athlete) {
            return;
        }
        match config.analyse(&recording).with_context(|| path.display().to_string()) {
            Ok(analysis) => self.sessions.push((self.found.len() - 1, analysis)),
            Err(error) => self.failures.push((path.to_owned(), error)),
        }
    }

    /// Leaves out what is the same as another recording, and be that another person's: one that was put right says whose it is.
    fn leave_out_copies(&mut self) {
        let copies: BTreeSet<usize> = name_copies(&self.found).into_iter().flat_map(|(_, same)| same).collect();
        self.sessions.retain(|(index, _)| !copies.contains(index));
    }

    /// Says what could not be used, unless it was imported into a recording that could; whether there is any.
    fn name_what_failed(&mut self, mut unread: Vec<Unread>) -> bool {
        unread.retain(|unread| !is_imported(&unread.path, &self.found));
        self.failures.retain(|(path, _)| !is_imported(path, &self.found));
        for (_, error) in &self.failures {
            eprintln!("{error:#}");
        }
        name_unread(&unread) || !self.failures.is_empty()
    }
}

/// Nobody of that name is there.
fn nobody(args: &ReportArgs) {
    let wanted = args.athlete.as_ref().map_or("any athlete".to_owned(), ToString::to_string);
    eprintln!("{}: no usable recording of {wanted}", args.from.display());
    if wanted.starts_with('-') {
        eprintln!("if {wanted} was meant as an option: there is none of that name, see `truehinge report --help`");
    }
}

/// The sessions of each athlete in order of time.
fn by_athlete(sessions: impl Iterator<Item = SessionAnalysis>) -> BTreeMap<AthleteId, Vec<SessionAnalysis>> {
    let mut athletes: BTreeMap<AthleteId, Vec<SessionAnalysis>> = BTreeMap::new();
    for session in sessions {
        athletes.entry(session.info.athlete.clone()).or_default().push(session);
    }
    for sessions in athletes.values_mut() {
        sessions.sort_by(|a, b| (a.info.start_utc_ns, &a.info.session).cmp(&(b.info.start_utc_ns, &b.info.session)));
    }
    athletes
}

fn tell(athlete: &AthleteId, written: &Written, cli: &Cli) {
    let Written { pdf, figures, replaced } = written;
    if cli.json {
        let line =
            serde_json::json!({ "athlete": athlete.as_str(), "pdf": pdf, "figures": figures, "replaced": replaced });
        println!("{line}");
    } else {
        let replaced = if *replaced { " (in place of an earlier one that was different)" } else { "" };
        println!("{athlete}: {}{replaced} and pictures in {}", pdf.display(), figures.display());
    }
}

/// Where a report is.
pub struct Written {
    /// The document.
    pub pdf: PathBuf,
    /// The pictures.
    pub figures: PathBuf,
    /// A document of this name was there, and was another one.
    pub replaced: bool,
}

/// Writes PDF and pictures of one athlete.
pub fn write_report(
    out: &Path,
    athlete: &AthleteId,
    sessions: &[SessionAnalysis],
    paper: Paper,
) -> anyhow::Result<Written> {
    let model = ReportModel::build(athlete, sessions);
    let options = PdfOptions {
        paper: match paper {
            Paper::A4 => truehinge_report::Paper::A4,
            Paper::Letter => truehinge_report::Paper::Letter,
        },
    };
    let stem = free_stem(out, &model.file_stem, athlete);
    let pdf = out.join(format!("{stem}_report.pdf"));
    let bytes = render_pdf(&model, &options)?;
    let replaced = std::fs::read(&pdf).is_ok_and(|before| before != bytes);
    replace_private(&pdf, |file| file.write_all(&bytes))?;
    let figures = out.join(format!("{stem}_figures"));
    for figure in render_figures(&model)? {
        for (extension, content) in
            [("png", figure.png.as_slice()), ("svg", figure.svg.as_bytes()), ("csv", figure.csv.as_bytes())]
        {
            replace_private(&figures.join(format!("{}.{extension}", figure.name)), |file| file.write_all(content))?;
        }
    }
    Ok(Written { pdf, figures, replaced })
}

/// The stem of the files, where a disk may take `p14` and `P14` for one with a hash that tells them apart.
fn free_stem(out: &Path, stem: &str, athlete: &AthleteId) -> String {
    if other_case(out, &format!("{stem}_report.pdf")) {
        format!("{stem}-{}", short_hash([athlete.as_str()]))
    } else {
        stem.to_owned()
    }
}
