//! `analyze`: recordings to repetitions, numbers, verdicts and tables.

use anyhow::Context;
use truehinge_core::SessionAnalysis;
use truehinge_dataset::table;

use crate::analysis::Config;
use crate::args::{AnalyzeArgs, Cli};
use crate::reading::{find, name_unread, options, read, warn};
use crate::{Outcome, output};

/// Runs the command.
pub fn run(args: &AnalyzeArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let config = Config::new(&args.protocol)?;
    let found = find(&args.inputs, &options)?;
    let mut failed = name_unread(&found);
    if found.sources.is_empty() && !failed {
        eprintln!("there is no recording in what was given");
        return Ok(Outcome::NothingFound);
    }
    for path in &found.sources {
        let analysed = |recording| config.analyse(&recording).with_context(|| path.display().to_string());
        let result = read(path, &options).and_then(|(recording, report)| {
            warn(path, report.as_ref());
            analysed(recording)
        });
        match result {
            Ok(analysis) => {
                print(&analysis, cli)?;
                if let Some(out) = &args.out {
                    table::write_session(out, &analysis)?;
                }
            }
            Err(error) => {
                failed = true;
                eprintln!("{error:#}");
            }
        }
    }
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// Prints one session for people or for programs.
pub fn print(analysis: &SessionAnalysis, cli: &Cli) -> anyhow::Result<()> {
    if cli.json {
        println!("{}", serde_json::to_string(analysis)?);
        return Ok(());
    }
    println!("{} {}", analysis.info.athlete, analysis.info.session);
    println!("{}", output::repetitions(analysis));
    if let Some(rejected) = output::rejected(analysis, false) {
        println!("{rejected}");
    }
    println!("{}", output::findings(analysis));
    Ok(())
}
