//! What the end-to-end tests share: the program itself, emulated Bluetooth, and the data that may be beside the repository.

pub mod bluez;
pub mod endless;
pub mod needs;
pub mod player;
pub mod recording;
pub mod study;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;

/// Root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A part of the data beside the repository.
///
/// # Panics
/// It is not there.
pub fn shared(part: &str) -> PathBuf {
    let path = needs::shared_folder().join(part);
    assert!(path.exists(), "this needs the data beside the repository: {}", path.display());
    path
}

/// The program, built beside the test that runs it.
///
/// # Panics
/// It cannot be built.
pub fn program() -> PathBuf {
    static BUILD: Once = Once::new();
    BUILD.call_once(|| {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let built = Command::new(cargo).args(["build", "--quiet", "-p", "truehinge"]).current_dir(root()).status();
        assert!(built.is_ok_and(|status| status.success()), "the program cannot be built");
    });
    let here = std::env::current_exe().unwrap_or_default();
    let folder = here.parent().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    folder.join(format!("truehinge{}", std::env::consts::EXE_SUFFIX))
}

/// Runs the program.
///
/// # Panics
/// It does not start.
pub fn run(args: &[&str]) -> Output {
    match Command::new(program()).args(args).output() {
        Ok(output) => output,
        Err(error) => panic!("the program does not start: {error}"),
    }
}

/// Starts the program and leaves it running.
///
/// # Panics
/// It does not start.
pub fn start(args: &[&str]) -> Child {
    match Command::new(program()).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => panic!("the program does not start: {error}"),
    }
}

/// Both streams of a run, for messages.
pub fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
