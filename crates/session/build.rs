//! A number for the sources that results depend on: what other code computed is not taken for what this one would.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What results depend on, from this crate's folder.
const SOURCES: [&str; 8] = [
    "../core/protocols",
    "../core/src",
    "../dataset/src",
    "../signal/method",
    "../signal/src",
    "src/judge.rs",
    "src/results.rs",
    "../../Cargo.lock",
];

fn main() -> io::Result<()> {
    let mut number = DefaultHasher::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        hash(Path::new(source), &mut number)?;
    }
    env::var("CARGO_CFG_TARGET_ARCH").ok().hash(&mut number);
    println!("cargo:rustc-env=TRUEHINGE_SOURCES={:016x}", number.finish());
    Ok(())
}

fn hash(path: &Path, number: &mut DefaultHasher) -> io::Result<()> {
    if !path.is_dir() {
        path.file_name().hash(number);
        fs::read(path)?.hash(number);
        return Ok(());
    }
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<io::Result<Vec<PathBuf>>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| hash(entry, number))
}
