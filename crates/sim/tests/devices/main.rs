//! Every driver on its virtual device: what starts it, what stops it, and device times across the wrap of its clock.

mod fuzz;
mod wired;

use std::sync::Arc;

use truehinge_ble::driver::{DecodeError, Event, ImuDriver};
use truehinge_ble::{Ingest, Ingested};
use truehinge_core::{Explained, InertialSample, run};
use truehinge_sim::device::VirtualDevice;
use wired::{MTU, Model, Wired, measured, models, rate};

/// Virtual clocks of 32 bits wrap 20 to 22 s after they began, those of our own frames where microseconds do.
fn before_the_wrap(driver: &dyn ImuDriver) -> f64 {
    if driver.model() == "nus" { f64::from(u32::MAX) * 1e-6 - 5.0 } else { 16.0 }
}

/// Streams to whoever listens, at a rate of its own until it is told another.
fn streams_unasked(driver: &dyn ImuDriver) -> bool {
    ["witmotion", "thingy52"].contains(&driver.model())
}

fn notified(device: &mut dyn VirtualDevice, rate: f64) -> usize {
    measured(rate, 1.0, 2.0)
        .iter()
        .map(|sample| {
            device.measure(sample);
            device.outgoing().iter().map(|outgoing| outgoing.samples).sum::<usize>()
        })
        .sum()
}

#[test]
fn before_it_is_started_no_device_streams() {
    for (make, driver) in models() {
        let (name, rate) = (driver.model(), rate(&*driver));
        let mut device = make();
        device.connected(MTU);
        assert_eq!(notified(&mut *device, rate), 0, "{name}: nobody listens");
        let all = device.services().into_iter().flat_map(|service| service.characteristics);
        for characteristic in all.filter(|c| c.flags.contains(&"notify") || c.flags.contains(&"indicate")) {
            device.subscribe(characteristic.uuid, true).expect("it notifies");
        }
        let heard = notified(&mut *device, rate) as f64;
        assert!(heard == 0.0 || streams_unasked(&*driver) && heard <= 0.2 * 2.0 * rate, "{name}: {heard}");
    }
}

/// The samples that a replay of what was stored gives.
fn replayed(model: &Model, wired: &Wired) -> Vec<InertialSample> {
    let samples = |item| if let Ingested::Samples(samples) = item { samples } else { Vec::new() };
    run(&mut Ingest::new(Arc::clone(&model.1)), wired.stored.clone()).into_iter().flat_map(samples).collect()
}

#[test]
fn device_times_go_on_through_the_wrap_of_the_clock() {
    for model in models() {
        let (name, rate) = (model.1.model(), rate(&*model.1));
        let mut wired = Wired::started(&model, MTU);
        let sent = measured(rate, before_the_wrap(&*model.1), 10.0);
        wired.measure(&sent);
        assert!(wired.events.iter().all(|e| !matches!(e, Event::Undecodable(_))), "{name}: {:?}", wired.events);
        let stamps: Vec<u64> = wired.packets().iter().filter_map(|p| p.ticks).map(|t| t.first.value).collect();
        let wraps = stamps.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let has_wrap = wired.packets()[0].ticks.is_some_and(|ticks| ticks.first.bits <= 32);
        assert_eq!(wraps, usize::from(has_wrap), "{name}");
        let got = replayed(&model, &wired);
        // The last batch may not be full; of Polar's two streams one begins a sample later.
        assert!(got.len() + 21 > sent.len(), "{name}: {} of {}", got.len(), sent.len());
        // Whatever the length of a tick, it does not add up.
        let pairs = got.windows(2).map(|pair| (pair[1].device_time - pair[0].device_time).seconds());
        let worst = pairs.map(|step| (step - 1.0 / rate).abs()).fold(0.0, f64::max);
        assert!(worst < 1.6e-3, "{name}: a step is {worst} s off");
        let long = (got[got.len() - 1].device_time - got[0].device_time).seconds();
        assert!((long - (got.len() - 1) as f64 / rate).abs() < 2e-3, "{name}: {long} s");
    }
}

/// Samples received and samples lost, when these of the stored notifications do not arrive.
fn without(model: &Model, wired: &Wired, gone: impl Fn(usize) -> bool) -> (usize, u64) {
    let kept = wired.stored.iter().enumerate().filter(|(place, _)| !gone(*place)).map(|(_, stored)| stored.clone());
    let (mut received, mut lost) = (0, 0);
    for item in run(&mut Ingest::new(Arc::clone(&model.1)), kept) {
        match item {
            Ingested::Samples(samples) => received += samples.len(),
            Ingested::Gap { lost: more } => lost += more,
            Ingested::Undecodable(error) => panic!("{}: {error}", model.1.model()),
            _ => {}
        }
    }
    (received, lost)
}

