//! What below a library is a person's: by content where a file says whose it is, by its name where nothing else does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use truehinge_core::{AthleteCard, AthleteId, SessionInfo, SourceFile};

use super::{Action, Item, NotReached, Plan, RECEIPTS, What};
use crate::atomic::sha256_file;
use crate::cards::FOLDER;
use crate::export::bids::subject_of;
use crate::files::{read_text, read_whole};
use crate::import::ImportOptions;
use crate::open::{is_recording, open, survey};
use crate::recording::{is_running, read_head};
use crate::table::{RowsOf, rows_of, rows_of_list};
use crate::unread::CORRECTIONS_SUFFIX;

/// Files that are read as text to see whether they name the person are at most so large, bytes.
const LONGEST_TEXT: u64 = 1 << 26;
/// Ids shorter than this stand in any text by chance.
const SHORTEST_ID: usize = 3;

/// Everything of a person below a library. Nothing is touched; links are not followed.
pub fn find(library: &Path, athlete: &AthleteId) -> Plan {
    let mut search = Search::new(library, athlete);
    search.recordings();
    search.cards();
    search.sources();
    search.data_sets();
    search.tables();
    search.corrections();
    search.names();
    search.stored();
    search.mentions();
    search.plan()
}

struct Search<'a> {
    library: &'a Path,
    athlete: &'a AthleteId,
    /// Every file, in order.
    files: Vec<PathBuf>,
    items: BTreeMap<PathBuf, Item>,
    not_reached: BTreeMap<PathBuf, &'static str>,
    /// Everybody who is known here.
    people: BTreeSet<AthleteId>,
    /// Files that the person's recordings were made from, and those of others.
    theirs: Vec<SourceFile>,
    others: Vec<SourceFile>,
}

impl<'a> Search<'a> {
    fn new(library: &'a Path, athlete: &'a AthleteId) -> Self {
        let (mut files, mut not_reached) = (Vec::new(), BTreeMap::new());
        list(library, &mut files, &mut not_reached);
        // Receipts name nobody.
        files.retain(|file| !file.starts_with(library.join(FOLDER).join(RECEIPTS)));
        let people = BTreeSet::from([athlete.clone()]);
        let (theirs, others) = (Vec::new(), Vec::new());
        Self { library, athlete, files, items: BTreeMap::new(), not_reached, people, theirs, others }
    }

    /// Takes a file, whose content is all theirs or of whose rows some are.
    fn take(&mut self, path: &Path, what: What, action: Action) {
        if self.items.contains_key(path) {
            return;
        }
        let Ok((bytes, sha256)) = std::fs::metadata(path).and_then(|of| Ok((of.len(), sha256_file(path)?))) else {
            self.not_reached.insert(path.to_owned(), "it cannot be read");
            return;
        };
        self.items.insert(path.to_owned(), Item { path: path.to_owned(), what, action, bytes, sha256 });
    }

    fn remaining(&self) -> Vec<PathBuf> {
        let taken = |path: &PathBuf| self.items.contains_key(path) || self.not_reached.contains_key(path);
        self.files.iter().filter(|path| !taken(path)).cloned().collect()
    }

    /// By what they say of themselves; those that say nothing any more are looked at by their names.
    fn recordings(&mut self) {
        for path in self.files.clone().iter().filter(|path| is_recording(path)) {
            let Ok(head) = read_head(path) else { continue };
            let session = head.session;
            self.people.insert(session.athlete.clone());
            if session.athlete != *self.athlete {
                self.others.extend(sources(&session));
            } else if is_running(path) {
                self.not_reached.insert(path.clone(), "it is being recorded now: erase again when it has ended");
            } else {
                self.theirs.extend(sources(&session));
                self.take(path, What::Recording, Action::Delete);
            }
        }
    }

