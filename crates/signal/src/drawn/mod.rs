//! What tests look at, drawn by hand so that every answer is known.

pub(crate) mod sensors;
pub(crate) mod session;
pub(crate) mod signals;
pub(crate) mod told;
