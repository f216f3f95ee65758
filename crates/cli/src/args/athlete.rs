//! `athlete`: the people of a library.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use truehinge_core::{AthleteId, Day, Edges, Explained, Facts, Injured, Length, Limit};

use super::parse;

/// `athlete`
#[derive(Debug, Args)]
pub struct AthleteArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AthleteCommand,
}

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub enum AthleteCommand {
    /// Make a card: what is known of an athlete, asked once and used everywhere.
    Add(AddArgs),
    /// List the athletes who have a card.
    List(ListArgs),
    /// Show a card.
    Show(ShowArgs),
    /// Change what a card says, from today on: earlier sessions keep what held on their day.
    Edit(EditCardArgs),
    /// Make cards of a table (CSV): columns id, height_cm, shank_cm, thigh_cm, hip_width_cm, mass_kg, injured_side, readiness, squad.
    Import(ImportSquadArgs),
    /// Erase everything of an athlete below the library, and write down what was erased and what could not be reached.
    Erase(EraseArgs),
}

/// Whom.
#[derive(Debug, Args)]
pub struct WhoArgs {
    /// Pseudonym of the athlete, any letters; never a real name.
    #[arg(value_name = "ATHLETE", allow_hyphen_values = true, value_parser = parse::athlete)]
    pub athlete: AthleteId,
}

/// `athlete add`
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Whom.
    #[command(flatten)]
    pub who: WhoArgs,
    /// What is known.
    #[command(flatten)]
    pub facts: FactArgs,
    /// The day from which it holds, such as 2026-03-01. Default: it always held.
    #[arg(long, value_name = "DATE")]
    pub since: Option<Day>,
}

/// `athlete list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those of a squad.
    #[arg(long, value_name = "NAME")]
    pub squad: Option<String>,
}

/// `athlete show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Whom.
    #[command(flatten)]
    pub who: WhoArgs,
    /// The card as it stood on this day. Default: all that is known now.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Day>,
}

/// `athlete edit`
#[derive(Debug, Args)]
pub struct EditCardArgs {
    /// Whom.
    #[command(flatten)]
    pub who: WhoArgs,
    /// What is known now.
    #[command(flatten)]
    pub facts: FactArgs,
    /// The day from which it holds, such as 2026-03-01. Default: today.
    #[arg(long, value_name = "DATE")]
    pub since: Option<Day>,
    /// It always held: what the card says is a typing error.
    #[arg(long, conflicts_with = "since")]
    pub always: bool,
}

/// `athlete import`
#[derive(Debug, Args)]
pub struct ImportSquadArgs {
    /// The table.
    pub table: PathBuf,
}

/// `athlete erase`
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Whom.
    #[command(flatten)]
    pub who: WhoArgs,
    /// Erase without asking. Without it, and without a terminal to ask on, it only lists.
    #[arg(long)]
    pub yes: bool,
}

/// What is known of an athlete.
#[derive(Debug, Args)]
pub struct FactArgs {
    /// Standing height in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse::height)]
    pub height: Option<Length>,
    /// Knee joint line to outer ankle, in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse::length)]
    pub shank_length: Option<Length>,
    /// Greater trochanter to knee joint line, in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse::length)]
    pub thigh_length: Option<Length>,
    /// Distance between the hip joints, in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse::length)]
    pub hip_width: Option<Length>,
    /// Body mass in kilograms.
    #[arg(long, value_name = "KG")]
    pub mass: Option<f64>,
    /// Which side is injured: left, right, both, none.
    #[arg(long, value_name = "SIDE", value_parser = parse_injured)]
    pub injured: Option<Injured>,
    /// How ready the athlete is, in words.
    #[arg(long, value_name = "TEXT", value_parser = parse::line)]
    pub readiness: Option<String>,
    /// A limit of their own in place of the protocol's, such as knee_forward_mm=10,20 (good, fault). Repeatable.
    #[arg(long, value_name = "NAME=GOOD,FAULT", value_parser = parse_limit)]
    pub limit: Vec<(Limit, Edges)>,
    /// A squad the athlete is in; all of them are given together. Repeatable.
    #[arg(long, value_name = "NAME", value_parser = parse::line)]
    pub squad: Vec<String>,
}

impl FactArgs {
    /// As a card holds it.
    ///
    /// # Errors
    /// Nobody is so: what is wrong, and what to do.
    pub fn facts(&self) -> Result<Facts, impl Explained + use<>> {
        let facts = Facts {
            stature: self.height,
            shank_length: self.shank_length,
            thigh_length: self.thigh_length,
            hip_width: self.hip_width,
            mass_kg: self.mass,
            injured_side: self.injured,
            readiness: self.readiness.clone(),
            limits: self.limit.iter().copied().collect::<BTreeMap<_, _>>(),
            squads: Some(self.squad.iter().cloned().collect()).filter(|_| !self.squad.is_empty()),
        };
        facts.check().map(|()| facts)
    }
}

fn parse_injured(text: &str) -> Result<Injured, String> {
    let all = [Injured::Left, Injured::Right, Injured::Both, Injured::None];
    all.into_iter().find(|side| side.name() == text).ok_or_else(|| "give left, right, both or none".to_owned())
}

fn parse_limit(text: &str) -> Result<(Limit, Edges), String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let (name, edges) = text.split_once('=').unwrap_or((text, ""));
    let limit = Limit::ALL.into_iter().find(|limit| limit.name() == name);
    let names = Limit::ALL.map(Limit::name).join(", ");
    let limit = limit.ok_or_else(|| format!("there is no limit {name}: give one of {names}"))?;
    let edges = edges.split_once(',').and_then(|(good, fault)| Some((number(good)?, number(fault)?)));
    let (good, fault) = edges.ok_or_else(|| format!("give what is good and what is a fault, such as {name}=10,20"))?;
    Ok((limit, Edges { good, fault }))
}
