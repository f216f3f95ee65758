//! `methods`: the paragraphs on methods of a paper, from results.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use truehinge_dataset::table::{EventRow, Failure as FailureRow, RepRow, Row, SessionRow, SetRow, read_table};
use truehinge_session::methods::{Methods, Results};
use truehinge_session::workplace::RESULTS;
use truehinge_session::{Batch, Error};

use crate::args::{Cli, MethodsArgs};
use crate::failure::{Failure, interrupted, no_recording, unusable};
use crate::json::{self, Output};
use crate::reading::{find, judge, options, results};
use crate::{Outcome, inputs};

/// Runs the command.
pub fn run(args: &MethodsArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let tables: Vec<&PathBuf> = args.inputs.iter().filter(|input| table(input, SessionRow::TABLE).is_some()).collect();
    let (results, outcome) = match tables[..] {
        [] => analysed(args, cli)?,
        [folder] if args.inputs.len() == 1 => (of_tables(folder)?, Outcome::Done),
        _ => {
            let found = "a folder with tables is given together with other inputs";
            let failure = Failure::new(Outcome::WrongUsage, "methods_several", found);
            return Err(failure.hint("give one folder with tables, or recordings").into());
        }
    };
    let Methods { paragraphs, references, bibtex } = results.methods();
    if cli.json {
        json::print(&Written { paragraphs, references, bibtex });
    } else if args.bibtex {
        print!("{bibtex}");
    } else {
        println!("{}", paragraphs.join("\n\n"));
        if !references.is_empty() {
            println!("\nReferences\n\n{}", references.join("\n"));
        }
    }
    Ok(outcome)
}

/// The words for a paper.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Written {
    /// The text, a paragraph each.
    pub paragraphs: Vec<String>,
    /// What it cites, an entry each.
    pub references: Vec<String>,
    /// The same as BibTeX, with the program itself.
    pub bibtex: String,
}

impl Output for Written {
    const SCHEMA: &'static str = "truehinge/methods/1";
}

/// Of recordings; results of earlier runs beside one folder are used.
fn analysed(args: &MethodsArgs, cli: &Cli) -> anyhow::Result<(Results, Outcome)> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let found = find(&args.inputs, &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let beside = args.inputs.first().map(|input| input.join(RESULTS)).filter(|folder| folder.is_dir());
    let store = beside.and_then(|folder| results(&folder, &args.results));
    let root = Path::new("");
    let batch = Batch { root, options: &options, judge: &judge, threads: None, athlete: None, store: store.as_ref() };
    let judged = inputs::run(&batch, found, cli)?;
    if judged.interrupted {
        return Err(interrupted("nothing was written"));
    }
    let outcome = inputs::name_failures(&judged.failures, cli);
    let analyses = judged.sessions.iter().map(|session| &session.analysis);
    Ok((Results::of(analyses, judge.method(), judged.failures.len()), outcome))
}

/// Of the tables of a folder.
fn of_tables(folder: &Path) -> anyhow::Result<Results> {
    let sessions = rows::<SessionRow>(folder)?;
    let events = rows::<EventRow>(folder)?;
    let failures = rows::<FailureRow>(folder)?.len();
    Ok(Results::of_tables(sessions, rows::<SetRow>(folder)?, rows::<RepRow>(folder)?, &events, failures))
}

/// The files of a table in a folder: whole, as Parquet or text, or in parts. `None` if it is not there.
fn table(folder: &Path, name: &str) -> Option<Vec<PathBuf>> {
    let whole = ["parquet", "csv"].map(|ending| folder.join(format!("{name}.{ending}")));
    if let Some(whole) = whole.into_iter().find(|file| file.is_file()) {
        return Some(vec![whole]);
    }
    let is_part = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("part-") && name.ends_with(".parquet")
    };
    let entries = fs::read_dir(folder.join(name)).ok()?;
    let mut parts: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_part).collect();
    parts.sort();
    (!parts.is_empty()).then_some(parts)
}

/// The rows of a table; none where it is not there.
fn rows<R: Row>(folder: &Path) -> anyhow::Result<Vec<R>> {
    let mut rows = Vec::new();
    for file in table(folder, R::TABLE).unwrap_or_default() {
        rows.extend(read_table::<R>(&file).map_err(|error| unusable(Error::from(error)))?);
    }
    Ok(rows)
}
