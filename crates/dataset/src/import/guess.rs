//! What an unknown table may hold: columns by their names, units by gravity and by its turning; and a mapping file made of
//! it, ready to be corrected. What cannot be told stays a commented line, so that nothing is taken over unseen.

use std::fmt;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use truehinge_core::{AngularRate, DeviceTime, InertialSample, STANDARD_GRAVITY, SensorRole, Side, SpecificForce};

use super::ImportError;
use super::cells::number;
use super::columns::{SensorNames, sensors};
use super::mapped::device_column;
use super::mapping::{ForceUnit, Mapping, RateUnit, TimeUnit};
use super::places::{named, words};
use super::report::{rest_norm, turning_factor};
use super::sheet::{Layout, Rows, Sheet, Wanted};
use super::text::Text;

/// How sure a guess is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Could not be told: left out of the mapping.
    Open,
    /// Plausible.
    Weak,
    /// The values say so.
    Likely,
    /// The file says so, and the values agree.
    Certain,
}

/// One guess.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Guess {
    /// What was guessed, such as `hip: unit of the accelerometer`.
    pub what: String,
    /// The answer; empty if open.
    pub value: String,
    /// The reason.
    pub why: String,
    /// How sure.
    pub confidence: Confidence,
}

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, value, why, confidence } = self;
        match confidence {
            Confidence::Open => write!(f, "{what}: NOT GUESSED: {why}"),
            Confidence::Weak => write!(f, "{what}: {value}, {why}: check it"),
            Confidence::Likely | Confidence::Certain => write!(f, "{what}: {value}, {why}"),
        }
    }
}

/// A mapping made from names and values.
#[derive(Clone, PartialEq, Debug)]
pub struct Guessed {
    /// The mapping, if everything it needs could be guessed.
    pub mapping: Option<Mapping>,
    /// The guesses, in the order of the file.
    pub guesses: Vec<Guess>,
    /// The mapping file, with the guesses as comments.
    pub toml: String,
}

/// The mapping file of [`guess`], with the mapping it makes if it is complete.
///
/// # Errors
/// As [`guess`].
pub fn guess_mapping(path: &Path) -> Result<(Option<Mapping>, String), ImportError> {
    let Guessed { mapping, toml, .. } = guess(path)?;
    Ok((mapping, toml))
}

/// Makes a mapping from the column names and values of a table.
///
/// # Errors
/// [`ImportError::Unknown`] if there are no accelerometer and gyroscope columns with names; whatever reading can find wrong.
pub fn guess(path: &Path) -> Result<Guessed, ImportError> {
    let text = Text::read(path)?;
    let unknown = |found: String| ImportError::Unknown { path: path.to_owned(), found };
    let layout = find_table(&text).ok_or_else(|| unknown(text.summary()))?;
    let sheet = Sheet::new(&text, layout)?;
    let found = sensors(sheet.names());
    if layout.header_rows == 0 || found.is_empty() {
        return Err(unknown(format!("no accelerometer and gyroscope among the columns {}", sheet.available())));
    }
    let mut draft = Draft::default();
    let devices = if found.len() == 1 { device_column(&sheet) } else { None };
    draft.file(layout, devices.as_ref());
    let rows = draft.read_all(&sheet, &found)?;
    let times = draft.time(&sheet, rows.len());
    draft.session(&found);
    draft.damaged(&rows);
    let alone = found.len() == 1;
    let values = || found.iter().zip(rows.numbers.chunks_exact(6));
    // One program wrote the table: what is seen of one gyroscope is the unit of all.
    draft.seen = values().find_map(|(sensor, values)| {
        let factor = turning(values, times.as_deref()?, STANDARD_GRAVITY / rest_norm(&norms(&values[..3]), None))?;
        Some((sensor.label.clone(), factor))
    });
    for (sensor, values) in values() {
        draft.sensor(&sheet, sensor, values, times.as_deref(), alone);
    }
    let toml = draft.toml();
    let mapping = toml::from_str::<Mapping>(&toml).ok().filter(|mapping| mapping.check().is_ok());
    Ok(Guessed { mapping, guesses: draft.guesses, toml })
}

/// Whether a table has the columns of an inertial sensor, by its beginning.
pub(crate) fn looks_inertial(text: &Text) -> bool {
    find_table(text)
        .and_then(|layout| Sheet::new(text, layout).ok().map(|sheet| (layout, sheet)))
        .is_some_and(|(layout, sheet)| layout.header_rows > 0 && !sensors(sheet.names()).is_empty())
}

/// A sensor has at least this many numbers in a row.
const FEWEST_NUMBERS: usize = 6;
/// The first row of data stands within these lines.
const DATA_WITHIN: usize = 60;

