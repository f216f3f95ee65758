//! Recordings and results in the formats of other programs.

use std::path::{Path, PathBuf};

use truehinge_core::SessionAnalysis;
use truehinge_dataset::ImportOptions;
use truehinge_dataset::export::bids::{Bids, Title};
use truehinge_dataset::export::opensim::storages;
use truehinge_dataset::export::view::views;
use truehinge_dataset::export::{Each, wide};
use truehinge_dataset::table::CsvLocale;
use truehinge_session::outgoing::{Names, Unanalysed};
use truehinge_session::{Error, Judge, Session};

use crate::args::{ExportArgs, ExportFormat};

/// What goes out: sessions by the paths that they came from.
pub struct Going<'a> {
    pub paths: &'a [PathBuf],
    pub sessions: &'a [Session],
    /// What was read and not analysed: raw samples go out all the same.
    pub unanalysed: &'a [Unanalysed],
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
            ExportFormat::View => self.each(views(out, self.analyses())?),
            ExportFormat::OpenSim => self.each(storages(out, self.analyses())?),
            ExportFormat::Wide => Ok(wide::write(out, self.analyses(), self.locale)?),
        }
    }

    fn analyses(&self) -> impl Iterator<Item = &SessionAnalysis> + Clone {
        self.sessions.iter().map(|session| &session.analysis)
    }

    /// One session after the other: recordings are large.
    fn bids(&self, out: &Path) -> Result<(), Error> {
        let analysed = self.paths.iter().zip(self.analyses().map(|analysis| (Title::from(analysis), Ok(analysis))));
        let unanalysed = self.unanalysed.iter().map(|recording| {
            let Unanalysed { path, info, content_sha256, code } = recording;
            (path, (Title { info, content_sha256 }, Err(*code)))
        });
        let all = analysed.chain(unanalysed);
        let mut bids = Bids::new(out, env!("CARGO_PKG_VERSION"), all.clone().map(|(_, (title, _))| title))?;
        for (index, (path, (title, results))) in all.enumerate() {
            let recorded = self.judge.recorded(path, self.options, title.info.clone(), self.names)?;
            bids.add(index, &recorded, results)?;
        }
        Ok(bids.finish()?)
    }

    fn each(&self, mut each: Each) -> Result<(), Error> {
        for (index, (path, session)) in self.paths.iter().zip(self.sessions).enumerate() {
            each.add(index, &self.judge.moved(path, self.options, session.analysis.clone())?)?;
        }
        Ok(each.finish()?)
    }
}

/// The folder that is written into.
pub fn folder(args: &ExportArgs) -> PathBuf {
    let default = args.format.asked().map_or("notebooks-export", ExportFormat::folder);
    args.out.clone().unwrap_or_else(|| default.into())
}
