//! One file per sensor: which files of a folder belong to one session, and what their names say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ImportError;
pub(crate) use super::files::{file_name, is_table, list, stem};
use super::format::{Holds, Named, PerSensor, of_sensor};
use super::names::{seconds, start_text};
use super::roles::Candidate;
use super::text::Text;
use super::trials::parts;

/// Sensors of one session start within this, s.
const SAME_START_S: i64 = 10;

/// The files of one session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Group {
    /// Name of the session, where the file names have one.
    pub session: Option<String>,
    /// The files, in order of sensor and name.
    members: Vec<Member>,
    /// Clock time in their names at which the first began, ns after 1970.
    pub start: Option<i64>,
    /// Files that are there twice: the copy, and what it is a copy of.
    pub twice: Vec<(String, String)>,
}

/// One file and what its name says.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Member {
    path: PathBuf,
    format: &'static dyn PerSensor,
    holds: Holds,
    session: String,
    sensor: String,
    /// Start in the file name, s after 1970 in its own time zone.
    start: Option<i64>,
}

/// One sensor of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SensorFiles {
    pub candidate: Candidate,
    pub files: Vec<PathBuf>,
}

impl Group {
    /// The first file: opening it opens the group.
    pub fn first(&self) -> Option<&Path> {
        self.members.first().map(|member| member.path.as_path())
    }

    /// All its files, with copies.
    pub fn files(&self) -> Vec<PathBuf> {
        let copies = self.twice.iter().filter_map(|(copy, _)| Some(self.first()?.with_file_name(copy)));
        self.members.iter().map(|member| member.path.clone()).chain(copies).collect()
    }

    /// Whether a file of its folder is one of its files, or a copy of one.
    pub fn holds(&self, path: &Path) -> bool {
        let is_copy = |(copy, _): &(String, String)| *copy == file_name(path);
        self.members.iter().any(|member| member.path.file_name() == path.file_name()) || self.twice.iter().any(is_copy)
    }

    /// All its files as those of one sensor.
    pub fn as_one_sensor(&self, name: &str) -> SensorFiles {
        let files: Vec<PathBuf> = self.members.iter().map(|member| member.path.clone()).collect();
        let names = files.iter().map(|file| file_name(file)).collect();
        SensorFiles { candidate: Candidate { name: name.to_owned(), files: names }, files }
    }

    /// The format of its files.
    pub fn format(&self) -> Option<&'static dyn PerSensor> {
        self.members.first().map(|member| member.format)
    }

    /// Its files by sensor, in order of the sensors' names.
    pub fn sensors(&self) -> Vec<SensorFiles> {
        let mut sensors: Vec<SensorFiles> = Vec::new();
        for member in &self.members {
            let file = file_name(&member.path);
            match sensors.last_mut() {
                // The parts of a sensor are one.
                Some(last) if last.candidate.name == member.sensor && member.holds == Holds::Part => {
                    last.candidate.files.push(file);
                    last.files.push(member.path.clone());
                }
                _ => sensors.push(SensorFiles {
                    candidate: Candidate { name: member.sensor.clone(), files: vec![file] },
                    files: vec![member.path.clone()],
                }),
            }
        }
        sensors
    }
}