    fn cards(&mut self) {
        let folder = self.library.join(FOLDER);
        for path in self.files.clone().iter().filter(|path| path.parent() == Some(&folder)) {
            let card = read_text(path).ok().and_then(|text| toml::from_str::<AthleteCard>(&text).ok());
            match card {
                Some(card) if card.athlete == *self.athlete => self.take(path, What::Card, Action::Delete),
                Some(card) => {
                    self.people.insert(card.athlete);
                }
                None if path.file_stem().is_some_and(|stem| *stem == *self.athlete.file_name()) => {
                    self.take(path, What::Card, Action::Delete);
                }
                None => {}
            }
        }
    }

    /// Files of other makers: those that recordings were imported from, by their hashes, and those that say that they are the person's.
    fn sources(&mut self) {
        let sizes: BTreeSet<u64> = self.theirs.iter().map(|file| file.bytes).collect();
        for path in self.remaining() {
            let size = std::fs::metadata(&path).map_or(0, |of| of.len());
            if !sizes.contains(&size) {
                continue;
            }
            let Ok(hash) = sha256_file(&path) else { continue };
            let is_of = |files: &[SourceFile]| files.iter().any(|file| file.sha256 == hash);
            if !is_of(&self.theirs) {
                continue;
            }
            if is_of(&self.others) || is_recording(&path) {
                self.not_reached.insert(
                    path,
                    "a recording of somebody else was made from it as well, or it says that it is theirs",
                );
            } else {
                self.take(&path, What::SourceFile, Action::Delete);
            }
        }
        let found = survey(self.library, &ImportOptions::default()).unwrap_or_default();
        for source in found.sources.iter().filter(|source| !is_recording(source)) {
            let Ok((recording, _)) = open(source, &ImportOptions::default()) else { continue };
            self.people.insert(recording.info.athlete.clone());
            if recording.info.athlete == *self.athlete {
                self.opened(source, &recording.info);
            }
        }
    }

    /// What a source was read from.
    fn opened(&mut self, source: &Path, info: &SessionInfo) {
        let folder = if source.is_dir() { source } else { source.parent().unwrap_or(source) };
        let read: BTreeSet<&str> = info.source.files.iter().map(|file| file.sha256.as_str()).collect();
        for path in self.remaining().iter().filter(|path| path.starts_with(folder)) {
            if sha256_file(path).is_ok_and(|hash| read.contains(hash.as_str())) {
                self.take(path, What::SourceFile, Action::Delete);
            }
        }
    }

    /// Folders of the person in data sets that were exported, whose names are labels.
    fn data_sets(&mut self) {
        let lists: Vec<PathBuf> =
            self.files.iter().filter(|path| path.ends_with("participants.tsv")).cloned().collect();
        for list in lists {
            let subject = read_text(&list).ok().and_then(|text| subject_of(&text, self.athlete.as_str()));
            let Some((subject, folder)) = subject.zip(list.parent()) else { continue };
            let is_theirs = |path: &&PathBuf| {
                path.strip_prefix(folder).is_ok_and(|below| below.iter().any(|part| part.to_string_lossy() == subject))
            };
            for path in self.remaining().iter().filter(is_theirs) {
                self.take(path, What::SourceFile, Action::Delete);
            }
        }
    }

    /// Tables of results, folder by folder: where all rows are theirs the tables go with all that lies beside them.
    fn tables(&mut self) {
        let mut folders: BTreeMap<PathBuf, Vec<(PathBuf, RowsOf)>> = BTreeMap::new();
        for path in self.remaining() {
            if let Some(rows) = rows_of(&path, self.athlete.as_str()) {
                self.people.extend(rows.others.iter().filter_map(|id| AthleteId::new(id.as_str()).ok()));
                folders.entry(path.parent().unwrap_or(self.library).to_owned()).or_default().push((path, rows));
            }
        }
        for (folder, tables) in folders {
            let is_all_theirs = tables.iter().all(|(_, rows)| rows.other_rows == 0);
            if tables.iter().all(|(_, rows)| rows.theirs == 0) {
                continue;
            }
            for (path, rows) in &tables {
                match (is_all_theirs, rows.theirs) {
                    (true, _) => self.take(path, What::Table, Action::Delete),
                    (false, 0) => {}
                    (false, rows) => self.take(path, What::Table, Action::RemoveRows { rows }),
                }
            }
            let dictionary = folder.join("data_dictionary.csv");
            if is_all_theirs && dictionary.is_file() && !folder.join("failures.csv").exists() {
                self.take(&dictionary, What::Table, Action::Delete);
            }
        }
        for path in self.remaining() {
            match rows_of_list(&path, self.athlete.as_str()) {
                None | Some(0) => {}
                Some(rows) => self.take(&path, What::SquadList, Action::RemoveRows { rows }),
            }
        }
    }

