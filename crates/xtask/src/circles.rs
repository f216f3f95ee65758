//! No files of a crate import one another in a circle: whoever reads one file need not read the one above it.
//!
//! A file imports another when a path in it, in a `use` or anywhere else, leads there; names that are passed on (`pub use`)
//! count for the file that defines them. A file and the `mod.rs` above it are one room: what a parent defines its children may
//! use. Paths inside macros are not seen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::bail;
use syn::visit::Visit;
use syn::{Item, UseTree};

use crate::sources::{Source, of_crate};

const CRATES: [&str; 10] =
    ["core", "ble", "dataset", "signal", "report", "sim", "session", "validation", "cli", "xtask"];

type Module = Vec<String>;

/// Fails with every circle as the path it takes.
pub fn check() -> anyhow::Result<()> {
    let mut broken = Vec::new();
    for name in CRATES {
        let circles = circles(&imports(&of_crate(name)?));
        broken.extend(circles.iter().map(|circle| format!("{name}: {}", shown(circle))));
    }
    if !broken.is_empty() {
        bail!("files that import one another in a circle:\n  {}", broken.join("\n  "));
    }
    println!("circles: none in {} crates", CRATES.len());
    Ok(())
}

fn shown(circle: &[Module]) -> String {
    let name = |module: &Module| if module.is_empty() { "crate".to_owned() } else { module.join("::") };
    circle.iter().chain(circle.first()).map(name).collect::<Vec<_>>().join(" -> ")
}

type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Which file imports which.
fn imports(sources: &[Source]) -> Imports {
    let names: BTreeMap<&Module, Names> = sources.iter().map(|s| (&s.module, Names::of(s))).collect();
    let edge = |source: &Source| {
        let mut paths = Paths::default();
        source.items.iter().for_each(|item| paths.visit_item(item));
        let reached = paths.0.iter().filter_map(|path| resolve(&source.module, path, &names, 0));
        let others = reached.filter(|to| !source.module.starts_with(to));
        (source.module.clone(), others.collect())
    };
    sources.iter().map(edge).collect()
}

/// What the names in a file stand for.
#[derive(Default)]
struct Names {
    /// Names that it brings in, with the path of what they are.
    brought: BTreeMap<String, Vec<String>>,
    /// Paths of which it brings in everything.
    all_of: Vec<Vec<String>>,
    /// What it defines.
    defined: BTreeSet<String>,
}

impl Names {
    fn of(source: &Source) -> Self {
        let mut names = Self::default();
        for item in &source.items {
            match item {
                Item::Use(import) => {
                    for (path, name) in leaves(&import.tree, &[]) {
                        match name {
                            Some(name) => _ = names.brought.insert(name, path),
                            None => names.all_of.push(path),
                        }
                    }
                }
                other => names.defined.extend(defined(other)),
            }
        }
        names
    }
}

fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(x) => &x.ident,
        Item::Enum(x) => &x.ident,
        Item::Fn(x) => &x.sig.ident,
        Item::Static(x) => &x.ident,
        Item::Struct(x) => &x.ident,
        Item::Trait(x) => &x.ident,
        Item::Type(x) => &x.ident,
        Item::Union(x) => &x.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Every path of a `use` with the name it goes by; `None` for everything of it.
fn leaves(tree: &UseTree, before: &[String]) -> Vec<(Vec<String>, Option<String>)> {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident)),
        UseTree::Name(name) if name.ident == "self" => vec![(before.to_vec(), before.last().cloned())],
        UseTree::Name(name) => vec![(with(&name.ident), Some(name.ident.to_string()))],
        UseTree::Rename(name) => vec![(with(&name.ident), Some(name.rename.to_string()))],
        UseTree::Glob(_) => vec![(before.to_vec(), None)],
        UseTree::Group(group) => group.items.iter().flat_map(|tree| leaves(tree, before)).collect(),
    }
}

