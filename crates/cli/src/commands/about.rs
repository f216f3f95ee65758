//! What the program says of itself: completions, manual pages, licences, schemas.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use truehinge_dataset::atomic::write_atomically;

use crate::args::{Cli, CompletionsArgs, LicensesArgs, ManArgs, SchemaArgs};
use crate::failure::{Failure, nothing};
use crate::{Outcome, pipe};

const NAME: &str = "truehinge";
/// Name, version and licence of every crate in the program (`cargo xtask licenses`).
const CRATES: &str = include_str!("../../licenses.tsv");
const FONT_LICENSE: &str = include_str!("../../../report/fonts/OFL.txt");

/// The schemas of `--json`, by name.
macro_rules! schemas {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../../docs/schema/", $name, ".schema.json")))),+]
    };
}

/// Name and text of every schema.
pub const SCHEMAS: [(&str, &str); 25] = schemas![
    "analysis",
    "athlete",
    "batch",
    "correct",
    "decode",
    "doctor",
    "edit",
    "erase",
    "error",
    "event",
    "import",
    "inspect",
    "mapping",
    "method",
    "methods",
    "overview",
    "page",
    "recover",
    "report",
    "scan",
    "shard",
    "squad",
    "squad-sheet",
    "validate",
    "verify",
];

/// Prints what makes a shell complete the command line.
pub fn completions(args: &CompletionsArgs) -> Outcome {
    let shell: Shell = args.shell;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    print!("{}", String::from_utf8_lossy(&script));
    Outcome::Done
}

/// Writes manual pages, or prints the first one.
pub fn man(args: &ManArgs) -> anyhow::Result<Outcome> {
    let mut whole = Cli::command();
    whole.build();
    match &args.out {
        None => print!("{}", String::from_utf8_lossy(&page(&whole)?)),
        Some(folder) => pages(&whole, NAME, folder)?,
    }
    Ok(Outcome::Done)
}

fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    Ok(text)
}

/// The page of a command and those of its subcommands: `truehinge-athlete-add.1`.
fn pages(command: &clap::Command, name: &str, folder: &Path) -> anyhow::Result<()> {
    let text = page(command)?;
    let path = folder.join(format!("{name}.1"));
    write_atomically(&path, |file| file.write_all(&text)).map_err(|error| {
        Failure::new(Outcome::Failed, "man_not_written", format!("{}: {error}", path.display()))
            .hint("name a folder that can be written to")
    })?;
    println!("{}", path.display());
    let below = command.get_subcommands().filter(|below| below.get_name() != "help");
    below.into_iter().try_for_each(|below| pages(below, &format!("{name}-{}", below.get_name()), folder))
}

/// Prints the licences of what the program is made of.
pub fn licenses(args: &LicensesArgs) -> Outcome {
    println!("truehinge {} is MIT OR Apache-2.0. It holds the font Inter (OFL-1.1) and these crates:", version());
    print!("{}", CRATES.replace('\t', "  "));
    if args.font {
        print!("\n{FONT_LICENSE}");
    }
    Outcome::Done
}

/// Prints a schema, or their names.
pub fn schema(args: &SchemaArgs) -> anyhow::Result<Outcome> {
    let Some(wanted) = &args.name else {
        SCHEMAS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(Outcome::Done);
    };
    let found = SCHEMAS.iter().find(|(name, _)| name == wanted);
    let Some((_, text)) = found else {
        let names: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
        let failure = nothing("schema_unknown", format!("there is no schema {wanted}"));
        return Err(failure.hint(format!("give one of {}", names.join(", "))).into());
    };
    pipe::out(format_args!("{text}"));
    Ok(Outcome::Done)
}

fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
