//! `--method FILE`: numbers of the method that are to be otherwise.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use truehinge_dataset::files::open_regular;
use truehinge_signal::Method;

/// Largest file that is read: the whole method with its comments is a twentieth of it.
const MOST_BYTES: u64 = 1 << 20;

/// The built-in method with the changes of a file.
///
/// # Errors
/// The file cannot be read or is no method; the message names it, and the number with what it may be.
pub fn read(path: &Path) -> anyhow::Result<Method> {
    let name = path.display();
    let mut bytes = Vec::new();
    let file =
        open_regular(path).map(|(file, _)| file).with_context(|| format!("the method file {name} cannot be read"))?;
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("the method file {name} cannot be read"))?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{name} is larger than {} kB: that is no method file, see `truehinge method --toml`", MOST_BYTES / 1024);
    }
    let text = String::from_utf8(bytes).with_context(|| format!("{name} is not a text file"))?;
    // A byte order mark is what some editors begin a text with.
    Method::from_toml(text.trim_start_matches('\u{feff}')).map_err(|error| anyhow::anyhow!("{name}: {error}"))
}