#[test]
fn losses_show_in_counters_or_stamps() {
    for model in models() {
        let (name, rate) = (model.1.model(), rate(&*model.1));
        let mut wired = Wired::started(&model, MTU);
        let begin = wired.stored.len();
        wired.measure(&measured(rate, before_the_wrap(&*model.1), 10.0));
        let (all, none) = without(&model, &wired, |_| false);
        assert_eq!(none, 0, "{name}: nothing is lost");
        // Single packets and two in a row; one at the very end has no successor to show it.
        let between = begin + 5..wired.stored.len() - 5;
        let gone = |place| between.contains(&place) && [0, 7, 8].contains(&(place % 20));
        let (received, lost) = without(&model, &wired, gone);
        assert!(received < all, "{name}");
        let stamped = wired.packets()[0].ticks.is_some();
        let missing = (all - received) as u64;
        match name {
            // Counted where one of a pair of packets is lost.
            "metamotion-packed" => assert!(lost > 0 && lost <= missing, "{lost} of {missing}"),
            _ => assert_eq!(lost, if stamped { missing } else { 0 }, "{name}: {received} of {all} came"),
        }
    }
}

#[test]
fn every_rate_is_set_and_told_from_the_others() {
    for (make, driver) in models() {
        // What speaks over Nordic UART measures as its firmware says.
        for hertz in driver.rates().into_iter().filter(|_| driver.model() != "nus") {
            let model: Model = (make, Arc::from(driver.at(hertz).expect("has it")));
            let (name, rate) = (model.1.model(), rate(&*model.1));
            let mut wired = Wired::started(&model, MTU);
            // A sensor that measures three times as often gives what it was asked for.
            wired.measure(&measured(3.0 * rate, 1.0, 10.0));
            assert!(wired.events.iter().all(|e| !matches!(e, Event::Undecodable(_))), "{name}: {:?}", wired.events);
            let got = replayed(&model, &wired);
            // The last batch may not be full.
            assert!((got.len() as f64 - 10.0 * rate).abs() < 21.0, "{name} at {rate} Hz: {} in 10 s", got.len());
            let steps = got.windows(2).map(|pair| (pair[1].device_time - pair[0].device_time).seconds());
            let worst = steps.map(|step| (step - 1.0 / rate).abs()).fold(0.0, f64::max);
            assert!(worst < 1.6e-3, "{name} at {rate} Hz: a step is {worst} s off");
            let last = got.last().expect("some").device_time - got[0].device_time;
            assert!((last.seconds() - (got.len() - 1) as f64 / rate).abs() < 2e-3, "{name} at {rate} Hz");
            wired.stop();
            let unstopped = if streams_unasked(&*model.1) { 2.0 * rate } else { 0.0 };
            let after = wired.measure(&measured(3.0 * rate, 20.0, 2.0)) as f64;
            assert!((after - unstopped).abs() < 2.0, "{name} at {rate} Hz: {after} after the stop");
        }
    }
}

#[test]
fn stopping_stops_it() {
    for model in models() {
        let (name, rate) = (model.1.model(), rate(&*model.1));
        let mut wired = Wired::started(&model, MTU);
        assert!(wired.measure(&measured(rate, 1.0, 2.0)) > 0, "{name} streams");
        wired.stop();
        if streams_unasked(&*model.1) {
            // It has no such command: it streams until the connection ends.
            wired.device.disconnected();
        }
        assert_eq!(wired.measure(&measured(rate, 3.0, 2.0)), 0, "{name} is stopped");
    }
}

#[test]
fn the_battery_of_every_model_is_told() {
    for model in models() {
        let wired = Wired::started(&model, MTU);
        let charge =
            wired.events.iter().find_map(|e| if let Event::Battery(charge) = e { Some(*charge) } else { None });
        let expected = if model.1.model() == "witmotion" { 75 } else { 87 };
        assert_eq!(charge, Some(expected), "{}", model.1.model());
    }
}

#[test]
fn a_connection_that_carries_20_bytes_is_enough_or_is_said_not_to_be() {
    for model in models() {
        let (name, rate) = (model.1.model(), rate(&*model.1));
        let mut wired = Wired::started(&model, 23);
        let sent = measured(rate, 1.0, 2.0);
        wired.measure(&sent);
        let refused = |event: &&Event| matches!(event, Event::Undecodable(DecodeError::Refused { .. }));
        let told: Vec<&Event> = wired.events.iter().filter(refused).collect();
        let decoded: usize = wired.packets().iter().map(|packet| packet.samples.len()).sum();
        match name {
            "movella-dot" | "movesense" | "polar-verity-sense" => {
                assert_eq!((told.len(), decoded), (1, 0), "{name}: {:?}", wired.events);
                let Event::Undecodable(error) = told[0] else { unreachable!() };
                assert!(error.in_full().contains("adapter"), "{name}: {error}");
            }
            _ => assert!(told.is_empty() && decoded + 5 > sent.len(), "{name}: {decoded} {told:?}"),
        }
    }
}
