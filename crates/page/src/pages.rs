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

/// Name of the page of a session.
const REPORT: &str = "report.html";

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

/// Writes a session's page and tables into a folder of its own.
///
/// # Errors
/// They cannot be made or written.
pub fn write(session: &Session, folder: &str, say: Say, out: &Path) -> Result<Shown, Trouble> {
    let place = out.join(folder);
    let model = model(&session.analysis, say);
    let about = |error: &dyn Explained| Trouble::of(error, &session.source);
    let report = render_html(&model).map_err(|error| about(&error))?;
    store(&place, REPORT, report.as_bytes()).map_err(|error| about(&error))?;
    table::write_session(&place, &session.analysis).map_err(|error| about(&error))?;
    Ok(Shown {
        folder: folder.to_owned(),
        source: session.source.clone(),
        athlete: model.athlete_shown,
        session: session.analysis.info.session.to_string(),
        file_stem: model.file_stem,
        warnings: session.warnings.clone(),
    })
}

/// What the pages of one session show, of somebody of whom nothing else is known.
fn model(session: &SessionAnalysis, say: Say) -> ReportModel {
    let sessions = std::slice::from_ref(session);
    let sides = SideSummary::of_all(sessions);
    ReportModel::build(&Content {
        athlete: &session.info.athlete,
        sessions,
        earlier: &[],
        trends: &trend::trends(sessions),
        against: Against::Baseline,
        symmetry: &trend::symmetry(&sides, None),
        form: &[trend::form_loss(session)],
        not_compared: 0,
        person: Person::default(),
        clinic: Clinic::default(),
        say,
    })
}

fn store(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Unwritten> {
    let path = folder.join(name);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes));
    written.map_err(|source| Unwritten { path, source })
}
