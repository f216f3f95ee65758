//! Cards of athletes in a library: a file for each in its folder `athletes`, which people may read and write.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use truehinge_core::{AthleteCard, AthleteId, Explained, SessionInfo};

use crate::atomic::{replace_private, write_private};
use crate::files::read_text;
use crate::open::is_recording;
use crate::recording::read_head;

/// Folder of the cards in a library.
pub const FOLDER: &str = "athletes";
/// Folders above a recording's own in which cards are looked for.
const LEVELS: usize = 3;
/// What stands above a card that this program writes.
const HEAD: &str = "# Facts about an athlete. Each block holds from its day on; a block without one always held. Lengths may end in _mm or _cm.\n\n";

/// Why a card cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// It is no card.
    #[error("{}: {}", path.display(), found.trim_end())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Where, and what is wrong there.
        found: String,
    },
    /// It is the card of somebody else.
    #[error("{}: the card says that it is {found}'s, not {wanted}'s", path.display())]
    OtherAthlete {
        /// Which file.
        path: PathBuf,
        /// Whose it says it is.
        found: AthleteId,
        /// Whose it should be by its name.
        wanted: AthleteId,
    },
    /// There is one already.
    #[error("{athlete} has a card already: {}", path.display())]
    Exists {
        /// Whose.
        athlete: AthleteId,
        /// Where.
        path: PathBuf,
    },
    /// Somebody who is called almost the same has one.
    #[error("{athlete} looks like {other}, who has a card already: the two would be taken for one person")]
    LooksLike {
        /// Who is to be new.
        athlete: AthleteId,
        /// Who is there.
        other: AthleteId,
    },
    /// There is none.
    #[error("there is no card of {athlete} in {}", folder.display())]
    None {
        /// Whose.
        athlete: AthleteId,
        /// Where it would be.
        folder: PathBuf,
    },
}

impl Explained for CardError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "card_io",
            Self::Unusable { .. } => "card_unusable",
            Self::OtherAthlete { .. } => "card_other_athlete",
            Self::Exists { .. } => "card_exists",
            Self::LooksLike { .. } => "card_looks_like",
            Self::None { .. } => "card_none",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Io { .. } => None,
            Self::Unusable { .. } => Some("correct it in the file".into()),
            Self::OtherAthlete { wanted, .. } => Some(
                format!("correct the name in it, or call the file as that person's card; {wanted} has none").into(),
            ),
            Self::Exists { .. } => Some("change what is on it".into()),
            Self::LooksLike { .. } => Some("give a name that differs in more than its letters' case or form".into()),
            Self::None { .. } => Some("make one".into()),
        }
    }
}

/// The cards of a library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cards {
    folder: PathBuf,
}

impl Cards {
    /// Of a library.
    pub fn of_library(library: &Path) -> Self {
        Self { folder: library.join(FOLDER) }
    }

    /// Beside or above a recording: in its folder or one of three above it, but not above the current folder if that is one of them.
    pub fn near(recording: &Path) -> Option<Self> {
        let current = std::env::current_dir().ok();
        let recording = std::path::absolute(recording).ok()?;
        for folder in recording.ancestors().skip(1).take(1 + LEVELS) {
            let cards = Self::of_library(folder);
            if cards.folder.is_dir() {
                return Some(cards);
            }
            if current.as_deref() == Some(folder) {
                return None;
            }
        }
        None
    }

    /// The library that they are in.
    pub fn library(&self) -> Option<&Path> {
        self.folder.parent()
    }

    /// Where a person's card is, or would be.
    pub fn path(&self, athlete: &AthleteId) -> PathBuf {
        self.folder.join(format!("{}.toml", athlete.file_name()))
    }

