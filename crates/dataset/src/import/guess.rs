//! What an unknown CSV may hold: columns by their names, units by gravity; and a mapping file ready to be corrected.

use std::path::Path;

use truehinge_core::{STANDARD_GRAVITY, SensorRole};

use super::mapping::{FileLayout, Mapping, SensorColumns, Sequence, Session, Time};
use super::sheet::{Layout, Sheet, Text};
use super::{ImportError, rest_norm, roles};

/// What a norm at rest says about the unit it is taken for m/s² by mistake.
pub fn unit_hint(gravity: f64) -> String {
    let near = |value: f64| (gravity / value - 1.0).abs() < 0.3;
    if near(1.0) {
        "the values look like g: correct the unit".to_owned()
    } else if near(1000.0) {
        "the values look like mg: correct the unit".to_owned()
    } else if near(STANDARD_GRAVITY * STANDARD_GRAVITY) {
        "the values were m/s2 already, not g: correct the unit".to_owned()
    } else {
        "check the unit and the columns".to_owned()
    }
}

/// A few words about a file that is not recognised.
pub(crate) fn describe(text: &Text) -> String {
    let first = text.head(1).into_iter().next().unwrap_or_default();
    let shown: String = first.chars().take(80).collect();
    format!("it begins \"{shown}\"")
}

/// A mapping made from column names and values, as a TOML file ready to be corrected, with what was guessed in words.
///
/// # Errors
/// No triples of accelerometer and gyroscope columns are recognisable; the message says what was found.
pub fn guess_mapping(path: &Path) -> Result<(Mapping, String), ImportError> {
    let text = Text::read(path)?;
    let delimiter = guess_delimiter(&text);
    let layout = Layout { skip: 0, header_rows: 1, delimiter };
    let sheet = Sheet::new(&text, layout)?;
    let unknown = |found: String| ImportError::Unknown { path: path.to_owned(), found };
    let triples = triples(sheet.names());
    if triples.is_empty() {
        return Err(unknown(format!("no accelerometer and gyroscope columns among {}", sheet.names().join(", "))));
    }
    let mut words =
        vec!["# Guessed from column names and values: check every line, then import with --mapping.".to_owned()];
    let mut sensor = Vec::new();
    for (index, triple) in triples.iter().enumerate() {
        let (role, why) = match (roles::named(&triple.prefix).0, index) {
            (Some(role), _) => (role, "by its name"),
            (None, 0) => (SensorRole::Hip, "because it comes first: a guess"),
            (None, _) => (SensorRole::Shank, "because it does not come first: a guess"),
        };
        let (acc_unit, gravity) = force_unit(&sheet, &triple.acc)?;
        let (gyr_unit, fastest) = rate_unit(&sheet, &triple.gyr)?;
        words.push(format!(
            "# {}: {role} {why}; acc in {acc_unit} because it reads {gravity:.2} at rest; gyr in {gyr_unit} because its largest value is {fastest:.1}",
            if triple.prefix.is_empty() { "the sensor" } else { &triple.prefix }
        ));
        let name = |index: &usize| sheet.names()[*index].clone();
        sensor.push(SensorColumns {
            role,
            acc: [name(&triple.acc[0]), name(&triple.acc[1]), name(&triple.acc[2])],
            acc_unit: acc_unit.to_owned(),
            gyr: [name(&triple.gyr[0]), name(&triple.gyr[1]), name(&triple.gyr[2])],
            gyr_unit: gyr_unit.to_owned(),
        });
    }
    let time = guess_time(&sheet, &mut words);
    let find =
        |wanted: &[&str]| sheet.names().iter().find(|n| wanted.contains(&n.to_ascii_lowercase().as_str())).cloned();
    let mapping = Mapping {
        file: FileLayout { delimiter: char::from(delimiter), skip_lines: 0, header_rows: 1 },
        time,
        sequence: find(&["seq", "sequence", "counter", "packetcounter"]).map(|column| Sequence { column }),
        session: Session::default(),
        sensor,
    };
    let toml = toml::to_string(&mapping).map_err(|error| unknown(error.to_string()))?;
    Ok((mapping, format!("{}\n\n{toml}", words.join("\n"))))
}

