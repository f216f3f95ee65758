//! `analyze`: recordings to repetitions, numbers, verdicts and tables.

use std::path::Path;

use anyhow::Context;
use truehinge_core::SessionAnalysis;
use truehinge_dataset::table;

use crate::analysis::Config;
use crate::args::{AnalyzeArgs, Cli};
use crate::naming::Names;
use crate::reading::{each_once, find, name_unread, options, read, warn};
use crate::{Outcome, output, pipe};

/// Runs the command.
pub fn run(args: &AnalyzeArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let config = Config::new(&args.protocol)?;
    let found = find(&args.inputs, &options)?;
    let mut failed = name_unread(&found.unread);
    if found.sources.is_empty() && !failed {
        eprintln!("there is no recording in what was given");
        return Ok(Outcome::NothingFound);
    }
    let mut names = Names::default();
    for path in &each_once(found.sources, &options) {
        // Without tables to write there is nothing to do for nobody.
        if pipe::is_closed() && args.out.is_none() {
            break;
        }
        let analysed = |recording| config.analyse(&recording).with_context(|| path.display().to_string());
        let result = read(path, &options).and_then(|(recording, report)| {
            warn(path, report.as_ref());
            analysed(recording)
        });
        match result {
            Ok(analysis) => {
                print(&analysis, cli)?;
                names.count(&analysis.info);
                if let Some(out) = &args.out {
                    store(out, &analysis, &mut names)?;
                }
            }
            Err(error) => {
                failed = true;
                eprintln!("{error:#}");
            }
        }
    }
    names.ask();
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
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
pub fn print(analysis: &SessionAnalysis, cli: &Cli) -> anyhow::Result<()> {
    if cli.json {
        println!("{}", serde_json::to_string(analysis)?);
        return Ok(());
    }
    let start = analysis.info.local_start().map_or_else(String::new, |start| format!("  {}", start.words()));
    println!("{} {}{start}", analysis.info.athlete, analysis.info.session);
    println!("{}", output::repetitions(analysis));
    if let Some(rejected) = output::rejected(analysis, false) {
        println!("{rejected}");
    }
    println!("{}", output::findings(analysis));
    Ok(())
}
