//! Imports as nobody wants them: the bench's files with one thing wrong each, and what becomes of the verdicts. A wrong verdict must not
//! be given without a word about the cause.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::prelude::*;
use truehinge_core::{Finding, STANDARD_GRAVITY, SessionAnalysis, Span, Verdict};
use truehinge_dataset::{ImportOptions, open};
use truehinge_session::Judge;
use truehinge_session::statistics::share;

/// Columns of the six axes.
const AXES: [&str; 6] = ["ax", "ay", "az", "gx", "gy", "gz"];
const ACCELEROMETER: [usize; 3] = [0, 1, 2];
const GYROSCOPE: [usize; 3] = [3, 4, 5];
/// Column of the sensor's own time.
const CLOCK: &str = "sensor_us";
/// Every so many-th session of the bench: two thousand files.
const EVERY: usize = 2;

/// What is wrong with a file.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Damage {
    /// An axis reads nothing.
    Dead(usize),
    /// An axis always reads the same.
    Frozen(usize),
    /// An axis reads the other way.
    Reversed(usize),
    /// Two axes are exchanged.
    Exchanged(usize, usize),
    /// An axis reads this many times what it should.
    Scaled(usize, f64),
    /// Three axes read this many times what they should: another unit.
    Unit([usize; 3], f64),
    /// The sensor's clock counts this many times what it should.
    Clock(f64),
    /// Every other row is missing.
    EveryOtherRow,
    /// A third of the rows in the middle is missing.
    MiddleLost,
    /// Each row is there twice.
    RowsDoubled,
    /// The middle third repeats one row.
    MiddleStuck,
    /// The gyroscope is so many rows late.
    Late(usize),
}

