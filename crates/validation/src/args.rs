//! The command line of the study.

use std::path::PathBuf;

use clap::Parser;

/// What is asked for.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask validate", about = "Recomputes every published accuracy figure from the data sets")]
pub struct Args {
    /// Folder that holds `bench/` and `data/`.
    #[arg(long, default_value = "../shared")]
    pub data: PathBuf,
    /// File to write. Default: docs/VALIDATION.md for the whole study, none for a sweep or an ablation.
    #[arg(short, long)]
    pub out: Option<PathBuf>,
    /// Also keep the reps.csv of every session here.
    #[arg(long, value_name = "FOLDER")]
    pub predictions: Option<PathBuf>,
    /// The whole study, and everything again without each ingredient of the method, to show what it buys. With paths of numbers:
    /// only without those, each by the value given or the one that leaves it out.
    #[arg(long, value_name = "PATH[=VALUE]", num_args = 0..)]
    pub ablate: Option<Vec<String>>,
    /// Only everything again with each of these values of one number, such as `repetitions.leaves_deg=3.0,3.6,4.2`.
    #[arg(long, value_name = "PATH=VALUE,VALUE", conflicts_with = "ablate")]
    pub sweep: Option<String>,
    /// Only this section of the study, for who works on it; to a file only with --out.
    #[arg(long, value_name = "NAME", hide = true, conflicts_with_all = ["ablate", "sweep"])]
    pub section: Option<String>,
    /// Python with numpy, for the bench's own scorer.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    pub python: PathBuf,
}
