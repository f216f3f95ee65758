//! `demo`: a virtual athlete wears two virtual sensors; everything after the radio is the real program.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;
use truehinge_ble::driver::nus::NusDriver;
use truehinge_ble::recorder::RecorderEvent;
use truehinge_ble::{Markers, SensorLink, record};
use truehinge_core::{Metric, Rep, SessionAnalysis, Verdict};
use truehinge_dataset::recording::{RecordingWriter, read};
use truehinge_dataset::table;
use truehinge_session::Judge;
use truehinge_session::recording::Replay;
use truehinge_sim::peripheral::{RadioModel, VirtualPeripheral, profile};
use truehinge_sim::{Scenario, SimulatedSession, TrueRep};
use truehinge_web::{Port, Showing};

use super::replay::play;
use super::report::{Day, Made, Wanted, demo_style};
use crate::args::{Cli, DemoArgs, FrontArgs, Pages};
use crate::failure::Failure;
use crate::front::Front;
use crate::reading::judge_by_method;
use crate::{Outcome, json, output, progress};

/// Runs the command.
pub fn run(args: &DemoArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let judge = judge_by_method(&args.method)?;
    let session = Scenario::demo().run()?;
    clear_previous(&args.out)?;
    let recording = record_session(&session, &args.out, cli)?;
    if args.live || args.front.is_any() {
        return live(&recording, &judge, args, cli);
    }
    let analysis = judge.analyse_recording(&read(&recording)?)?;
    table::write_session(&args.out, &analysis)?;
    let day = Day::alone(&analysis);
    let wanted =
        Wanted { pages: &[Pages::Summary, Pages::Report, Pages::Quality, Pages::Html], figures: true, png: false };
    let pages = Made::of(&day, &demo_style(), wanted)?.write(&args.out, &day)?;
    if cli.json {
        json::print(&analysis);
        return Ok(Outcome::Done);
    }
    println!("{}", comparison(&analysis, &session));
    if let Some(rejected) = output::rejected(&analysis, false) {
        println!("{rejected}");
    }
    println!("{}", output::findings(&analysis));
    println!("recording  {}", recording.display());
    println!("tables     {}", args.out.join(analysis.info.session.file_name()).display());
    for (name, path) in &pages.documents {
        println!("{name:10} {}", path.display());
    }
    if let Some(figures) = &pages.figures {
        println!("figures    {}", figures.display());
    }
    Ok(Outcome::Done)
}

/// The recorded session on a page, as it would have been seen while it was recorded.
fn live(recording: &Path, judge: &Judge, args: &DemoArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let front_args = FrontArgs { web: args.front.web.or(Some(Port::Usual)), ..args.front.clone() };
    let replay = Replay::of(recording, judge)?;
    let front = Front::new(Showing::Replay, false, cli.json);
    let (front, served) = front.with(&front_args).map_err(|error| Failure::of(Outcome::Failed, &error))?;
    if !cli.json {
        println!("open the page: the session begins then; Ctrl-C ends it");
    }
    Ok(play(replay, args.speed, &front, served).0)
}

/// Name of the demo's recording, without extension.
const RECORDING: &str = "demo";
/// What a folder holds that an earlier demo wrote.
const MARK: &str = ".truehinge-demo";

/// An earlier demo's output is replaced. A folder that holds anything else is left alone, whatever is beside it there: somebody may
/// keep sessions of their own, or corrections, where the demo was.
fn clear_previous(out: &Path) -> anyhow::Result<()> {
    let at = |path: &Path| path.display().to_string();
    fs::create_dir_all(out).with_context(|| at(out))?;
    let entries = fs::read_dir(out).and_then(Iterator::collect::<Result<Vec<_>, _>>).with_context(|| at(out))?;
    let foreign = if out.join(MARK).is_file() {
        entries.iter().find(|entry| !is_of_a_demo(&entry.file_name()))
    } else {
        entries.first()
    };
    if let Some(entry) = foreign {
        let words = format!("{} holds {}, which no demo wrote", at(out), entry.file_name().display());
        let failure = Failure::new(Outcome::Failed, "demo_folder_in_use", words);
        return Err(failure.hint("give an empty folder (--out FOLDER)").into());
    }
    for path in entries.iter().map(DirEntry::path) {
        let is_folder = path.is_dir() && !path.is_symlink();
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| at(&path))?;
    }
    fs::write(out.join(MARK), "Written by `truehinge demo`; the next demo replaces what it wrote here.\n")?;
    Ok(())
}