/// The sessions in the files of one folder.
pub(crate) fn groups(folder: &Path) -> Result<Vec<Group>, ImportError> {
    let members = list(folder)?.into_iter().filter(|path| is_table(path)).filter_map(|path| member(&path)).collect();
    Ok(cluster(members))
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The session that a file belongs to: the files beside it with the same session name and start.
pub(crate) fn group_of(path: &Path) -> Result<Option<Group>, ImportError> {
    let text = Text::beginning(path)?;
    let Some((format, holds)) = of_sensor(&text) else { return Ok(None) };
    let own = by_name(path, format, holds);
    let folder = folder_of(path);
    let mut members = vec![own.clone()];
    for sibling in list(folder)? {
        // Names are compared before files are opened: a folder may hold thousands.
        let named = by_name(&sibling, format, holds);
        if is_table(&sibling) && file_name(&sibling) != file_name(path) && together(&own, &named) {
            members.extend(member(&sibling).filter(|other| other.format == format));
        }
    }
    Ok(cluster(members).into_iter().find(|group| group.holds(path)))
}

fn together(a: &Member, b: &Member) -> bool {
    let near = match (a.start, b.start) {
        (Some(a), Some(b)) => (a - b).abs() <= SAME_START_S,
        (None, None) => true,
        _ => false,
    };
    a.format == b.format && a.session == b.session && near
}

fn cluster(mut members: Vec<Member>) -> Vec<Group> {
    members.sort_by(|a, b| {
        let key = |m: &Member| (m.format.about().format, m.session.clone(), m.start);
        key(a).cmp(&key(b)).then_with(|| a.path.cmp(&b.path))
    });
    let mut groups: Vec<Vec<Member>> = Vec::new();
    for member in members {
        match groups.last_mut() {
            Some(group) if together(&group[0], &member) => group.push(member),
            _ => groups.push(vec![member]),
        }
    }
    groups.into_iter().flat_map(by_trial).map(group).collect()
}

fn group(members: Vec<Member>) -> Group {
    let (mut members, twice) = without_copies(members);
    members.sort_by(|a, b| (&a.sensor, &a.path).cmp(&(&b.sensor, &b.path)));
    let session = members.first().map(|m| m.session.clone()).filter(|session| !session.is_empty());
    let stamp = members.iter().find_map(|m| start_text(&stem(&m.path)));
    let start = members.iter().filter_map(|member| member.start?.checked_mul(1_000_000_000)).min();
    Group { session: session.or(stamp), members, start, twice }
}

/// Files that tell apart by more than the place are those of several trials, if no trial then has a place twice.
fn by_trial(members: Vec<Member>) -> Vec<Vec<Member>> {
    let names: Vec<String> = members.iter().map(|member| member.sensor.clone()).collect();
    let (false, Some(parts)) = (members.iter().any(|member| member.holds == Holds::Part), parts(&names)) else {
        return vec![members];
    };
    let in_part = |part: Vec<usize>| -> Vec<Member> {
        let session = common_start(&part.iter().map(|&index| names[index].as_str()).collect::<Vec<_>>());
        part.into_iter().map(|index| Member { session: session.clone(), ..members[index].clone() }).collect()
    };
    parts.into_iter().map(in_part).collect()
}

/// What all names begin with, without separators at its end.
fn common_start(names: &[&str]) -> String {
    let first = names.first().copied().unwrap_or_default();
    let shared = |(at, _): &(usize, char)| names.iter().all(|name| name.starts_with(&first[..*at]));
    let end = first.char_indices().take_while(shared).last().map_or(0, |(at, _)| at);
    first[..end].trim_end_matches(['_', '-', ' ', '.']).to_owned()
}

/// Leaves out files that are another one's copy, byte for byte and by their names. Equal files of two places are no copies.
fn without_copies(members: Vec<Member>) -> (Vec<Member>, Vec<(String, String)>) {
    let size = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.len()).ok();
    let same = |a: &Path, b: &Path| std::fs::read(a).ok().zip(std::fs::read(b).ok()).is_some_and(|(a, b)| a == b);
    let mut kept: Vec<Member> = Vec::new();
    let mut of_size: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut twice = Vec::new();
    let mut ordered = members;
    // The shorter name is the original's: "x (1).csv" is the copy.
    ordered.sort_by(|a, b| (a.path.as_os_str().len(), &a.path).cmp(&(b.path.as_os_str().len(), &b.path)));
    for member in ordered {
        let alike = of_size.entry(size(&member.path).unwrap_or_default()).or_default();
        let is_copy =
            |other: &&Member| stem(&member.path).contains(&stem(&other.path)) && same(&other.path, &member.path);
        match alike.iter().map(|&index| &kept[index]).find(is_copy) {
            Some(other) => twice.push((file_name(&member.path), file_name(&other.path))),
            None => {
                alike.push(kept.len());
                kept.push(member);
            }
        }
    }
    (kept, twice)
}

/// A file of a known format; others are not members.
fn member(path: &Path) -> Option<Member> {
    let text = Text::beginning(path).ok()?;
    let (format, holds) = of_sensor(&text)?;
    Some(by_name(path, format, holds))
}

fn by_name(path: &Path, format: &'static dyn PerSensor, holds: Holds) -> Member {
    let stem = stem(path);
    let Named { session, sensor } = format.named(&stem);
    let start = start_text(&stem).and_then(|text| seconds(&text));
    Member { path: path.to_owned(), format, holds, session, sensor, start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_in_one_folder_are_told_apart() {
        let names = ["Pelvis_20210820_202113_836", "RTibia_20210820_202114_001", "Pelvis_20210820_203000_000"];
        let dot = super::super::format::named("movella-dot-csv").expect("is there");
        let members = names.iter().map(|name| by_name(Path::new(&format!("{name}.csv")), dot, Holds::Sensor)).collect();
        let groups = cluster(members);
        let sizes: Vec<usize> = groups.iter().map(|group| group.sensors().len()).collect();
        assert_eq!(sizes, [2, 1]);
        assert_eq!(groups[0].session.as_deref(), Some("20210820_202113"));
    }
}
