//! A trace of `dbus-monitor` on standard input; on standard output the order of what was said about each device.

use std::io::Read;

fn main() -> std::io::Result<()> {
    let mut trace = Vec::new();
    std::io::stdin().read_to_end(&mut trace)?;
    print!("{}", truehinge_tests::bluez::order(&String::from_utf8_lossy(&trace)));
    Ok(())
}
