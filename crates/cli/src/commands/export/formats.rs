//! Recordings and results in the formats of other programs.

use std::path::{Path, PathBuf};

use truehinge_core::SessionAnalysis;
use truehinge_dataset::ImportOptions;
use truehinge_dataset::export::bids::Bids;
use truehinge_dataset::export::view::Views;
use truehinge_dataset::export::{ExportError, Outgoing, opensim::Storages, wide};
use truehinge_dataset::table::CsvLocale;
use truehinge_session::outgoing::Names;
use truehinge_session::{Error, Judge, Session};

use crate::args::{ExportArgs, ExportFormat};

/// What goes out: sessions by the paths that they came from.
pub struct Going<'a> {
    pub paths: &'a [PathBuf],
    pub sessions: &'a [Session],
    pub names: Names,
    pub judge: &'a Judge,
    pub options: &'a ImportOptions,
    pub locale: CsvLocale,
}

impl Going<'_> {
    /// Writes all of it in a format.
    pub fn write(&self, format: ExportFormat, out: &Path) -> Result<(), Error> {
        match format {
            ExportFormat::Bids => self.bids(out),
            ExportFormat::View => self.view(out),
            ExportFormat::OpenSim => self.opensim(out),
            ExportFormat::Wide => Ok(wide::write(out, self.analyses(), self.locale)?),
        }
    }

    fn analyses(&self) -> impl Iterator<Item = &SessionAnalysis> + Clone {
        self.sessions.iter().map(|session| &session.analysis)
    }

    /// One session after the other: recordings are large.
    fn each(&self, mut add: impl FnMut(usize, &Outgoing) -> Result<(), ExportError>) -> Result<(), Error> {
        for (index, (path, session)) in self.paths.iter().zip(self.sessions).enumerate() {
            let outgoing = self.judge.outgoing(path, self.options, session.analysis.clone(), self.names)?;
            add(index, &outgoing)?;
        }
        Ok(())
    }

    fn bids(&self, out: &Path) -> Result<(), Error> {
        let mut bids = Bids::new(out, env!("CARGO_PKG_VERSION"), self.analyses())?;
        self.each(|index, outgoing| bids.add(index, outgoing))?;
        Ok(bids.finish(self.analyses().enumerate())?)
    }

    fn view(&self, out: &Path) -> Result<(), Error> {
        let mut views = Views::new(out, self.analyses())?;
        self.each(|index, outgoing| views.add(index, outgoing))?;
        Ok(views.finish()?)
    }

    fn opensim(&self, out: &Path) -> Result<(), Error> {
        let mut storages = Storages::new(out, self.analyses())?;
        self.each(|index, outgoing| storages.add(index, outgoing))?;
        Ok(storages.finish()?)
    }
}

/// The folder that is written into.
pub fn folder(args: &ExportArgs) -> PathBuf {
    let default = args.format.asked().map_or("notebooks-export", ExportFormat::folder);
    args.out.clone().unwrap_or_else(|| default.into())
}
