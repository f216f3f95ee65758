//! What is wrong with a sensor's link.

use truehinge_ble::LinkError;
use truehinge_ble::driver::DecodeError;
use truehinge_core::Explained;
use truehinge_core::words::{Args, Language};

/// What is wrong with a sensor's link.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// It is connected, and nothing came for so long, s.
    Silent(f64),
    /// The connection was lost.
    Lost(LinkError),
    /// Something stands in the way of a connection.
    Unconnected(LinkError),
    /// It sent what is no packet.
    Undecodable(DecodeError),
}

impl Trouble {
    /// For who trains: in words, without the reason.
    pub fn words(&self, language: Language) -> String {
        let args = Args::new(language);
        match self {
            Self::Silent(seconds) => language.say("trouble-silent", &args.number("seconds", *seconds, 0)),
            Self::Lost(_) => language.say("trouble-lost", &args),
            Self::Unconnected(_) => language.say("trouble-unconnected", &args),
            Self::Undecodable(_) => language.say("trouble-undecodable", &args),
        }
    }

    /// Why, as the link says it, and what to do. English, as all errors are.
    pub fn why(&self) -> Option<String> {
        match self {
            Self::Silent(_) => None,
            Self::Lost(cause) | Self::Unconnected(cause) => Some(cause.in_full()),
            Self::Undecodable(cause) => Some(cause.in_full()),
        }
    }
}
