//! The guides as their readers follow them: every command of `docs/guide` runs as it stands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use truehinge_tests::{program, root};

/// A block of commands.
struct Block {
    /// What stands behind `sh`: nothing for commands that run here, `sensors` and `browser` for those that need one.
    needs: String,
    lines: Vec<String>,
}

fn guides() -> Vec<PathBuf> {
    let folder = root().join("docs/guide");
    let mut guides: Vec<PathBuf> = fs::read_dir(folder).expect("lists").flatten().map(|entry| entry.path()).collect();
    guides.sort();
    guides
}

fn blocks(guide: &Path) -> Vec<Block> {
    let text = fs::read_to_string(guide).expect("reads");
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(needs) = line.strip_prefix("```sh") {
            let inside = lines.by_ref().take_while(|line| *line != "```").map(str::to_owned).collect();
            blocks.push(Block { needs: needs.trim().to_owned(), lines: inside });
        }
    }
    blocks
}

/// A line as a shell runs it, in an empty folder of its own, with the program on its path.
fn shell(line: &str, folder: &Path) -> Output {
    let built = program();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let with_program = built.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(with_program).expect("a path");
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder).env("PATH", path).env_remove("TRUEHINGE_LIBRARY");
    shell.output().expect("the shell starts")
}

fn follow(guide: &Path) {
    let folder = tempfile::tempdir().expect("temporary folder");
    for block in blocks(guide) {
        for line in &block.lines {
            // What needs sensors or a browser is read by the program, with all its options, and not run.
            let line = if block.needs.is_empty() { line.clone() } else { format!("{line} --help") };
            let output = shell(&line, folder.path());
            let said = [output.stdout, output.stderr].concat();
            let name = guide.file_name().unwrap_or_default().to_string_lossy();
            assert!(output.status.success(), "{name}: {line}: {}", String::from_utf8_lossy(&said));
        }
    }
}

#[cfg(unix)]
#[test]
fn every_command_of_the_guides_runs() {
    let guides = guides();
    assert!(guides.len() >= 9, "{guides:?}");
    let commands: usize = guides.iter().flat_map(|guide| blocks(guide)).map(|block| block.lines.len()).sum();
    assert!(commands > 30, "{commands}");
    guides.iter().for_each(|guide| follow(guide));
}

#[test]
fn links_and_pictures_of_the_guides_are_there() {
    for guide in guides().into_iter().chain([root().join("README.md"), root().join("docs/CONTRIBUTING.md")]) {
        let text = fs::read_to_string(&guide).expect("reads");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let file = link.split('#').next().unwrap_or_default();
            let path = guide.parent().expect("a folder").join(file);
            assert!(file.is_empty() || path.exists(), "{}: {link}", guide.display());
        }
    }
}
