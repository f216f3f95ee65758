//! The layer rule: who may depend on whom, directly on our crates and transitively on the heavy outside ones, with all features and
//! with none.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// A crate, the workspace crates it may name, and the outside crates it must not even reach.
struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
    must_not_reach: &'static [&'static str],
    /// What it must not reach as long as nobody asks for a feature.
    not_by_itself: &'static [&'static str],
}

/// The computer's Bluetooth.
const RADIO: &[&str] = &["btleplug", "bluez-async", "dbus"];
/// That, and data frames: what a session is judged with fits into a small library.
const RADIO_AND_FRAMES: &[&str] = &["btleplug", "bluez-async", "dbus", "polars", "polars-io"];

const LAYERS: &[Layer] = &[
    Layer {
        name: "truehinge-core",
        may_use: &[],
        must_not_reach: &["tokio", "btleplug", "polars", "plotters", "typst", "mcap"],
        not_by_itself: &[],
    },
    Layer {
        name: "truehinge-ble",
        may_use: &["truehinge-core"],
        must_not_reach: &["polars", "plotters", "typst", "mcap", "vqf-rs"],
        not_by_itself: RADIO,
    },
    Layer {
        name: "truehinge-dataset",
        may_use: &["truehinge-core"],
        must_not_reach: &["btleplug", "plotters", "typst", "vqf-rs"],
        not_by_itself: &[],
    },
    Layer {
        name: "truehinge-signal",
        may_use: &["truehinge-core"],
        must_not_reach: &["tokio", "btleplug", "polars", "plotters", "typst", "mcap"],
        not_by_itself: &[],
    },
    Layer {
        name: "truehinge-report",
        may_use: &["truehinge-core"],
        must_not_reach: &["tokio", "btleplug", "polars", "mcap", "vqf-rs"],
        not_by_itself: &[],
    },
    Layer {
        name: "truehinge-sim",
        may_use: &["truehinge-core", "truehinge-ble"],
        must_not_reach: &["polars", "plotters", "typst", "mcap", "vqf-rs"],
        not_by_itself: RADIO,
    },
    Layer {
        name: "truehinge-session",
        may_use: &["truehinge-core", "truehinge-ble", "truehinge-dataset", "truehinge-signal"],
        must_not_reach: &["plotters", "typst", "clap"],
        not_by_itself: RADIO_AND_FRAMES,
    },
    Layer {
        name: "truehinge-web",
        may_use: &["truehinge-core", "truehinge-session"],
        must_not_reach: &["plotters", "typst", "clap", "ratatui"],
        not_by_itself: &["polars", "polars-io"],
    },
    Layer {
        name: "truehinge-validation",
        may_use: &[
            "truehinge-core",
            "truehinge-dataset",
            "truehinge-signal",
            "truehinge-report",
            "truehinge-sim",
            "truehinge-session",
        ],
        must_not_reach: &[],
        not_by_itself: RADIO,
    },
    Layer {
        name: "truehinge",
        may_use: &[
            "truehinge-core",
            "truehinge-ble",
            "truehinge-dataset",
            "truehinge-signal",
            "truehinge-report",
            "truehinge-sim",
            "truehinge-session",
            "truehinge-web",
        ],
        must_not_reach: &[],
        not_by_itself: &[],
    },
];

/// Fails with every broken rule named.
pub fn check() -> anyhow::Result<()> {
    let metadata = MetadataCommand::new().exec().context("cargo metadata did not run")?;
    let normal = normal_dependencies(&metadata)?;
    let mut broken = Vec::new();
    for layer in LAYERS {
        let package = metadata
            .workspace_packages()
            .into_iter()
            .find(|package| package.name.as_str() == layer.name)
            .with_context(|| format!("the layer table names {}, which is not in the workspace", layer.name))?;
        for dependency in &package.dependencies {
            let ours = LAYERS.iter().any(|other| other.name == dependency.name);
            if ours && dependency.kind == DependencyKind::Normal && !layer.may_use.contains(&dependency.name.as_str()) {
                broken.push(format!("{} uses {}: its layer may use {:?}", layer.name, dependency.name, layer.may_use));
            }
        }
        let reached = reachable(&package.id, &normal);
        for forbidden in layer.must_not_reach {
            if reached.iter().any(|id| metadata[*id].name.as_str() == *forbidden) {
                broken.push(format!("{} reaches {forbidden}, which its layer must not see", layer.name));
            }
        }
        if !layer.not_by_itself.is_empty() {
            let reached = reached_by_itself(layer.name)?;
            let forbidden = layer.not_by_itself.iter().filter(|forbidden| reached.contains(**forbidden));
            broken.extend(forbidden.map(|forbidden| format!("{} reaches {forbidden} without any feature", layer.name)));
        }
    }
    if !broken.is_empty() {
        bail!("layer rule broken:\n  {}", broken.join("\n  "));
    }
    println!("layers: {} crates keep the rule", LAYERS.len());
    Ok(())
}

/// The crates that a crate links when it is built alone and nobody asks for a feature: cargo metadata knows only all of the workspace.
fn reached_by_itself(name: &str) -> anyhow::Result<BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked =
        ["tree", "--package", name, "--edges", "normal", "--target", "all", "--prefix", "none", "--format", "{p}"];
    let output = Command::new(cargo).args(asked).output().context("cargo tree did not run")?;
    if !output.status.success() {
        bail!("cargo tree of {name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let lines = String::from_utf8(output.stdout).context("cargo tree wrote no text")?;
    Ok(lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

type Edges<'a> = BTreeMap<&'a PackageId, Vec<&'a PackageId>>;

fn normal_dependencies(metadata: &Metadata) -> anyhow::Result<Edges<'_>> {
    let resolve = metadata.resolve.as_ref().context("cargo metadata gave no dependency graph")?;
    Ok(resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal))
                .map(|dep| &dep.pkg)
                .collect();
            (&node.id, normal)
        })
        .collect())
}

fn reachable<'a>(from: &'a PackageId, edges: &Edges<'a>) -> BTreeSet<&'a PackageId> {
    let mut seen = BTreeSet::new();
    let mut pending = vec![from];
    while let Some(id) = pending.pop() {
        if seen.insert(id) {
            pending.extend(edges.get(id).into_iter().flatten().copied());
        }
    }
    seen
}
