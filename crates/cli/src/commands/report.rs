//! `report`: per-athlete PDF and pictures.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use truehinge_core::id::short_hash;
use truehinge_core::{AthleteId, SessionAnalysis};
use truehinge_dataset::atomic::replace_private;
use truehinge_dataset::names::other_case;
use truehinge_report::{PdfOptions, ReportModel, render_figures, render_pdf};
use truehinge_session::Batch;

use crate::args::{Cli, Paper, ReportArgs};
use crate::failure::{Failure, interrupted, nothing};
use crate::inputs::{self, name_failures};
use crate::json::Output;
use crate::naming::Names;
use crate::reading::{find, judge, options};
use crate::{Outcome, json};

/// Runs the command.
pub fn run(args: &ReportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let found = find(std::slice::from_ref(&args.from), &options)?;
    let batch =
        Batch { root: Path::new(""), options: &options, judge: &judge, threads: None, athlete: args.athlete.as_ref() };
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
    let mut names = Names::default();
    for (athlete, sessions) in by_athlete(sessions.into_iter().map(|session| session.analysis)) {
        sessions.iter().for_each(|session| names.count(&session.info));
        let written = write_report(&args.out, &athlete, &sessions, args.paper)?;
        names.athlete(&athlete);
        tell(&athlete, &written, cli);
    }
    names.ask();
    Ok(outcome)
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
        let (pdf, figures, replaced) = (json::path(pdf), json::path(figures), *replaced);
        json::print(&Reported { athlete_id: athlete, pdf, figures, replaced });
    } else {
        let replaced = if *replaced { " (in place of an earlier one that was different)" } else { "" };
        println!("{athlete}: {}{replaced} and pictures in {}", pdf.display(), figures.display());
    }
}

/// The report of a person.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reported<'a> {
    /// Pseudonym of the person, every letter of it.
    athlete_id: &'a AthleteId,
    /// The document.
    pdf: Cow<'a, str>,
    /// Folder of the pictures.
    figures: Cow<'a, str>,
    /// A document of this name was there, and was another one.
    replaced: bool,
}

impl Output for Reported<'_> {
    const SCHEMA: &'static str = "truehinge/report/1";
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
