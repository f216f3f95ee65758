//! Documents name numbers of the method and modules of the crates by their paths: both exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use truehinge_signal::Method;
use truehinge_tests::root;

/// The documents by hand, by name. `VALIDATION.md` is written by the program.
fn documents() -> Vec<(String, String)> {
    let read = |folder: &Path| {
        let paths = fs::read_dir(folder).expect("lists").flatten().map(|entry| entry.path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
        paths.sort();
        paths
    };
    let docs = root().join("docs");
    let mut paths = [read(&docs), read(&docs.join("decisions"))].concat();
    paths.push(root().join("README.md"));
    paths.retain(|path| !path.ends_with("VALIDATION.md"));
    assert!(paths.len() > 12, "{paths:?}");
    let text = |path: &Path| fs::read_to_string(path).expect("reads");
    paths.iter().map(|path| (path.display().to_string(), text(path))).collect()
}

/// Paths between backticks, with one of these between their parts; of an assignment what stands before it.
fn ticked<'a>(text: &'a str, between: &str) -> Vec<Vec<&'a str>> {
    let spans =
        text.split('`').skip(1).step_by(2).flat_map(|span| span.split([' ', '=', ','])).filter(|w| !w.is_empty());
    let parts = spans.map(|span| span.split(between).collect::<Vec<_>>());
    let word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    parts.filter(|parts| parts.len() > 1 && parts.iter().all(&word)).collect()
}

#[test]
fn every_number_of_the_method_that_is_named_exists() {
    let entries = Method::default().entries();
    let mut known = BTreeSet::new();
    for entry in &entries {
        // Itself, and the tables it is in.
        known.extend(entry.path.match_indices('.').map(|(at, _)| &entry.path[..at]));
        known.insert(&entry.path);
    }
    let mut named = 0;
    for (document, text) in documents() {
        for parts in ticked(&text, ".").into_iter().filter(|parts| known.contains(parts[0])) {
            named += 1;
            assert!(known.contains(parts.join(".").as_str()), "{document} names {}", parts.join("."));
        }
    }
    assert!(named > 30, "{named} names");
}

/// Whether a path leads to a module below a folder, and on to a word in it.
fn leads(folder: &Path, parts: &[&str]) -> bool {
    let Some((first, rest)) = parts.split_first() else { return true };
    let (inner, file) = (folder.join(first), folder.join(format!("{first}.rs")));
    if inner.is_dir() {
        return leads(&inner, rest) || rest.first().is_some_and(|word| holds(&inner.join("mod.rs"), word));
    }
    file.is_file() && rest.iter().all(|word| holds(&file, word))
}

fn holds(file: &Path, word: &str) -> bool {
    let part = |c: char| !(c.is_alphanumeric() || c == '_');
    fs::read_to_string(file).is_ok_and(|text| text.split(part).any(|found| found == word))
}

#[test]
fn every_module_that_is_named_exists() {
    let crates = root().join("crates");
    let signal = crates.join("signal/src");
    let mut named = 0;
    for (document, text) in documents() {
        for parts in ticked(&text, "::") {
            let source = crates.join(parts[0]).join("src");
            let exists = if source.is_dir() {
                leads(&source, &parts[1..]) || holds(&source.join("lib.rs"), parts[1])
            } else if signal.join(parts[0]).is_dir() {
                // Decisions about `signal` name its modules without it.
                leads(&signal, &parts)
            } else {
                continue;
            };
            named += 1;
            assert!(exists, "{document} names {}", parts.join("::"));
        }
    }
    assert!(named > 40, "{named} names");
}

#[test]
fn what_does_not_exist_is_noticed() {
    let signal = root().join("crates/signal/src");
    assert!(leads(&signal, &["repetitions", "is_turned"]) && leads(&signal, &["measure", "hip_path"]));
    assert!(!leads(&signal, &["segmentation", "is_turned"]) && !leads(&signal, &["repetitions", "is_twisted"]));
    assert_eq!(
        ticked("a `b.c_d = 1` and `e.f`: `g h.i`, `.j`", "."),
        [vec!["b", "c_d"], vec!["e", "f"], vec!["h", "i"]]
    );
}
