//! `scan`: the sensors that can be heard.

use std::time::Duration;

use truehinge_ble::driver::recognise;
use truehinge_ble::radio::{Found, Radio};

use crate::args::{Cli, ScanArgs};
use crate::reading::unusable;
use crate::{Outcome, output, radio_runtime};

/// Runs the command.
pub fn run(args: &ScanArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let radio = Radio::new(args.radio.adapter.clone());
    let listening = radio.scan(Duration::from_secs_f64(args.seconds), |_| false);
    let heard = radio_runtime()?.block_on(listening).map_err(unusable)?;
    let known = |device: &Found| recognise(&device.advertisement).map(|driver| driver.model());
    let mut rows: Vec<_> = heard.iter().map(|device| (known(device), device)).collect();
    rows.retain(|(model, _)| args.all || model.is_some());
    // Nearest first: that is the one in the hand.
    rows.sort_by_key(|(_, device)| std::cmp::Reverse(device.signal));
    if cli.json {
        for (model, device) in &rows {
            let name = &device.advertisement.name;
            let (address, signal, connected) = (&device.address, device.signal, device.connected);
            let line = serde_json::json!({
                "model": model, "name": name, "address": address, "signal_dbm": signal, "connected": connected
            });
            println!("{line}");
        }
    } else if rows.is_empty() {
        let others = if args.all { String::new() } else { format!(" ({} other devices, see --all)", heard.len()) };
        println!("no sensor was heard in {} s{others}: switch sensors on and bring them near", args.seconds);
    } else {
        println!("{}", table(&rows));
    }
    Ok(if rows.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

fn table(rows: &[(Option<&str>, &Found)]) -> comfy_table::Table {
    let mut table = output::table(&["model", "name", "address", "signal", ""]);
    for (model, device) in rows {
        table.add_row([
            model.unwrap_or("-").to_owned(),
            device.advertisement.name.clone().unwrap_or_default(),
            device.address.clone(),
            device.signal.map_or_else(|| "-".to_owned(), |dbm| format!("{dbm} dBm")),
            if device.connected { "in use".to_owned() } else { String::new() },
        ]);
    }
    table
}
