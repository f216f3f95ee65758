//! Repository chores: layer check, golden data, validation tables.
fn main() {}
