//! Who, and which session: ids as people write them, in any script, and the names that their files get.
//!
//! An id keeps every letter, so that two people stay two. A file's name cannot: what is not plain becomes a slug of the id with a
//! short hash of all of it behind. Plain ids are their own file names.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::explained::Explained;

/// Most characters of an id. Nobody is called so; files can claim anything.
const LONGEST: usize = 1000;
/// Most characters of a plain id, and of a slug before its hash.
const LONGEST_PLAIN: usize = 64;
const LONGEST_SLUG: usize = 40;
/// Digits of the hash in file names: two ids of one slug among ten thousand share it once in a hundred studies.
const HASH_DIGITS: usize = 8;

/// A word that is not one of the allowed ones.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{found:?} cannot be used here")]
pub struct InvalidId {
    /// What was found.
    pub found: String,
    /// What would be right.
    pub need: &'static str,
}

impl Explained for InvalidId {
    fn code(&self) -> &'static str {
        "invalid_name"
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(format!("give {}", self.need).into())
    }
}

/// Pseudonym of a person, never a real name: 1 to 1000 characters of any script, in one normal form (NFC), none of them invisible.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "String", into = "String")]
pub struct AthleteId(String);

/// Name of a session, unique for its person; as [`AthleteId`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(bitcode::Encode, bitcode::Decode))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "String", into = "String")]
pub struct SessionId(String);

/// What both kinds of id can do.
macro_rules! ids {
    ($($id:ident, $nameless:literal;)*) => {$(
        impl $id {
            /// Checks and wraps what somebody gives.
            ///
            /// # Errors
            /// It is empty, too long, or holds characters that nobody sees.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                checked(&text.into()).map(Self)
            }

            /// From a file that says anything. What cannot stand in an id is left out, and a hash of the whole put behind, so that
            /// two originals stay two; whether that was needed is the second value. `None` if nothing is left.
            pub fn of_file(text: &str) -> Option<(Self, bool)> {
                cleaned(text).map(|(id, changed)| (Self(id), changed))
            }

            /// The id.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// What it is called in the names of files and folders, on any system: itself if it is plain, else a slug and a hash.
            pub fn file_name(&self) -> String {
                file_name(&self.0, $nameless)
            }
        }

        /// Recordings stay readable whatever is written in them.
        impl From<String> for $id {
            fn from(text: String) -> Self {
                let nameless = || Self(format!("{}-{}", $nameless, short_hash([text.as_str()])));
                Self::of_file(&text).map_or_else(nameless, |(id, _)| id)
            }
        }

        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}
ids! {
    AthleteId, "athlete";
    SessionId, "session";
}

/// What ids of people begin with whom nobody named.
const UNNAMED: &str = "unnamed-";

impl AthleteId {
    /// Somebody whom nobody named, known by what was recorded only: another recording is somebody else.
    pub fn unnamed<'a>(recorded: impl IntoIterator<Item = &'a str>) -> Self {
        Self(format!("{UNNAMED}{}", short_hash(recorded)))
    }

    /// The same for all ids that differ in upper and lower case only, or in forms of letters that look alike: two people who are called so would
    /// be taken for one.
    pub fn folded(&self) -> String {
        self.0.nfkc().flat_map(char::to_lowercase).nfkc().collect()
    }

    /// Whether nobody named this person.
    pub fn is_unnamed(&self) -> bool {
        self.0.strip_prefix(UNNAMED).is_some_and(|hash| {
            hash.len() == HASH_DIGITS && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        })
    }
}

/// What the files of a session are called, without their ending.
pub fn recording_name(athlete: &AthleteId, session: &SessionId) -> String {
    format!("{}_{}", athlete.file_name(), session.file_name())
}

/// First digits of the SHA-256 over texts, each with its end.
pub fn short_hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let first = digest(texts).first_chunk().copied().map_or(0, u32::from_be_bytes);
    format!("{first:0HASH_DIGITS$x}")
}

/// The same with 16 digits: two among a million share them once in thirty million times.
pub fn long_hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let first = digest(texts).first_chunk().copied().map_or(0, u64::from_be_bytes);
    format!("{first:016x}")
}

/// Key of a session, of the SHA-256 over its samples: the same wherever it lies and whatever it is called. A letter is in front, so that no
/// spreadsheet takes it for a number.
pub fn session_key(content_sha256: &str) -> String {
    format!("s{}", long_hash([content_sha256, ""]))
}

fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

/// In one form, without the blanks around it: what looks the same is the same.
fn normal(text: &str) -> String {
    text.trim().nfc().collect()
}

