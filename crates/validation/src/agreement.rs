//! Bland-Altman plots of the scored metrics, as figures beside the page.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use truehinge_dataset::atomic::write_atomically;
use truehinge_report::figure::{AgreementPanel, draw_agreement};
use truehinge_signal::scoring::{SCORED, Score, agreement};

fn panels(score: &Score) -> Vec<AgreementPanel> {
    SCORED
        .iter()
        .zip(&score.errors)
        .map(|(metric, errors)| {
            let (bias, low, high) = agreement(errors);
            AgreementPanel {
                title: format!("{}, {}", metric.title(), metric.unit()),
                points: errors.iter().map(|e| (e.truth + 0.5 * e.error, e.error)).collect(),
                bias,
                limits: (low, high),
            }
        })
        .collect()
}

/// The section of the page; the figures go into a folder beside it.
pub fn section(folder: &Path, scores: &[(&str, &Score)]) -> anyhow::Result<String> {
    let mut text = String::from("## Agreement with the truth\n\n");
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, score) in scores {
        let svg = draw_agreement(&panels(score), ("mean of measured and true value", "measured minus true"))?;
        let file = format!("validation-agreement-{name}.svg");
        let path = folder.join(&file);
        write_atomically(&path, |out| out.write_all(svg.as_bytes()))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        let _ = writeln!(text, "![Bland-Altman plots, {name}](img/{file})\n");
    }
    Ok(text)
}
