//! `analyze`: recordings to repetitions, numbers, verdicts and tables.

use std::path::Path;

use truehinge_core::SessionAnalysis;
use truehinge_dataset::table;
use truehinge_session::{Batch, Session};

use crate::args::{AnalyzeArgs, Cli};
use crate::failure::{interrupted, no_recording};
use crate::inputs::{self, name_failures};
use crate::naming::Names;
use crate::reading::{find, judge, options};
use crate::{Outcome, json, output};

/// Runs the command.
pub fn run(args: &AnalyzeArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let found = find(&args.inputs, &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let batch =
        Batch { root: Path::new(""), options: &options, judge: &judge, threads: None, athlete: None, store: None };
    let judged = inputs::run(&batch, found, cli)?;
    if judged.interrupted {
        return Err(interrupted("nothing was written"));
    }
    let mut names = Names::default();
    for Session { analysis, warnings, .. } in &judged.sessions {
        warnings.iter().for_each(|warning| eprintln!("{warning}"));
        print(analysis, cli);
        names.count(&analysis.info.athlete);
        if let Some(out) = &args.out {
            store(out, analysis, &mut names)?;
        }
    }
    names.ask();
    Ok(name_failures(&judged.failures, cli))
}

/// Writes the tables of a session, and says it if they are not in the folder of its name.
fn store(out: &Path, analysis: &SessionAnalysis, names: &mut Names) -> anyhow::Result<()> {
    let folder = table::write_session(out, analysis)?;
    let session = &analysis.info.session;
    names.session(session);
    if folder != out.join(session.file_name()) {
        eprintln!(
            "{}: a folder of this name holds the tables of another recording: those of {} {session} are in {}",
            out.join(session.file_name()).display(),
            analysis.info.athlete,
            folder.display()
        );
    }
    Ok(())
}

/// Prints one session for people or for programs.
pub fn print(analysis: &SessionAnalysis, cli: &Cli) {
    if cli.json {
        json::print(analysis);
        return;
    }
    let start = analysis.info.local_start().map_or_else(String::new, |start| format!("  {}", start.words()));
    println!("{} {}{start}", analysis.info.athlete, analysis.info.session);
    println!("{}", output::repetitions(analysis));
    if let Some(rejected) = output::rejected(analysis, false) {
        println!("{rejected}");
    }
    println!("{}", output::findings(analysis));
}
