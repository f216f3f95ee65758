//! `import`: other programs' files to recordings.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use truehinge_core::id::{recording_name, short_hash};
use truehinge_core::{Recording, SessionInfo, Source};
use truehinge_dataset::import::{by_folder, guess};
use truehinge_dataset::names::other_case;
use truehinge_dataset::recording::{EXTENSION, RecordingError, write_recording};
use truehinge_dataset::{DatasetError, ImportOptions, ImportReport, open};
use truehinge_session::inspect::Inspected;
use truehinge_signal::content_hash;

use super::inspect::table;
use crate::args::{Cli, ImportArgs};
use crate::failure::{Failure, no_recording};
use crate::json::Output;
use crate::naming::Names;
use crate::reading::{find, name_unread, options};
use crate::{Outcome, json};

/// Of so many inputs everything that was assumed is listed, also beside a table; of more the table is enough to read.
const FEW: usize = 8;

/// Runs the command.
pub fn run(args: &ImportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let found = find(&args.inputs, &options)?;
    let mut failed = name_unread(&found.unread, cli.json);
    if found.sources.is_empty() && !failed {
        return Err(no_recording());
    }
    let in_table = args.dry_run && !cli.json && found.sources.len() > 1;
    let in_detail = found.sources.len() <= FEW;
    let mut run = Run {
        options,
        args,
        cli,
        names: Names::default(),
        stored: BTreeMap::new(),
        in_detail,
        table: in_table.then(Vec::new),
    };
    for path in &found.sources {
        if !run.import(path)? {
            failed = true;
        }
    }
    run.table.as_deref().into_iter().for_each(print_table);
    run.names.ask();
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// An input, and the recording that it becomes; said before it is stored.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Imported<'a> {
    /// The input.
    input: Cow<'a, str>,
    /// The recording.
    recording: Cow<'a, str>,
    /// What was recognised, guessed and left out; null for what is a recording of ours already.
    report: Option<&'a ImportReport>,
}

impl Output for Imported<'_> {
    const SCHEMA: &'static str = "truehinge/import/1";
}

/// What a table that nobody knows may mean; said instead of being written to a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Guessed<'a> {
    /// The table.
    input: Cow<'a, str>,
    /// A mapping file (TOML), to be corrected and given with --mapping.
    mapping: &'a str,
}

impl Output for Guessed<'_> {
    const SCHEMA: &'static str = "truehinge/mapping/1";
}

/// One run over many inputs.
struct Run<'a> {
    options: ImportOptions,
    args: &'a ImportArgs,
    cli: &'a Cli,
    names: Names,
    /// Which input each recording was first met in, by the hash of its samples.
    stored: BTreeMap<String, PathBuf>,
    /// Whether each input is told of with all that was assumed.
    in_detail: bool,
    /// What is shown together at the end, with the path of each recording.
    table: Option<Vec<(Inspected, PathBuf)>>,
}

/// What several inputs would become.
fn print_table(rows: &[(Inspected, PathBuf)]) {
    println!("{}", table(rows.iter().map(|(input, recording)| (input, Some(json::path(recording))))));
    if rows.len() > FEW {
        for (input, _) in rows {
            input.report.warnings.iter().for_each(|warning| println!("{}: {warning}", input.input));
        }
    }
    println!("nothing was written; what was assumed of a file is listed when {FEW} or fewer are given");
}

