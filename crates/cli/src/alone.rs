//! One input of a run by a process of its own: the program calls itself, with the same command line. What ends that process costs the run one input.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use truehinge_session::Alone;

/// The variable that names the input. An option would have to find its place in a command line that may end in file names.
const INPUT: &str = "TRUEHINGE_ALONE";
/// Longer last words are cut, characters.
const MOST_WORDS: usize = 200;

/// The input that this process was started for, if it was for one.
pub fn input() -> Option<PathBuf> {
    env::var_os(INPUT).map(PathBuf::from)
}

/// Runs the same command for one input alone, and waits.
pub fn run(input: &Path) -> Alone {
    let output = env::current_exe().and_then(|program| {
        let mut command = Command::new(program);
        // Its last words are told: they are not to be those of a backtrace.
        command.args(env::args_os().skip(1)).env(INPUT, input).env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output()
    });
    match output {
        Ok(output) if has_ended_itself(output.status) => Alone::Lived,
        Ok(output) => Alone::Died(how(output.status, &output.stderr)),
        Err(error) => Alone::NotStarted(error),
    }
}

/// Whether a process chose its exit code: Windows gives large numbers to what it ends, other systems none.
fn has_ended_itself(status: ExitStatus) -> bool {
    status.code().is_some_and(|code| u8::try_from(code).is_ok())
}

/// How a process ended, with its last words.
fn how(status: ExitStatus, told: &[u8]) -> String {
    let told = String::from_utf8_lossy(told);
    // Behind what was wrong stand remarks on how to see more of it.
    let is_said = |line: &&str| !line.is_empty() && !line.starts_with("note: ");
    let last = told.lines().rev().map(str::trim).find(is_said).unwrap_or_default();
    let words: String = last.chars().filter(|character| !character.is_control()).take(MOST_WORDS).collect();
    let status = status.to_string().replace(" (core dumped)", "");
    if words.is_empty() { status } else { format!("{words} ({status})") }
}
