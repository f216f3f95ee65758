//! `export`: tables, and a notebook that reads them; or the formats of other programs.

mod formats;

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use truehinge_dataset::atomic::{hex, write_secret};
use truehinge_dataset::files::read_text;
use truehinge_dataset::table::{SessionTables, TableFormats, TableSet, Written, check_ours, write_notebook};
use truehinge_session::outgoing::Names;
use truehinge_session::pseudonyms::{KEY_BYTES, Pseudonyms};
use truehinge_session::workplace::RESULTS;
use truehinge_session::{Batch, Error, Failed, Judged};

use formats::Going;

use super::tables::{Done, print, row};
use crate::Outcome;
use crate::args::{Cli, ExportArgs, ExportFormat};
use crate::failure::{Failure, interrupted, no_recording, of_writing};
use crate::inputs;
use crate::json::path;
use crate::reading::{find, judge, options, results};

/// Runs the command.
pub fn run(args: &ExportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let options = options(&args.read)?;
    let judge = judge(&args.protocol, cli)?;
    let found = find(&args.inputs, &options)?;
    if found.is_empty() {
        return Err(no_recording());
    }
    let (format, out) = (args.format.asked(), formats::folder(args));
    if format.is_none() {
        check_ours(&out, env!("CARGO_PKG_VERSION")).map_err(|error| of_writing(error.into()))?;
    }
    let root = Path::new("");
    // Results say whose they are: they do not lie beside what goes out under other names.
    let is_store = format.is_none() && !args.pseudonymise;
    let store = if is_store { results(&out.join(RESULTS), &args.results) } else { None };
    let batch = Batch { root, options: &options, judge: &judge, threads: None, athlete: None, store: store.as_ref() };
    // The key first: without it nothing is to be written.
    let pseudonyms = args.pseudonymise.then(|| pseudonyms(args, cli)).transpose()?;
    let mut judged = inputs::run(&batch, found, cli)?;
    let paths: Vec<PathBuf> = judged.sessions.iter().map(|session| session.source.clone().into()).collect();
    if judged.interrupted {
        return Err(interrupted("nothing was written"));
    }
    let is_raw = format == Some(ExportFormat::Bids);
    let of_samples = || judge.unanalysed(&judged.failures, &options, &judged.sessions);
    let mut unanalysed = if is_raw { of_samples() } else { Vec::new() };
    if let Some(pseudonyms) = &pseudonyms {
        unanalysed.iter_mut().for_each(|recording| pseudonyms.hide_unanalysed(recording));
        judged = hidden(pseudonyms, judged);
    }
    if let Some(format) = format {
        let names = if args.pseudonymise { Names::Hidden } else { Names::Own };
        let going = Going {
            paths: &paths,
            sessions: &judged.sessions,
            unanalysed: &unanalysed,
            names,
            judge: &judge,
            options: &options,
            locale: TableFormats::from(&args.csv).locale,
        };
        going.write(format, &out).map_err(of_writing)?;
        if !unanalysed.is_empty() {
            eprintln!("read, and not analysed: {} (their samples are in the data set)", unanalysed.len());
        }
        return Ok(tell(judged, &Written::default(), &out, cli));
    }
    let outcome = write(judged, &out, args, cli)?;
    if args.notebooks {
        write_notebook(&out)?;
    }
    Ok(outcome)
}

/// Says what came of an export without tables. What could not be used is in no file: it is named here.
fn tell(judged: Judged, written: &Written, out: &Path, cli: &Cli) -> Outcome {
    let Judged { sessions, failures, copies, .. } = judged;
    sessions.iter().flat_map(|session| &session.warnings).for_each(|warning| eprintln!("{warning}"));
    let outcome = inputs::name_failures(&failures, cli);
    // People have read of them above, and there is no table to look into.
    let failures: Vec<_> = failures.iter().filter(|_| cli.json).map(row).collect();
    let done = Done {
        n_sessions: sessions.len(),
        n_copies: copies,
        n_analysed: None,
        n_from_results: None,
        failures: &failures,
        out: path(out),
    };
    print(&done, written, sessions.iter().map(|session| &session.analysis.info.athlete), cli);
    outcome
}

/// Writes all tables and says what came of it.
fn write(judged: Judged, out: &Path, args: &ExportArgs, cli: &Cli) -> anyhow::Result<Outcome> {
    let Judged { sessions, failures, copies, .. } = judged;
    let (mut tables, mut athletes, mut warnings) = (TableSet::default(), Vec::new(), Vec::new());
    for session in sessions {
        athletes.push(session.analysis.info.athlete.clone());
        tables.push(SessionTables::new(session.analysis, &session.source, session.copies));
        warnings.extend(session.warnings);
    }
    let failures: Vec<_> = failures.iter().map(row).collect();
    let written = tables.write_as(out, &failures, TableFormats::from(&args.csv));
    let written = written.map_err(|error| of_writing(error.into()))?;
    warnings.iter().for_each(|warning| eprintln!("{warning}"));
    let done = Done {
        n_sessions: tables.len(),
        n_copies: copies,
        n_analysed: None,
        n_from_results: None,
        failures: &failures,
        out: path(out),
    };
    Ok(print(&done, &written, athletes.iter(), cli))
}

/// The results under other names.
fn hidden(pseudonyms: &Pseudonyms, judged: Judged) -> Judged {
    let hidden = |failed: Failed| Failed {
        source: pseudonyms.source(&failed),
        path: pseudonyms.source(&failed).into(),
        error: Box::new(Error::Withheld),
        files: Vec::new(),
    };
    Judged {
        sessions: judged.sessions.into_iter().map(|session| pseudonyms.hide(session)).collect(),
        failures: judged.failures.into_iter().map(hidden).collect(),
        ..judged
    }
}

/// The pseudonyms of a key file, which is made if there is none.
fn pseudonyms(args: &ExportArgs, cli: &Cli) -> anyhow::Result<Pseudonyms> {
    let library = cli.library.clone().unwrap_or_default();
    let file = args.key.clone().unwrap_or_else(|| library.join("pseudonyms.key"));
    let key = match read_text(&file) {
        Ok(text) => key_of(text.trim()).ok_or_else(|| {
            let found = format!("{}: is no key: 64 hexadecimal digits", file.display());
            Failure::new(Outcome::SomeFailed, "key_unusable", found)
                .hint("give the key file as it was made (--key FILE)")
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => new_key(&file)?,
        Err(error) => {
            let found = format!("{}: {error}", file.display());
            return Err(Failure::new(Outcome::SomeFailed, "key_io", found).into());
        }
    };
    eprintln!(
        "pseudonymous, not anonymous: whoever has {}, the recordings or a person's measures can tell who is who; keep the key apart",
        file.display()
    );
    Ok(Pseudonyms::new(key))
}

/// A new key, for its owner alone.
fn new_key(file: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    let written = write_secret(file, |file| writeln!(file, "{}", hex(&key)));
    written.with_context(|| file.display().to_string())?;
    eprintln!("{}: a new key was made", file.display());
    Ok(key)
}

fn key_of(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits =
        text.as_bytes().chunks_exact(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let bytes: Vec<u8> = digits.collect::<Option<_>>()?;
    (text.len() == 2 * KEY_BYTES).then_some(bytes)?.try_into().ok()
}
