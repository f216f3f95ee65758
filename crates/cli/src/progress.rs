//! Progress bars, where somebody is looking.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Cli;

/// A bar over `length` things, with rate and remaining time; invisible with `--no-progress`, `--quiet`, `--json` or without a terminal.
pub fn bar(cli: &Cli, length: u64, what: &'static str) -> ProgressBar {
    let target = if cli.no_progress || cli.json || cli.quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    let style = ProgressStyle::with_template("{msg:12} {bar:32} {pos}/{len} {per_sec:>12} {eta:>5} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