impl Run<'_> {
    /// Imports one input; false if it could not be.
    fn import(&mut self, path: &Path) -> anyhow::Result<bool> {
        let (recording, report) = match open(path, &self.options) {
            Ok(opened) => opened,
            Err(error) => {
                let mut failure = Failure::of(Outcome::SomeFailed, &error).of_recording(path);
                if let Some(hint) = self.offer_mapping(path, &error)? {
                    failure.hints = vec![hint];
                }
                failure.tell(self.cli.json);
                return Ok(false);
            }
        };
        let content = content_hash(&recording);
        if let Some(first) = self.stored.get(&content) {
            eprintln!("{}: the same recording as {}: taken once", path.display(), first.display());
            return Ok(true);
        }
        let place = Place::of(&self.args.out, &recording, &content);
        self.stored.insert(content, path.to_owned());
        self.names.count(&recording.info.athlete);
        self.names.athlete(&recording.info.athlete);
        self.names.session(&recording.info.session);
        if self.table.is_none() || self.in_detail {
            self.tell(path, &place, report.as_ref());
        }
        if let Some(table) = &mut self.table {
            table.push((Inspected::of(path.display().to_string(), &recording, report), place.path().to_owned()));
        }
        if self.args.dry_run { Ok(true) } else { self.store(&place, &recording) }
    }

    fn tell(&self, path: &Path, place: &Place, report: Option<&ImportReport>) {
        if self.cli.json {
            json::print(&Imported { input: json::path(path), recording: json::path(place.path()), report });
        } else {
            println!("{}", path.display());
            if let Some(report) = report {
                print!("{report}");
            }
        }
    }

    /// Stores it where there is place; false if another one of the same name is there.
    fn store(&self, place: &Place, recording: &Recording) -> anyhow::Result<bool> {
        let (path, words) = match place {
            Place::Stored(path) => {
                if !self.cli.json {
                    println!("  stored already: {}", path.display());
                }
                return Ok(true);
            }
            Place::Free(path) | Place::Taken(path) => (path, String::new()),
            Place::Beside(path, taken) => (path, format!(", because {} holds another recording", taken.display())),
        };
        match write_recording(path, recording) {
            Ok(()) => {
                if !self.cli.json {
                    println!("  stored: {}{words}", path.display());
                }
                Ok(true)
            }
            Err(error @ RecordingError::Exists { .. }) => {
                Failure::of(Outcome::SomeFailed, &error).tell(self.cli.json);
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// For a table nobody knows, writes a mapping file to be corrected; what to do with it.
    fn offer_mapping(&self, path: &Path, error: &DatasetError) -> anyhow::Result<Option<String>> {
        let unknown = matches!(error, DatasetError::Import(truehinge_dataset::import::ImportError::Unknown { .. }));
        if !unknown || !path.is_file() {
            return Ok(None);
        }
        let Ok((_, text)) = guess::guess_mapping(path) else { return Ok(None) };
        if self.args.dry_run {
            if self.cli.json {
                json::print(&Guessed { input: json::path(path), mapping: &text });
            } else {
                println!("{text}");
            }
            return Ok(None);
        }
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let target = self.args.out.join(format!("{stem}.mapping.toml"));
        match truehinge_dataset::atomic::write_new(&target, |file| file.write_all(text.as_bytes())) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        let target = target.display();
        Ok(Some(format!(
            "check {target}, which was guessed from the file, and give it (--mapping {target}); for all files of a study put it at \
             its top as {}",
            by_folder::FILE
        )))
    }
}

/// Where a recording is stored.
enum Place {
    /// Under its name.
    Free(PathBuf),
    /// Under its name and a hash, because another recording has the name.
    Beside(PathBuf, PathBuf),
    /// It is there already, and the same is said of it.
    Stored(PathBuf),
    /// It is there already, and something else is said of it: that stays.
    Taken(PathBuf),
}

impl Place {
    fn of(out: &Path, recording: &Recording, content: &str) -> Self {
        let info = &recording.info;
        let name = recording_name(&info.athlete, &info.session);
        let hashed = format!("{name}-{}", short_hash([info.athlete.as_str(), info.session.as_str(), content]));
        let path = |name: &str| out.join(format!("{name}.{EXTENSION}"));
        let taken = path(&name);
        match Self::under(&taken, recording, content) {
            Some(place) => place,
            None => match Self::under(&path(&hashed), recording, content) {
                Some(Self::Free(beside)) => Self::Beside(beside, taken),
                Some(place) => place,
                None => Self::Taken(path(&hashed)),
            },
        }
    }

    /// What can be done under a path; nothing if another recording is there.
    fn under(path: &Path, recording: &Recording, content: &str) -> Option<Self> {
        let (folder, name) = (path.parent()?, path.file_name()?.to_string_lossy());
        if other_case(folder, &name) {
            return None;
        }
        if !path.exists() {
            return Some(Self::Free(path.to_owned()));
        }
        let there = truehinge_dataset::recording::read(path).ok()?;
        let is_same = content_hash(&there) == content
            && (&there.info.athlete, &there.info.session) == (&recording.info.athlete, &recording.info.session);
        let said = |of: &Recording| (SessionInfo { source: Source::default(), ..of.info.clone() }, of.markers.clone());
        match (is_same, said(&there) == said(recording)) {
            (false, _) => None,
            (true, true) => Some(Self::Stored(path.to_owned())),
            (true, false) => Some(Self::Taken(path.to_owned())),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Free(path) | Self::Beside(path, _) | Self::Stored(path) | Self::Taken(path) => path,
        }
    }
}
