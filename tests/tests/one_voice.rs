//! Errors speak with one voice: libraries say what was found and what to do, and name no option of the program; each kind of error
//! has a code of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use truehinge_tests::root;

/// Crates that are read without the program.
const LIBRARIES: [&str; 8] = ["core", "ble", "dataset", "signal", "report", "session", "sim", "web"];
/// Errors that never leave their crate: what they say becomes part of another error.
const INNER: [&str; 1] = ["Unusable"];

/// The code of a crate without comments and without what is behind `#[cfg(test)]`, by file.
fn sources(krate: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(&root().join("crates").join(krate).join("src"), &mut found);
    found.sort();
    assert!(!found.is_empty(), "{krate}");
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for path in fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path()) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !name.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).expect("reads");
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.push((path, lines.collect::<Vec<_>>().join("\n")));
        }
    }
}

/// The string literals of some code, as they are written.
fn literals(code: &str) -> Vec<String> {
    let (mut found, mut chars) = (Vec::new(), code.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            // A character, not the beginning of a lifetime.
            '\'' => {
                let mut ahead = chars.clone();
                match (ahead.next(), ahead.next()) {
                    (Some('\\'), _) => drop(chars.by_ref().skip(1).find(|c| *c == '\'')),
                    (Some(_), Some('\'')) => chars = ahead,
                    _ => {}
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    text.push(c);
                    text.extend(if c == '\\' { chars.next() } else { None });
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

/// Whether a text names an option.
fn names_an_option(text: &str) -> bool {
    text.match_indices("--").any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "`(".contains(c))
            && text[at + 2..].starts_with(|c: char| c.is_ascii_lowercase())
    })
}

#[test]
fn libraries_name_no_option_and_no_command() {
    assert!(names_an_option("give it with --role") && names_an_option("--side left") && !names_an_option("a -- b"));
    let mut looked = 0;
    for krate in LIBRARIES {
        for (path, code) in sources(krate) {
            for literal in literals(&code) {
                looked += 1;
                assert!(!names_an_option(&literal), "{}: {literal}", path.display());
                assert!(!literal.contains("`truehinge "), "{}: {literal}", path.display());
            }
        }
    }
    assert!(looked > 3000, "{looked}");
}

/// What stands in the literals of every `fn code` of a crate.
fn codes(krate: &str) -> Vec<String> {
    let bodies = sources(krate).into_iter().flat_map(|(_, code)| {
        let bodies = code.split("fn code(&self) -> &'static str {").skip(1);
        bodies.map(|body| body.split("\n    }\n").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    });
    bodies.flat_map(|body| literals(&body)).collect()
}

/// Codes that only the program has.
fn of_the_program() -> Vec<String> {
    let mut found = Vec::new();
    for (_, code) in sources("cli") {
        let joined = code.split_whitespace().collect::<Vec<_>>().join(" ");
        for begin in ["nothing(", "Failure::new(Outcome::", "Self::new(Outcome::"] {
            for call in joined.split(begin).skip(1) {
                let first = call.split('"').nth(1).unwrap_or_default();
                // Not a call with a literal for its code.
                if call.find('"').is_some_and(|at| !call[..at].contains([')', ';', '{'])) {
                    found.push(first.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn every_kind_of_error_has_a_code_of_its_own() {
    let mut all = BTreeSet::new();
    let libraries = LIBRARIES.into_iter().flat_map(codes);
    let doctor = fs::read_to_string(root().join("crates/session/src/doctor.rs")).expect("reads");
    let doctor = literals(&doctor).into_iter().filter(|text| text.starts_with("doctor_"));
    for code in libraries.chain(of_the_program()).chain(doctor) {
        let is_plain = code.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
        assert!(is_plain && !code.is_empty(), "{code:?}");
        assert!(all.insert(code.clone()), "{code} is there twice");
    }
    assert!(all.len() > 120, "{}", all.len());
    // What the program adds options to exists.
    let hints = sources("cli").into_iter().find(|(path, _)| path.ends_with("hints.rs")).expect("hints").1;
    let table = hints.split("OPTIONS").nth(1).and_then(|table| table.split("];").next()).expect("a table");
    let named: Vec<&str> = table.split("    (\"").skip(1).filter_map(|row| row.split('"').next()).collect();
    assert!(named.len() > 20, "{named:?}");
    for code in named {
        assert!(all.contains(code), "no error has the code {code}");
    }
}

#[test]
fn every_error_of_a_library_is_explained() {
    let mut errors = 0;
    for krate in LIBRARIES {
        let all: String = sources(krate).into_iter().map(|(_, code)| code + "\n").collect();
        for declared in all.split("thiserror::Error)]").skip(1) {
            let line = declared.lines().find(|line| line.starts_with("pub ")).expect("an item");
            let name = line.split([' ', '(', '<', ';']).nth(2).expect("a name");
            let is_explained = all.contains(&format!("Explained for {name} {{"));
            assert!(is_explained || INNER.contains(&name), "{krate}: {name}");
            errors += 1;
        }
    }
    assert!(errors > 25, "{errors}");
}
