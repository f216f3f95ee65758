//! Core and signal know no command line: an option in one of their sentences would be wrong in every other program, and in tables
//! and on pages.

use std::path::{Path, PathBuf};

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Whether a line of code (comments aside) holds something that looks like `--option`.
fn names_an_option(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("--").any(|(at, dashes)| {
        let before = code[..at].chars().next_back();
        let after = code[at + dashes.len()..].chars().next();
        before != Some('-') && after.is_some_and(|letter| letter.is_ascii_lowercase())
    })
}

#[test]
fn no_sentence_names_an_option_of_the_program() {
    assert!(names_an_option(r#""exchange their roles with --role""#) && names_an_option(r#""--side""#));
    assert!(!names_an_option("// with --role") && !names_an_option(r#""---""#) && !names_an_option("a - b"));
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["core/src", "signal/src"] {
        rust_files(&crates.join(folder), &mut files);
    }
    assert!(files.len() > 50, "the sources: {files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).expect("text");
        let named: Vec<&str> = text.lines().filter(|line| names_an_option(line)).collect();
        assert!(named.is_empty(), "{}: {named:#?}", path.display());
    }
}
