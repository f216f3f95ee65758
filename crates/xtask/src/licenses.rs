//! The list of what the program is made of, with licences: `crates/cli/licenses.tsv`, which `truehinge licenses` prints.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cli/licenses.tsv");

/// Fails where the list is not what the program links.
pub fn check() -> anyhow::Result<()> {
    let listed = fs::read_to_string(LIST).with_context(|| format!("{LIST} cannot be read"))?;
    if listed != list()? {
        bail!("{LIST} is not what the program links: write it anew (cargo xtask licenses --write)");
    }
    println!("licences: {} crates are listed", listed.lines().count());
    Ok(())
}

/// Writes the list.
pub fn write() -> anyhow::Result<()> {
    fs::write(Path::new(LIST), list()?).with_context(|| format!("{LIST} cannot be written"))
}

/// A line for each crate from a registry: name, version, licence.
fn list() -> anyhow::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = Command::new(cargo);
    // What is linked; macros and build scripts are not in it. Of one platform, so that the list is the same everywhere.
    tree.args(["tree", "--locked", "--package", "truehinge", "--edges", "normal,no-proc-macro"]);
    tree.args(["--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}|{l}"]);
    let output = tree.output().context("cargo tree did not start")?;
    if !output.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let lines: BTreeSet<String> = String::from_utf8_lossy(&output.stdout).lines().filter_map(line).collect();
    Ok(lines.into_iter().collect())
}

/// Our own crates have their path behind their version.
fn line(of_tree: &str) -> Option<String> {
    let (package, license) = of_tree.trim_end_matches(" (*)").split_once('|')?;
    let (name, version) = package.trim_end_matches(" (*)").split_once(' ')?;
    (!package.contains('/')).then(|| format!("{name}\t{}\t{license}\n", version.trim_start_matches('v')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_registries_are_listed_and_ours_are_not() {
        assert_eq!(line("adler2 v2.0.1|0BSD OR MIT (*)").as_deref(), Some("adler2\t2.0.1\t0BSD OR MIT\n"));
        assert_eq!(line("truehinge-core v0.1.0 (/home/x/crates/core)|MIT OR Apache-2.0"), None);
    }
}
