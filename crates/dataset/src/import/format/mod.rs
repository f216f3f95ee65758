//! The formats of other programs: one file each, and a line in [`ALL`].
//!
//! Most programs write a file (or a few) for every sensor: such a format says which files are its own, what their names tell,
//! and how one sensor is read ([`PerSensor`]); finding the files of a session, telling the sensors apart and what they have in
//! common is the same for all of them. Others write a session as a whole ([`Whole`]).

mod bench;
mod bids;
mod by_mapping;
mod delsys;
mod halves;
mod metabase;
mod movesense;
mod mvnx;
mod shimmer;
mod sto;
mod witmotion;
mod x_io;
mod xsens;

use std::path::{Path, PathBuf};

use truehinge_core::{SensorRole, Track};

use super::files::list;
use super::sheet::Layout;
use super::started::Start;
use super::text::Text;
use super::{ImportError, ImportOptions, Imported, names, together};

/// What a format is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct About {
    /// Its name in recordings, such as `movella-dot-csv`.
    pub format: &'static str,
    /// In words.
    pub words: &'static str,
    /// Programs and sensors that write it.
    pub written_by: &'static str,
    /// Which files a session of it consists of, and what they hold.
    pub files: &'static str,
}

impl About {
    /// The name, and the words for it.
    const fn name(self) -> (&'static str, &'static str) {
        (self.format, self.words)
    }
}

/// A format, by how its files are cut.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    /// Files for every sensor.
    PerSensor(&'static dyn PerSensor),
    /// All sensors in one file or folder.
    Whole(&'static dyn Whole),
}

/// All formats that are recognised. What two would take for theirs is the first one's.
pub(crate) static ALL: [Format; 14] = [
    Format::Whole(&bench::Bench),
    Format::Whole(&sto::Sto),
    Format::Whole(&mvnx::Mvnx),
    Format::Whole(&bids::MotionBids),
    Format::PerSensor(&x_io::XImu3Log),
    Format::PerSensor(&movesense::Movesense),
    Format::PerSensor(&shimmer::Shimmer),
    Format::PerSensor(&xsens::Dot),
    Format::PerSensor(&xsens::Mtw),
    Format::PerSensor(&metabase::MetaBase),
    Format::PerSensor(&x_io::XIoCsv),
    Format::PerSensor(&halves::Halves),
    Format::Whole(&witmotion::WITMOTION),
    Format::Whole(&delsys::DELSYS),
];

/// A format with a file, or several, for every sensor.
pub(crate) trait PerSensor: Sync {
    fn about(&self) -> About;

    /// What a file of it holds; `None` of any other file.
    fn recognise(&self, file: &Beginning<'_>) -> Option<Holds>;

    /// The name that all its files have, where each lies in a folder that is called as its sensor is.
    fn file_in_folder(&self) -> Option<&'static str> {
        None
    }

    /// What the name of one of its files tells, by the part before the extension.
    fn named(&self, stem: &str) -> Named {
        Named { session: String::new(), sensor: names::without_start(stem) }
    }

    /// Reads one sensor from its files; with its start, where they say it.
    ///
    /// # Errors
    /// The files are not what they seem; see [`ImportError`].
    fn read(&self, sensor: &OneSensor<'_>, session: &mut Imported) -> Result<(Track, Option<Start>), ImportError>;

    /// Puts the sensors on common clocks, each with its start.
    fn together(&self, session: &mut Imported, starts: &[Option<Start>]) {
        together::start_together(session, starts);
    }
}

/// A format with all sensors of a session in one file or folder.
pub(crate) trait Whole: Sync {
    fn about(&self) -> About;

    /// The extension of its files, if they have one of their own.
    fn extension(&self) -> Option<&'static str> {
        None
    }

    /// Whether a session of it is there, by what is in the file or folder.
    fn recognise(&self, place: Place<'_>) -> bool;

    /// Whether a session is listed by this file of it, and not by another one.
    fn stands_for(&self, _path: &Path) -> bool {
        true
    }

    /// Names of what it consists of, without reading it.
    ///
    /// # Errors
    /// It cannot be looked at.
    fn seen(&self, path: &Path) -> Result<Vec<String>, ImportError>;

    /// The files that reading it reads.
    ///
    /// # Errors
    /// It cannot be looked at.
    fn files(&self, path: &Path) -> Result<Vec<PathBuf>, ImportError> {
        if path.is_dir() { list(path) } else { Ok(vec![path.to_owned()]) }
    }

    /// Reads the sensors that have a role.
    ///
    /// # Errors
    /// It is not what it seems, or its sensors cannot be told apart; see [`ImportError`].
    fn read(&self, path: &Path, options: &ImportOptions) -> Result<Imported, ImportError>;
}

/// A sensor that is to be read.
pub(crate) struct OneSensor<'a> {
    /// Its file, or the first of them.
    pub file: &'a Text,
    /// The others.
    pub others: &'a [Text],
    pub role: SensorRole,
    pub options: &'a ImportOptions,
}

impl<'a> OneSensor<'a> {
    pub fn files(&self) -> impl Iterator<Item = &'a Text> {
        std::iter::once(self.file).chain(self.others)
    }
}

