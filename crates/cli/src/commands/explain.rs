//! `explain`: why each repetition was judged, or not counted, as it was.

use truehinge_core::SessionAnalysis;

use crate::args::{Cli, ExplainArgs, WhichRep};
use crate::failure::nothing;
use crate::failure::unusable;
use crate::reading::{judge, options, read};
use crate::{Outcome, json, output};

/// Runs the command.
pub fn run(args: &ExplainArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let (mut recording, report) = read(&args.input, &options)?;
    let mut analysis = judge.analyse_opened(&args.input, &mut recording).map_err(unusable)?;
    if let Some(wanted) = args.rep {
        keep_only(&mut analysis, wanted)?;
    }
    if cli.json {
        json::print(&analysis);
        return Ok(Outcome::Done);
    }
    if let Some(report) = report {
        println!("{report}");
    }
    analysis.reps().for_each(|(set, rep)| println!("{}", output::explanation(set, rep)));
    if args.rep.is_none() {
        match output::rejected(&analysis, true) {
            Some(rejected) => println!("{rejected}"),
            None => println!("No movement was rejected."),
        }
        println!("{}", output::findings(&analysis));
    }
    Ok(Outcome::Done)
}

/// Leaves that repetition in the session, and no other.
fn keep_only(analysis: &mut SessionAnalysis, wanted: WhichRep) -> anyhow::Result<()> {
    let count = analysis.reps().count();
    let mut number = 0;
    for set in &mut analysis.sets {
        let of = set.number;
        set.reps.retain(|rep| {
            number += 1;
            match wanted {
                WhichRep::OfSet(set, wanted) => (of, rep.number) == (set, wanted),
                WhichRep::Through(wanted) => number == wanted,
            }
        });
    }
    if analysis.reps().next().is_some() {
        return Ok(());
    }
    let name = match wanted {
        WhichRep::OfSet(set, rep) => format!("{set}.{rep}"),
        WhichRep::Through(number) => number.to_string(),
    };
    let failure = nothing("no_such_repetition", format!("there is no repetition {name}"));
    Err(failure.hint(format!("give one of the {count} of the session (--rep SET.REP or --rep N)")).into())
}
