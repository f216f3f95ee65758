//! House rules of `signal`: files and functions that can be read in one go.

use anyhow::bail;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Block, Signature};

use crate::sources::{Source, of_crate};

/// Longest file, its tests aside.
const FILE_LINES: usize = 400;
/// Longest function that needs no reason.
const FUNCTION_LINES: usize = 40;
/// What excuses a longer function: a line of its own above it.
const EXCUSE: &str = "// long: ";

/// Fails with every file and function that is too long.
pub fn check() -> anyhow::Result<()> {
    let sources = of_crate("signal")?;
    let broken: Vec<String> = sources.iter().flat_map(too_long).collect();
    if !broken.is_empty() {
        bail!("too long:\n  {}", broken.join("\n  "));
    }
    println!("house: {} files of signal keep the rules", sources.len());
    Ok(())
}

fn too_long(source: &Source) -> Vec<String> {
    let path = source.path.display();
    let lines = source.text.lines().count() - source.test_lines;
    let file = (lines > FILE_LINES).then(|| format!("{path}: {lines} lines without tests, at most {FILE_LINES}"));
    let mut functions = Functions { lines: source.text.lines().collect(), found: Vec::new() };
    source.items.iter().for_each(|item| functions.visit_item(item));
    let functions = functions.found.into_iter().map(|(line, name, lines)| {
        format!("{path}:{line}: {name} has {lines} lines, at most {FUNCTION_LINES} without `{EXCUSE}reason` above it")
    });
    file.into_iter().chain(functions).collect()
}

/// Functions that are too long and do not say why: line, name, lines.
struct Functions<'a> {
    lines: Vec<&'a str>,
    found: Vec<(usize, String, usize)>,
}

impl Functions<'_> {
    fn look(&mut self, signature: &Signature, body: &Block) {
        let (first, last) = (signature.span().start().line, body.span().end().line);
        let lines = last + 1 - first;
        if lines > FUNCTION_LINES && !self.is_excused(first) {
            self.found.push((first, signature.ident.to_string(), lines));
        }
    }

    /// Among the comments and attributes right above.
    fn is_excused(&self, line: usize) -> bool {
        let above = self.lines[..line - 1].iter().rev().map(|text| text.trim_start());
        let mut above = above.take_while(|text| text.starts_with("//") || text.starts_with("#["));
        above.any(|text| text.strip_prefix(EXCUSE).is_some_and(|reason| !reason.trim().is_empty()))
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.look(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.look(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.look(&function.sig, body);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::parse;

    fn broken(text: &str) -> Vec<String> {
        too_long(&parse("a.rs".into(), vec![], text.to_owned()).expect("parses").0)
    }

    fn function(lines: usize) -> String {
        format!("fn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_over_the_limit_needs_a_reason() {
        assert_eq!(broken(&function(40)), [""; 0]);
        assert_eq!(broken(&function(41)).len(), 1);
        assert!(broken(&function(41))[0].starts_with("a.rs:1: f has 41 lines"));
        assert_eq!(broken(&format!("/// Doc.\n// long: one table\n#[inline]\n{}", function(41))), [""; 0]);
        assert_eq!(broken(&format!("// long: one table\n\n{}", function(41))).len(), 1, "not right above");
        assert_eq!(broken(&format!("// long: \n{}", function(41))).len(), 1, "no reason");
        assert_eq!(broken(&format!("impl A {{\n{}}}\n", function(41))).len(), 1);
        assert_eq!(broken(&format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(41))), [""; 0]);
    }

    #[test]
    fn a_file_is_as_long_as_it_is_without_its_tests() {
        let (short, long) = ("fn g() {}\n".repeat(400), "fn g() {}\n".repeat(401));
        let tests = format!("#[cfg(test)]\nmod tests {{\n{short}}}\n");
        assert_eq!(broken(&format!("{short}{tests}")), [""; 0]);
        assert_eq!(broken(&long), ["a.rs: 401 lines without tests, at most 400"]);
    }
}
