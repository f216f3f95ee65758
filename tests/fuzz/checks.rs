//! What must hold, whatever the bytes were.

use std::sync::Arc;

use truehinge_ble::{ImuDriver, Ingest, Ingested};
use truehinge_core::{Notification, Stage};

/// Decodes what was stored. No packet is empty, no loss is nothing, no charge is beyond 100 %, every error has words; and the
/// same bytes mean the same again.
pub fn replay(driver: Arc<dyn ImuDriver>, stored: Vec<Notification>) {
    let first = decoded(Ingest::new(Arc::clone(&driver)), &stored);
    let again = decoded(Ingest::new(driver), &stored);
    // Compared as text: numbers that are none equal nothing.
    assert_eq!(format!("{first:?}"), format!("{again:?}"));
}

fn decoded(mut ingest: Ingest, stored: &[Notification]) -> Vec<Ingested> {
    let mut items = Vec::new();
    for notification in stored {
        ingest.push(notification.clone(), &mut |item| {
            match &item {
                Ingested::Samples(samples) => assert!(!samples.is_empty()),
                Ingested::Gap { lost } => assert!(*lost > 0),
                Ingested::Battery(charge) => assert!(*charge <= 100),
                Ingested::Undecodable(error) => assert!(!error.to_string().is_empty()),
                Ingested::Request(_) | Ingested::Duplicate | Ingested::Late => {}
            }
            items.push(item);
        });
    }
    ingest.stop();
    items
}
