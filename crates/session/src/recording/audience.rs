//! Who listens to a session.

use std::sync::{Arc, Mutex, PoisonError};

use super::event::Event;

type Listener = dyn FnMut(&Event) + Send;

/// The one listener of a session, called by one thread at a time.
#[derive(Clone)]
pub(super) struct Audience(Arc<Mutex<Listener>>);

impl Audience {
    pub fn new(listener: impl FnMut(&Event) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(listener)))
    }

    pub fn tell(&self, event: &Event) {
        (self.0.lock().unwrap_or_else(PoisonError::into_inner))(event);
    }
}
