//! `inspect`: what files and folders hold before anything is made of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use truehinge_dataset::atomic::write_new;
use truehinge_dataset::import::TrackSummary;
use truehinge_session::inspect::{Inspected, Overview, Study, sensors_in_words};
use truehinge_session::{Batch, Failed, Judge};

use crate::args::{Cli, InspectArgs};
use crate::failure::{Failure, interrupted, no_recording, of_input};
use crate::json::Output;
use crate::reading::{find, options};
use crate::{Outcome, inputs, json, output};

impl Output for Inspected {
    const SCHEMA: &'static str = "truehinge/inspect/1";
}

impl Output for Overview {
    const SCHEMA: &'static str = "truehinge/overview/1";
}

/// Runs the command.
pub fn run(args: &InspectArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let found = find(&args.inputs, &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let root = match args.inputs.as_slice() {
        [folder] if folder.is_dir() => folder.as_path(),
        _ => Path::new(""),
    };
    let judge = Judge::default();
    let batch = Batch { root, options: &options, judge: &judge, threads: args.jobs, athlete: None, store: None };
    let study = inputs::inspect(&batch, found, cli)?;
    if study.interrupted {
        return Err(interrupted("nothing was written"));
    }
    if let Some(file) = &args.csv {
        write_table(file, &study)?;
    }
    tell(&study, cli);
    Ok(inputs::name_failures(&study.failures, cli))
}

fn tell(study: &Study, cli: &Cli) {
    let overview = Overview::of(study);
    if cli.json {
        study.inputs.iter().for_each(json::print);
        json::print(&overview);
        return;
    }
    if !study.inputs.is_empty() {
        println!("{}", table(study.inputs.iter().map(|input| (input, None))));
    }
    for input in &study.inputs {
        input.report.warnings.iter().for_each(|warning| println!("{}: {warning}", input.input));
    }
    println!("{}", in_words(&overview));
    inputs::tell(&study.notices);
}

/// A line for each input, with the recording that it becomes, where it is to become one.
pub fn table<'a>(inputs: impl Iterator<Item = (&'a Inspected, Option<Cow<'a, str>>)>) -> comfy_table::Table {
    let mut rows = inputs.peekable();
    let mut head = vec!["input", "format", "who", "leg", "s", "sensors", "lost", "gap s", "gravity"];
    head.extend(rows.peek().and_then(|(_, recording)| recording.as_ref()).map(|_| "recording"));
    let mut table = output::table(&head);
    for (input, recording) in rows {
        let mut row = row(input);
        row.extend(recording.map(Cow::into_owned));
        table.add_row(row);
    }
    table
}

fn row(input: &Inspected) -> Vec<String> {
    let sensors = &input.report.sensors;
    let most = |of: fn(&TrackSummary) -> f64| sensors.iter().map(of).fold(0.0, f64::max);
    let name = match &input.same_as {
        Some(same) => format!("{} = {same}", input.input),
        None => input.input.clone(),
    };
    let legs: Vec<String> = input.sides.iter().map(ToString::to_string).collect();
    let gravity: Vec<String> =
        sensors.iter().filter_map(|sensor| sensor.gravity).map(|gravity| format!("{gravity:.2}")).collect();
    let or_dash = |words: String| if words.is_empty() { "-".to_owned() } else { words };
    vec![
        name,
        input.format.clone(),
        input.athlete_id.clone(),
        or_dash(legs.join(", ")),
        format!("{:.0}", input.duration_s()),
        sensors_in_words(sensors),
        format!("{:.1} %", 100.0 * most(TrackSummary::lost_share)),
        format!("{:.2}", most(|sensor| sensor.longest_step_s)),
        or_dash(gravity.join(", ")),
    ]
}

/// The study in a few lines.
pub fn in_words(overview: &Overview) -> String {
    let Overview { n_recordings, n_athletes, n_copies, n_failed, duration_s, n_to_look_at, .. } = overview;
    let counted = |of: &BTreeMap<String, usize>| {
        let one = |(what, n): (&String, &usize)| format!("{n} x {what}");
        of.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let one = |n: &usize, one: &str, several: &str| format!("{n} {}", if *n == 1 { one } else { several });
    let mut lines = vec![format!(
        "{} of {}, {:.1} minutes; {}, {n_failed} that cannot be read, {n_to_look_at} with something to look at",
        one(n_recordings, "recording", "recordings"),
        one(n_athletes, "person", "people"),
        duration_s / 60.0,
        one(n_copies, "copy", "copies"),
    )];
    if *n_recordings > 0 {
        lines.push(format!("formats: {}", counted(&overview.formats)));
        lines.push(format!("sensors: {}", counted(&overview.sensors)));
    }
    lines.join("\n")
}

/// A sensor of a recording, or what cannot be read.
#[derive(Serialize, Default)]
struct Line<'a> {
    input: &'a str,
    format: &'a str,
    athlete_id: &'a str,
    session: &'a str,
    start: &'a str,
    protocol: &'a str,
    sides: String,
    n_sets: Option<usize>,
    same_as: &'a str,
    sensor: &'a str,
    name: &'a str,
    samples: Option<usize>,
    duration_s: Option<f64>,
    nominal_hz: Option<f64>,
    seen_hz: Option<f64>,
    gyroscope_hz: Option<f64>,
    lost: Option<u64>,
    gaps: Option<usize>,
    longest_step_s: Option<f64>,
    gravity_m_s2: Option<f64>,
    incomplete: Option<usize>,
    warnings: String,
    error: String,
}

/// A table with a row for every sensor, and for every input that cannot be read.
fn write_table(file: &Path, study: &Study) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for input in &study.inputs {
        for line in lines(input) {
            csv.serialize(line)?;
        }
    }
    for failed in &study.failures {
        csv.serialize(of_failed(failed))?;
    }
    let bytes = csv.into_inner()?;
    write_new(file, |out| out.write_all(&bytes)).map_err(|error| not_written(file, &error).into())
}

fn not_written(file: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        let found = format!("{}: is there already", file.display());
        return Failure::new(Outcome::Failed, "inspect_table_exists", found).hint("name another file");
    }
    Failure::new(Outcome::Failed, "inspect_table_not_written", format!("{}: {error}", file.display()))
        .hint("name a file in a folder that can be written to")
}

fn lines(input: &Inspected) -> impl Iterator<Item = Line<'_>> {
    let sides = input.sides.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    input.report.sensors.iter().map(move |sensor| Line {
        input: &input.input,
        format: &input.format,
        athlete_id: &input.athlete_id,
        session: &input.session,
        start: input.start.as_deref().unwrap_or_default(),
        protocol: &input.protocol,
        sides: sides.clone(),
        n_sets: Some(input.n_sets),
        same_as: input.same_as.as_deref().unwrap_or_default(),
        sensor: sensor.role.name(),
        name: &sensor.name,
        samples: Some(sensor.samples),
        duration_s: Some(sensor.seconds),
        nominal_hz: sensor.nominal_hz,
        seen_hz: sensor.seen_hz,
        gyroscope_hz: sensor.gyroscope_hz,
        lost: Some(sensor.lost),
        gaps: Some(sensor.gaps),
        longest_step_s: Some(sensor.longest_step_s),
        gravity_m_s2: sensor.gravity,
        incomplete: Some(sensor.incomplete),
        warnings: input.report.warnings.join("; "),
        error: String::new(),
    })
}

fn of_failed(failed: &Failed) -> Line<'_> {
    Line { input: &failed.source, error: of_input(failed).in_full(), ..Line::default() }
}