/// What somebody gives as a name or a remark, as ids are: one line of 1 to 1000 characters that can be seen, in one form.
///
/// # Errors
/// It is not.
pub fn one_line(text: &str) -> Result<String, InvalidId> {
    checked(text)
}

fn checked(text: &str) -> Result<String, InvalidId> {
    let id = normal(text);
    let need = if id.is_empty() || id.chars().nth(LONGEST).is_some() {
        "1 to 1000 characters"
    } else if id.chars().any(is_invisible) {
        "one line of characters that can be seen, without those that change the direction of the text"
    } else {
        return Ok(id);
    };
    Err(InvalidId { found: text.chars().take(2 * LONGEST_PLAIN).collect(), need })
}

fn cleaned(text: &str) -> Option<(String, bool)> {
    let whole = normal(text);
    if !whole.is_empty() && whole.chars().nth(LONGEST).is_none() && !whole.chars().any(is_invisible) {
        return Some((whole, false));
    }
    let hash = short_hash([whole.as_str()]);
    let kept: String = whole.chars().filter(|c| !is_invisible(*c)).take(LONGEST - HASH_DIGITS - 1).collect();
    let kept = normal(&kept);
    (!kept.is_empty()).then(|| (format!("{kept}-{hash}"), true))
}

/// Characters that nobody sees or that change how others stand. Joiners and variation selectors are part of words in some scripts.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
            | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e00ff}')
}

