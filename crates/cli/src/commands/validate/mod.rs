//! `validate`: repetitions against somebody's labels or reference values.

mod tables;
mod words;

use std::path::Path;

use anyhow::Context;
use truehinge_dataset::atomic::replace_private;
use truehinge_report::figure::{AgreementPanel, draw_agreement};
use truehinge_session::comparison::{Agreement, Comparison};
use truehinge_session::{Batch, Reference, compare};

use crate::args::{Cli, ValidateArgs};
use crate::failure::unusable;
use crate::failure::{interrupted, no_recording};
use crate::inputs::{self, name_failures};
use crate::reading::{find, judge, options};
use crate::{Outcome, json, pipe};

/// Runs the command.
pub fn run(args: &ValidateArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let (options, judge) = (options(&args.read)?, judge(&args.protocol, cli)?);
    let reference = Reference::read(&args.reference).map_err(unusable)?;
    let found = find(&args.inputs, &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let batch =
        Batch { root: Path::new(""), options: &options, judge: &judge, threads: None, athlete: None, store: None };
    let judged = inputs::run(&batch, found, cli)?;
    if judged.interrupted {
        return Err(interrupted("nothing was compared"));
    }
    let failed = name_failures(&judged.failures, cli);
    judged.sessions.iter().flat_map(|session| &session.warnings).for_each(|warning| eprintln!("{warning}"));
    let comparison = compare(&judged.sessions, &reference);
    for row in &comparison.unmatched {
        pipe::err(format_args!("error: {}: line {}: {}\n", args.reference.display(), row.line, row.reason));
    }
    if !reference.ignored.is_empty() {
        eprintln!("{}: these columns mean nothing here: {}", args.reference.display(), reference.ignored.join(", "));
    }
    let text = words::page(&comparison);
    if cli.json {
        json::print(&comparison);
    } else {
        print!("{text}");
    }
    if let Some(out) = &args.out {
        write(out, &comparison, &text)?;
    }
    Ok(match (comparison.pairs.is_empty(), comparison.unmatched.is_empty()) {
        (true, _) => Outcome::NothingFound,
        (false, false) => Outcome::SomeFailed,
        (false, true) => failed,
    })
}

/// The page, its tables and the Bland-Altman plots.
fn write(out: &Path, comparison: &Comparison, text: &str) -> anyhow::Result<()> {
    let store = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        replace_private(&path, |file| file.write_all(bytes))
            .with_context(|| format!("{} cannot be written", path.display()))
    };
    store("validation.md", text.as_bytes())?;
    store("pairs.csv", &tables::pairs(&comparison.pairs)?)?;
    store("labels.csv", &tables::labels(comparison.labels.as_ref())?)?;
    store("agreement.csv", &tables::agreement(&comparison.metrics)?)?;
    if !comparison.metrics.is_empty() {
        let panels: Vec<AgreementPanel> = comparison.metrics.iter().map(|metric| panel(metric, comparison)).collect();
        let svg = draw_agreement(&panels, ("mean of measured and reference value", "measured minus reference"))?;
        store("agreement.svg", svg.as_bytes())?;
    }
    Ok(())
}

fn panel(agreement: &Agreement, comparison: &Comparison) -> AgreementPanel {
    let metric = agreement.metric;
    let values = comparison.pairs.iter().flat_map(|pair| &pair.values).filter(|values| values.metric == metric);
    let limits = agreement.limits.map_or((f64::NAN, f64::NAN), |(low, high)| (low.value, high.value));
    AgreementPanel {
        title: format!("{}, {}", metric.title(), metric.unit()),
        points: values.map(|v| (f64::midpoint(v.measured, v.reference), v.measured - v.reference)).collect(),
        bias: agreement.bias.value,
        limits,
    }
}