/// Delimiter, decimal sign, and where the header stands: above the first line of mostly numbers.
fn find_table(text: &Text) -> Option<Layout> {
    let lines: Vec<&[u8]> = text.lines().take(DATA_WITHIN).collect();
    let mut best: Option<(usize, Layout)> = None;
    for (delimiter, decimal) in [(b',', b'.'), (b';', b'.'), (b'\t', b'.'), (b';', b','), (b'\t', b',')] {
        let cells = |line: &[u8]| line.split(|&byte| byte == delimiter).count();
        let numbers = |line: &[u8]| {
            let is_number = |cell: &&[u8]| number(cell, decimal).is_some_and(f64::is_finite);
            line.split(|&byte| byte == delimiter).filter(is_number).count()
        };
        let is_data = |line: &&[u8]| numbers(line) >= FEWEST_NUMBERS && 2 * numbers(line) > cells(line);
        let Some(data) = lines.iter().position(is_data) else { continue };
        let width = cells(lines[data]);
        let is_header = |line: &&&[u8]| cells(line).abs_diff(width) <= 1 && numbers(line) == 0;
        let header_rows = lines[..data].iter().rev().take(4).take_while(is_header).count();
        let count = numbers(lines[data]);
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            let layout = Layout { skip: data - header_rows, header_rows, delimiter, comment: None, decimal };
            best = Some((count, layout));
        }
    }
    best.map(|(_, layout)| layout)
}

/// The mapping file while it is being written.
#[derive(Debug, Default)]
struct Draft {
    guesses: Vec<Guess>,
    body: String,
    /// The sensor whose gyroscope could be held against gravity, and how many times as fast it turns.
    seen: Option<(String, f64)>,
    /// Of a table with the rows of several sensors, those of this one are looked at.
    only: Option<(usize, String)>,
}

