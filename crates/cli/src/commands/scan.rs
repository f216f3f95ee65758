//! `scan`: the sensors that can be heard.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use truehinge_ble::charge::charge;
use truehinge_ble::driver::recognise;
use truehinge_ble::radio::{Found, HostClock, Radio, RadioLink};
use truehinge_ble::{ImuDriver, LinkError};

use super::record::stop_signal;
use crate::args::{Cli, ScanArgs};
use crate::{Outcome, output, radio_runtime, unusable};

/// A device that was heard, and what there is to say about it.
struct Heard {
    device: Found,
    /// How to understand it; `None` for what is no sensor this program knows.
    driver: Option<Box<dyn ImuDriver>>,
    /// Charge in per cent, or why it is not known; `None` if it was not asked.
    charge: Option<Result<u8, LinkError>>,
}

impl Heard {
    fn model(&self) -> Option<&'static str> {
        self.driver.as_ref().map(|driver| driver.model())
    }
}

/// Runs the command.
pub fn run(args: &ScanArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let Some(heard) = radio_runtime()?.block_on(listen(args))? else { return Ok(Outcome::Interrupted) };
    let sensors = heard.iter().filter(|heard| heard.driver.is_some()).count();
    if cli.json {
        heard.iter().for_each(|heard| println!("{}", line(heard)));
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

/// The sensors that can be heard, nearest first: that is the one in the hand. If no device is recognised as one, all devices:
/// a sensor that was given another name is still among them. `None` where somebody ended it first.
async fn listen(args: &ScanArgs) -> anyhow::Result<Option<Vec<Heard>>> {
    let stop = stop_signal()?;
    let radio = Radio::new(args.radio.adapter.clone());
    let found = tokio::select! {
        found = radio.scan(Duration::from_secs_f64(args.seconds), |_| false) => found.map_err(unusable)?,
        () = stop.cancelled() => return Ok(None),
    };
    let recognised = |device: Found| Heard { driver: recognise(&device.advertisement), device, charge: None };
    let mut heard: Vec<Heard> = found.into_iter().map(recognised).collect();
    if !args.all && heard.iter().any(|heard| heard.driver.is_some()) {
        heard.retain(|heard| heard.driver.is_some());
    }
    heard.sort_by_key(|heard| std::cmp::Reverse(heard.device.signal));
    if args.battery {
        ask_charges(&radio, &mut heard, &stop).await;
    }
    Ok((!stop.is_cancelled()).then_some(heard))
}

/// One after the other, and none that somebody else is using.
async fn ask_charges(radio: &Arc<Radio>, heard: &mut [Heard], stop: &CancellationToken) {
    let clock = HostClock::start();
    for Heard { device, driver, charge: known } in heard.iter_mut().filter(|heard| !heard.device.connected) {
        if let Some(driver) = driver.as_ref().filter(|_| !stop.is_cancelled()) {
            let link = RadioLink::new(Arc::clone(radio), &device.address, clock);
            *known = Some(charge(Box::new(link), &**driver, stop).await);
        }
    }
}

fn line(heard: &Heard) -> serde_json::Value {
    let Heard { device, charge, .. } = heard;
    let mut line = json!({
        "model": heard.model(), "name": device.advertisement.name, "address": device.address,
        "signal_dbm": device.signal, "connected": device.connected,
    });
    match charge {
        Some(Ok(percent)) => line["battery_percent"] = json!(percent),
        Some(Err(cause)) => line["battery_failed"] = json!(cause.to_string()),
        None => {}
    }
    line
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
                Some(Err(cause)) => cause.to_string(),
                None => "-".to_owned(),
            };
            row.insert(4, words);
        }
        table.add_row(row);
    }
    table
}