/// All paths in a file.
#[derive(Default)]
struct Paths(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        self.0.extend(leaves(&import.tree, &[]).into_iter().map(|(path, _)| path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }
}

/// Names that are passed on more often than this are taken to stand where they are found.
const MOST_PASSED_ON: usize = 8;

/// The file in which a path ends, seen from a file; `None` outside the crate.
fn resolve(from: &Module, path: &[String], names: &BTreeMap<&Module, Names>, depth: usize) -> Option<Module> {
    let first = path.first()?;
    let (mut at, mut rest) = match first.as_str() {
        "crate" => (Module::new(), &path[1..]),
        "self" => (from.clone(), &path[1..]),
        "super" => (from[..from.len().checked_sub(1)?].to_vec(), &path[1..]),
        _ if names.contains_key(&[from.as_slice(), &path[..1]].concat()) => (from.clone(), path),
        // A name that the file has brought in counts there.
        _ => return None,
    };
    while let [next, after @ ..] = rest {
        if next == "super" {
            at.pop()?;
        } else if names.contains_key(&[at.as_slice(), &rest[..1]].concat()) {
            at.push(next.clone());
        } else {
            break;
        }
        rest = after;
    }
    let (Some(name), Some(here)) = (rest.first(), names.get(&at)) else { return Some(at) };
    if depth >= MOST_PASSED_ON || here.defined.contains(name) {
        return Some(at);
    }
    if let Some(brought) = here.brought.get(name) {
        return resolve(&at, brought, names, depth + 1).or(Some(at));
    }
    let everything = here.all_of.iter().filter_map(|path| resolve(&at, path, names, depth + 1));
    let definer = everything.into_iter().find(|module| names.get(module).is_some_and(|n| n.defined.contains(name)));
    definer.or(Some(at))
}

/// Circles, the shortest first; each is opened at its last import before the next is looked for.
fn circles(imports: &Imports) -> Vec<Vec<Module>> {
    let mut left = imports.clone();
    let mut found = Vec::new();
    while let Some(circle) = left.keys().filter_map(|start| way_back(start, &left)).min_by_key(Vec::len) {
        if let (Some(first), Some(last)) = (circle.first(), circle.last()) {
            left.entry(last.clone()).or_default().remove(first);
        }
        found.push(circle);
    }
    found
}

/// The shortest way from a file to itself.
fn way_back(start: &Module, imports: &Imports) -> Option<Vec<Module>> {
    let mut pending = VecDeque::from([vec![start.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = pending.pop_front() {
        for next in way.last().and_then(|last| imports.get(last)).into_iter().flatten() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                pending.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::parse;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let source = |(module, text): &(&str, &str)| {
            let module = module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
            parse(std::path::PathBuf::new(), module, (*text).to_owned()).expect("parses").0
        };
        circles(&imports(&files.iter().map(source).collect::<Vec<_>>())).iter().map(|c| shown(c)).collect()
    }

    #[test]
    fn a_circle_is_reported_as_the_path_it_takes() {
        let files = [
            ("", "mod a; mod b; mod c;"),
            ("a", "use crate::b::B; pub struct A;"),
            ("b", "pub struct B; fn f() { crate::c::g() }"),
            ("c", "pub fn g() { let _ = super::a::A; }"),
        ];
        assert_eq!(found(&files), ["a -> b -> c -> a"]);
        let mut open = files;
        open[3].1 = "pub fn g() {}";
        assert_eq!(found(&open), [""; 0]);
    }

    #[test]
    fn a_name_that_is_passed_on_counts_for_the_file_that_defines_it() {
        let files = [
            ("", "mod a; mod b; pub use b::B;"),
            ("a", "pub struct A; use crate::B;"),
            ("b", "use crate::a::A; pub struct B;"),
        ];
        assert_eq!(found(&files), ["a -> b -> a"]);
        let by_glob = [("", "mod a; mod b; pub use b::*;"), files[1], files[2]];
        assert_eq!(found(&by_glob), ["a -> b -> a"]);
    }

    #[test]
    fn a_parent_and_its_children_are_one_room_but_siblings_are_not() {
        let room = [
            ("", "mod room;"),
            ("room", "mod one; mod two; use one::One; pub struct Shared;"),
            ("room::one", "use super::Shared; pub struct One;"),
            ("room::two", "use super::{Shared, one};"),
        ];
        assert_eq!(found(&room), [""; 0]);
        let mut siblings = room;
        siblings[2].1 = "use super::two::Two; pub struct One;";
        assert_eq!(found(&siblings), ["room::one -> room::two -> room::one"]);
    }

    #[test]
    fn two_folders_that_look_into_each_other_make_a_circle_through_their_doors() {
        let files = [
            ("", "mod a; mod b;"),
            ("a", "mod deep; pub use deep::f; pub struct A;"),
            ("a::deep", "use crate::b::B; pub fn f() {}"),
            ("b", "use crate::a::f; pub struct B;"),
        ];
        assert_eq!(found(&files), ["a::deep -> b -> a::deep"]);
    }
}
