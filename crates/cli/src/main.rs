//! Was it a true hip hinge? Records, analyses and reports single-leg hip hinges from two IMUs.
fn main() {}
