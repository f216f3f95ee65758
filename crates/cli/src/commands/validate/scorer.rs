//! The bench's own scorer, a Python program beside its data: a second opinion on the same predictions.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

/// Its figures for all sessions together.
#[derive(Deserialize)]
pub struct Scorer {
    /// F1 of the repetitions.
    pub f1: f64,
    /// Share of sessions with the exact count.
    pub count_exact: f64,
    /// Mean absolute error of the starts, ms.
    pub start_mae_ms: f64,
    /// Mean absolute error of the ends, ms.
    pub end_mae_ms: f64,
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
    /// Runs the scorer on a folder of predictions.
    ///
    /// # Errors
    /// Python or numpy is not there, or the scorer's output is not as expected.
    pub fn run(python: &Path, bench: &Path, predictions: &Path) -> anyhow::Result<Self> {
        let json = tempfile::NamedTempFile::new()?;
        let output = Command::new(python)
            .arg(bench.join("bench/evaluate.py"))
            .arg(predictions)
            .args(["--split", "dev", "--json"])
            .arg(json.path())
            .output()
            .with_context(|| format!("{} does not start", python.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}", said.lines().last().unwrap_or("it failed without a word"));
        // Python writes figures without data as NaN, which JSON has not.
        let text = std::fs::read_to_string(json.path())?.replace("NaN", "null");
        let mut all: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text)?;
        Ok(serde_json::from_value(all.remove("ALL").context("no figures for all sessions")?)?)
    }

    /// Root mean square error of a metric, by its column name.
    pub fn rmse(&self, column: &str) -> Option<f64> {
        self.metrics.get(column).map(|metric| metric.rmse)
    }
}
