//! Says whether the data that some tests need are there.

#[path = "../../tests/needs.rs"]
mod needs;

fn main() {
    needs::tell_cargo(&[needs::Need::Data]);
}
