//! Where pages are written: nothing that is there and differs is overwritten.

use std::path::{Path, PathBuf};

use truehinge_core::AthleteId;
use truehinge_core::id::short_hash;
use truehinge_dataset::atomic::replace_private;
use truehinge_dataset::names::other_case;
use truehinge_report::{ReportModel, render_figures};

/// A folder and the beginning of the files' names in it.
pub struct Folder {
    out: PathBuf,
    stem: String,
}

impl Folder {
    /// The first stem under which none of these files is there, or is the same: `P-014_2026-01-31_S1`, then with `-2` behind it. Where a disk
    /// may take `p14` and `P14` for one, a hash tells them apart.
    pub fn free(out: &Path, stem: &str, athlete: &AthleteId, files: &[(&str, &[u8])]) -> Self {
        let clashes = files.iter().any(|(name, _)| other_case(out, &format!("{stem}_{name}")));
        let stem = if clashes { format!("{stem}-{}", short_hash([athlete.as_str()])) } else { stem.to_owned() };
        let same = |stem: &str| {
            let path = |name: &str| out.join(format!("{stem}_{name}"));
            files.iter().all(|(name, bytes)| !differs(&path(name), bytes))
        };
        Self { out: out.to_owned(), stem: first_free(&stem, same) }
    }

    /// Writes a file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.out.join(format!("{}_{name}", self.stem));
        replace_private(&path, |file| file.write_all(bytes))?;
        Ok(path)
    }

    /// Writes every figure as PNG, SVG and CSV.
    pub fn write_figures(&self, model: &ReportModel) -> anyhow::Result<PathBuf> {
        let folder = self.out.join(format!("{}_figures", self.stem));
        for figure in render_figures(model)? {
            for (extension, content) in
                [("png", figure.png.as_slice()), ("svg", figure.svg.as_bytes()), ("csv", figure.csv.as_bytes())]
            {
                replace_private(&folder.join(format!("{}.{extension}", figure.name)), |file| file.write_all(content))?;
            }
        }
        Ok(folder)
    }
}

/// Writes a file under the first name that is free, or that holds the same already.
pub fn write_free(out: &Path, stem: &str, extension: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let path = |stem: &str| out.join(format!("{stem}.{extension}"));
    let path = path(&first_free(stem, |stem| !differs(&path(stem), bytes)));
    replace_private(&path, |file| file.write_all(bytes))?;
    Ok(path)
}

/// Writes the pages of a document beside it, as pictures with the same name and a number.
pub fn write_pages(document: &Path, pngs: &[Vec<u8>]) -> anyhow::Result<()> {
    let stem = document.file_stem().unwrap_or_default().to_string_lossy();
    for (index, png) in pngs.iter().enumerate() {
        let path = document.with_file_name(format!("{stem}-{}.png", index + 1));
        replace_private(&path, |file| file.write_all(png))?;
    }
    Ok(())
}

fn first_free(stem: &str, is_free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    // The sequence has no end before a free name.
    std::iter::once(stem.to_owned()).chain(numbered).find(|stem| is_free(stem)).unwrap_or_else(|| stem.to_owned())
}

/// Whether another file is there.
fn differs(path: &Path, bytes: &[u8]) -> bool {
    path.exists() && !std::fs::read(path).is_ok_and(|before| before == bytes)
}