/// A part of a sensor's measurements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Holds {
    /// All of them.
    Sensor,
    /// Some; the rest lies beside it.
    Part,
}

/// What the name of a file tells.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Named {
    /// The session; empty where the name does not say it.
    pub session: String,
    pub sensor: String,
}

/// Where a session may be.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Folder(&'a Path),
    File(&'a Beginning<'a>),
}

/// Headers stand within so many lines.
const HEADER_WITHIN: usize = 40;

/// How a file begins.
pub(crate) struct Beginning<'a> {
    pub text: &'a Text,
    /// Its first lines.
    pub head: Vec<String>,
}

impl<'a> Beginning<'a> {
    pub fn of(text: &'a Text) -> Self {
        Self { text, head: text.head(HEADER_WITHIN) }
    }

    /// The first line that is a header, as the layout of the table below it.
    pub fn header(&self, is_header: impl Fn(&str) -> bool) -> Option<Layout> {
        let skip = self.head.iter().position(|line| is_header(line))?;
        Some(Layout::of_header(&self.head, skip))
    }
}

/// Whether a line begins so; a spreadsheet may have put it in quotes.
fn begins(line: &str, name: &str) -> bool {
    line.trim_start_matches('"').starts_with(name)
}

/// A file of a format that the file does not seem to have after all.
fn unknown(text: &Text) -> ImportError {
    ImportError::Unknown { path: text.path().to_owned(), found: text.summary() }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.about().format)
    }
}

impl std::fmt::Debug for dyn PerSensor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.about().format)
    }
}

impl std::fmt::Debug for dyn Whole {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.about().format)
    }
}

impl PartialEq for dyn PerSensor {
    fn eq(&self, other: &Self) -> bool {
        self.about().format == other.about().format
    }
}

impl Eq for dyn PerSensor {}

impl Format {
    pub fn about(self) -> About {
        match self {
            Self::PerSensor(format) => format.about(),
            Self::Whole(format) => format.about(),
        }
    }
}

fn per_sensor() -> impl Iterator<Item = &'static dyn PerSensor> {
    ALL.iter().filter_map(|format| if let Format::PerSensor(format) = format { Some(*format) } else { None })
}

/// The format of a file that holds a sensor or a part of one, and which of the two.
pub(crate) fn of_sensor(text: &Text) -> Option<(&'static dyn PerSensor, Holds)> {
    let file = Beginning::of(text);
    per_sensor().find_map(|format| Some((format, format.recognise(&file)?)))
}

/// The format whose files have this name, each in its sensor's folder.
pub(crate) fn in_folders(file_name: &str) -> Option<&'static dyn PerSensor> {
    per_sensor().find(|format| format.file_in_folder() == Some(file_name))
}

/// The names of such files, with their formats.
pub(crate) fn names_in_folders() -> impl Iterator<Item = (&'static dyn PerSensor, &'static str)> {
    per_sensor().filter_map(|format| Some((format, format.file_in_folder()?)))
}

fn wholes() -> impl Iterator<Item = &'static dyn Whole> {
    ALL.iter().filter_map(|format| if let Format::Whole(format) = format { Some(*format) } else { None })
}

/// The format of a session that is one file or folder.
pub(crate) fn whole(place: Place<'_>) -> Option<&'static dyn Whole> {
    wholes().find(|format| format.recognise(place))
}

/// The format whose files have the extension of this one.
pub(crate) fn by_extension(path: &Path) -> Option<&'static dyn Whole> {
    let extension = path.extension()?;
    wholes().find(|format| format.extension().is_some_and(|own| extension.eq_ignore_ascii_case(own)))
}

/// The format of a name in recordings.
#[cfg(test)]
pub(crate) fn named(format: &str) -> Option<&'static dyn PerSensor> {
    per_sensor().find(|known| known.about().format == format)
}

/// Every format that is recognised without a mapping file.
pub fn formats() -> impl Iterator<Item = About> {
    ALL.iter().map(|format| format.about())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_of_files_say_session_and_sensor() {
        for (format, stem, session, sensor) in [
            (
                "mbientlab-csv",
                "A-squat_heavy_MetaWear_2019-01-15T20.09.06.903_C42732BE255C_Accelerometer_12.500Hz_1.4.4",
                "A-squat_heavy",
                "MetaWear C42732BE255C",
            ),
            ("movella-dot-csv", "Pelvis_20210820_202113_836", "", "Pelvis"),
            ("movella-dot-csv", "shank", "", "shank"),
            ("movella-dot-csv", "20210820_202113", "", "20210820_202113"),
            ("xsens-mtw-txt", "MT_012005D6_009-001_00B421E6", "MT_012005D6_009-001", "00B421E6"),
            ("xsens-mtw-txt", "XSDot_20210820_202113_LFemur", "", "XSDot_LFemur"),
            ("two-file-csv", "Polar_Sense_AAAA0001_20230101_120000_ACC", "", "Polar_Sense_AAAA0001"),
        ] {
            let expected = Named { session: session.to_owned(), sensor: sensor.to_owned() };
            assert_eq!(named(format).expect("is there").named(stem), expected, "{stem}");
        }
    }

    #[test]
    fn every_format_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = formats().map(|about| about.format).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