    /// Beside what is theirs.
    fn corrections(&mut self) {
        for path in self.remaining() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(of) = name.strip_suffix(CORRECTIONS_SUFFIX) else { continue };
            let of = path.with_file_name(of);
            let is_theirs = self.items.contains_key(&of) || self.items.keys().any(|item| item.starts_with(&of));
            if is_theirs {
                self.take(&path, What::Corrections, Action::Delete);
            }
        }
    }

    /// Reports and figures, and recordings that say nothing any more: by the title of a document, else by the name of the file, or of the folder
    /// of figures that it is in.
    fn names(&mut self) {
        for path in self.remaining() {
            if is_squad_sheet(&path) {
                self.not_reached.insert(path, "a sheet of several people: make it anew, and delete this one");
                continue;
            }
            let is_theirs = match title(&path) {
                Some(title) => self.is_title(&title),
                None => self.is_named(&path),
            };
            if is_theirs {
                let what = if is_recording(&path) { What::Recording } else { What::Report };
                self.take(&path, what, Action::Delete);
            }
        }
    }

    /// Whether a title begins with the person, and with nobody who has a longer id.
    fn is_title(&self, title: &str) -> bool {
        let begins = |id: &AthleteId| {
            title.strip_prefix(id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        self.people.iter().filter(|id| begins(id)).max_by_key(|id| id.as_str().len()) == Some(self.athlete)
    }

    /// Whether a name begins as the files of this person do, and of nobody who has a longer one.
    fn is_named(&self, path: &Path) -> bool {
        let below = path.strip_prefix(self.library).unwrap_or(path);
        let folders = below.parent().into_iter().flat_map(Path::components);
        let figures = folders
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .filter(|name| name.contains("_figures"));
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
        figures.chain(file).any(|name| {
            let begins = |id: &AthleteId| {
                let rest = name.strip_prefix(&id.file_name());
                rest.is_some_and(|rest| rest.starts_with(['_', '.']))
            };
            self.people.iter().filter(|id| begins(id)).max_by_key(|id| id.file_name().len()) == Some(self.athlete)
        })
    }

    /// Stored results, and lines that commands printed: objects of JSON that say whose they are.
    fn stored(&mut self) {
        let folder = self.athlete.file_name();
        for path in self.remaining() {
            // A store has a folder for each person.
            let in_folder = path.parent().and_then(Path::file_name).is_some_and(|name| *name == *folder);
            if in_folder && path.extension().is_some_and(|extension| extension == "result") {
                self.take(&path, What::Result, Action::Delete);
                continue;
            }
            let is_json = path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl");
            let people =
                is_json.then(|| read_text(&path).ok()).flatten().map(|text| people_in(&text)).unwrap_or_default();
            match (people.contains(self.athlete.as_str()), people.len()) {
                (false, _) => {}
                (true, 1) => self.take(&path, What::Result, Action::Delete),
                (true, _) => {
                    self.not_reached.insert(path, "it holds other people as well: take this one out by hand");
                }
            }
        }
    }

    /// Whatever else names the person in plain text.
    fn mentions(&mut self) {
        let id = self.athlete.as_str();
        if id.chars().count() < SHORTEST_ID {
            return;
        }
        for path in self.remaining() {
            let below = path.strip_prefix(self.library).unwrap_or(&path).to_string_lossy().into_owned();
            if names(below.as_bytes(), id.as_bytes()) {
                self.not_reached.insert(path, "its path names the person: look at it");
                continue;
            }
            let is_short = std::fs::metadata(&path).is_ok_and(|of| of.len() <= LONGEST_TEXT);
            if is_short && read_whole(&path).is_ok_and(|bytes| names(&bytes, id.as_bytes())) {
                self.not_reached.insert(path, "it names the person, and may hold others as well: look at it");
            }
        }
    }

    fn plan(self) -> Plan {
        let kept = self.not_reached.into_iter().map(|(path, why)| NotReached { path, why });
        Plan {
            athlete: self.athlete.clone(),
            library: self.library.to_owned(),
            items: self.items.into_values().collect(),
            not_reached: kept.collect(),
        }
    }
}

/// A page with a row for each person of a squad, by the name that it is written under.
fn is_squad_sheet(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.starts_with("squad_") && path.extension().is_some_and(|extension| extension == "pdf")
}

/// Folders that begin with a dot, but for the store of results.
fn is_hidden_of_others(entry: &std::fs::DirEntry) -> bool {
    let name = entry.file_name();
    name != ".results" && name.to_string_lossy().starts_with('.')
}

/// Every file below a folder, in order. Links, and folders of other programs, are not looked into.
fn list(folder: &Path, files: &mut Vec<PathBuf>, not_reached: &mut BTreeMap<PathBuf, &'static str>) {
    let Ok(entries) = folder.read_dir() else {
        not_reached.insert(folder.to_owned(), "the folder cannot be read");
        return;
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_symlink() => {
                not_reached.insert(path, "a link: what it leads to was not looked at");
            }
            Ok(kind) if kind.is_dir() && is_hidden_of_others(&entry) => {
                not_reached.insert(path, "a hidden folder of another program: it was not looked into");
            }
            Ok(kind) if kind.is_dir() => list(&path, files, not_reached),
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {}
        }
    }
}