    /// A person's card, if there is one.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn read(&self, athlete: &AthleteId) -> Result<Option<AthleteCard>, CardError> {
        let path = self.path(athlete);
        let card = match read_file(&path) {
            Err(CardError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            card => card?,
        };
        if card.athlete == *athlete {
            return Ok(Some(card));
        }
        // Some disks take a name in other letters for the same: then this person has none.
        if card.athlete.folded() == athlete.folded() {
            return Ok(None);
        }
        Err(CardError::OtherAthlete { path, found: card.athlete, wanted: athlete.clone() })
    }

    /// All cards, in the order of their athletes. None where there is no folder of cards.
    ///
    /// # Errors
    /// The folder cannot be listed, or a card not be used.
    pub fn all(&self) -> Result<Vec<AthleteCard>, CardError> {
        let mut cards = Vec::new();
        for path in self.files()? {
            cards.push(read_file(&path)?);
        }
        cards.sort_by(|a, b| a.athlete.cmp(&b.athlete));
        Ok(cards)
    }

    fn files(&self) -> Result<Vec<PathBuf>, CardError> {
        let failed = |source| CardError::Io { path: self.folder.clone(), source };
        let entries = match self.folder.read_dir() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut files =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(failed)?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
        Ok(files)
    }

    /// Whether somebody new can have a card: nobody has one who is called so, or almost so.
    ///
    /// # Errors
    /// [`CardError::Exists`], [`CardError::LooksLike`]; as [`Cards::all`].
    pub fn check_new(&self, athlete: &AthleteId) -> Result<(), CardError> {
        let folded = athlete.folded();
        match self.all()?.into_iter().find(|card| card.athlete.folded() == folded) {
            None => Ok(()),
            Some(card) if card.athlete == *athlete => {
                Err(CardError::Exists { athlete: card.athlete, path: self.path(athlete) })
            }
            Some(card) => Err(CardError::LooksLike { athlete: athlete.clone(), other: card.athlete }),
        }
    }

    /// Stores the first card of a person.
    ///
    /// # Errors
    /// As [`Cards::check_new`]; it cannot be written.
    pub fn add(&self, card: &AthleteCard) -> Result<PathBuf, CardError> {
        self.check_new(&card.athlete)?;
        let path = self.path(&card.athlete);
        let text = text(card);
        write_private(&path, |file| file.write_all(text.as_bytes()))
            .map_err(|source| CardError::Io { path: path.clone(), source })?;
        Ok(path)
    }

    /// Stores a card in place of the one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn replace(&self, card: &AthleteCard) -> Result<PathBuf, CardError> {
        let path = self.path(&card.athlete);
        let text = text(card);
        replace_private(&path, |file| file.write_all(text.as_bytes()))
            .map_err(|source| CardError::Io { path: path.clone(), source })?;
        Ok(path)
    }
}

