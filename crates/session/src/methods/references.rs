//! The literature that a text cites, from docs/references.bib.

use std::collections::BTreeSet;

/// Every entry stands on a line of its own.
const BIB: &str = include_str!("../../../../docs/references.bib");

/// An entry of the literature.
struct Entry<'a> {
    line: &'a str,
    key: &'a str,
}

impl<'a> Entry<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (_, rest) = line.strip_prefix('@')?.split_once('{')?;
        Some(Self { line, key: rest.split_once(',')?.0 })
    }

    /// The words of a field.
    fn field(&self, name: &str) -> &'a str {
        let begin = format!(" {name}={{");
        let found = self.line.split_once(&begin).and_then(|(_, rest)| rest.split_once('}'));
        found.map_or("", |(words, _)| words)
    }

    /// `Moon et al. 1999`.
    fn short(&self) -> String {
        let names: Vec<&str> = self.field("author").split(" and ").collect();
        let family = |name: &str| name.split(',').next().unwrap_or_default().to_owned();
        let who = match names[..] {
            [] => String::new(),
            [one] => family(one),
            [one, other] if other != "others" => format!("{} and {}", family(one), family(other)),
            [first, ..] => format!("{} et al.", family(first)),
        };
        format!("{who} {}", self.field("year"))
    }

    /// A line of a list of references.
    fn full(&self) -> String {
        let authors = self.field("author").replace(" and others", " et al.");
        let place = ["journal", "booktitle", "institution", "publisher"].map(|name| self.field(name));
        let place = place.into_iter().find(|place| !place.is_empty()).unwrap_or_default();
        let volume = match self.field("volume") {
            "" => String::new(),
            volume => format!(" {volume}"),
        };
        format!("{authors} ({}). {}. {place}{volume}.", self.field("year"), self.field("title"))
    }
}

fn entries() -> impl Iterator<Item = Entry<'static>> {
    BIB.lines().filter_map(Entry::of)
}

/// What a text cites, in the order of the keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Cited(BTreeSet<&'static str>);

impl Cited {
    /// `(Moon et al. 1999; Zhang et al. 2002)` behind a sentence, and in the list from now on.
    pub fn cite(&mut self, keys: &[&str]) -> String {
        let found = keys.iter().filter_map(|key| entries().find(|entry| entry.key == *key));
        let short: Vec<String> = found
            .map(|entry| {
                self.0.insert(entry.key);
                entry.short()
            })
            .collect();
        format!("({})", short.join("; "))
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'static>> + '_ {
        entries().filter(|entry| self.0.contains(entry.key))
    }

    /// The list of references, a line each.
    pub fn list(&self) -> Vec<String> {
        let mut list: Vec<String> = self.entries().map(|entry| entry.full()).collect();
        list.sort();
        list
    }

    /// The entries as they stand in the file.
    pub fn bibtex(&self) -> String {
        self.entries().flat_map(|entry| [entry.line, "\n"]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_can_be_cited() {
        let lines = BIB.lines().filter(|line| !line.trim().is_empty()).count();
        assert_eq!(entries().count(), lines);
        for entry in entries() {
            assert!(entry.short().len() > 5 && entry.short().ends_with(entry.field("year")), "{}", entry.key);
            assert!(!entry.field("title").is_empty() && !entry.full().contains(". ."), "{}", entry.full());
        }
        let mut cited = Cited::default();
        let short = cited.cite(&["Moon1999", "Laidig2023", "Wu2002", "Winter2009"]);
        assert_eq!(short, "(Moon et al. 1999; Laidig and Seel 2023; Wu et al. 2002; Winter 2009)");
        assert_eq!((cited.list().len(), cited.bibtex().lines().count()), (4, 4));
    }
}