impl Draft {
    /// What is looked at in every row.
    fn rows(&self) -> Wanted<'_> {
        Wanted { only: self.only.as_ref().map(|(column, word)| (*column, word.as_str())), ..Wanted::default() }
    }

    fn read_all(&self, sheet: &Sheet<'_>, found: &[SensorNames]) -> Result<Rows, ImportError> {
        let numbers: Vec<usize> = found.iter().flat_map(|sensor| sensor.acc.into_iter().chain(sensor.gyr)).collect();
        sheet.read(Wanted { numbers: &numbers, ..self.rows() })
    }

    fn note(&mut self, what: &str, value: &str, confidence: Confidence, why: String) {
        let (what, value) = (what.to_owned(), value.to_owned());
        self.guesses.push(Guess { what, value, why, confidence });
    }

    /// Lines that were left out.
    fn damaged(&mut self, rows: &Rows) {
        let mut said = Vec::new();
        rows.warn("the table", &mut said);
        for said in said {
            self.note("damaged lines", "left out", Confidence::Likely, said);
        }
    }

    fn line(&mut self, line: &str) {
        self.body.push_str(line);
        self.body.push('\n');
    }

    /// A key with its guess, or a commented key.
    fn key(&mut self, key: &str, value: Option<&str>, example: &str) {
        match value {
            Some(value) => self.line(&format!("{key} = {value}")),
            None => self.line(&format!("# NOT GUESSED, fill in: {key} = {example}")),
        }
    }

    fn toml(&self) -> String {
        let mut text =
            "# Guessed from column names and values: check every line, then give this file as the mapping.\n"
                .to_owned();
        for guess in &self.guesses {
            let _ = writeln!(text, "# * {}", guess.to_string().replace(['\n', '\r'], " "));
        }
        text + &self.body
    }

    fn file(&mut self, layout: Layout, devices: Option<&(usize, &str, Vec<String>)>) {
        let delimiter = char::from(layout.delimiter).escape_default().to_string();
        let decimal = char::from(layout.decimal);
        let what = format!("{} header rows after {} lines", layout.header_rows, layout.skip);
        self.note(
            "table",
            &what,
            Confidence::Likely,
            format!("cells separated by \"{delimiter}\", decimals by \"{decimal}\""),
        );
        self.line("\n[file]");
        self.line(&format!("delimiter = \"{delimiter}\"\ndecimal = \"{decimal}\""));
        self.line(&format!("skip_lines = {}\nheader_rows = {}", layout.skip, layout.header_rows));
        if let Some((column, name, words)) = devices {
            self.key("device", Some(&quoted(name)), "");
            let why = format!("it says {} in turn; units were looked at in the rows of the first", words.join(", "));
            self.note("whose each row is", &format!("column \"{name}\""), Confidence::Likely, why);
            self.only = words.first().map(|word| (*column, word.clone()));
        }
    }

    /// Time column, and the counter; the times in ns if they could be read.
    fn time(&mut self, sheet: &Sheet<'_>, rows: usize) -> Option<Vec<i64>> {
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
        self.note(
            "time",
            "",
            Confidence::Open,
            format!("no column of rising numbers is called time: give the rate of the {rows} rows"),
        );
        self.sequence(sheet);
        times
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
        let format = Some(super::stamp::ISO);
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

    fn session(&mut self, found: &[SensorNames]) {
        self.line("\n[session]");
        self.line("# protocol = \"single-leg-hip-hinge\"");
        let mut sides: Vec<Side> = found.iter().filter_map(|sensor| leg_side(&sensor.label)).collect();
        sides.sort_unstable();
        sides.dedup();
        match sides[..] {
            [side] => {
                self.key("side", Some(&format!("\"{side}\"")), "");
                self.note("supporting leg", side.name(), Confidence::Weak, "the only leg with a sensor".to_owned());
            }
            [] => self.line("# side = \"right\""),
            _ => {
                self.line("# side = \"right\"");
                let why = "both legs have sensors: keep those of the supporting leg".to_owned();
                self.note("supporting leg", "", Confidence::Open, why);
            }
        }
    }

    fn sensor(
        &mut self,
        sheet: &Sheet<'_>,
        sensor: &SensorNames,
        values: &[Vec<f64>],
        times: Option<&[i64]>,
        alone: bool,
    ) {
        let label = if sensor.label.is_empty() { "the sensor" } else { &sensor.label };
        self.line("\n[[sensor]]");
        self.role(sensor, label, alone);
        let columns = |indices: [usize; 3]| {
            let names = indices.map(|index| quoted(sheet.names().get(index).map_or("", String::as_str)));
            format!("[{}]", names.join(", "))
        };
        self.key("acc", Some(&columns(sensor.acc)), "");
        let force = self.force_unit(sensor, label, values);
        self.key("gyr", Some(&columns(sensor.gyr)), "");
        self.rate_unit(sensor, label, values, times, force);
    }

    fn role(&mut self, sensor: &SensorNames, label: &str, alone: bool) {
        let what = format!("{label}: role");
        if self.only.is_some() {
            self.line("# role: told by the device's name, or said at the import");
            self.note(&what, "by the device", Confidence::Likely, "every device is one sensor".to_owned());
        } else if let Some(role) = named(&sensor.label).0 {
            self.key("role", Some(&format!("\"{role}\"")), "");
            self.note(&what, role.name(), Confidence::Likely, "by its name".to_owned());
        } else if alone {
            self.line("# role: one sensor per file, told by the file's name, or said at the import");
            self.note(&what, "by file name", Confidence::Weak, "the table holds one sensor".to_owned());
        } else {
            self.key("role", None, "\"hip\"");
            let roles = SensorRole::ALL.map(SensorRole::name).join(", ");
            self.note(&what, "", Confidence::Open, format!("its name says none of {roles}"));
        }
    }

    /// Writes the unit; returns m/s² per number, if known.
    fn force_unit(&mut self, sensor: &SensorNames, label: &str, values: &[Vec<f64>]) -> Option<f64> {
        let what = format!("{label}: unit of the accelerometer");
        let gravity = rest_norm(&norms(&values[..3]), None);
        let near = |value: f64, tolerance: f64| (gravity / value - 1.0).abs() < tolerance;
        let units = [
            (ForceUnit::Si, "m/s2", STANDARD_GRAVITY, 1.0),
            (ForceUnit::G, "g", 1.0, STANDARD_GRAVITY),
            (ForceUnit::MilliG, "mg", 1000.0, STANDARD_GRAVITY * 1e-3),
        ];
        let why = format!("it reads {gravity:.4} at rest");
        for (unit, name, expected, scale) in units {
            // The worst accelerometer seen in practice was off by a third.
            if near(expected, 0.35) {
                let confidence = if sensor.acc_unit == Some(unit) { Confidence::Certain } else { Confidence::Likely };
                self.key("acc_unit", Some(&format!("\"{name}\"")), "");
                self.note(&what, name, confidence, why);
                return Some(scale);
            }
        }
        for counts in [16_384.0, 8_192.0, 4_096.0, 2_048.0] {
            if near(counts, 0.15) {
                let scale = STANDARD_GRAVITY / counts;
                self.key("acc_unit", Some("\"raw\""), "");
                self.key("acc_scale", Some(&format!("{scale:?}")), "");
                self.note(&what, &format!("raw, {counts} counts per g"), Confidence::Likely, why);
                return Some(scale);
            }
        }
        self.key("acc_unit", None, "\"m/s2\"");
        self.note(&what, "", Confidence::Open, format!("{why}: neither m/s2, g, mg nor a usual count"));
        None
    }

    fn rate_unit(
        &mut self,
        sensor: &SensorNames,
        label: &str,
        values: &[Vec<f64>],
        times: Option<&[i64]>,
        force: Option<f64>,
    ) {
        let what = format!("{label}: unit of the gyroscope");
        let own = force.zip(times).and_then(|(force, times)| turning(values, times, force));
        let of_another = self.seen.clone().filter(|_| own.is_none());
        let factor = own.or(of_another.as_ref().map(|(_, factor)| *factor));
        let norms = norms(&values[3..]);
        let sustained = (norms.iter().map(|norm| norm * norm).sum::<f64>() / norms.len().max(1) as f64).sqrt();
        let name = |unit| if unit == RateUnit::Si { "rad/s" } else { "deg/s" };
        if let Some(factor) = factor {
            let near = |value: f64, tolerance: f64| (factor / value - 1.0).abs() < tolerance;
            let why = match &of_another {
                Some((label, _)) => format!("as that of {label}: one table has one unit, and this sensor hardly turns"),
                None => format!("it turns {factor:.3} times as fast as gravity's direction"),
            };
            for (unit, expected) in [(RateUnit::Si, 1.0), (RateUnit::Degrees, 1_f64.to_degrees())] {
                // Accelerations of the movement blur gravity's turning, by far less than the 57 between the units.
                if (0.25..4.0).contains(&(factor / expected)) {
                    let confidence =
                        if sensor.gyr_unit == Some(unit) { Confidence::Certain } else { Confidence::Likely };
                    self.key("gyr_unit", Some(&format!("\"{}\"", name(unit))), "");
                    return self.note(&what, name(unit), confidence, why);
                }
            }
            // Counts per deg/s of the usual full scales of two makers.
            for counts in [131.0, 114.286, 65.5, 57.143, 32.8, 28.571, 16.4, 14.286] {
                if near(counts * 1_f64.to_degrees(), 0.06) {
                    self.key("gyr_unit", Some("\"raw\""), "");
                    self.key("gyr_scale", Some(&format!("{:?}", 1_f64.to_radians() / counts)), "");
                    return self.note(&what, &format!("raw, {counts} counts per deg/s"), Confidence::Weak, why);
                }
            }
            self.key("gyr_unit", None, "\"deg/s\"");
            return self.note(&what, "", Confidence::Open, format!("{why}: neither rad/s, deg/s nor a usual count"));
        }
        let hardly = "gravity's direction hardly turns with it";
        if let Some(unit) = sensor.gyr_unit.filter(|unit| *unit != RateUnit::Raw) {
            self.key("gyr_unit", Some(&format!("\"{}\"", name(unit))), "");
            self.note(&what, name(unit), Confidence::Weak, format!("by its name; {hardly}, so it was not checked"));
        } else if sustained > SUSTAINED {
            self.key("gyr_unit", Some("\"deg/s\""), "");
            self.note(
                &what,
                "deg/s",
                Confidence::Weak,
                format!("{sustained:.1} rad/s in the mean would be too fast for a person"),
            );
        } else {
            self.key("gyr_unit", None, "\"deg/s\"");
            self.note(
                &what,
                "",
                Confidence::Open,
                format!("{hardly} and the mean is {sustained:.2}: both are possible"),
            );
        }
    }
}

