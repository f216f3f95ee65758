//! `correct`: what a person says of a repetition after having seen it.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;
use truehinge_core::SessionAnalysis;
use truehinge_core::start::iso_utc;
use truehinge_session::Error;
use truehinge_session::corrections::{Author, Change, Corrections, Said, path_of};

use crate::args::{Cli, CorrectArgs, Correcting};
use crate::failure::{nothing, unusable};
use crate::json::{Output, path};
use crate::reading::{judge, options, read};
use crate::{Outcome, json, now};

/// Runs the command.
pub fn run(args: &CorrectArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    if !args.what.list {
        let (mut recording, _) = read(&args.recording, &options(&args.read)?)?;
        let judge = judge(&args.protocol, cli)?;
        let analysis = judge.analyse_opened(&args.recording, &mut recording).map_err(unusable)?;
        let said = said(args, &analysis)?;
        Corrections::append(&args.recording, &said).map_err(unusable)?;
    } else if !args.recording.exists() {
        return Err(unusable(Error::NotThere { path: args.recording.clone() }));
    }
    let corrections = Corrections::beside(&args.recording).map_err(unusable)?;
    if cli.json {
        json::print(&Corrected::of(&args.recording, &corrections, &path_of(&args.recording)));
    } else if !args.what.list {
        let said = corrections.history().last().map(in_words).unwrap_or_default();
        println!("{said}\nkept in {}", path_of(&args.recording).display());
    } else if corrections.history().is_empty() {
        println!("nobody corrected anything in {}", args.recording.display());
    } else {
        corrections.history().iter().for_each(|said| println!("{}", in_words(said)));
        println!("{} in force", corrections.in_force().len());
    }
    Ok(Outcome::Done)
}

/// What is said of a recording's repetitions.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Corrected<'a> {
    /// The recording.
    recording: Cow<'a, str>,
    /// The file beside it that holds what was said.
    file: Cow<'a, str>,
    /// All that was ever said, in the order it was said.
    said: &'a [Said],
    /// What of it is in force.
    in_force: Vec<&'a Said>,
}

impl Output for Corrected<'_> {
    const SCHEMA: &'static str = "truehinge/correct/1";
}

impl<'a> Corrected<'a> {
    fn of(recording: &'a Path, corrections: &'a Corrections, file: &'a Path) -> Self {
        let (said, in_force) = (corrections.history(), corrections.in_force());
        Self { recording: path(recording), file: path(file), said, in_force }
    }
}

/// What the command line says of which repetition.
fn said(args: &CorrectArgs, analysis: &SessionAnalysis) -> anyhow::Result<Said> {
    let (number, rep_number) = args.rep.unwrap_or_default();
    let found = analysis.reps().find(|(set, rep)| (set.number, rep.number) == (number, rep_number));
    let author = Author {
        name: args.author.clone().unwrap_or_default(),
        reason: args.reason.clone().unwrap_or_default(),
        at_utc_ns: now::utc_ns(),
    };
    let change = match &args.what {
        Correcting { verdict: Some(verdict), .. } => Change::Verdict { verdict: *verdict },
        Correcting { undo: true, .. } => return undone(args, analysis, author),
        _ => Change::Excluded,
    };
    match found {
        Some((set, rep)) => Ok(Said::of(analysis, set, rep, change, author)),
        None => Err(no_repetition(args, analysis)),
    }
}

/// What is in force of the repetition is taken back: by the time of the repetition that has the number now; where none has it, by the number that
/// it had when it was corrected.
fn undone(args: &CorrectArgs, analysis: &SessionAnalysis, author: Author) -> anyhow::Result<Said> {
    let corrections = Corrections::beside(&args.recording).map_err(unusable)?;
    let in_force = corrections.in_force();
    let (set, rep) = args.rep.unwrap_or_default();
    let now = analysis.reps().find(|(of, found)| (of.number, found.number) == (set, rep));
    let said = match now {
        Some((_, rep)) => in_force.iter().find(|said| said.is_of(rep.span)),
        None => in_force.iter().find(|said| (said.set, said.rep) == (set, rep)),
    };
    said.map(|said| said.undone(author)).ok_or_else(|| {
        let found = format!("nothing is said of repetition {set}.{rep} that could be taken back");
        nothing("no_correction", found).hint("see what was said (--list)").into()
    })
}

fn no_repetition(args: &CorrectArgs, analysis: &SessionAnalysis) -> anyhow::Error {
    let (set, rep) = args.rep.unwrap_or_default();
    let there: Vec<String> = analysis.reps().map(|(set, rep)| format!("{}.{}", set.number, rep.number)).collect();
    let failure = nothing("correct_no_repetition", format!("there is no repetition {set}.{rep}"));
    if there.is_empty() {
        return failure.hint("the analysis finds none: see why (`truehinge explain`)").into();
    }
    failure.hint(format!("give one of {} (--rep SET.REP)", there.join(", "))).into()
}

/// `2026-10-01T22:02:15Z  1.4 (12.3-15.6 s)  excluded: talked (MK); computed: true hinge`.
fn in_words(said: &Said) -> String {
    let change = match said.change {
        Change::Excluded => "excluded".to_owned(),
        Change::Verdict { verdict } => verdict.title().to_owned(),
        Change::Undone => "taken back".to_owned(),
    };
    let at = iso_utc(said.at_utc_ns).unwrap_or_default();
    let at = at.split('.').next().unwrap_or_default().trim_end_matches('Z');
    format!(
        "{at}Z  {}.{} ({:.1}-{:.1} s)  {change}: {} ({}); computed: {}",
        said.set, said.rep, said.start_s, said.end_s, said.reason, said.author, said.computed
    )
}
