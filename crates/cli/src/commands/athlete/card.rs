//! A card is made, shown, changed.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;
use truehinge_core::card::Entry;
use truehinge_core::{AthleteCard, AthleteId, Day, Facts, LocalStart};
use truehinge_dataset::cards::{CardError, recordings_below};

use super::Library;
use crate::args::{AddArgs, Cli, EditCardArgs, ListArgs, ShowArgs};
use crate::failure::{Failure, nothing, unusable, wrong_usage};
use crate::json::{Output, path};
use crate::naming::Names;
use crate::{Outcome, json, now, output};

/// A card as it is printed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shown<'a> {
    /// Pseudonym of the person, every letter of it.
    athlete_id: &'a AthleteId,
    /// The file of the card.
    card: Cow<'a, str>,
    /// What holds, of each fact the last; on the day that was asked for, else now.
    facts: Entry,
    /// All that was learnt, each with the day from which it holds.
    entries: &'a [Entry],
    /// Recordings of the person in the library whose next analysis uses what was changed; null where nothing was changed.
    concerned: Option<usize>,
}

impl Output for Shown<'_> {
    const SCHEMA: &'static str = "truehinge/athlete/1";
}

/// Makes a card.
pub fn add(args: &AddArgs, library: &Library, cli: &Cli) -> anyhow::Result<Outcome> {
    let athlete = &args.who.athlete;
    let facts = args.facts.facts().map_err(wrong_usage)?;
    let mut card = AthleteCard { athlete: athlete.clone(), entries: Vec::new() };
    card.learn(args.since, &facts);
    let file = library.cards.add(&card).map_err(unusable)?;
    Names::default().athlete(athlete);
    tell_changed(&card, &file, args.since, library, cli);
    Ok(Outcome::Done)
}

/// Changes a card.
pub fn edit(args: &EditCardArgs, library: &Library, cli: &Cli) -> anyhow::Result<Outcome> {
    let facts = args.facts.facts().map_err(wrong_usage)?;
    if facts.is_empty() {
        let failure = Failure::new(Outcome::WrongUsage, "nothing_to_change", "nothing is to be changed");
        return Err(failure.hint("say what is known now, such as --height CM").into());
    }
    let mut card = of(&args.who.athlete, library)?;
    let from = if args.always { None } else { args.since.or_else(now::today) };
    card.learn(from, &facts);
    let file = library.cards.replace(&card).map_err(unusable)?;
    tell_changed(&card, &file, from, library, cli);
    Ok(Outcome::Done)
}

/// Shows a card.
pub fn show(args: &ShowArgs, library: &Library, cli: &Cli) -> anyhow::Result<Outcome> {
    let card = of(&args.who.athlete, library)?;
    let file = library.cards.path(&card.athlete);
    let facts = args.on.map_or_else(|| card.facts(), |day| card.facts_on(Some(day)));
    if cli.json {
        print_json(&card, &file, facts, None);
        return Ok(Outcome::Done);
    }
    println!("{}  ({})", card.athlete, file.display());
    let mut lines = in_words(&facts);
    if lines.is_empty() {
        lines.push("nothing is known yet".to_owned());
    }
    lines.iter().for_each(|line| println!("  {line}"));
    for entry in card.entries.iter().filter(|entry| entry.from.is_some()) {
        let from = entry.from.map_or_else(String::new, |from| from.to_string());
        println!("since {from}: {}", in_words(&entry.facts).join(", "));
    }
    Ok(Outcome::Done)
}

