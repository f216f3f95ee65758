//! # truehinge-page: what the page without the program runs
//!
//! A program like any other, which knows nothing of browsers: it reads the files below its working folder, analyses them as
//! `truehinge analyze` and `truehinge report` do, and writes what the page shows. Compiled for WASI, the page gives it a file system
//! in memory and takes the results out of it again; compiled for this machine, tests run it on a disk.
//!
//! ```text
//! truehinge-page QUESTIONS OUT
//! ```
//!
//! QUESTIONS is a JSON file ([`Questions`]). OUT gets `outcome.json` ([`outcome::Outcome`]) and a folder for each session.

// A panic would cost what was dropped; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod outcome;
mod pages;
mod questions;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use truehinge_session::{Batch, Error, Judge, Watch, find};

use outcome::{Outcome, Trouble};
use questions::Questions;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [questions, out] = &arguments[..] else {
        eprintln!("give the file with the questions, and the folder for the results");
        return ExitCode::from(2);
    };
    match run(questions, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Analyses what was asked for. What is wrong with the inputs is part of the outcome; an error here is a defect of the page.
fn run(questions: &Path, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let questions: Questions = serde_json::from_slice(&std::fs::read(questions)?)?;
    let outcome = match analyse(&questions, out) {
        Ok(outcome) => outcome,
        Err(trouble) => Outcome::nothing(trouble),
    };
    std::fs::write(out.join("outcome.json"), serde_json::to_vec(&outcome)?)?;
    Ok(())
}

fn analyse(questions: &Questions, out: &Path) -> Result<Outcome, Trouble> {
    let options = questions.options()?;
    let told = |error: Error| Trouble::of(&error, "");
    let found = find(&questions.inputs, &options).map_err(told)?;
    let judge = Judge::default();
    // There is one thread; where there are more, one is enough for what a person drops.
    let batch =
        Batch { root: Path::new(""), options: &options, judge: &judge, threads: Some(1), athlete: None, store: None };
    let judged = batch.run(found, &Watch { done: &|_| {}, stop: &AtomicBool::new(false) }).map_err(told)?;
    Outcome::of(&judged, questions.say(), out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three sensors of one session, a file each.
    fn samples() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/samples/xsens-dot")
    }

    fn run_on(inputs: Vec<PathBuf>) -> (Outcome, PathBuf) {
        let out = std::env::temp_dir().join(format!("truehinge-page-{}-{}", std::process::id(), inputs.len()));
        std::fs::create_dir_all(&out).expect("a folder");
        let questions = Questions { inputs, side: Some("left".to_owned()), ..Questions::default() };
        (analyse(&questions, &out).expect("nothing is wrong with the page"), out)
    }

    #[test]
    fn files_that_belong_together_are_one_recording_and_what_is_none_is_named() {
        let sensors =
            ["LTibia_20210820_202113_811.csv", "Pelvis_20210820_202113_836.csv"].map(|name| samples().join(name));
        let (outcome, out) = run_on([&sensors[..], &[samples().join("LICENSE")]].concat());
        assert_eq!((outcome.sessions.len(), outcome.notices.len()), (1, 0), "{:?}", outcome.notices);
        let [trouble] = &outcome.troubles[..] else { panic!("{:?}", outcome.troubles) };
        assert!(trouble.source.ends_with("LICENSE") && trouble.hint.is_some(), "{trouble:?}");
        let folder = out.join(&outcome.sessions[0].folder);
        assert!(folder.join("report.html").is_file());
        std::fs::remove_dir_all(out).expect("removed");
    }

    #[test]
    fn a_copy_is_named() {
        let copy = std::env::temp_dir().join(format!("truehinge-page-copy-{}", std::process::id()));
        std::fs::create_dir_all(&copy).expect("a folder");
        for entry in std::fs::read_dir(samples()).expect("lists").flatten() {
            std::fs::copy(entry.path(), copy.join(entry.file_name())).expect("copied");
        }
        let (outcome, out) = run_on(vec![samples(), copy.clone()]);
        assert_eq!((outcome.sessions.len(), outcome.notices.len()), (1, 1), "{:?}", outcome.notices);
        for made in [out, copy] {
            std::fs::remove_dir_all(made).expect("removed");
        }
    }
}
