//! Bluetooth LE ingestion: radio to timed packets, stored before they are understood.