impl Damage {
    /// All of one sensor.
    fn all() -> Vec<Self> {
        let axes = 0..AXES.len();
        let pairs = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)];
        let mut all: Vec<Self> = axes.clone().map(Self::Dead).collect();
        all.extend(axes.clone().map(Self::Frozen));
        all.extend(axes.clone().map(Self::Reversed));
        all.extend(pairs.map(|(a, b)| Self::Exchanged(a, b)));
        all.extend(axes.clone().map(|axis| Self::Scaled(axis, 2.0)));
        all.extend(axes.map(|axis| Self::Scaled(axis, 0.5)));
        all.extend([1_f64.to_degrees(), 1_f64.to_radians(), 2.0, 0.5].map(|factor| Self::Unit(GYROSCOPE, factor)));
        all.extend(
            [1.0 / STANDARD_GRAVITY, STANDARD_GRAVITY, 2.0, 0.5].map(|factor| Self::Unit(ACCELEROMETER, factor)),
        );
        all.extend([2.0, 0.5].map(Self::Clock));
        all.extend([Self::EveryOtherRow, Self::MiddleLost, Self::RowsDoubled, Self::MiddleStuck, Self::Late(10)]);
        all
    }

    /// Its kind on the page.
    const fn kind(self) -> &'static str {
        match self {
            Self::Dead(_) => "an axis is dead",
            Self::Frozen(_) => "an axis is frozen",
            Self::Reversed(_) => "an axis is reversed",
            Self::Exchanged(..) => "two axes are exchanged",
            Self::Scaled(..) => "an axis is scaled by two",
            Self::Unit(..) => "another unit or range",
            Self::Clock(_) => "the clock runs off by two",
            Self::EveryOtherRow | Self::MiddleLost => "rows are lost",
            Self::RowsDoubled => "rows are doubled",
            Self::MiddleStuck => "rows repeat one",
            Self::Late(_) => "the gyroscope is late",
        }
    }

    /// Applies it to the rows of a file.
    fn apply(self, table: &mut Table) -> anyhow::Result<()> {
        let third = table.rows.len() / 3;
        match self {
            Self::Dead(axis) => table.each(AXES[axis], |_| 0.0)?,
            Self::Frozen(axis) => {
                let first = table.first(AXES[axis])?;
                table.each(AXES[axis], |_| first)?;
            }
            Self::Reversed(axis) => table.each(AXES[axis], |value| -value)?,
            Self::Exchanged(a, b) => {
                let (a, b) = (table.column(AXES[a])?, table.column(AXES[b])?);
                table.rows.iter_mut().for_each(|row| row.swap(a, b));
            }
            Self::Scaled(axis, factor) => table.each(AXES[axis], |value| value * factor)?,
            Self::Unit(axes, factor) => {
                axes.iter().try_for_each(|axis| table.each(AXES[*axis], |value| value * factor))?;
            }
            Self::Clock(factor) => {
                let first = table.first(CLOCK)?;
                table.each(CLOCK, |value| (first + (value - first) * factor).round())?;
            }
            Self::EveryOtherRow => table.rows = table.rows.drain(..).step_by(2).collect(),
            Self::MiddleLost => drop(table.rows.drain(third..2 * third)),
            Self::RowsDoubled => table.rows = table.rows.drain(..).flat_map(|row| [row.clone(), row]).collect(),
            Self::MiddleStuck => {
                let axes = AXES.iter().map(|axis| table.column(axis)).collect::<anyhow::Result<Vec<_>>>()?;
                let stuck = table.rows[third].clone();
                for row in &mut table.rows[third..2 * third] {
                    axes.iter().for_each(|axis| row[*axis].clone_from(&stuck[*axis]));
                }
            }
            Self::Late(rows) => {
                for axis in GYROSCOPE {
                    let column = table.column(AXES[axis])?;
                    let values: Vec<String> = table.rows.iter().map(|row| row[column].clone()).collect();
                    for (row, value) in table.rows.iter_mut().skip(rows).zip(values) {
                        row[column] = value;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A file of a sensor.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
        let header = lines.next().with_context(|| format!("{} is empty", path.display()))?;
        Ok(Self { header, rows: lines.collect() })
    }

    fn text(&self) -> String {
        let lines = std::iter::once(&self.header).chain(&self.rows).map(|row| row.join(",") + "\n");
        lines.collect()
    }

    fn column(&self, name: &str) -> anyhow::Result<usize> {
        self.header.iter().position(|column| column == name).with_context(|| format!("there is no column {name}"))
    }

    fn first(&self, name: &str) -> anyhow::Result<f64> {
        let column = self.column(name)?;
        self.rows.first().and_then(|row| row[column].parse().ok()).with_context(|| format!("{name} is no number"))
    }

    fn each(&mut self, name: &str, change: impl Fn(f64) -> f64) -> anyhow::Result<()> {
        let column = self.column(name)?;
        for row in &mut self.rows {
            let value: f64 = row[column].parse().with_context(|| format!("{name} is {}", row[column]))?;
            row[column] = change(value).to_string();
        }
        Ok(())
    }
}

/// What is read of a folder.
struct Seen {
    verdicts: Vec<(Span, Verdict)>,
    /// Warnings of the import without their numbers, and codes of findings.
    said: BTreeSet<String>,
}

impl Seen {
    fn of(folder: &Path, judge: &Judge) -> anyhow::Result<Self> {
        let (recording, report) = open(folder, &ImportOptions::default())?;
        let analysis = judge.analyse_recording(&recording)?;
        let warnings = report.iter().flat_map(|report| &report.warnings);
        let plain = |text: &String| text.chars().filter(|c| !c.is_ascii_digit()).collect();
        let codes = analysis.findings.iter().map(|finding: &Finding| finding.code().to_owned());
        Ok(Self { said: warnings.map(plain).chain(codes).collect(), verdicts: verdicts(&analysis) })
    }
}

fn verdicts(analysis: &SessionAnalysis) -> Vec<(Span, Verdict)> {
    analysis.reps().map(|(_, rep)| (rep.span, rep.judgement.verdict)).collect()
}

/// What became of an import.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// It was refused.
    Refused,
    /// It was read with a word that the whole file does not get; whether a verdict was wrong.
    Warned { wrong: bool },
    /// It was read without a word; whether a verdict was wrong.
    Silent { wrong: bool },
}

/// Compares with the whole file: a verdict on the other side, or one where nothing was counted, is wrong.
fn fate(damaged: anyhow::Result<Seen>, whole: &Seen) -> Fate {
    let Ok(damaged) = damaged else { return Fate::Refused };
    let is_wrong = |(span, verdict): &(Span, Verdict)| {
        let there: Vec<Verdict> =
            whole.verdicts.iter().filter(|(other, _)| other.overlaps(*span)).map(|(_, verdict)| *verdict).collect();
        // What was not sure of the whole may well be told of a part of it.
        let fits = |other: &Verdict| *other == *verdict || *other == Verdict::Indeterminate;
        *verdict != Verdict::Indeterminate && !there.iter().any(fits)
    };
    let wrong = damaged.verdicts.iter().any(is_wrong);
    if damaged.said.is_subset(&whole.said) { Fate::Silent { wrong } } else { Fate::Warned { wrong } }
}

/// A session with one thing wrong in the file of one sensor.
struct Case {
    session: PathBuf,
    sensor: &'static str,
    damage: Damage,
}

impl Case {
    fn seen(&self, judge: &Judge) -> anyhow::Result<Seen> {
        let scratch = tempfile::tempdir()?;
        let folder = scratch.path().join(self.session.file_name().unwrap_or_default());
        fs::create_dir(&folder)?;
        for entry in fs::read_dir(&self.session)? {
            let path = entry?.path();
            let copy = folder.join(path.file_name().unwrap_or_default());
            if path.file_stem().is_some_and(|stem| stem == self.sensor) {
                let mut table = Table::read(&path)?;
                self.damage.apply(&mut table)?;
                fs::write(copy, table.text())?;
            } else {
                fs::copy(&path, copy)?;
            }
        }
        Seen::of(&folder, judge)
    }
}

/// The section of the page, of the sessions of a part of the bench.
pub fn section(dataset: &Path, judge: &Judge) -> anyhow::Result<String> {
    let entries = fs::read_dir(dataset).with_context(|| format!("{} cannot be read", dataset.display()))?;
    let mut sessions: Vec<PathBuf> = entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    sessions.sort();
    let sessions: Vec<PathBuf> = sessions.into_iter().step_by(EVERY).collect();
    let whole: Vec<Option<Seen>> = sessions.par_iter().map(|folder| Seen::of(folder, judge).ok()).collect();
    let mut cases = Vec::new();
    for (session, whole) in sessions.iter().zip(&whole) {
        let Some(whole) = whole else { continue };
        for sensor in ["hip", "shank"] {
            let of = Damage::all().into_iter().map(|damage| Case { session: session.clone(), sensor, damage });
            cases.extend(of.map(|case| (case, whole)));
        }
    }
    let fates: Vec<Fate> = cases.par_iter().map(|(case, whole)| fate(case.seen(judge), whole)).collect();
    let silent: Vec<String> = cases
        .iter()
        .zip(&fates)
        .filter(|(_, fate)| **fate == Fate::Silent { wrong: true })
        .map(|((case, _), _)| {
            let name = case.session.file_name().unwrap_or_default().to_string_lossy();
            format!("* {name}, {}: {:?}", case.sensor, case.damage)
        })
        .collect();
    let kinds = cases.iter().map(|(case, _)| case.damage.kind());
    Ok(page(&kinds.zip(fates).collect::<Vec<_>>(), sessions.len(), &silent))
}

fn page(fates: &[(&'static str, Fate)], sessions: usize, silent: &[String]) -> String {
    let mut text = format!(
        "## Damaged imports\n\n{} imports: {sessions} sessions of the bench's dev part, in each the file of one sensor with one thing wrong. Said: \
         a warning or finding that the whole file does not get. Wrong: a verdict on the other side, or where the whole file has no \
         repetition.\n\n\
         | what is wrong | imports | refused | read and said | read without a word | of these with a wrong verdict |\n\
         |---|---|---|---|---|---|\n",
        fates.len()
    );
    let mut kinds: Vec<&str> = Vec::new();
    for (kind, _) in fates {
        if !kinds.contains(kind) {
            kinds.push(kind);
        }
    }
    let mut row = |name: &str, of: &dyn Fn(&str) -> bool| {
        let count = |is: fn(&Fate) -> bool| fates.iter().filter(|(kind, fate)| of(kind) && is(fate)).count();
        let silent = count(|fate| matches!(fate, Fate::Silent { .. }));
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {silent} | {} |",
            count(|_| true),
            count(|fate| *fate == Fate::Refused),
            count(|fate| matches!(fate, Fate::Warned { .. })),
            share(count(|fate| *fate == Fate::Silent { wrong: true }), silent),
        );
    };
    kinds.iter().for_each(|name| row(name, &|kind| kind == *name));
    row("all", &|_| true);
    if !silent.is_empty() {
        let _ = writeln!(text, "\nWrong without a word:\n\n{}", silent.join("\n"));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let row = |i: i32| format!("{},0,{i},2,3,4,5,{}", i * 100, i * 6).split(',').map(str::to_owned).collect();
        let header = "sensor_us,host_ns,ax,ay,az,gx,gy,gz".split(',').map(str::to_owned).collect();
        Table { header, rows: (1..10).map(row).collect() }
    }

    /// A column after a damage.
    fn column(damage: Damage, name: &str) -> Vec<f64> {
        let mut table = table();
        damage.apply(&mut table).expect("applies");
        let at = table.column(name).expect("a column");
        table.rows.iter().map(|row| row[at].parse().expect("a number")).collect()
    }

    #[test]
    fn each_damage_does_what_it_is_called() {
        let first = |damage, name| column(damage, name)[..3].to_vec();
        assert_eq!(first(Damage::Dead(0), "ax"), [0.0, 0.0, 0.0]);
        assert_eq!(first(Damage::Frozen(0), "ax"), [1.0, 1.0, 1.0]);
        assert_eq!(first(Damage::Reversed(5), "gz"), [-6.0, -12.0, -18.0]);
        assert_eq!(first(Damage::Exchanged(0, 1), "ay"), [1.0, 2.0, 3.0]);
        assert_eq!(first(Damage::Scaled(0, 0.5), "ax"), [0.5, 1.0, 1.5]);
        assert_eq!(first(Damage::Unit(GYROSCOPE, 2.0), "gz"), [12.0, 24.0, 36.0]);
        assert_eq!(first(Damage::Clock(2.0), "sensor_us"), [100.0, 300.0, 500.0]);
        assert_eq!(first(Damage::EveryOtherRow, "ax"), [1.0, 3.0, 5.0]);
        assert_eq!(column(Damage::MiddleLost, "ax"), [1.0, 2.0, 3.0, 7.0, 8.0, 9.0]);
        assert_eq!(first(Damage::RowsDoubled, "ax"), [1.0, 1.0, 2.0]);
        assert_eq!(column(Damage::MiddleStuck, "ax"), [1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 7.0, 8.0, 9.0]);
        assert_eq!(first(Damage::Late(1), "gz"), [6.0, 6.0, 12.0]);
        assert_eq!(Damage::all().len(), 51);
    }

    #[test]
    fn a_verdict_is_wrong_on_the_other_side_or_where_nothing_is() {
        let seen = |verdicts: &[(f64, Verdict)], said: &[&str]| Seen {
            verdicts: verdicts
                .iter()
                .map(|(from, verdict)| (Span::from_seconds(*from, from + 2.0), *verdict))
                .collect(),
            said: said.iter().map(|said| (*said).to_owned()).collect(),
        };
        let (hinge, drift, unsure) = (Verdict::TrueHinge, Verdict::KneeForwardDrift, Verdict::Indeterminate);
        let whole = seen(&[(0.0, hinge), (10.0, unsure)], &["loss"]);
        let of = |verdicts: &[(f64, Verdict)], said: &[&str]| fate(Ok(seen(verdicts, said)), &whole);
        assert_eq!(of(&[(0.1, hinge), (10.0, drift)], &["loss"]), Fate::Silent { wrong: false });
        assert_eq!(of(&[(0.1, unsure)], &[]), Fate::Silent { wrong: false });
        assert_eq!(of(&[(0.1, drift)], &["loss"]), Fate::Silent { wrong: true });
        assert_eq!(of(&[(20.0, hinge)], &["loss"]), Fate::Silent { wrong: true });
        assert_eq!(of(&[(0.1, drift)], &["loss", "mirrored"]), Fate::Warned { wrong: true });
        assert_eq!(fate(Err(anyhow::anyhow!("refused")), &whole), Fate::Refused);
    }
}
