//! Who may watch and who may operate. Keys are new at each start.

use subtle::ConstantTimeEq;

use crate::Error;

/// What somebody may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum May {
    /// See the session.
    Watch,
    /// See it and change it.
    Operate,
}

/// The keys of one start: 128 random bits each, as hexadecimal digits.
pub struct Keys {
    watch: String,
    operate: String,
}

impl Keys {
    /// New ones.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { watch: key()?, operate: key()? })
    }

    /// The key that lets somebody do this.
    pub fn of(&self, may: May) -> &str {
        match may {
            May::Watch => &self.watch,
            May::Operate => &self.operate,
        }
    }

    /// What a key lets somebody do. How long it takes tells nothing of how much of a key was right.
    pub fn may(&self, given: &str) -> Option<May> {
        let is = |key: &str| bool::from(key.as_bytes().ct_eq(given.as_bytes()));
        let (watch, operate) = (is(&self.watch), is(&self.operate));
        if operate { Some(May::Operate) } else { watch.then_some(May::Watch) }
    }
}

fn key() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Error::NoRandom)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_what_it_is_for_and_nothing_else_does() {
        let (keys, others) = (Keys::new().expect("random"), Keys::new().expect("random"));
        assert_eq!(keys.may(keys.of(May::Watch)), Some(May::Watch));
        assert_eq!(keys.may(keys.of(May::Operate)), Some(May::Operate));
        for wrong in ["", "0", &keys.of(May::Watch)[1..], others.of(May::Watch), others.of(May::Operate)] {
            assert_eq!(keys.may(wrong), None, "{wrong}");
        }
        assert_eq!(keys.of(May::Operate).len(), 32);
        assert_ne!(keys.of(May::Operate), keys.of(May::Watch));
    }
}
