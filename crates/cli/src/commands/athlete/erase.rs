//! Everything of a person is erased, and what was erased written down.

use std::borrow::Cow;
use std::io::{self, BufRead, IsTerminal, Write};

use serde::Serialize;
use truehinge_core::AthleteId;
use truehinge_dataset::erase::{Action, ELSEWHERE, Plan, Receipt, Stamp, What, find};

use super::Library;
use crate::args::{Cli, EraseArgs};
use crate::failure::{Failure, nothing};
use crate::json::{Output, path};
use crate::{Outcome, json, now, pipe};

/// What is to be erased, or was.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Erasure<'a> {
    /// Whose; as it was asked for.
    athlete_id: &'a AthleteId,
    /// The files.
    items: Vec<Listed<'a>>,
    /// Files below the library that are the person's, or may be, and stay.
    not_reached: Vec<Kept<'a>>,
    /// What no search below the library can find.
    elsewhere: [&'static str; 4],
    /// The receipt; null where it was only listed.
    receipt: Option<Cow<'a, str>>,
    /// What could not be erased, by path; empty where all was, or it was only listed.
    failed: Vec<String>,
}

/// A file of the person.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Listed<'a> {
    /// Where it is, or was.
    path: Cow<'a, str>,
    /// What it is.
    what: What,
    /// What becomes of it.
    #[serde(flatten)]
    action: Action,
}

/// A file that stays.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Kept<'a> {
    /// Where it is.
    path: Cow<'a, str>,
    /// Why it stays.
    why: &'a str,
}

impl Output for Erasure<'_> {
    const SCHEMA: &'static str = "truehinge/erase/1";
}

impl<'a> Erasure<'a> {
    fn of(plan: &'a Plan, receipt: Option<&'a Receipt>) -> Self {
        let item = |item: &'a truehinge_dataset::erase::Item| Listed {
            path: path(&item.path),
            what: item.what,
            action: item.action,
        };
        let kept = |kept: &'a truehinge_dataset::erase::NotReached| Kept { path: path(&kept.path), why: kept.why };
        Self {
            athlete_id: &plan.athlete,
            items: plan.items.iter().map(item).collect(),
            not_reached: plan.not_reached.iter().map(kept).collect(),
            elsewhere: ELSEWHERE,
            receipt: receipt.map(|receipt| path(&receipt.path)),
            failed: receipt.map_or_else(Vec::new, |receipt| failed(plan, receipt)),
        }
    }
}

/// Erases, if somebody says so.
pub fn erase(args: &EraseArgs, library: &Library, cli: &Cli) -> anyhow::Result<Outcome> {
    let athlete = &args.who.athlete;
    check_library(library, cli)?;
    let plan = find(&library.folder, athlete);
    if plan.is_empty() {
        let found = format!("{}: there is nothing of {athlete}", library.folder.display());
        plan.not_reached.iter().for_each(|kept| eprintln!("{}: {}", kept.path.display(), kept.why));
        return Err(nothing("nothing_of_athlete", found).hint("check the id (`truehinge athlete list`)").into());
    }
    if !cli.json {
        list(&plan);
    }
    let is_asked = io::stdin().is_terminal() && !cli.json;
    if !args.yes && !is_asked {
        if cli.json {
            json::print(&Erasure::of(&plan, None));
        }
        let failure = Failure::new(Outcome::WrongUsage, "not_erased", "nothing was erased: it was only listed");
        failure.hint("erase it (--yes)").tell(false);
        return Ok(Outcome::WrongUsage);
    }
    if !args.yes && !is_confirmed(athlete)? {
        println!("nothing was erased");
        return Ok(Outcome::WrongUsage);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    let receipt = plan.carry_out(&Stamp { at_utc_ns: now::utc_ns(), salt })?;
    Ok(tell(&plan, &receipt, cli))
}

/// What lies below any folder is not searched, and erased, by mistake.
fn check_library(library: &Library, cli: &Cli) -> anyhow::Result<()> {
    let is_one = ["athletes", "recordings"].iter().any(|part| library.folder.join(part).is_dir());
    if is_one || cli.library.is_some() {
        return Ok(());
    }
    let found = "the current folder is no library: there is neither a folder athletes nor a folder recordings in it";
    let failure = Failure::new(Outcome::WrongUsage, "no_library", found);
    Err(failure.hint("name the folder below which everything of the athlete is (--library FOLDER)").into())
}

fn tell(plan: &Plan, receipt: &Receipt, cli: &Cli) -> Outcome {
    let failed = failed(plan, receipt);
    if cli.json {
        json::print(&Erasure::of(plan, Some(receipt)));
    } else {
        println!(
            "{} files erased or written anew; receipt: {}",
            receipt.items.len() - failed.len(),
            receipt.path.display()
        );
    }
    failed.iter().for_each(|failed| pipe::err(format_args!("not erased: {failed}\n")));
    if failed.is_empty() { Outcome::Done } else { Outcome::SomeFailed }
}

/// What could not be erased, with the reason.
fn failed(plan: &Plan, receipt: &Receipt) -> Vec<String> {
    let both = plan.items.iter().zip(&receipt.items);
    let failed = |(item, erased): (&truehinge_dataset::erase::Item, &truehinge_dataset::erase::receipt::Erased)| {
        erased.error.as_ref().map(|error| format!("{}: {error}", item.path.display()))
    };
    both.filter_map(failed).collect()
}

/// Everything that is to be erased, and what cannot be.
fn list(plan: &Plan) {
    println!("of {}, below {}:", plan.athlete, plan.library.display());
    for item in &plan.items {
        let action = match item.action {
            Action::Delete => "delete".to_owned(),
            Action::RemoveRows { rows } => format!("take out {rows} rows"),
        };
        println!("  {action}: {}", item.path.display());
    }
    println!("not reached:");
    plan.not_reached.iter().for_each(|kept| println!("  {}: {}", kept.path.display(), kept.why));
    ELSEWHERE.iter().for_each(|elsewhere| println!("  {elsewhere}"));
}

/// Whether somebody writes the id once more.
fn is_confirmed(athlete: &AthleteId) -> io::Result<bool> {
    print!("erase all of this for ever? Write {athlete} to do it: ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == athlete.as_str())
}