fn file_name(id: &str, nameless: &str) -> String {
    if is_plain(id) {
        return id.to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    // Letters without their accents are better than dashes.
    let words: String = id.nfd().filter(|c| !is_combining_mark(*c)).map(plain).collect();
    let mut slug = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    slug.truncate(LONGEST_SLUG);
    let slug = slug.trim_matches('-');
    let hash = short_hash([id]);
    if slug.is_empty() { format!("{nameless}-{hash}") } else { format!("{slug}-{hash}") }
}

/// Whether every system takes it as the name of a file or folder, with or without more behind it.
fn is_plain(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !id.is_empty()
        && id.len() <= LONGEST_PLAIN
        && id.chars().all(allowed)
        && !id.starts_with('.')
        // Windows drops a dot at the end.
        && !id.ends_with('.')
        // What a recording is called until it is finished.
        && !id.to_ascii_lowercase().ends_with(".unfinished")
        && !is_device(id)
}

/// Names that Windows keeps for its devices, whatever stands behind a dot.
fn is_device(id: &str) -> bool {
    let stem = id.split('.').next().unwrap_or(id).to_ascii_uppercase();
    let port =
        |kind| stem.strip_prefix(kind).is_some_and(|n: &str| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || port("COM") || port("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(text: &str) -> AthleteId {
        AthleteId::new(text).expect(text)
    }

    #[test]
    fn every_letter_of_every_script_is_kept_in_one_normal_form() {
        let long = "x".repeat(400);
        for text in [
            "P-014",
            "選手-山田",
            "P/14",
            "P 14",
            "Ångström",
            "مريم",
            "योगिनी",
            "葛\u{e0100}城",
            "می\u{200c}خواهم",
            "-----",
            "=1+1",
            &long,
        ] {
            assert_eq!(id(text).as_str(), text);
            assert_eq!(AthleteId::of_file(text), Some((id(text), false)));
            assert_eq!(
                serde_json::from_str::<AthleteId>(&serde_json::to_string(&id(text)).expect("JSON")).expect("JSON"),
                id(text)
            );
        }
        assert_eq!(id("A\u{30a}ngstro\u{308}m"), id("Ångström"));
        assert_eq!(id(" P14\t"), id("P14"), "blanks around it say nothing");
    }

    #[test]
    fn ids_that_look_alike_are_folded_into_one() {
        for (a, b) in [("P14", "p14"), ("Ångström", "ÅNGSTRÖM"), ("Ｐ14", "P14"), ("ﬁn", "fin")] {
            assert!(id(a) != id(b) && id(a).folded() == id(b).folded(), "{a} {b}");
        }
        assert_ne!(id("P14").folded(), id("P-14").folded());
    }

    #[test]
    fn what_nobody_sees_is_refused_where_somebody_gives_it_and_left_out_of_files() {
        for bad in ["", "  ", "a\nb", "a\u{202e}b", "a\u{200b}b", "a\0b", "\u{feff}a", &"x".repeat(1001)] {
            let error = SessionId::new(bad).expect_err("refused").in_full();
            assert!(error.contains("give") && !error.chars().any(is_invisible), "{error}");
        }
        let (left, changed) = AthleteId::of_file("a\u{202e}b").expect("something is left");
        assert!(changed && left.as_str().starts_with("ab-"), "{left}");
        assert_ne!(left, id("ab"));
        assert_ne!(left, AthleteId::of_file("ab\u{202e}").expect("something is left").0);
        assert_eq!(AthleteId::of_file("\u{202e} \n"), None);
        let read: SessionId = serde_json::from_str("\"\\u202e\"").expect("recordings stay readable");
        assert!(read.as_str().starts_with("session-"), "{read}");
        let (long, changed) = AthleteId::of_file(&"選".repeat(5000)).expect("something is left");
        assert!(changed && long.as_str().chars().count() == LONGEST, "{long}");
    }

    #[test]
    fn plain_ids_are_their_own_file_names_and_others_get_a_slug_and_a_hash() {
        for plain in ["P-014", "a", "S000", "20261002-110215", "kim_2.b", "-----", "Conrad", "COM12", &"x".repeat(64)] {
            assert_eq!(id(plain).file_name(), plain);
        }
        let named =
            |text: &str, slug: &str, hash: &str| assert_eq!(id(text).file_name(), format!("{slug}-{hash}"), "{text}");
        named("P/14", "P-14", &short_hash(["P/14"]));
        for (text, slug) in [
            ("P 14", "P-14"),
            ("選手-山田", "athlete"),
            ("Ångström 2", "Angstrom-2"),
            ("../../etc/passwd", "etc-passwd"),
            ("CON", "CON"),
            ("nul.txt", "nul-txt"),
            ("lpt1", "lpt1"),
            ("trailing.", "trailing"),
            (".hidden", "hidden"),
            ("S1.Unfinished", "S1-Unfinished"),
            ("a:b*c?", "a-b-c"),
            (&"y".repeat(65), &"y".repeat(40)),
        ] {
            named(text, slug, &short_hash([text]));
        }
        assert_eq!(
            recording_name(&id("P/14"), &SessionId::new("S1").expect("an id")),
            format!("{}_S1", id("P/14").file_name())
        );
    }

    #[test]
    fn hostile_pairs_stay_two_people_and_two_files() {
        let alike = "z".repeat(64);
        for (a, b) in [
            ("選手-山田", "選手-鈴木"),
            ("P/14", "P 14"),
            ("P/14", "P-14"),
            ("P\\14", "P/14"),
            (&format!("{alike}a"), &format!("{alike}b")),
            ("P\u{a0}14", "P 14"),
            ("Анна", "Аnna"),
            ("a.", "a"),
            ("CON", "CON."),
            ("é", "e"),
            ("P#1", "P##1"),
        ] {
            assert_ne!(id(a), id(b));
            assert_ne!(id(a).file_name().to_lowercase(), id(b).file_name().to_lowercase(), "{a} {b}");
        }
    }

    #[test]
    fn whom_nobody_named_is_known_by_the_recording() {
        let one = AthleteId::unnamed(["ab", "cd"]);
        assert!(one.is_unnamed() && one == AthleteId::unnamed(["ab", "cd"]));
        assert_ne!(one, AthleteId::unnamed(["abc", "d"]), "each text has its end");
        assert_eq!(one.file_name(), one.as_str());
        assert!(!id("unnamed-").is_unnamed() && !id("unnamed-selma123").is_unnamed());
    }

    proptest! {
        #[test]
        fn two_ids_are_two_file_names(a in "\\PC{1,80}", b in "\\PC{1,80}") {
            let (Ok(a), Ok(b)) = (AthleteId::new(a), AthleteId::new(b)) else { return Ok(()) };
            prop_assert_eq!(a == b, a.file_name() == b.file_name());
        }

        #[test]
        fn two_ids_of_few_letters_are_two_file_names(a in "[aA /.é選\\-]{1,4}", b in "[aA /.é選\\-]{1,4}") {
            let (Ok(a), Ok(b)) = (AthleteId::new(a), AthleteId::new(b)) else { return Ok(()) };
            prop_assert_eq!(a == b, a.file_name() == b.file_name());
        }

        #[test]
        fn a_file_name_is_plain_and_short_and_an_id_of_a_file_is_an_id(text in any::<String>()) {
            let Some((id, changed)) = AthleteId::of_file(&text) else { return Ok(()) };
            prop_assert_eq!(AthleteId::new(id.as_str()), Ok(id.clone()));
            prop_assert_eq!(changed, AthleteId::new(text).is_err());
            let name = id.file_name();
            prop_assert!(is_plain(&name) && name.len() <= 64, "{}", name);
        }
    }
}
