//! Standard output and standard error, whose readers may go away: `truehinge analyze ... | head -1`.
//!
//! The macros here stand in for the ones of the standard library in the whole program, which panic when nobody reads any more. What is
//! printed then is dropped; work whose result are files goes on to its end and its own exit code, and work that only prints asks
//! [`is_closed`] and ends. Output that cannot be written for another reason, such as a full disk, is an error at the end.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Nobody reads standard output any more.
static CLOSED: AtomicBool = AtomicBool::new(false);
/// Remarks are dropped.
static QUIET: AtomicBool = AtomicBool::new(false);
/// The first other reason for which it could not be written.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line to standard output.
macro_rules! println {
    () => { $crate::pipe::out(format_args!("\n")) };
    ($($words:tt)*) => { $crate::pipe::out(format_args!("{}\n", format_args!($($words)*))) };
}

/// Prints to standard output.
macro_rules! print {
    ($($words:tt)*) => { $crate::pipe::out(format_args!($($words)*)) };
}

/// Remarks to standard error, unless nobody wants them. Errors are told by [`err`].
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::pipe::remark(format_args!("{}\n", format_args!($($words)*))) };
}

/// From now on remarks are dropped.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Writes a remark to standard error, unless they are dropped.
pub fn remark(words: Arguments<'_>) {
    if !QUIET.load(Ordering::Relaxed) {
        err(words);
    }
}

/// Whether nobody reads standard output any more.
pub fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Writes to standard output as long as somebody reads it.
pub fn out(words: Arguments<'_>) {
    if !is_closed() && FAILED.get().is_none() {
        noted(io::stdout().write_fmt(words));
    }
}

/// Writes to standard error. There is no other place to say that this failed.
pub fn err(words: Arguments<'_>) {
    let _ = io::stderr().write_fmt(words);
}

/// The last of the output; why it could not be written, if it could not.
pub fn finish() -> Option<&'static io::Error> {
    noted(io::stdout().flush());
    FAILED.get()
}

/// Remembers why something was not written.
pub fn noted(written: io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => CLOSED.store(true, Ordering::Relaxed),
        // A second reason would be the first one's.
        Err(error) => drop(FAILED.set(error)),
    }
}
