//! `explain`: why each repetition was judged, or not counted, as it was.

use crate::args::{Cli, ExplainArgs};
use crate::failure::nothing;
use crate::failure::unusable;
use crate::reading::{judge, options, read};
use crate::{Outcome, json, output};

/// Runs the command.
pub fn run(args: &ExplainArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let (mut recording, report) = read(&args.input, &options)?;
    let analysis = judge.analyse_opened(&args.input, &mut recording).map_err(unusable)?;
    if cli.json {
        json::print(&analysis);
        return Ok(Outcome::Done);
    }
    if let Some(report) = report {
        println!("{report}");
    }
    let reps: Vec<_> = analysis.reps().collect();
    if let Some(wanted) = args.rep
        && !(1..=reps.len()).contains(&wanted)
    {
        let failure = nothing("no_such_repetition", format!("there is no repetition {wanted}"));
        return Err(failure.hint(format!("give one of the {} of the session (--rep N)", reps.len())).into());
    }
    for (number, (set, rep)) in (1..).zip(&reps) {
        if args.rep.is_none_or(|wanted| wanted == number) {
            println!("{}", output::explanation(set, rep));
        }
    }
    if args.rep.is_none() {
        match output::rejected(&analysis, true) {
            Some(rejected) => println!("{rejected}"),
            None => println!("No movement was rejected."),
        }
        println!("{}", output::findings(&analysis));
    }
    Ok(Outcome::Done)
}
