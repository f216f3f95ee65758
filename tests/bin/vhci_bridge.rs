//! In the virtual machine of the deep run: a virtual Bluetooth controller of the kernel, connected to the host by a serial port.
//!
//! `/dev/vhci` takes and gives one HCI packet (H4: a type byte before it) a call; the port is a stream, so packets from it are put
//! together by their lengths.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::thread;

/// Makes the controller: vendor packet, BR/EDR and LE.
const CREATE: [u8; 2] = [0xff, 0x00];
const VENDOR: u8 = 0xff;

fn open(path: &str) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Reads the length of a packet's body from its header.
type Length = fn(&[u8]) -> usize;

/// Bytes after the type byte until the length is known, and how to read it.
fn header(kind: u8) -> io::Result<(usize, Length)> {
    match kind {
        // Event: code, length.
        0x04 => Ok((2, |header| usize::from(header[1]))),
        // Data: handle, length of two bytes.
        0x02 | 0x05 => Ok((4, |header| usize::from(u16::from_le_bytes([header[2], header[3]])))),
        0x01 | 0x03 => Ok((3, |header| usize::from(header[2]))),
        other => Err(io::Error::other(format!("no HCI packet begins with {other:#04x}"))),
    }
}

fn from_host(mut port: File, mut vhci: File) -> io::Result<()> {
    loop {
        let mut kind = [0];
        port.read_exact(&mut kind)?;
        let (length, rest) = header(kind[0])?;
        let mut packet = vec![kind[0]];
        packet.resize(1 + length, 0);
        port.read_exact(&mut packet[1..])?;
        let body = rest(&packet[1..]);
        packet.resize(1 + length + body, 0);
        port.read_exact(&mut packet[1 + length..])?;
        vhci.write_all(&packet)?;
    }
}

fn to_host(mut vhci: File, mut port: File) -> io::Result<()> {
    let mut packet = [0; 4096];
    loop {
        let length = vhci.read(&mut packet)?;
        // The kernel answers the creation with the controller's number.
        if length > 0 && packet[0] != VENDOR {
            port.write_all(&packet[..length])?;
        }
    }
}

fn main() -> io::Result<()> {
    let path = std::env::args().nth(1).ok_or_else(|| io::Error::other("which port?"))?;
    let (mut vhci, port) = (open("/dev/vhci")?, open(&path)?);
    vhci.write_all(&CREATE)?;
    let (other_vhci, other_port) = (vhci.try_clone()?, port.try_clone()?);
    thread::spawn(move || {
        if let Err(error) = from_host(other_port, other_vhci) {
            eprintln!("from the host: {error}");
        }
    });
    to_host(vhci, port)
}
