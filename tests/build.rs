//! Says which of the things that tests need are there.

mod needs;

fn main() {
    needs::tell_cargo(&needs::Need::ALL);
}
