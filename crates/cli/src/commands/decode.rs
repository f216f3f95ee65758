//! `decode`: samples made anew from the bytes as they arrived.

use truehinge_dataset::recording::redecode;
use truehinge_session::decode::{Decoded, decode};

use crate::args::{Cli, DecodeArgs};
use crate::failure::unusable;
use crate::failure::{nothing, of_decoding};
use crate::{Outcome, json};

/// Runs the command.
pub fn run(args: &DecodeArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let mut tell = |decoded: &Decoded| report(decoded, cli);
    let tracks = decode(&args.recording, &args.sensor, &mut tell).map_err(of_decoding)?;
    if tracks.is_empty() {
        let found = format!("{}: it holds no bytes as they arrived", args.recording.display());
        return Err(nothing("decode_no_bytes", found).hint("import it again: it was imported").into());
    }
    redecode(&args.recording, &args.out, &tracks).map_err(unusable)?;
    if !cli.json {
        println!("written to {}", args.out.display());
    }
    Ok(Outcome::Done)
}

/// How many samples are others than before.
fn report(decoded: &Decoded, cli: &Cli) {
    let Decoded { role, before, after, same } = decoded;
    if cli.json {
        json::print(decoded);
    } else {
        println!("{role}: {after} samples, {before} before, {same} of them the same");
    }
}
