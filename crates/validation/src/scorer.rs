//! The scorers that lie beside the data, Python programs of their own: a second opinion on the same predictions.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::bench::Part;

/// What the bench's scorer says, by kind of session.
pub struct BenchScorer(BTreeMap<String, serde_json::Value>);

impl BenchScorer {
    /// Runs the scorer on a folder of predictions for a part of the bench.
    ///
    /// # Errors
    /// Python or numpy is not there, or the scorer's output is not as expected.
    pub fn run(python: &Path, part: &Part, predictions: &Path) -> anyhow::Result<Self> {
        let options = ["--split", part.name].map(Path::new);
        Ok(Self(figures(python, &part.bench.join("bench/evaluate.py"), predictions, &options)?))
    }

    /// Sessions in which somebody hinges; all of them where the bench does not tell kinds apart.
    pub fn hinges(&self) -> Option<Scorer> {
        self.of("kind:hinge").or_else(|| self.of("ALL"))
    }

    /// False repetitions in sessions in which nobody hinges.
    pub fn false_repetitions(&self) -> Option<usize> {
        #[derive(Deserialize)]
        struct Counted {
            fp: usize,
        }
        self.of("kind:nohinge").map(|counted: Counted| counted.fp)
    }

    fn of<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_value(self.0.get(key)?.clone()).ok()
    }
}

/// The bench's scorer on some sessions together.
#[derive(Deserialize)]
pub struct Scorer {
    /// F1 of the repetitions.
    pub f1: f64,
    /// Share of sessions with the exact count.
    pub count_exact: f64,
    /// Required repetitions that were not found.
    pub r#fn: f64,
    /// Repetitions that did not happen.
    pub fp: f64,
    /// Mean absolute error of the starts, ms.
    pub start_mae_ms: f64,
    /// Mean absolute error of the ends, ms.
    pub end_mae_ms: f64,
    /// Attempts that were given up and counted: `8/25`.
    pub aborted_counted_as_rep: String,
    /// The drift flag: estimates with their 95 % intervals.
    pub flag: Flag,
    metrics: BTreeMap<String, MetricScore>,
}

/// The drift flag's figures: value, lower and upper limit.
#[derive(Deserialize)]
pub struct Flag {
    /// Sensitivity among decided repetitions.
    pub sens: [f64; 3],
    /// Sensitivity with undecided and missed ones counted wrong.
    pub sens_strict: [f64; 3],
    /// Specificity among decided repetitions.
    pub spec: [f64; 3],
    /// Share of repetitions outside the grey zone that were decided.
    pub coverage: f64,
}

#[derive(Deserialize)]
struct MetricScore {
    rmse: f64,
}

impl Scorer {
    /// Root mean square error of a metric, by its column name.
    pub fn rmse(&self, column: &str) -> Option<f64> {
        self.metrics.get(column).map(|metric| metric.rmse)
    }
}

/// What the scorer of everyday movement says of all files together.
#[derive(Deserialize)]
pub struct EverydayScorer {
    /// False repetitions.
    pub counted: usize,
    /// Of these, called a hinge.
    hinge: usize,
    /// Called a drift.
    drift: usize,
    /// Called too little hip travel.
    bow: usize,
    /// With a number that no person can reach.
    pub impossible: usize,
    /// Time analysed.
    pub minutes: f64,
}

impl EverydayScorer {
    /// Runs the scorer on a folder of predictions.
    ///
    /// # Errors
    /// As [`BenchScorer::run`].
    pub fn run(python: &Path, data: &Path, index: &Path, predictions: &Path) -> anyhow::Result<Self> {
        let program = data.join("false_positives.py");
        let mut all = figures(python, &program, predictions, &[Path::new("--index"), index])?;
        Ok(serde_json::from_value(all.remove("total").context("no figures for all files")?)?)
    }

    /// False repetitions with a verdict.
    pub fn judged(&self) -> usize {
        self.hinge + self.drift + self.bow
    }
}

/// Runs a scorer and reads what it writes.
fn figures(
    python: &Path,
    program: &Path,
    predictions: &Path,
    options: &[&Path],
) -> anyhow::Result<BTreeMap<String, serde_json::Value>> {
    let json = tempfile::NamedTempFile::new()?;
    run(Command::new(python).arg(program).arg(predictions).args(options).arg("--json").arg(json.path()))?;
    // Python writes figures without data as NaN, which JSON has not.
    let text = std::fs::read_to_string(json.path())?.replace("NaN", "null");
    Ok(serde_json::from_str(&text)?)
}

/// Unpacks an archive into a folder, by Python's standard library.
///
/// # Errors
/// Python is not there, or the archive is not whole.
pub fn unpack(python: &Path, archive: &Path, folder: &Path) -> anyhow::Result<()> {
    run(Command::new(python).args(["-W", "ignore", "-m", "tarfile", "-e"]).arg(archive).arg(folder))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} does not start"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", said.lines().last().unwrap_or("it failed without a word"));
    Ok(())
}
