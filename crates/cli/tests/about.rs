//! What the program says of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_truehinge")).args(args).output().expect("the program starts")
}

fn said(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Commands, as the help lists them.
fn commands() -> Vec<String> {
    let help = said(&["--help"]);
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("commands");
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_shell_and_every_command_has_its_page() {
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = said(&["completions", shell]);
        assert!(commands.iter().all(|command| script.contains(command.as_str())), "{shell}");
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    said(&["man", "--out", &folder.path().to_string_lossy()]);
    for command in &commands {
        let page = fs::read_to_string(folder.path().join(format!("truehinge-{command}.1"))).expect("a page");
        assert!(page.contains(".SH NAME") && page.contains(&format!("truehinge\\-{command}")), "{command}: {page}");
    }
    assert!(folder.path().join("truehinge-athlete-add.1").exists(), "commands of commands have pages too");
    assert!(said(&["man"]).contains("was it a true hip hinge") || said(&["man"]).contains("Was it a true hip hinge"));
}

#[test]
fn the_schemas_are_those_of_the_documents() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    let written: BTreeSet<String> = fs::read_dir(&folder)
        .expect("lists")
        .filter_map(|entry| {
            Some(entry.expect("an entry").file_name().to_string_lossy().strip_suffix(".schema.json")?.to_owned())
        })
        .collect();
    let listed: BTreeSet<String> = said(&["schema"]).lines().map(str::to_owned).collect();
    assert_eq!(listed, written);
    for name in &listed {
        let file = fs::read_to_string(folder.join(format!("{name}.schema.json"))).expect("reads");
        assert_eq!(said(&["schema", name]), file);
    }
    let unknown = run(&["schema", "analysys"]);
    assert_eq!(unknown.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("analysis, athlete, batch"));
}

#[test]
fn licences_and_the_commit_are_told() {
    let licenses = said(&["licences"]);
    assert_eq!(licenses, said(&["licenses"]));
    for line in ["MIT OR Apache-2.0", "polars  0.55.2  MIT", "OFL-1.1"] {
        assert!(licenses.contains(line), "{line}");
    }
    let version = said(&["--version"]);
    assert!(version.starts_with("truehinge 0.1.0\ncommit "), "{version}");
    assert_eq!(said(&["-V"]), "truehinge 0.1.0\n");
}

#[test]
fn quiet_leaves_results_and_errors() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    said(&["demo", "--no-progress", "--out", &path("demo")]);
    fs::copy(path("demo/demo.mcap"), path("copy.mcap")).expect("copies");
    fs::write(path("none.mcap"), b"no recording").expect("writes");
    let words = |quiet: &[&str]| {
        let inputs = [path("demo/demo.mcap"), path("copy.mcap"), path("none.mcap")];
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let output = run(&[&["analyse"], quiet, &inputs[..]].concat());
        assert_eq!(output.status.code(), Some(3));
        (output.stdout, String::from_utf8(output.stderr).expect("text"))
    };
    let ((loud, remarks), (quiet, errors)) = (words(&["--no-progress"]), words(&["-q"]));
    assert_eq!(loud, quiet, "results are the same");
    assert!(remarks.contains("the same recording as") && !errors.contains("the same recording as"), "{errors}");
    assert!(errors.starts_with("error: "), "{errors}");
    assert_eq!(run(&["-q", "-v", "scan"]).status.code(), Some(2), "one or the other");
}
