//! `report`: per-athlete PDF and pictures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use truehinge_core::{AthleteId, SessionAnalysis};
use truehinge_dataset::atomic::replace_private;
use truehinge_report::{PdfOptions, ReportModel, render_figures, render_pdf};

use crate::Outcome;
use crate::analysis::Config;
use crate::args::{Cli, Paper, ReportArgs};
use crate::progress;
use crate::reading::{find, name_unread, options, read};

/// Runs the command.
pub fn run(args: &ReportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let config = Config::new(&args.protocol)?;
    let found = find(std::slice::from_ref(&args.from), &options)?;
    let mut athletes: BTreeMap<AthleteId, Vec<SessionAnalysis>> = BTreeMap::new();
    let mut failed = name_unread(&found);
    let bar = progress::bar(cli, found.sources.len() as u64, "sessions");
    for path in &found.sources {
        bar.inc(1);
        match read(path, &options) {
            Ok((recording, _)) if args.athlete.as_ref().is_some_and(|wanted| *wanted != recording.info.athlete) => {}
            Ok((recording, _)) => match config.analyse(&recording) {
                Ok(analysis) => athletes.entry(recording.info.athlete).or_default().push(analysis),
                Err(error) => {
                    failed = true;
                    eprintln!("{}: {error:#}", path.display());
                }
            },
            Err(error) => {
                failed = true;
                eprintln!("{error:#}");
            }
        }
    }
    bar.finish_and_clear();
    if athletes.is_empty() {
        let wanted = args.athlete.as_ref().map_or("any athlete".to_owned(), ToString::to_string);
        eprintln!("{}: no usable recording of {wanted}", args.from.display());
        return Ok(Outcome::NothingFound);
    }
    for (athlete, mut sessions) in athletes {
        sessions.sort_by(|a, b| (a.info.start_utc_ns, &a.info.session).cmp(&(b.info.start_utc_ns, &b.info.session)));
        let written = write_report(&args.out, &athlete, &sessions, args.paper)?;
        if cli.json {
            println!(
                "{}",
                serde_json::json!({ "athlete": athlete.as_str(), "pdf": written.pdf, "figures": written.figures })
            );
        } else {
            println!("{athlete}: {} and pictures in {}", written.pdf.display(), written.figures.display());
        }
    }
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// Where a report is.
pub struct Written {
    /// The document.
    pub pdf: PathBuf,
    /// The pictures.
    pub figures: PathBuf,
}

/// Writes PDF and pictures of one athlete.
pub fn write_report(
    out: &Path,
    athlete: &AthleteId,
    sessions: &[SessionAnalysis],
    paper: Paper,
) -> anyhow::Result<Written> {
    let model = ReportModel::build(athlete, sessions);
    let options = PdfOptions {
        paper: match paper {
            Paper::A4 => truehinge_report::Paper::A4,
            Paper::Letter => truehinge_report::Paper::Letter,
        },
    };
    let pdf = out.join(format!("{}_report.pdf", model.file_stem));
    let bytes = render_pdf(&model, &options)?;
    replace_private(&pdf, |file| file.write_all(&bytes))?;
    let figures = out.join(format!("{}_figures", model.file_stem));
    for figure in render_figures(&model)? {
        for (extension, content) in
            [("png", figure.png.as_slice()), ("svg", figure.svg.as_bytes()), ("csv", figure.csv.as_bytes())]
        {
            replace_private(&figures.join(format!("{}.{extension}", figure.name)), |file| file.write_all(content))?;
        }
    }
    Ok(Written { pdf, figures })
}
