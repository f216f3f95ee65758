//! Pages and tables of a session, as the program makes them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use truehinge_core::{Explained, SessionAnalysis, SideSummary};
use truehinge_dataset::table;
use truehinge_report::model::{Against, Clinic, Person, Say};
use truehinge_report::{Content, ReportModel, render_html};
use truehinge_session::{Session, trend};

use crate::outcome::{Shown, Trouble};

/// Its pages in a browser.
const REPORT: &str = "report.html";
/// What `truehinge analyze --json` prints of it.
const ANALYSIS: &str = "analysis.json";

/// A result cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
struct Unwritten {
    path: PathBuf,
    source: io::Error,
}

impl Explained for Unwritten {
    fn code(&self) -> &'static str {
        "page_unwritten"
    }

    fn hint(&self) -> Option<std::borrow::Cow<'static, str>> {
        Some("drop fewer files at once: the browser may have no memory left".into())
    }
}

/// Writes a session's pages and tables into a folder of its own.
///
/// # Errors
/// They cannot be made or written.
pub fn write(session: &Session, folder: &str, say: Say, out: &Path) -> Result<Shown, Trouble> {
    let analysis = &session.analysis;
    let place = out.join(folder);
    let told = |error: &dyn Fn() -> Trouble| error();
    let model = model(analysis, say);
    let report = render_html(&model).map_err(|error| Trouble::of(&error, &session.source))?;
    store(&place, REPORT, report.as_bytes()).map_err(|error| told(&|| Trouble::of(&error, &session.source)))?;
    store(&place, ANALYSIS, &serde_json::to_vec(analysis).unwrap_or_default())
        .map_err(|error| Trouble::of(&error, &session.source))?;
    table::write_session(&place, analysis).map_err(|error| Trouble::of(&error, &session.source))?;
    Ok(Shown {
        folder: folder.to_owned(),
        source: session.source.clone(),
        athlete: model.athlete_shown,
        session: analysis.info.session.to_string(),
        file_stem: model.file_stem,
        warnings: session.warnings.clone(),
    })
}

/// What the pages of one session show, of somebody of whom nothing else is known.
fn model(session: &SessionAnalysis, say: Say) -> ReportModel {
    let sessions = std::slice::from_ref(session);
    let sides = SideSummary::of_all(sessions);
    let person = Person::default();
    ReportModel::build(&Content {
        athlete: &session.info.athlete,
        sessions,
        earlier: &[],
        trends: &trend::trends(sessions),
        against: Against::Baseline,
        symmetry: &trend::symmetry(&sides, None),
        form: &[trend::form_loss(session)],
        not_compared: 0,
        clinic: Clinic::default(),
        person,
        say,
    })
}

fn store(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Unwritten> {
    let path = folder.join(name);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes));
    written.map_err(|source| Unwritten { path, source })
}