fn guess_delimiter(text: &Text) -> u8 {
    let first = text.head(1).into_iter().next().unwrap_or_default();
    [b',', b';', b'\t'].into_iter().max_by_key(|d| first.bytes().filter(|b| b == d).count()).unwrap_or(b',')
}

/// Columns that belong to one sensor.
struct Triple {
    prefix: String,
    acc: [usize; 3],
    gyr: [usize; 3],
}

/// Finds `<prefix>ax`, `<prefix>acc_x`, ... and their gyroscope companions.
fn triples(names: &[String]) -> Vec<Triple> {
    let forms = [
        ("ax", "gx"),
        ("acc_x", "gyr_x"),
        ("acc_x", "gyro_x"),
        ("accx", "gyrx"),
        ("accx", "gyrox"),
        ("accel_x", "gyro_x"),
    ];
    let mut found: Vec<Triple> = Vec::new();
    for name in names {
        let lower = name.to_ascii_lowercase();
        for (acc, gyr) in forms {
            let Some(prefix) = lower.strip_suffix(acc) else { continue };
            let axis = |kind: &str, axis: char| {
                let wanted = format!("{prefix}{}{axis}", &kind[..kind.len() - 1]);
                names.iter().position(|n| n.eq_ignore_ascii_case(&wanted))
            };
            let all = |kind: &str| Some([axis(kind, 'x')?, axis(kind, 'y')?, axis(kind, 'z')?]);
            if let (Some(acc), Some(gyr)) = (all(acc), all(gyr))
                && !found.iter().any(|t| t.acc == acc)
            {
                found.push(Triple { prefix: prefix.trim_end_matches(['_', '.', '/']).to_owned(), acc, gyr });
            }
        }
    }
    found
}

fn norms(sheet: &Sheet<'_>, columns: &[usize; 3]) -> Result<Vec<f64>, ImportError> {
    let c = sheet.columns(columns)?;
    let norm = |i: usize| (c[0][i] * c[0][i] + c[1][i] * c[1][i] + c[2][i] * c[2][i]).sqrt();
    Ok((0..c[0].len()).map(norm).filter(|n| n.is_finite()).collect())
}

fn force_unit(sheet: &Sheet<'_>, columns: &[usize; 3]) -> Result<(&'static str, f64), ImportError> {
    let gravity = rest_norm(&norms(sheet, columns)?);
    let unit = if gravity < 3.0 {
        "g"
    } else if gravity < 100.0 {
        "m/s2"
    } else {
        "mg"
    };
    Ok((unit, gravity))
}

/// No person turns a hip faster than 20 rad/s, and every recording turns faster than 20 deg/s somewhere.
fn rate_unit(sheet: &Sheet<'_>, columns: &[usize; 3]) -> Result<(&'static str, f64), ImportError> {
    let fastest = norms(sheet, columns)?.into_iter().fold(0.0, f64::max);
    Ok((if fastest > 20.0 { "deg/s" } else { "rad/s" }, fastest))
}

fn guess_time(sheet: &Sheet<'_>, words: &mut Vec<String>) -> Time {
    let names = ["millis", "time", "timestamp", "t", "time_s", "t_s", "time_ms", "t_ms", "time_us", "t_us"];
    for wanted in names {
        let Some(index) = sheet.names().iter().position(|n| n.eq_ignore_ascii_case(wanted)) else { continue };
        // A column of dates is no number and no use here.
        let Ok(mut column) = sheet.columns(&[index]) else { continue };
        let stamps = column.remove(0);
        let mut steps: Vec<f64> = stamps.windows(2).map(|p| p[1] - p[0]).filter(|d| *d > 0.0).collect();
        steps.sort_by(f64::total_cmp);
        let Some(&step) = steps.get(steps.len() / 2) else { continue };
        let unit = if step < 0.5 {
            "s"
        } else if step < 500.0 {
            "ms"
        } else if step < 5e5 {
            "us"
        } else {
            "ns"
        };
        words.push(format!("# time: column {wanted} in {unit} because its usual step is {step}"));
        let column = sheet.names()[index].clone();
        return Time { column: Some(column), unit: Some(unit.to_owned()), wrap_bits: None, rate_hz: None };
    }
    words.push("# time: NOT FOUND; 100 rows per second is a placeholder: give the true rate or a column".to_owned());
    Time { column: None, unit: None, wrap_bits: None, rate_hz: Some(100.0) }
}
