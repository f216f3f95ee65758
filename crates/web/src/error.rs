//! What stands in the way of a page.

use std::borrow::Cow;
use std::io;

use truehinge_core::Explained;

/// Why there is no page. The session does not depend on it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another program uses the port, or this one runs twice.
    #[error("the page cannot be served on port {port}: another program uses it")]
    PortTaken {
        /// Which.
        port: u16,
    },
    /// The system does not let it be served.
    #[error("the page cannot be served on port {port}: {cause}")]
    NotServed {
        /// Where.
        port: u16,
        /// What the system says.
        cause: io::Error,
    },
    /// Without random numbers anybody could guess the links.
    #[error("the system gives no random numbers for the links of the page: {0}")]
    NoRandom(getrandom::Error),
}

impl Error {
    pub(crate) fn of_binding(port: u16, cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::AddrInUse {
            Self::PortTaken { port }
        } else {
            Self::NotServed { port, cause }
        }
    }
}

impl Explained for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::PortTaken { .. } => "web_port_taken",
            Self::NotServed { .. } => "web_not_served",
            Self::NoRandom(_) => "web_no_random",
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::PortTaken { .. } | Self::NotServed { .. } => Some("choose another port".into()),
            Self::NoRandom(_) => None,
        }
    }
}
