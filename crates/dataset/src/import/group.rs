//! One file per sensor: which files of a folder belong to one session, and what their names say.

use std::path::{Path, PathBuf};

use super::ImportError;
pub(crate) use super::files::{file_name, is_table, list, stem};
use super::kind::{Kind, recognise};
use super::places::{beside_the_place, named};
use super::roles::Candidate;
use super::text::Text;

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
    kind: Kind,
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

    /// All its files as those of one sensor.
    pub fn as_one_sensor(&self, name: &str) -> SensorFiles {
        let files: Vec<PathBuf> = self.members.iter().map(|member| member.path.clone()).collect();
        let names = files.iter().map(|file| file_name(file)).collect();
        SensorFiles { candidate: Candidate { name: name.to_owned(), files: names }, files }
    }

    /// The format of its files.
    pub fn kind(&self) -> Option<Kind> {
        self.members.first().map(|member| member.kind)
    }

    /// Its files by sensor, in order of the sensors' names.
    pub fn sensors(&self) -> Vec<SensorFiles> {
        let mut sensors: Vec<SensorFiles> = Vec::new();
        for member in &self.members {
            let file = file_name(&member.path);
            match sensors.last_mut() {
                // The two files of an accelerometer and gyroscope pair are one sensor.
                Some(last) if last.candidate.name == member.sensor && member.kind.is_half() => {
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

/// The session that a file belongs to: the files beside it with the same session name and start.
pub(crate) fn group_of(path: &Path) -> Result<Option<Group>, ImportError> {
    let text = Text::beginning(path)?;
    let Some((kind, _)) = recognise(&text) else { return Ok(None) };
    let own = by_name(path, kind);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut members = vec![own.clone()];
    for sibling in list(folder)? {
        // Names are compared before files are opened: a folder may hold thousands.
        let named = by_name(&sibling, kind);
        if is_table(&sibling) && file_name(&sibling) != file_name(path) && together(&own, &named) {
            members.extend(member(&sibling).filter(|other| other.kind.family() == kind.family()));
        }
    }
    let holds = |group: &Group| group.members.iter().any(|member| member.path == own.path);
    let is_copy = |group: &Group| group.twice.iter().any(|(copy, _)| *copy == file_name(&own.path));
    Ok(cluster(members).into_iter().find(|group| holds(group) || is_copy(group)))
}

fn together(a: &Member, b: &Member) -> bool {
    let near = match (a.start, b.start) {
        (Some(a), Some(b)) => (a - b).abs() <= SAME_START_S,
        (None, None) => true,
        _ => false,
    };
    a.kind.family() == b.kind.family() && a.session == b.session && near
}

fn cluster(mut members: Vec<Member>) -> Vec<Group> {
    members.sort_by(|a, b| {
        let key = |m: &Member| (m.kind.family(), m.session.clone(), m.start);
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
    let (false, Some(parts)) = (members.iter().any(|member| member.kind.is_half()), parts(&names)) else {
        return vec![members];
    };
    let in_part = |part: Vec<usize>| -> Vec<Member> {
        let session = common_start(&part.iter().map(|&index| names[index].as_str()).collect::<Vec<_>>());
        part.into_iter().map(|index| Member { session: session.clone(), ..members[index].clone() }).collect()
    };
    parts.into_iter().map(in_part).collect()
}

/// The trials among files with one sensor each.
pub(crate) fn trials(files: Vec<PathBuf>) -> Vec<Vec<PathBuf>> {
    let names: Vec<String> = files.iter().map(|file| stem(file)).collect();
    match parts(&names) {
        Some(parts) => parts.into_iter().map(|part| part.into_iter().map(|i| files[i].clone()).collect()).collect(),
        None => vec![files],
    }
}

/// Indices of names by what they say beside the place; nothing unless that explains why places are there twice.
fn parts(names: &[String]) -> Option<Vec<Vec<usize>>> {
    let twice = |of: &[usize]| {
        let places: Vec<_> = of.iter().map(|&index| named(&names[index])).filter(|place| place.0.is_some()).collect();
        places.iter().enumerate().any(|(index, place)| places[..index].contains(place))
    };
    if !twice(&(0..names.len()).collect::<Vec<_>>()) {
        return None;
    }
    let mut parts: std::collections::BTreeMap<String, Vec<usize>> = std::collections::BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        parts.entry(beside_the_place(name)).or_default().push(index);
    }
    let parts: Vec<Vec<usize>> = parts.into_values().collect();
    (parts.len() > 1 && parts.iter().all(|part| part.len() > 1 && !twice(part))).then_some(parts)
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
    let same = |a: &Path, b: &Path| {
        size(a).is_some_and(|a| size(b) == Some(a))
            && std::fs::read(a).ok().zip(std::fs::read(b).ok()).is_some_and(|(a, b)| a == b)
    };
    let mut kept: Vec<Member> = Vec::new();
    let mut twice = Vec::new();
    let mut ordered = members;
    // The shorter name is the original's: "x (1).csv" is the copy.
    ordered.sort_by(|a, b| (a.path.as_os_str().len(), &a.path).cmp(&(b.path.as_os_str().len(), &b.path)));
    for member in ordered {
        let is_copy =
            |other: &&Member| stem(&member.path).contains(&stem(&other.path)) && same(&other.path, &member.path);
        match kept.iter().find(is_copy) {
            Some(other) => twice.push((file_name(&member.path), file_name(&other.path))),
            None => kept.push(member),
        }
    }
    (kept, twice)
}

/// A file of a known format; others are not members.
fn member(path: &Path) -> Option<Member> {
    let text = Text::beginning(path).ok()?;
    let (kind, _) = recognise(&text)?;
    Some(by_name(path, kind))
}

fn by_name(path: &Path, kind: Kind) -> Member {
    let stem = stem(path);
    let (session, sensor) = match kind {
        Kind::Dot | Kind::XIo | Kind::Movesense | Kind::Shimmer => (String::new(), without_start(&stem)),
        Kind::HalfForce | Kind::HalfRate => (String::new(), without_quantity(&without_start(&stem))),
        // MT_<master>_<trial>_<device>
        Kind::Mtw => match stem.rsplit_once('_') {
            Some((session, device)) if stem.starts_with("MT_") => (session.to_owned(), device.to_owned()),
            _ => (String::new(), without_start(&stem)),
        },
        Kind::MetaAccelerometer | Kind::MetaGyroscope => metabase_names(&stem),
    };
    Member { path: path.to_owned(), kind, session, sensor, start: start_text(&stem).and_then(|text| seconds(&text)) }
}

/// `<session>_<device>_<start>_<address>_<Accelerometer or Gyroscope>_<rate>_<version>`: session and sensor.
fn metabase_names(stem: &str) -> (String, String) {
    let parts: Vec<&str> = stem.split('_').collect();
    let channel = parts.iter().rposition(|part| matches!(*part, "Accelerometer" | "Gyroscope"));
    match channel {
        Some(at) if at >= 4 => (parts[..at - 3].join("_"), format!("{} {}", parts[at - 3], parts[at - 1])),
        Some(at) => (String::new(), parts[..at].join("_")),
        None => (String::new(), stem.to_owned()),
    }
}

/// The name without the start time, such as `Pelvis` of `Pelvis_20210820_202113_836`.
fn without_start(stem: &str) -> String {
    let Some((before, after)) = start_text(stem).and_then(|text| stem.split_once(&text)) else {
        return stem.to_owned();
    };
    let separators = ['_', '-', ' '];
    // Milliseconds of the start.
    let after = after.trim_start_matches(separators).trim_start_matches(|c: char| c.is_ascii_digit());
    let parts = [before, after].map(|part| part.trim_matches(separators));
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    if name.is_empty() { stem.to_owned() } else { name }
}

/// The name without the quantity, such as `Polar_Sense_AAAA0001` of `Polar_Sense_AAAA0001_ACC`; of nothing else it leaves
/// nothing: the folder then says which sensor it is.
fn without_quantity(name: &str) -> String {
    let quantity = |part: &&str| {
        let part = part.to_lowercase();
        part.starts_with("acc") || part.starts_with("gyr") || part.contains("acceler") || part.contains("gyro")
    };
    name.split(['_', '-', ' ']).filter(|part| !quantity(part)).collect::<Vec<_>>().join("_")
}

/// A date and time in a file name: `20210820_202113`, `2019-01-15T20.09.06`.
fn start_text(stem: &str) -> Option<String> {
    let bytes = stem.as_bytes();
    (0..bytes.len()).find_map(|from| {
        let starts = bytes[from].is_ascii_digit() && (from == 0 || !bytes[from - 1].is_ascii_digit());
        if !starts {
            return None;
        }
        let mut digits = 0;
        for (i, byte) in bytes.iter().enumerate().skip(from).take(20) {
            match byte {
                b'0'..=b'9' => digits += 1,
                b'_' | b'-' | b'T' | b'.' | b':' => {}
                _ => return None,
            }
            if digits == 14 {
                let text = stem.get(from..=i)?.to_owned();
                return seconds(&text).is_some().then_some(text);
            }
        }
        None
    })
}

fn seconds(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    let year = digits.get(0..4)?.parse::<i16>().ok()?;
    let (month, day, hour, minute, second) = (part(4..6)?, part(6..8)?, part(8..10)?, part(10..12)?, part(12..14)?);
    let date = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_session_sensor_and_start() {
        let member = |name: &str, kind| by_name(Path::new(name), kind);
        let meta = "A-squat_heavy_MetaWear_2019-01-15T20.09.06.903_C42732BE255C_Accelerometer_12.500Hz_1.4.4.csv";
        let meta = member(meta, Kind::MetaAccelerometer);
        assert_eq!((meta.session.as_str(), meta.sensor.as_str()), ("A-squat_heavy", "MetaWear C42732BE255C"));
        assert_eq!(meta.start, Some(1_547_582_946));
        let dot = member("Pelvis_20210820_202113_836.csv", Kind::Dot);
        assert_eq!((dot.session.as_str(), dot.sensor.as_str(), dot.start), ("", "Pelvis", Some(1_629_490_873)));
        let mtw = member("MT_012005D6_009-001_00B421E6.txt", Kind::Mtw);
        assert_eq!((mtw.session.as_str(), mtw.sensor.as_str(), mtw.start), ("MT_012005D6_009-001", "00B421E6", None));
        let plain = member("shank.csv", Kind::Dot);
        assert_eq!((plain.session.as_str(), plain.sensor.as_str(), plain.start), ("", "shank", None));
        assert_eq!(member("20210820_202113.csv", Kind::Dot).sensor, "20210820_202113");
        assert_eq!(member("XSDot_20210820_202113_LFemur.txt", Kind::Mtw).sensor, "XSDot_LFemur");
    }

    #[test]
    fn sessions_in_one_folder_are_told_apart() {
        let names = ["Pelvis_20210820_202113_836", "RTibia_20210820_202114_001", "Pelvis_20210820_203000_000"];
        let members = names.iter().map(|name| by_name(Path::new(&format!("{name}.csv")), Kind::Dot)).collect();
        let groups = cluster(members);
        let sizes: Vec<usize> = groups.iter().map(|group| group.sensors().len()).collect();
        assert_eq!(sizes, [2, 1]);
        assert_eq!(groups[0].session.as_deref(), Some("20210820_202113"));
    }
}