/// The files that a recording was made from.
fn sources(session: &SessionInfo) -> Vec<SourceFile> {
    let source = &session.source;
    [&source.files, &source.imported_from, &source.made_from].into_iter().flatten().cloned().collect()
}

/// Everybody whom a text of JSON names as an athlete; nobody where it is none.
fn people_in(text: &str) -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>().map_while(Result::ok) {
        look(&value, &mut people);
    }
    people
}

fn look(value: &Value, people: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                match field.as_str().filter(|_| key == "athlete" || key == "athlete_id") {
                    Some(id) => {
                        people.insert(id.to_owned());
                    }
                    None => look(field, people),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, people)),
        _ => {}
    }
}

/// Whether bytes hold an id that is no part of a longer word.
fn names(bytes: &[u8], id: &[u8]) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    bytes.windows(id.len()).enumerate().any(|(at, window)| {
        window == id
            && is_edge(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && is_edge(bytes.get(at + id.len()))
    })
}

/// The title of a document of ours: of a PDF from its metadata (XMP), of a page from its head; `None` where there is none to be read.
fn title(path: &Path) -> Option<String> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let (begin, end) = match extension.as_str() {
        "pdf" => ("<dc:title>", "</dc:title>"),
        "html" => ("<title>", "</title>"),
        _ => return None,
    };
    let bytes = read_whole(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let inside = text.split_once(begin)?.1.split_once(end)?.0;
    // The title stands in a list of languages.
    let plain: String = inside.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    let plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Some(plain.replace("&amp;", "&").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_as_whole_words_and_in_json_under_their_keys() {
        assert!(names(b"of P-01, and", b"P-01") && names(b"P-01", b"P-01"));
        assert!(!names(b"of P-014", b"P-01") && !names(b"XP-01", b"P-01") && !names(b"P-0", b"P-01"));
        let people =
            people_in("{\"athlete_id\":\"a\",\"x\":[{\"athlete\":\"b\"}]}\n{\"athlete_id\":\"c\",\"note\":\"d\"}\n");
        assert_eq!(people.into_iter().collect::<String>(), "abc");
        assert!(people_in("no json").is_empty());
    }
}
