//! Everyday movement, in which nobody hinges: every repetition that is counted is a false one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::prelude::*;
use truehinge_core::{Metric, Rep, SessionAnalysis, Verdict};
use truehinge_dataset::import::Mapping;
use truehinge_dataset::{ImportOptions, open, table};

use crate::bench::{Activity, Kind, Session};
use crate::left_out::{self, LeftOut};
use crate::scorer::{BenchScorer, EverydayScorer, unpack};
use truehinge_session::Judge;

/// Data sets below `data/`: folder, and what it is called on the page.
const SETS: [(&str, &str); 2] =
    [("umafall", "UMAFall: waist and ankle, 20 Hz"), ("voisard", "Voisard: walks, back and foot")];

/// Hips that go back further than this, or pelves that tilt further, are of no living person.
const MOST_HIP_MM: f64 = 600.0;
const MOST_PELVIS_DEG: f64 = 100.0;

/// What is counted where nobody hinges.
#[derive(Default)]
pub struct Counted {
    name: String,
    files: usize,
    refused: Vec<LeftOut>,
    minutes: f64,
    all: Tally,
    by_activity: BTreeMap<String, (f64, Tally)>,
    scorer: Opinion,
}

/// False repetitions.
#[derive(Clone, Copy, Default)]
struct Tally {
    counted: usize,
    judged: usize,
    impossible: usize,
}

impl Tally {
    fn add(&mut self, rep: &Rep) {
        let beyond = |metric, most| rep.metrics.reading(metric).is_some_and(|r| r.value.abs() > most);
        self.counted += 1;
        self.judged += usize::from(rep.judgement.verdict != Verdict::Indeterminate);
        self.impossible +=
            usize::from(beyond(Metric::HipBack, MOST_HIP_MM) || beyond(Metric::PelvisTilt, MOST_PELVIS_DEG));
    }
}

/// The same by the scorer beside the data, as far as it says it.
#[derive(Default)]
struct Opinion {
    counted: Option<usize>,
    judged: Option<usize>,
    impossible: Option<usize>,
    minutes: Option<f64>,
}

impl Counted {
    /// What it is called on the page.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Minutes of recordings that were not refused.
    pub fn minutes(&self) -> f64 {
        self.minutes
    }

    /// Repetitions that were counted.
    pub fn counted(&self) -> usize {
        self.all.counted
    }

    /// Those of them with a verdict.
    pub fn judged(&self) -> usize {
        self.all.judged
    }

    /// Adds a file; a refused one adds nothing but itself.
    fn add(&mut self, analysis: Result<&SessionAnalysis, LeftOut>, minutes: f64, activities: &[Activity]) {
        self.files += 1;
        let analysis = match analysis {
            Ok(analysis) => analysis,
            Err(refused) => return self.refused.push(refused),
        };
        self.minutes += minutes;
        for activity in activities {
            self.by_activity.entry(activity.name.clone()).or_default().0 += activity.minutes();
        }
        for (_, rep) in analysis.reps() {
            let middle = f64::midpoint(rep.span.start.seconds(), rep.span.end.seconds());
            let activity = activities.iter().find(|activity| activity.covers(middle));
            let activity = activity.map_or("other", |activity| activity.name.as_str());
            self.all.add(rep);
            self.by_activity.entry(activity.to_owned()).or_default().1.add(rep);
        }
    }
}

