//! Which files are of one trial, by what their names say beside the place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::files::stem;
use super::places::{beside_the_place, named};

/// The trials among files with one sensor each.
pub(crate) fn trials(files: Vec<PathBuf>) -> Vec<Vec<PathBuf>> {
    let names: Vec<String> = files.iter().map(|file| stem(file)).collect();
    match parts(&names) {
        Some(parts) => parts.into_iter().map(|part| part.into_iter().map(|i| files[i].clone()).collect()).collect(),
        None => vec![files],
    }
}

/// Indices of names by what they say beside the place; nothing unless that explains why places are there twice.
pub(crate) fn parts(names: &[String]) -> Option<Vec<Vec<usize>>> {
    let twice = |of: &[usize]| {
        let mut places = of.iter().map(|&index| named(&names[index])).filter(|place| place.0.is_some());
        let mut seen = BTreeSet::new();
        places.any(|place| !seen.insert(place))
    };
    if !twice(&(0..names.len()).collect::<Vec<_>>()) {
        return None;
    }
    let mut parts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        parts.entry(beside_the_place(name)).or_default().push(index);
    }
    let parts: Vec<Vec<usize>> = parts.into_values().collect();
    (parts.len() > 1 && parts.iter().all(|part| part.len() > 1 && !twice(part))).then_some(parts)
}
