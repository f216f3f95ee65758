//! Which column says the time, and in which unit.

use super::Confidence;
use super::draft::{Draft, quoted};
use crate::import::mapping::TimeUnit;
use crate::import::places::words;
use crate::import::sheet::{Sheet, Wanted};
use crate::import::stamp::ISO;

impl Draft {
    /// Time column, and the counter; the times in ns if they could be read.
    pub(super) fn time(&mut self, sheet: &Sheet<'_>, rows: usize) -> Option<Vec<i64>> {
        self.line("\n[time]");
        let mut times = None;
        let candidates = sheet.names().iter().enumerate().filter(|(_, name)| is_time(name));
        for (index, name) in candidates.take(8) {
            // A column of dates is no number: it is looked at when there is no other.
            let Ok(read) = sheet.read(Wanted { numbers: &[index], ..self.rows() }) else { continue };
            let Some(column) = read.numbers.first() else { continue };
            let Some(step) = usual_step(column) else { continue };
            let unit = unit_by_name(name).or_else(|| unit_by_step(step));
            self.key("column", Some(&quoted(name)), "");
            self.key("unit", unit.map(|unit| format!("\"{}\"", unit.name())).as_deref(), "\"ms\"");
            if let Some(bits) = wrap_bits(column) {
                self.key("wrap_bits", Some(&bits.to_string()), "");
                self.note(
                    "time",
                    &format!("wraps after {bits} bits"),
                    Confidence::Likely,
                    "it falls back once near there".to_owned(),
                );
            }
            match unit {
                Some(unit) => {
                    let hertz = 1e9 / (step * unit.nanos() as f64);
                    let confidence =
                        if unit_by_step(step) == Some(unit) { Confidence::Likely } else { Confidence::Weak };
                    let why = format!("its usual step of {step} then makes {hertz:.1} rows per second");
                    self.note("time", &format!("column \"{name}\" in {}", unit.name()), confidence, why);
                    #[allow(clippy::cast_possible_truncation, reason = "float to int casts saturate")]
                    let nanos = |value: &f64| (value * unit.nanos() as f64).round() as i64;
                    times = Some(column.iter().map(nanos).collect());
                }
                None => self.note("unit of time", "", Confidence::Open, format!("a usual step of {step} fits no unit")),
            }
            self.sequence(sheet);
            return times;
        }
        if let Some(times) = self.dates(sheet) {
            return Some(times);
        }
        self.key("rate_hz", None, "100.0");
        let why = self.falling(sheet).map_or_else(
            || format!("no column of rising numbers is called time: give the rate of the {rows} rows"),
            |name| {
                format!("\"{name}\" falls from row to row: sort the table by it, or all would be turned back to front")
            },
        );
        self.note("time", "", Confidence::Open, why);
        self.sequence(sheet);
        times
    }

    /// A column of time that runs backwards.
    fn falling<'a>(&self, sheet: &'a Sheet<'_>) -> Option<&'a str> {
        let falls = |(index, name): (usize, &'a String)| {
            let read = sheet.read(Wanted { numbers: &[index], ..self.rows() }).ok()?;
            let column = read.numbers.first()?;
            let down: Vec<f64> = column.iter().rev().copied().collect();
            usual_step(&down).is_some().then_some(name.as_str())
        };
        sheet.names().iter().enumerate().filter(|(_, name)| is_time(name)).find_map(falls)
    }

    /// The first column of time that holds dates or times of day.
    fn dates(&mut self, sheet: &Sheet<'_>) -> Option<Vec<i64>> {
        let mut candidates = sheet.names().iter().enumerate().filter(|(_, name)| is_time(name)).take(8);
        let (name, times) = candidates.find_map(|(index, name)| Some((name, self.dates_of(sheet, index)?)))?;
        self.key("column", Some(&quoted(name)), "");
        self.key("format", Some("\"iso\""), "");
        let why = "dates or times of day".to_owned();
        self.note("time", &format!("column \"{name}\""), Confidence::Likely, why);
        self.sequence(sheet);
        Some(times)
    }

    /// A column of dates or times of day that rise, ns.
    fn dates_of(&self, sheet: &Sheet<'_>, column: usize) -> Option<Vec<i64>> {
        let format = Some(ISO);
        let rows = sheet.read(Wanted { times: &[(column, 1)], format, ..self.rows() }).ok()?;
        let times = rows.times.into_iter().next()?;
        (times.is_sorted() && times.first() != times.last()).then_some(times)
    }

    fn sequence(&mut self, sheet: &Sheet<'_>) {
        let is_counter = |name: &&String| {
            let name = words(name).concat();
            ["seq", "sequence", "counter", "packetcounter", "sampleindex", "packet", "count"].contains(&name.as_str())
        };
        if let Some(name) = sheet.names().iter().find(is_counter) {
            self.line(&format!("\n[sequence]\ncolumn = {}", quoted(name)));
            self.note("counter of rows", &format!("column \"{name}\""), Confidence::Likely, "by its name".to_owned());
        }
    }
}

fn is_time(name: &str) -> bool {
    let words = words(name);
    let known = [
        "time",
        "timestamp",
        "millis",
        "micros",
        "t",
        "epoch",
        "elapsed",
        "sec",
        "seconds",
        "ms",
        "us",
        "nanos",
        "milliseconds",
        "microseconds",
        "clock",
    ];
    words.iter().any(|word| known.contains(&word.as_str()))
}

fn unit_by_name(name: &str) -> Option<TimeUnit> {
    words(name).iter().rev().find_map(|word| match word.as_str() {
        "millis" | "ms" | "milliseconds" | "msec" => Some(TimeUnit::Ms),
        "micros" | "us" | "microseconds" | "usec" => Some(TimeUnit::Us),
        "nanos" | "ns" | "nanoseconds" => Some(TimeUnit::Ns),
        "s" | "sec" | "seconds" => Some(TimeUnit::S),
        _ => None,
    })
}

/// The unit that makes between 10 and 2000 rows per second: the ranges do not overlap.
fn unit_by_step(step: f64) -> Option<TimeUnit> {
    let plausible = |unit: &TimeUnit| (10.0..2000.0).contains(&(1e9 / (step * unit.nanos() as f64)));
    [TimeUnit::S, TimeUnit::Ms, TimeUnit::Us, TimeUnit::Ns].into_iter().find(plausible)
}

/// Median step of a column that (nearly) always rises.
fn usual_step(column: &[f64]) -> Option<f64> {
    if column.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let falls = column.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let mut steps: Vec<f64> = column.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.0).collect();
    steps.sort_by(f64::total_cmp);
    let step = *steps.get(steps.len() / 2)?;
    // Stamps with few digits repeat; a counter that wraps falls now and then.
    (falls <= 1 + column.len() / 1000 && 4 * steps.len() > column.len()).then_some(step)
}

fn wrap_bits(column: &[f64]) -> Option<u32> {
    let before = column.windows(2).find(|pair| pair[1] < pair[0])?[0];
    [16_u32, 24, 32]
        .into_iter()
        .find(|bits| (before / 2_f64.powi(i32::try_from(*bits).unwrap_or(0)) - 1.0).abs() < 0.01)
}
