//! Formats that have files of each session by itself.

use truehinge_core::SessionAnalysis;

use super::{ExportError, Folder, Moved, names};

/// The files of a session: their names, which begin with that of the session, and their bytes.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// A folder that grows session by session.
pub struct Each {
    folder: Folder,
    names: Vec<String>,
    files: fn(&str, &Moved) -> Result<Files, ExportError>,
}

impl Each {
    /// Of these sessions; [`Each::add`] each of them in this order.
    pub(super) fn new<'a>(
        folder: Folder,
        sessions: impl Iterator<Item = &'a SessionAnalysis> + Clone,
        files: fn(&str, &Moved) -> Result<Files, ExportError>,
    ) -> Self {
        Self { folder, names: names(sessions), files }
    }

    /// Writes the session with this place among those that it was made of.
    ///
    /// # Errors
    /// [`ExportError::Io`].
    pub fn add(&mut self, index: usize, moved: &Moved) -> Result<(), ExportError> {
        let Some(name) = self.names.get(index) else { return Ok(()) };
        (self.files)(name, moved)?.into_iter().try_for_each(|(file, bytes)| self.folder.write(&file, bytes))
    }

    /// Puts all of them in place.
    ///
    /// # Errors
    /// As [`Folder::commit`].
    pub fn finish(self) -> Result<(), ExportError> {
        self.folder.commit().map(drop)
    }
}
