//! Nothing is compiled twice: what `cargo run` needs, `cargo test --workspace` needs with the same features. Newcomers and CI wait for
//! every difference.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, bail};

/// Macros of tests alone ask for these with fewer features, on their own side: seconds.
const OF_MACROS: &[&str] = &["serde ", "serde_core "];

/// Features of each crate from a registry, in each of the forms that it is compiled in.
type Features = BTreeMap<String, BTreeSet<String>>;

/// Fails with every crate that tests compile in another form than the program.
pub fn check() -> anyhow::Result<()> {
    let of_program = features(&["--package", "truehinge", "--edges", "normal,build"])?;
    let of_tests = features(&["--workspace", "--edges", "normal,build,dev"])?;
    let wrong = differing(&of_program, &of_tests);
    if wrong.is_empty() {
        println!("once: {} dependencies of the program are compiled in one form", of_program.len());
        return Ok(());
    }
    bail!(
        "`cargo test` after `cargo run` compiles these again; ask for the same features in crates/cli/Cargo.toml:\n{}",
        wrong.join("\n")
    )
}

fn features(of: &[&str]) -> anyhow::Result<Features> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--locked", "--prefix", "none", "--format", "{p}|{f}"]).args(of);
    let output = tree.output().context("cargo tree did not start")?;
    if !output.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(read(&String::from_utf8_lossy(&output.stdout)))
}

/// Our own crates have their path behind their version; tests ask more of them.
fn read(tree: &str) -> Features {
    let mut features = Features::new();
    for (package, of) in tree.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|')) {
        if !package.contains('/') {
            features.entry(package.trim_end_matches(" (*)").to_owned()).or_default().insert(of.to_owned());
        }
    }
    features
}

fn differing(of_program: &Features, of_tests: &Features) -> Vec<String> {
    let differs = |(package, forms): (&String, &BTreeSet<String>)| {
        let tested = of_tests.get(package)?;
        let differs = tested != forms && !OF_MACROS.iter().any(|name| package.starts_with(name));
        differs.then(|| format!("{package}: the program {forms:?}, tests {tested:?}"))
    };
    of_program.iter().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_more_in_tests_is_named_and_our_own_crates_are_not() {
        let program = read("truehinge v0.1.0 (/home/x/crates/cli)|\nidna v1.1.0|std\nserde v1.0.0|std (*)\n");
        let tests = read("truehinge v0.1.0 (/home/x/crates/cli)|schema\nidna v1.1.0|default,std\nboon v1.0.0|\n");
        assert_eq!(differing(&program, &program), Vec::<String>::new());
        let wrong = differing(&program, &tests);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].starts_with("idna v1.1.0"), "{wrong:?}");
    }
}