fn read_file(path: &Path) -> Result<AthleteCard, CardError> {
    let text = read_text(path).map_err(|source| CardError::Io { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| CardError::Unusable { path: path.to_owned(), found: error.to_string() })
}

/// A card as a file that people read.
fn text(card: &AthleteCard) -> String {
    // A card is a tree of texts and finite numbers, which TOML can always hold.
    format!("{HEAD}{}", toml::to_string(card).unwrap_or_default())
}

/// The finished recordings of ours below a folder, with what each says of itself; folders with a dot in front, links and what cannot be read
/// are left out.
pub fn recordings_below(folder: &Path) -> Vec<(PathBuf, SessionInfo)> {
    let mut found = Vec::new();
    walk(folder, &mut |path| {
        if is_recording(path)
            && let Ok(head) = read_head(path)
        {
            found.push((path.to_owned(), head.session));
        }
    });
    found
}

/// Every file below a folder, in order; links are not followed.
pub(crate) fn walk(folder: &Path, see: &mut dyn FnMut(&Path)) {
    let Ok(entries) = folder.read_dir() else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && !entry.file_name().to_string_lossy().starts_with('.') {
            walk(&entry.path(), see);
        } else if kind.is_file() {
            see(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use truehinge_core::{Facts, Length};

    use super::*;

    fn card(athlete: &str) -> AthleteCard {
        let mut card = AthleteCard { athlete: AthleteId::new(athlete).expect("an id"), entries: Vec::new() };
        let tall = Facts { stature: Some(Length::from_millimetres(1780.0)), ..Facts::default() };
        card.learn(None, &tall);
        card.learn(Some("2026-03-01".parse().expect("a date")), &Facts { mass_kg: Some(70.5), ..tall });
        card
    }

    #[test]
    fn a_card_is_a_file_that_people_read_and_write() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let cards = Cards::of_library(folder.path());
        assert_eq!(cards.all().expect("none"), []);
        let path = cards.add(&card("P/14")).expect("adds");
        let stored = fs::read_to_string(&path).expect("reads");
        assert!(
            stored.contains("athlete = \"P/14\"\n") && stored.contains("[[facts]]\nstature_mm = 1780.0\n"),
            "{stored}"
        );
        assert_eq!(cards.read(&card("P/14").athlete).expect("reads"), Some(card("P/14")));
        assert_eq!(cards.read(&card("P 14").athlete).expect("reads"), None);
        // By hand: centimetres, whole numbers, a date without quotes, limits in a table of their own.
        let by_hand = "athlete = 'P/14'\n[[facts]]\nfrom = 2026-03-01\nstature_cm = 178\nlimits.knee_forward_mm = { good = 10, fault = 20 }\n";
        fs::write(&path, by_hand).expect("writes");
        let read = cards.read(&card("P/14").athlete).expect("reads").expect("a card");
        assert_eq!(read.entries[0].from, Some("2026-03-01".parse().expect("a date")));
        assert_eq!(read.entries[0].facts.limits.len(), 1);
    }

    #[test]
    fn what_is_wrong_in_a_card_is_named_with_file_key_and_value() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let cards = Cards::of_library(folder.path());
        let path = cards.add(&card("P14")).expect("adds");
        for (text, named) in [
            (
                "athlete = 'P14'\n[[facts]]\nstature_mm = 178\n",
                "stature is 0.178 m, possible is 0.8 to 2.6 m: measure it again",
            ),
            ("athlete = 'P14'\n[[facts]]\nshank_lenght_mm = 430\n", "shank_lenght_mm"),
            ("athlete = 'P14'\n[[facts]]\nmass_kg = 'much'\n", "mass_kg = 'much'"),
            ("athlete = 'P14'\n[[facts]]\nfrom = '2026-02-30'\n", "2026-02-30"),
            ("athlete = 'P15'\n", "the card says that it is P15's, not P14's"),
        ] {
            fs::write(&path, text).expect("writes");
            let error = cards.read(&card("P14").athlete).expect_err(text).in_full();
            assert!(error.contains("P14.toml") && error.contains(named), "{error}");
        }
    }

    #[test]
    fn two_people_never_become_one() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let cards = Cards::of_library(folder.path());
        cards.add(&card("P14")).expect("adds");
        assert_eq!(cards.add(&card("P14")).expect_err("is there").code(), "card_exists");
        for alike in ["p14", "Ｐ14"] {
            assert_eq!(cards.add(&card(alike)).expect_err("looks like it").code(), "card_looks_like");
        }
        cards.add(&card("P15")).expect("another person");
    }

    #[test]
    fn cards_are_found_above_a_recording_and_not_farther() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("lib/athletes")).expect("creates");
        let of = |name: &str| Cards::near(&at(name));
        assert_eq!(of("lib/a.mcap"), Some(Cards::of_library(&at("lib"))));
        assert_eq!(of("lib/recordings/2026/03/a.mcap"), Some(Cards::of_library(&at("lib"))));
        assert_eq!(of("lib/recordings/2026/03/01/a.mcap"), None);
        assert_eq!(of("a.mcap"), None);
    }
}