/// Lists all who have a card.
pub fn list(args: &ListArgs, library: &Library, cli: &Cli) -> anyhow::Result<Outcome> {
    let mut cards = library.cards.all().map_err(unusable)?;
    if let Some(squad) = &args.squad {
        cards.retain(|card| card.facts().squads.is_some_and(|squads| squads.contains(squad)));
    }
    if cards.is_empty() {
        let found = format!("{}: no athlete has a card", library.folder.display());
        return Err(nothing("no_athletes", found).hint("make one (`truehinge athlete add`)").into());
    }
    if cli.json {
        cards.iter().for_each(|card| print_json(card, &library.cards.path(&card.athlete), card.facts(), None));
        return Ok(Outcome::Done);
    }
    let mut table = output::table(&["athlete", "height", "shank", "squads", "injured", "readiness"]);
    for card in &cards {
        let facts = card.facts();
        let cm = |length: Option<truehinge_core::Length>| {
            length.map_or_else(|| "-".to_owned(), |length| format!("{:.1} cm", length.millimetres() / 10.0))
        };
        table.add_row([
            card.athlete.to_string(),
            cm(facts.stature),
            cm(facts.shank_length),
            facts.squads.unwrap_or_default().into_iter().collect::<Vec<_>>().join(", "),
            facts.injured_side.map_or_else(String::new, |side| side.name().to_owned()),
            facts.readiness.unwrap_or_default(),
        ]);
    }
    println!("{table}");
    Ok(Outcome::Done)
}

fn of(athlete: &AthleteId, library: &Library) -> anyhow::Result<AthleteCard> {
    let none = || CardError::None { athlete: athlete.clone(), folder: library.folder.clone() };
    library.cards.read(athlete).map_err(unusable)?.ok_or_else(|| unusable(none()))
}

/// Says what a card is now, and which recordings that concerns.
fn tell_changed(card: &AthleteCard, file: &Path, from: Option<Day>, library: &Library, cli: &Cli) {
    let mut of_athlete = recordings_below(&library.folder);
    of_athlete.retain(|(_, info)| info.athlete == card.athlete);
    let is_later = |day: Option<Day>| from.is_none() || day >= from;
    let day = |info: &truehinge_core::SessionInfo| info.local_start().as_ref().map(LocalStart::day);
    let concerned = of_athlete.iter().filter(|(_, info)| is_later(day(info))).count();
    if cli.json {
        print_json(card, file, card.facts(), Some(concerned));
        return;
    }
    println!("{}: {}", card.athlete, in_words(&card.facts()).join(", "));
    let holds = from.map_or_else(|| "for all time".to_owned(), |from| format!("from {from} on"));
    println!(
        "kept in {}; it holds {holds}, for {concerned} of {} recordings in the library; what is written stays as it is until it is \
         analysed again",
        file.display(),
        of_athlete.len()
    );
}

fn print_json(card: &AthleteCard, file: &Path, facts: Facts, concerned: Option<usize>) {
    let facts = Entry { from: None, facts };
    json::print(&Shown { athlete_id: &card.athlete, card: path(file), facts, entries: &card.entries, concerned });
}

/// A fact a line.
fn in_words(facts: &Facts) -> Vec<String> {
    let lengths = [
        ("height", facts.stature),
        ("shank", facts.shank_length),
        ("thigh", facts.thigh_length),
        ("hip width", facts.hip_width),
    ];
    let cm = |(name, length): (&str, Option<truehinge_core::Length>)| {
        length.map(|length| format!("{name} {:.1} cm", length.millimetres() / 10.0))
    };
    let mut words: Vec<String> = lengths.into_iter().filter_map(cm).collect();
    words.extend(facts.mass_kg.map(|mass| format!("mass {mass} kg")));
    words.extend(facts.injured_side.map(|side| format!("injured side: {}", side.name())));
    words.extend(facts.readiness.as_ref().map(|readiness| format!("readiness: {readiness}")));
    let limit = |(limit, edges): (&truehinge_core::Limit, &truehinge_core::Edges)| {
        format!("limit {}: good {}, fault {}", limit.name(), edges.good, edges.fault)
    };
    words.extend(facts.limits.iter().map(limit));
    let squads = |squads: &std::collections::BTreeSet<String>| squads.iter().cloned().collect::<Vec<_>>().join(", ");
    words.extend(facts.squads.as_ref().map(|all| format!("squads: {}", squads(all))));
    words
}