/// The sessions of the bench in which nobody hinges.
pub fn of_bench(sessions: &[Session<'_>], scorer: Option<&BenchScorer>) -> Counted {
    let mut counted = Counted { name: "bench, wide part, nobody hinges".to_owned(), ..Counted::default() };
    for session in sessions.iter().filter(|session| session.of.kind == Kind::NoHinge) {
        let refused = || LeftOut { name: session.of.name.clone(), reason: session.refused.clone().unwrap_or_default() };
        counted.add(session.analysis.as_ref().ok_or_else(refused), session.of.minutes, &session.of.activities);
    }
    counted.scorer.counted = scorer.and_then(BenchScorer::false_repetitions);
    counted
}

/// The data sets of everyday movement that are there.
pub fn of_data(data: &Path, python: &Path, judge: &Judge) -> Vec<Counted> {
    let there = SETS.iter().filter(|(folder, _)| data.join(folder).is_dir());
    let counted = there.filter_map(|(folder, name)| {
        of_set(data, folder, name, python, judge).inspect_err(|error| eprintln!("{folder}: left out, {error:#}")).ok()
    });
    counted.collect()
}

fn of_set(data: &Path, folder: &str, name: &str, python: &Path, judge: &Judge) -> anyhow::Result<Counted> {
    let (scratch, predictions) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let folder_of = data.join(folder);
    unpack(python, &folder_of.join("csv.tar.gz"), scratch.path())?;
    let mapping = Mapping::read(&folder_of.join(format!("{folder}.toml")))?;
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    let index = folder_of.join("activities.csv");
    let activities = indexed(&index)?;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(scratch.path().join("csv"))?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    let analysed = |path: &PathBuf| -> anyhow::Result<SessionAnalysis> {
        let (recording, _) = open(path, &options)?;
        Ok(judge.analyse_recording(&recording)?)
    };
    let analyses: Vec<anyhow::Result<SessionAnalysis>> = files.par_iter().map(analysed).collect();
    let mut counted = Counted { name: name.to_owned(), ..Counted::default() };
    for (path, analysis) in files.iter().zip(&analyses) {
        let session = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let of = activities.get(&session).map(Vec::as_slice).unwrap_or_default();
        let refused = |error| LeftOut::new(session.clone(), error);
        counted.add(analysis.as_ref().map_err(refused), of.iter().map(Activity::minutes).sum(), of);
        if let Ok(analysis) = analysis {
            table::write_session(predictions.path(), analysis)?;
        }
    }
    match EverydayScorer::run(python, data, &index, predictions.path()) {
        Ok(said) => {
            counted.scorer = Opinion {
                counted: Some(said.counted),
                judged: Some(said.judged()),
                impossible: Some(said.impossible),
                minutes: Some(said.minutes),
            }
        }
        Err(error) => eprintln!("the scorer of {folder} did not run, its figures stay empty: {error:#}"),
    }
    Ok(counted)
}

/// What is done when, by session: columns session, person, activity, start_s, end_s.
fn indexed(index: &Path) -> anyhow::Result<BTreeMap<String, Vec<Activity>>> {
    let text = std::fs::read_to_string(index).with_context(|| format!("{} cannot be read", index.display()))?;
    let mut sessions = BTreeMap::<String, Vec<Activity>>::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [session, _, name, start, end] = cells.as_slice() else {
            anyhow::bail!("{}: five columns expected in \"{line}\"", index.display());
        };
        let activity = Activity { name: (*name).to_owned(), start_s: start.parse()?, end_s: end.parse()? };
        sessions.entry((*session).to_owned()).or_default().push(activity);
    }
    Ok(sessions)
}

/// The section of the page; empty without data.
pub fn section(all: &[Counted]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "## Everyday movement\n\n\
         Recordings in which nobody hinges: every repetition that is counted is a false one. Impossible: hips back by more than \
         {MOST_HIP_MM} mm, or a pelvis tilted by more than {MOST_PELVIS_DEG} degrees. Refused files are not in the minutes. In brackets: \
         the scorers beside the data, on the same predictions.\n\n\
         | data | files | refused | minutes | counted | per minute | with a verdict | per minute | impossible |\n\
         |---|---|---|---|---|---|---|---|---|\n"
    );
    for counted in all {
        let Counted { name, files, refused, minutes, all, scorer, .. } = counted;
        let with = |ours: usize, theirs: Option<usize>| {
            format!("{ours}{}", theirs.map_or(String::new(), |n| format!(" ({n})")))
        };
        let _ = writeln!(
            text,
            "| {name} | {files} | {} | {minutes:.1}{} | {} | {:.2} | {} | {:.2} | {} |",
            refused.len(),
            scorer.minutes.map_or(String::new(), |minutes| format!(" ({minutes:.1})")),
            with(all.counted, scorer.counted),
            all.counted as f64 / minutes,
            with(all.judged, scorer.judged),
            all.judged as f64 / minutes,
            with(all.impossible, scorer.impossible),
        );
    }
    let refused: Vec<LeftOut> = all.iter().flat_map(|counted| counted.refused.clone()).collect();
    if !refused.is_empty() {
        let _ = write!(text, "\nRefused:\n{}", left_out::lines(&refused));
    }
    text.push_str("\n| data | activity | minutes | counted | with a verdict |\n|---|---|---|---|---|\n");
    for counted in all {
        let mut activities: Vec<_> = counted.by_activity.iter().filter(|(_, (_, tally))| tally.counted > 0).collect();
        activities.sort_by_key(|(_, (_, tally))| std::cmp::Reverse(tally.counted));
        for (activity, (minutes, tally)) in activities {
            let Tally { counted: n, judged, .. } = tally;
            let _ = writeln!(text, "| {} | {activity} | {minutes:.1} | {n} | {judged} |", counted.name);
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_by_session_and_a_broken_line_is_named() {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        let text =
            "session,person,activity,start_s,end_s\na,p,standing,0.0,30.0\na,p,walking,30.0,90.0\nb,q,hopping,0,15\n";
        std::fs::write(file.path(), text).expect("written");
        let sessions = indexed(file.path()).expect("reads");
        assert_eq!(sessions.len(), 2);
        let of = &sessions["a"];
        assert_eq!(of.iter().map(Activity::minutes).sum::<f64>(), 1.5);
        let names =
            [-0.1, 0.0, 29.9, 45.0, 90.0, 90.1].map(|at| of.iter().find(|a| a.covers(at)).map(|a| a.name.as_str()));
        assert_eq!(names, [None, Some("standing"), Some("standing"), Some("walking"), Some("walking"), None]);
        std::fs::write(file.path(), "session,person\na,p\n").expect("written");
        assert!(indexed(file.path()).expect_err("too short").to_string().contains("\"a,p\""));
    }
}
