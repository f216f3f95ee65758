//! The source files of a crate, parsed, without their tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use syn::{Attribute, Item};

/// A file that is part of the program.
pub struct Source {
    /// Where it is, below the workspace.
    pub path: PathBuf,
    /// The module it is: `[]` for the root, `["clock", "hull"]` for `clock/hull.rs`.
    pub module: Vec<String>,
    /// Its text.
    pub text: String,
    /// What it holds; modules and functions for tests are taken out.
    pub items: Vec<Item>,
    /// How many of its lines are for tests.
    pub test_lines: usize,
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files of a crate but those for tests, in order.
pub fn of_crate(name: &str) -> anyhow::Result<Vec<Source>> {
    let root = workspace().join("crates").join(name).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths)?;
    paths.sort();
    let mut sources = Vec::new();
    let mut tests = BTreeSet::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let below = path.strip_prefix(&root).unwrap_or(&path);
        let module = module(below);
        let shown = Path::new("crates").join(name).join("src").join(below);
        let source = parse(shown, module, text)?;
        tests.extend(source.1.into_iter().map(|name| [source.0.module.clone(), vec![name]].concat()));
        sources.push(source.0);
    }
    // What lies below a module for tests is for tests as well.
    sources.retain(|source| !(0..=source.module.len()).any(|depth| tests.contains(&source.module[..depth])));
    Ok(sources)
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

/// `clock/mod.rs` is `clock`, `clock/hull.rs` is `clock::hull`; `lib.rs` and `main.rs` are the root.
fn module(below: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        below.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if names.last().is_some_and(|last| last == "mod")
        || matches!(names.as_slice(), [one] if one == "lib" || one == "main")
    {
        names.pop();
    }
    names
}

/// A file, and the names of its modules for tests that are files of their own.
pub fn parse(path: PathBuf, module: Vec<String>, text: String) -> anyhow::Result<(Source, Vec<String>)> {
    let file = syn::parse_file(&text).with_context(|| path.display().to_string())?;
    let (tests, items): (Vec<Item>, Vec<Item>) = file.items.into_iter().partition(is_for_tests);
    let test_lines = tests.iter().map(lines).sum();
    let elsewhere = tests.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
        _ => None,
    });
    let elsewhere = elsewhere.collect();
    Ok((Source { path, module, text, items, test_lines }, elsewhere))
}

/// How many lines a piece of source takes.
pub fn lines(spanned: &impl syn::spanned::Spanned) -> usize {
    let span = spanned.span();
    span.end().line + 1 - span.start().line
}

fn is_for_tests(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(module) => &module.attrs,
        Item::Fn(function) => &function.attrs,
        Item::Impl(block) => &block.attrs,
        Item::Use(import) => &import.attrs,
        Item::Const(constant) => &constant.attrs,
        _ => return false,
    };
    attributes.iter().any(is_test)
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("test")
        || attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test")
}

/// The text of a doc comment.
pub fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { return None };
        Some(text.value().trim().to_owned())
    });
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_modules_and_their_tests_are_left_out() {
        let name = |path: &str| module(Path::new(path)).join("::");
        assert_eq!(
            ["lib.rs", "clock/mod.rs", "clock/hull.rs", "set.rs"].map(name),
            ["", "clock", "clock::hull", "set"]
        );
        let text = "fn a() {}\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod more {\n    fn b() {}\n}\n#[cfg(unix)]\nmod kept {}\n";
        let (source, elsewhere) = parse(PathBuf::new(), vec![], text.to_owned()).expect("parses");
        assert_eq!(elsewhere, ["tests"]);
        assert_eq!((source.items.len(), source.test_lines), (2, 6));
    }
}
