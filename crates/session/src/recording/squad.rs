//! Many athletes one after the other with the same sensors: each turn is a recording of its own, and the sensors stay connected.

use std::sync::Arc;

use truehinge_ble::radio::{HostClock, Radio, RadioLink};
use truehinge_ble::{Kept, SensorLink};
use truehinge_core::{AthleteId, HostTime};

use crate::sensors::Worn;

/// Who takes turns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Squad {
    /// In order.
    pub athletes: Vec<AthleteId>,
    /// Whose turn it is, from zero.
    pub now: usize,
    /// Turns that each has had, this one left out.
    pub turns: Vec<u32>,
}

impl Squad {
    /// Of these, the first one's turn; `None` of nobody.
    pub fn new(athletes: Vec<AthleteId>) -> Option<Self> {
        let turns = vec![0; athletes.len()];
        (!athletes.is_empty()).then_some(Self { athletes, now: 0, turns })
    }

    /// Whose turn it is.
    pub fn athlete(&self) -> &AthleteId {
        &self.athletes[self.now]
    }

    /// Who comes next if nobody says otherwise: after the last one the first again.
    pub fn next(&self) -> usize {
        (self.now + 1) % self.athletes.len()
    }

    /// The turn of another one, or of the same again.
    #[must_use]
    pub fn turn_of(mut self, next: usize) -> Self {
        if next < self.athletes.len() {
            self.turns[self.now] += 1;
            self.now = next;
        }
        self
    }
}

/// Sensors that stay connected from one recording to the next.
pub struct Connected {
    sensors: Vec<(Worn, Kept)>,
    clock: HostClock,
}

impl Connected {
    /// Begins to look for the sensors. Must be called within a tokio runtime.
    pub fn new(worn: &[Worn], radio: &Arc<Radio>) -> Self {
        let clock = HostClock::start();
        let kept = |sensor: &Worn| {
            let link = RadioLink::new(Arc::clone(radio), &sensor.address, clock);
            (sensor.clone(), Kept::new(Box::new(link)))
        };
        Self { sensors: worn.iter().map(kept).collect(), clock }
    }

    /// The links for a recording whose clock this is; of a sensor that another recording has, none.
    pub(super) fn links(&self, recording: HostClock) -> Vec<SensorLink> {
        // Both clocks count the same seconds.
        let zero = HostTime::ZERO + (self.clock.now() - recording.now());
        let link = |(worn, kept): &(Worn, Kept)| {
            Some(SensorLink { role: worn.role, link: kept.lend(zero)?, driver: Arc::clone(&worn.driver) })
        };
        self.sensors.iter().filter_map(link).collect()
    }

    /// Ends all connections.
    pub async fn close(self) {
        for (_, kept) in self.sensors {
            kept.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_go_round_and_anybody_may_be_taken_first() {
        let id = |code: &str| AthleteId::new(code).expect("a pseudonym");
        assert_eq!(Squad::new(Vec::new()), None);
        let squad = Squad::new(vec![id("P-1"), id("P-2"), id("P-3")]).expect("three");
        assert_eq!((squad.athlete().to_string(), squad.next()), ("P-1".to_owned(), 1));
        let squad = squad.turn_of(2);
        assert_eq!((squad.athlete().to_string(), squad.next()), ("P-3".to_owned(), 0));
        let squad = squad.turn_of(0).turn_of(9);
        assert_eq!((squad.now, squad.turns), (0, vec![1, 0, 1]));
    }
}