/// A shank in a sprint turns at about 5 rad/s, root mean square over the stride; in an exercise nothing does.
const SUSTAINED: f64 = 6.0;

fn quoted(name: &str) -> String {
    toml::Value::String(name.to_owned()).to_string()
}

fn leg_side(label: &str) -> Option<Side> {
    match named(label) {
        (Some(SensorRole::Shank | SensorRole::Thigh), side) => side,
        _ => None,
    }
}

fn norms(columns: &[Vec<f64>]) -> Vec<f64> {
    let [x, y, z] = columns else { return Vec::new() };
    let norm = |((x, y), z): ((&f64, &f64), &f64)| (x * x + y * y + z * z).sqrt();
    x.iter().zip(y).zip(z).map(norm).filter(|norm| norm.is_finite()).collect()
}

/// The turning factor of a sensor whose gyroscope is taken for rad/s.
fn turning(values: &[Vec<f64>], times: &[i64], force: f64) -> Option<f64> {
    let [ax, ay, az, gx, gy, gz] = values else { return None };
    let sample = |i: usize| {
        Some(InertialSample {
            device_time: DeviceTime::from_nanos(*times.get(i)?),
            arrival: None,
            specific_force: SpecificForce::new(ax[i] * force, ay[i] * force, az[i] * force),
            angular_rate: AngularRate::new(gx[i], gy[i], gz[i]),
        })
    };
    let samples: Vec<InertialSample> = (0..ax.len()).map_while(sample).collect();
    let gravity = rest_norm(&norms(&values[..3]), None) * force;
    turning_factor(&samples, gravity)
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