/// Whether the name is one that a demo gives: its mark, the recording (also one that was cut off), its tables, its pages, and what
/// an interrupted one left of them.
fn is_of_a_demo(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    [MARK, RECORDING, "demo.mcap", "demo.unfinished.mcap"].contains(&&*name)
        || name.starts_with("virtual-demo_")
        || name.starts_with(".truehinge-") && name.ends_with(".part")
}

/// Lets the virtual sensors stream through link, driver, recorder and recording.
fn record_session(session: &SimulatedSession, out: &Path, cli: &Cli) -> anyhow::Result<PathBuf> {
    let mut writer = RecordingWriter::create(out, RECORDING, &session.info)?;
    let expected: usize = session.tracks.iter().map(|track| track.samples.len()).sum();
    let bar = progress::bar(cli, expected as u64, "recording");
    let sensors = (1..)
        .zip(&session.tracks)
        .map(|(seed, track)| SensorLink {
            role: track.role,
            link: Box::new(VirtualPeripheral::new(track, &RadioModel::typical(seed))),
            driver: Arc::new(NusDriver { profile: profile(&track.device) }),
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut observer = |event: &RecorderEvent<'_>| advance(&bar, event);
    let recording = record(
        sensors,
        &mut writer,
        Markers { planned: &session.markers, asked: None },
        CancellationToken::new(),
        &mut observer,
    );
    let tallies = runtime.block_on(recording)?;
    bar.finish_and_clear();
    if !cli.json {
        for (role, tally) in &tallies {
            println!("{role:5}  {} samples received, {} lost in transmission", tally.received, tally.lost);
        }
    }
    Ok(writer.finish()?)
}

fn advance(bar: &ProgressBar, event: &RecorderEvent<'_>) {
    if let RecorderEvent::Samples(_, samples) = event {
        bar.inc(samples.len() as u64);
    }
}

/// What the analysis found beside what truly happened.
fn comparison(analysis: &SessionAnalysis, session: &SimulatedSession) -> comfy_table::Table {
    let limits = &analysis.provenance.protocol.criteria;
    let mut table =
        output::table(&["side", "rep", "verdict", "truth", "knee forward", "true", "hip back", "true", "why"]);
    let found: Vec<_> = analysis.reps().collect();
    let mut matched = vec![false; found.len()];
    for truth in &session.truth.reps {
        let hit = found.iter().position(|(_, rep)| rep.span.overlaps(truth.span));
        if let Some(index) = hit {
            matched[index] = true;
        }
        let expected = truth.expected(limits).map_or("grey zone", Verdict::title);
        table.add_row(row(hit.map(|index| found[index].1), truth, expected));
    }
    for ((set, rep), _) in found.iter().zip(matched).filter(|(_, matched)| !matched) {
        table.add_row([
            output::side(set),
            rep.number.to_string(),
            rep.judgement.verdict.title().to_owned(),
            "did not happen".to_owned(),
        ]);
    }
    table
}

fn row(rep: Option<&Rep>, truth: &TrueRep, expected: &str) -> Vec<String> {
    let reading = |metric| output::reading(rep.and_then(|rep| rep.metrics.reading(metric)), metric);
    let exact = |metric| truth.metrics.reading(metric).map_or_else(String::new, |r| r.value_words(metric) + " mm");
    vec![
        truth.side.to_string(),
        rep.map_or_else(|| "-".to_owned(), |rep| rep.number.to_string()),
        rep.map_or("missed", |rep| rep.judgement.verdict.title()).to_owned(),
        expected.to_owned(),
        reading(Metric::KneeForward),
        exact(Metric::KneeForward),
        reading(Metric::HipBack),
        exact(Metric::HipBack),
        rep.map_or_else(String::new, |rep| output::reason(&rep.judgement)),
    ]
}
