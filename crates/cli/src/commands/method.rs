//! `method`: every number that somebody chose.

use serde::Serialize;
use truehinge_signal::method::{Allowed, Bound, Entry};

use crate::args::{Cli, MethodArgs};
use crate::failure::Failure;
use crate::json::Output;
use crate::reading::judge_by_method;
use crate::{Outcome, json};

/// Widest line that is printed.
const LINE: usize = 100;
/// Before a line that belongs to the one above.
const INDENT: &str = "    ";
/// Columns; the last one is the source.
const HEADER: [&str; 4] = ["path", "value", "unit", "allowed"];

/// Runs the command.
pub fn run(args: &MethodArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    if args.toml && cli.json {
        let failure = Failure::new(Outcome::WrongUsage, "method_two_forms", "--toml and --json are given");
        return Err(failure.hint("leave one of them out").into());
    }
    let judge = judge_by_method(&args.method)?;
    let method = judge.method();
    if args.toml {
        print!("{}", method.to_commented_toml());
        return Ok(Outcome::Done);
    }
    let prefix = args.prefix.as_deref().unwrap_or_default();
    let mut entries = method.entries();
    entries.retain(|entry| entry.path.starts_with(prefix));
    if entries.is_empty() {
        let found = format!("no number's path begins with {prefix}");
        let failure = Failure::new(Outcome::WrongUsage, "method_no_such_prefix", found);
        return Err(failure.hint("choose one of all numbers (`truehinge method`)").into());
    }
    if cli.json {
        json::print(&Numbers { numbers: entries.iter().map(Number::of).collect() });
    } else {
        print!("{}", listed(&entries));
    }
    Ok(Outcome::Done)
}

/// One line a number; below it where it comes from, and the built-in value where it is another.
fn listed(entries: &[Entry]) -> String {
    let rows: Vec<[String; 4]> = entries.iter().map(row).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).chain([HEADER[column].len()]).max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    let line = |cells: [&str; 4]| {
        let line = cells.iter().zip(widths).fold(String::new(), |line, (cell, width)| format!("{line}{cell:width$}  "));
        format!("{}\n", line.trim_end())
    };
    let mut text = line(HEADER);
    for (entry, row) in entries.iter().zip(&rows) {
        text.push_str(&line([&row[0], &row[1], &row[2], &row[3]]));
        let default = if is_changed(entry) { format!("built in as {}", entry.default) } else { String::new() };
        let below = [default.as_str(), &entry.source];
        below.iter().flat_map(|words| wrapped(words)).for_each(|line| text.push_str(&format!("{INDENT}{line}\n")));
    }
    text
}

fn row(entry: &Entry) -> [String; 4] {
    let unit = if matches!(entry.allowed, Allowed::Words(_)) { "" } else { entry.unit };
    [entry.path.clone(), entry.value.clone(), unit.to_owned(), allowed(entry)]
}

/// A sentence as lines that fit beside the indent.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if INDENT.len() + line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn is_changed(entry: &Entry) -> bool {
    entry.value != entry.default
}

/// `0.5..30` or `published, anchored`; a bound in the same table goes by its name alone.
fn allowed(entry: &Entry) -> String {
    let table = entry.path.rsplit_once('.').map_or("", |(table, _)| table);
    let bound = |bound: &Bound| match bound {
        number @ Bound::Number(_) => number.to_string(),
        Bound::Path(path) => {
            path.strip_prefix(table).and_then(|name| name.strip_prefix('.')).unwrap_or(path).to_owned()
        }
    };
    match &entry.allowed {
        Allowed::Range { least, most, .. } => format!("{}..{}", bound(least), bound(most)),
        Allowed::Words(words) => words.join(", "),
    }
}

/// All numbers that were asked for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Numbers<'a> {
    /// Each with all that is known of it.
    numbers: Vec<Number<'a>>,
}

impl Output for Numbers<'_> {
    const SCHEMA: &'static str = "truehinge/method/1";
}

/// A number of the method, or a word.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Number<'a> {
    /// Tables and name, joined by dots; the members of a list are numbered from 0.
    path: &'a str,
    /// What it is now.
    value: Setting<'a>,
    /// What it is built in as.
    default: Setting<'a>,
    /// Unit, from the end of its name; 1 for shares, ratios and words.
    unit: &'a str,
    /// What it is for.
    meaning: &'a str,
    /// What it may be.
    allowed: May<'a>,
    /// Where it comes from.
    source: &'a str,
    /// The value that leaves its ingredient out; null where that makes no sense.
    off: Option<Setting<'a>>,
}

/// A value.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum Setting<'a> {
    /// A number.
    Number(f64),
    /// A whole number.
    Whole(i64),
    /// A word.
    Word(&'a str),
}

/// What a value may be.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum May<'a> {
    /// Between two numbers, both included.
    Range {
        /// Least.
        least: End<'a>,
        /// Most.
        most: End<'a>,
    },
    /// One of these words.
    Words(&'a [String]),
}

/// An end of a range.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum End<'a> {
    /// Fixed.
    Number(f64),
    /// As large as the number of this path is.
    Path(&'a str),
}

impl<'a> Number<'a> {
    fn of(entry: &'a Entry) -> Self {
        let whole = matches!(entry.allowed, Allowed::Range { whole: true, .. });
        let setting = |text| Setting::of(text, whole);
        Self {
            path: &entry.path,
            value: setting(&entry.value),
            default: setting(&entry.default),
            unit: entry.unit,
            meaning: &entry.meaning,
            allowed: match &entry.allowed {
                Allowed::Range { least, most, .. } => May::Range { least: End::of(least), most: End::of(most) },
                Allowed::Words(words) => May::Words(words),
            },
            source: &entry.source,
            off: entry.off.as_deref().map(setting),
        }
    }
}

impl<'a> Setting<'a> {
    fn of(text: &'a str, whole: bool) -> Self {
        match text.parse() {
            Ok(number) if !whole => Self::Number(number),
            _ => text.parse().map_or(Self::Word(text), Self::Whole),
        }
    }
}

impl<'a> End<'a> {
    fn of(bound: &'a Bound) -> Self {
        match bound {
            Bound::Number(number) => Self::Number(*number),
            Bound::Path(path) => Self::Path(path),
        }
    }
}
