//! What comments cite can be opened: sections of `docs/SCIENCE.md`, keys of `docs/references.bib`, decisions, and files in `docs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use truehinge_tests::root;

/// Texts that cite: sources, method and protocol files, documents, scripts.
fn texts(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("lists").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let cites = || ["rs", "toml", "md", "typ", "py"].iter().any(|end| path.extension().is_some_and(|e| e == *end));
        if path.is_dir() {
            if !["target", "corpus"].contains(&name.as_str()) && !name.starts_with('.') {
                texts(&path, found);
            }
        } else if cites() {
            found.push((path.clone(), fs::read_to_string(&path).expect("reads")));
        }
    }
}

fn all() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for part in ["crates", "tests", "docs", "datasets", "notebooks-export"] {
        texts(&root().join(part), &mut found);
    }
    // This file names what must not be named.
    found.retain(|(path, _)| !path.ends_with("tests/tests/science.rs"));
    assert!(found.len() > 200, "{} texts", found.len());
    found
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).expect("reads")
}

/// What stands after each occurrence of a mark, as long as it is made of such characters.
fn after<'a>(text: &'a str, mark: &'a str, part: fn(char) -> bool) -> impl Iterator<Item = &'a str> {
    text.match_indices(mark).map(move |(at, _)| {
        let rest = &text[at + mark.len()..];
        &rest[..rest.find(|c| !part(c)).unwrap_or(rest.len())]
    })
}

#[test]
fn every_section_that_is_cited_exists_and_every_section_is_cited() {
    let science = document("SCIENCE.md");
    let sections: BTreeSet<&str> =
        science.lines().filter_map(|line| line.strip_prefix("## ")?.split(' ').next()).collect();
    let mut cited = BTreeSet::new();
    for (path, text) in all() {
        for section in after(&text, "SCIENCE §", |c| c.is_ascii_digit()) {
            assert!(sections.contains(section), "{} cites SCIENCE §{section}: there are {sections:?}", path.display());
            if !path.ends_with("SCIENCE.md") {
                cited.insert(section.to_owned());
            }
        }
        // Notes that nobody can open.
        for old in
            ["science §", "science 1", "science 6", "`science`", "protocol notes", "bench convention", "first issue"]
        {
            assert!(!text.contains(old), "{} cites notes outside the repository: {old}", path.display());
        }
    }
    let cited: BTreeSet<&str> = cited.iter().map(String::as_str).collect();
    assert_eq!(cited, sections, "docs/SCIENCE.md holds what the code cites, no more");
}

/// `Laidig2023`: letters, then a year.
fn is_key(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() == letters.len() + 4
        && letters.starts_with(|c: char| c.is_ascii_uppercase())
        && letters.len() > 1
        && letters.chars().all(|c| c.is_ascii_alphabetic())
}

#[test]
fn every_key_that_is_cited_is_in_the_references() {
    let references = document("references.bib");
    let known: BTreeSet<&str> = references
        .lines()
        .filter_map(|line| line.strip_prefix('@')?.split_once('{')?.1.split_once(','))
        .map(|(key, _)| key)
        .collect();
    assert!(known.iter().all(|key| is_key(key)), "{known:?}");
    let mut cited = 0;
    for (path, text) in all() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '`';
        // In brackets in comments and documents, and as the source of a number of the method.
        let keys = after(&text, "[", word).chain(after(&text, "| cited ", word)).map(|key| key.trim_matches('`'));
        for key in keys.filter(|key| is_key(key)) {
            cited += 1;
            assert!(known.contains(key), "{} cites {key}, which is not in docs/references.bib", path.display());
        }
    }
    assert!(cited > 30, "{cited} citations");
}

#[test]
fn every_document_and_decision_that_is_named_exists() {
    let decisions: BTreeSet<String> = fs::read_dir(root().join("docs/decisions"))
        .expect("lists")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy()[..4].to_owned())
        .collect();
    let mut named = 0;
    for (path, text) in all() {
        for number in after(&text, "decision ", |c| c.is_ascii_digit()).filter(|number| number.len() == 4) {
            named += 1;
            assert!(decisions.contains(number), "{} names decision {number}", path.display());
        }
        for file in after(&text, "docs/", |c| c.is_ascii_alphanumeric() || "._-/".contains(c)) {
            let file = file.trim_end_matches('.');
            if Path::new(file).extension().is_some_and(|end| end == "md" || end == "bib") {
                named += 1;
                assert!(root().join("docs").join(file).exists(), "{} names docs/{file}", path.display());
            }
        }
    }
    assert!(named > 50, "{named} names");
}
