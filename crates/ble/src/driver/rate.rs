//! Rates that a sensor can be set to.

use std::borrow::Cow;

use truehinge_core::{Explained, SampleRate};

/// A sensor that cannot measure so often.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("measures at {}, not at {} Hz", words(.has), .asked.hertz())]
pub struct UnsupportedRate {
    /// What was asked for.
    pub asked: SampleRate,
    /// What it can be set to, from slow to fast.
    pub has: Vec<SampleRate>,
}

impl Explained for UnsupportedRate {
    fn code(&self) -> &'static str {
        "sensor_unsupported_rate"
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// Rates as a sentence has them: `20, 30 or 60 Hz`.
pub fn words(rates: &[SampleRate]) -> String {
    let numbers: Vec<String> = rates.iter().map(|rate| rate.hertz().to_string()).collect();
    match numbers.split_last() {
        None => "a rate that only its firmware knows".to_owned(),
        Some((only, [])) => format!("{only} Hz"),
        Some((last, others)) => format!("{} or {last} Hz", others.join(", ")),
    }
}

/// Rates given in whole hertz.
pub(super) fn rates(hertz: &[u16]) -> Vec<SampleRate> {
    hertz.iter().filter_map(|&hertz| SampleRate::from_hertz(f64::from(hertz))).collect()
}

/// The one of these rates, Hz, that is asked for.
pub(super) fn find(hertz: &[u16], asked: SampleRate) -> Result<u16, UnsupportedRate> {
    let found = hertz.iter().copied().find(|&hertz| SampleRate::from_hertz(f64::from(hertz)) == Some(asked));
    found.ok_or_else(|| UnsupportedRate { asked, has: rates(hertz) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::nus::{NusDriver, Profile};
    use crate::driver::{ImuDriver, all};

    fn hertz(hertz: f64) -> SampleRate {
        SampleRate::from_hertz(hertz).expect("positive")
    }

    #[test]
    fn every_model_can_be_set_to_its_rates_and_comes_with_one_of_them() {
        for driver in all() {
            let (model, rates, usual) = (driver.model(), driver.rates(), driver.device().nominal_rate);
            assert!(usual.is_none_or(|usual| rates.contains(&usual)), "{model}: {usual:?}");
            assert!(rates.windows(2).all(|pair| pair[0] < pair[1]), "{model}: {rates:?}");
            for rate in rates {
                let set = driver.at(rate).unwrap_or_else(|error| panic!("{model}: {error}"));
                assert_eq!((set.model(), set.device().nominal_rate, set.clock()), (model, Some(rate), driver.clock()));
            }
        }
    }

    #[test]
    fn a_rate_that_a_model_does_not_have_is_refused_with_those_it_has() {
        for driver in all() {
            let refused = driver.at(hertz(75.0)).err().expect("nobody has it");
            assert_eq!((refused.asked, &refused.has), (hertz(75.0), &driver.rates()), "{}", driver.model());
        }
        let said = find(&[20, 30, 60], hertz(75.0)).expect_err("not among them").to_string();
        assert_eq!(said, "measures at 20, 30 or 60 Hz, not at 75 Hz");
        assert_eq!(find(&[20, 30, 60], hertz(30.0)), Ok(30));
    }

    #[test]
    fn a_profile_has_the_one_rate_it_states() {
        let driver = NusDriver { profile: Profile { rate_hz: Some(119.5), ..Profile::default() } };
        assert_eq!(driver.rates(), [hertz(119.5)]);
        assert!(driver.at(hertz(119.5)).is_ok());
        assert!(driver.at(hertz(100.0)).is_err());
        let said = NusDriver::default().at(hertz(100.0)).err().expect("nobody knows its rate").to_string();
        assert!(said.contains("only its firmware knows"), "{said}");
    }
}
