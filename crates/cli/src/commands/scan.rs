//! `scan`: the sensors that can be heard.

use std::time::Duration;

use truehinge_core::Explained;
use truehinge_session::radio::{Heard, Radio, Scan, runtime, scan};

use super::record::stop_signal;
use crate::args::{Cli, ScanArgs};
use crate::failure::unusable;
use crate::{Outcome, json, output};

/// Runs the command.
pub fn run(args: &ScanArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let Some(heard) = runtime()?.block_on(listen(args))? else { return Ok(Outcome::Interrupted) };
    let sensors = heard.iter().filter(|heard| heard.driver.is_some()).count();
    if cli.json {
        heard.iter().for_each(json::print);
    } else if heard.is_empty() {
        println!("nothing was heard in {} s: switch sensors on and bring them near", args.seconds);
    } else {
        if sensors == 0 {
            println!(
                "no sensor that this program knows was heard in {} s: switch sensors on and bring them near. Others were \
                 heard; a sensor among them needs its model or a profile, see docs/sensors:",
                args.seconds
            );
        }
        println!("{}", table(&heard, args.battery));
    }
    Ok(if sensors > 0 || args.all && !heard.is_empty() { Outcome::Done } else { Outcome::NothingFound })
}

async fn listen(args: &ScanArgs) -> anyhow::Result<Option<Vec<Heard>>> {
    let stop = stop_signal()?;
    let radio = Radio::new(args.radio.adapter.clone());
    let wanted = Scan { time: Duration::from_secs_f64(args.seconds), all: args.all, battery: args.battery };
    scan(&radio, wanted, &stop).await.map_err(unusable)
}

fn table(heard: &[Heard], battery: bool) -> comfy_table::Table {
    let mut head = vec!["model", "name", "address", "signal", ""];
    if battery {
        head.insert(4, "battery");
    }
    let mut table = output::table(&head);
    for one in heard {
        let Heard { device, charge, .. } = one;
        let mut row = vec![
            one.model().unwrap_or("-").to_owned(),
            device.advertisement.name.clone().unwrap_or_default(),
            device.address.clone(),
            device.signal.map_or_else(|| "-".to_owned(), |dbm| format!("{dbm} dBm")),
            if device.connected { "in use".to_owned() } else { String::new() },
        ];
        if battery {
            let words = match charge {
                Some(Ok(percent)) => format!("{percent} %"),
                Some(Err(cause)) => cause.in_full(),
                None => "-".to_owned(),
            };
            row.insert(4, words);
        }
        table.add_row(row);
    }
    table
}
