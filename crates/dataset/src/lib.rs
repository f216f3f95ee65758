//! Recordings, importers, folders and tidy tables.
