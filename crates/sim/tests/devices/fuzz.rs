//! Valid sessions of every model with their bytes changed, cut, repeated, mixed up and left out: nothing panics, and the next
//! connection is as good as if nothing had happened. The same seeds every time.

use std::sync::Arc;

use crate::wired::{MTU, Model, Wired, measured, models, rate};
use rand::seq::IndexedRandom;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truehinge_ble::ingest::connection;
use truehinge_ble::{Ingest, Ingested};
use truehinge_core::{HostTime, InertialSample, Notification, Stage};

/// What a recording of a second holds.
fn session(model: &Model) -> Vec<Notification> {
    let mut wired = Wired::started(model, MTU);
    wired.measure(&measured(rate(&*model.1), 19.5, 1.0));
    wired.stored
}

/// One thing that goes wrong.
fn damage(stored: &mut Vec<Notification>, rng: &mut ChaCha8Rng) {
    let Some(place) = (0..stored.len()).collect::<Vec<_>>().choose(rng).copied() else { return };
    let other = rng.random_range(0..stored.len());
    match rng.random_range(0..10) {
        0 => {
            stored.remove(place);
        }
        1 => stored.insert(other, stored[place].clone()),
        2 => stored.swap(place, other),
        3 => stored[place].characteristic = stored[other].characteristic,
        4 => stored.insert(place, connection(HostTime::ZERO, rng.random())),
        5 => {
            let payload = stored[other].payload.clone();
            stored[place].payload.extend(payload);
        }
        6 => {
            let length = rng.random_range(0..=stored[place].payload.len());
            stored[place].payload.truncate(length);
        }
        7 => {
            let mut random = vec![0; rng.random_range(0..300)];
            rng.fill_bytes(&mut random);
            stored[place].payload = random;
        }
        // The first bytes say what a packet is and how long: these are changed most.
        kind => {
            let payload = &mut stored[place].payload;
            let end = if kind == 8 { payload.len().min(6) } else { payload.len() };
            if end > 0 {
                payload[rng.random_range(0..end)] = *[0, 1, 0x7f, 0x80, 0xff, rng.random()].choose(rng).expect("six");
            }
        }
    }
}

/// Samples of a replay. Whatever the bytes were, no packet is empty and no loss is made up beyond what stamps can show.
fn replay(ingest: &mut Ingest, stored: &[Notification]) -> Vec<InertialSample> {
    let mut samples = Vec::new();
    for notification in stored {
        ingest.push(notification.clone(), &mut |item| match item {
            Ingested::Samples(more) => {
                assert!(!more.is_empty(), "{notification:?}");
                samples.extend(more);
            }
            Ingested::Gap { lost } => assert!(lost > 0, "{notification:?}"),
            Ingested::Battery(charge) => assert!(charge <= 100, "{notification:?}"),
            Ingested::Undecodable(error) => assert!(!error.to_string().is_empty()),
            Ingested::Request(_) | Ingested::Duplicate | Ingested::Late => {}
        });
    }
    samples
}

fn fuzz(seeds: std::ops::Range<u64>) {
    for model in models() {
        let name = model.1.model();
        let whole = session(&model);
        let clean = replay(&mut Ingest::new(Arc::clone(&model.1)), &whole);
        assert!(clean.len() > 30, "{name}");
        for seed in seeds.clone() {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut damaged = whole.clone();
            for _ in 0..rng.random_range(1..20) {
                damage(&mut damaged, &mut rng);
            }
            let mut ingest = Ingest::new(Arc::clone(&model.1));
            replay(&mut ingest, &damaged);
            let after = replay(&mut ingest, &whole);
            let values = |samples: &[InertialSample]| -> Vec<_> {
                samples.iter().map(|sample| (sample.specific_force, sample.angular_rate)).collect()
            };
            assert_eq!(values(&after), values(&clean), "{name}, seed {seed}: the connection after the damaged one");
        }
    }
}

#[test]
fn damaged_sessions_harm_nobody() {
    fuzz(0..150);
}

#[test]
#[ignore = "takes a minute"]
fn many_damaged_sessions_harm_nobody() {
    fuzz(0..20_000);
}
