//! The words and digits of a page: one language, one unit of length.

use truehinge_core::rep::Reading;
pub use truehinge_core::words::LengthUnit;
use truehinge_core::words::{Args, Language};
use truehinge_core::{Metric, SensorRole, Side, Verdict};

/// How a page says things.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Say {
    /// Its language.
    pub language: Language,
    /// Its unit of length.
    pub unit: LengthUnit,
}

impl Say {
    /// A word or sentence without values.
    pub fn label(self, key: &str) -> String {
        self.language.say(&format!("label-{key}"), &self.args())
    }

    /// A sentence with values.
    pub fn say(self, key: &str, args: &Args) -> String {
        self.language.say(&format!("page-{key}"), args)
    }

    /// No values yet.
    pub fn args(self) -> Args {
        Args::new(self.language)
    }

    /// What a number is called.
    pub fn metric(self, metric: Metric) -> String {
        self.label(&format!("metric-{}", metric.name()))
    }

    /// What a verdict is called, in few words.
    pub fn verdict(self, verdict: Verdict) -> String {
        self.language.verdict(verdict)
    }

    /// "Left leg".
    pub fn leg(self, side: Option<Side>) -> String {
        self.label(match side {
            Some(Side::Left) => "left-leg",
            Some(Side::Right) => "right-leg",
            None => "no-leg",
        })
    }

    /// What a sensor is called by where it sits.
    pub fn sensor(self, role: SensorRole) -> String {
        self.label(&format!("sensor-{}", role.name()))
    }

    /// "L", "R" or nothing.
    pub fn leg_letter(self, side: Option<Side>) -> String {
        side.map_or_else(String::new, |side| {
            self.label(if side == Side::Left { "left-letter" } else { "right-letter" })
        })
    }

    /// Millimetres in the unit of the page.
    pub fn length(self, mm: f64) -> f64 {
        self.unit.of_mm(mm)
    }

    /// A number from the unit of [`Metric::unit`] to the page's, rounded for reading and never "-0".
    pub fn number(self, value: f64, metric: Metric) -> String {
        let (value, digits) = self.on_page(value, metric);
        self.rounded(value, digits)
    }

    fn on_page(self, value: f64, metric: Metric) -> (f64, usize) {
        match metric.unit() {
            "mm" => (self.length(value), self.unit.digits()),
            "%" => (value, 0),
            _ => (value, 1),
        }
    }

    /// So many digits behind the decimal sign of the language.
    pub fn rounded(self, value: f64, digits: usize) -> String {
        let text = format!("{value:.digits$}");
        let text = match text.strip_prefix('-') {
            Some(size) if size.chars().all(|c| matches!(c, '0' | '.')) => size.to_owned(),
            Some(size) => format!("\u{2212}{size}"),
            None => text,
        };
        if self.language.decimal() == '.' { text } else { text.replace('.', &self.language.decimal().to_string()) }
    }

    /// ` cm`, `°`, ` %`.
    pub fn unit(self, metric: Metric) -> String {
        match metric.unit() {
            "mm" => format!(" {}", self.unit.symbol()),
            "deg" => "°".to_owned(),
            "%" => " %".to_owned(),
            _ => " m/s²".to_owned(),
        }
    }

    /// Its unit as the head of a column or an axis has it.
    pub fn unit_name(self, metric: Metric) -> String {
        if metric.unit() == "deg" { self.label("degrees") } else { self.unit(metric).trim().to_owned() }
    }

    /// `6.7 cm`.
    pub fn with_unit(self, value: f64, metric: Metric) -> String {
        self.number(value, metric) + &self.unit(metric)
    }

    /// `6.7 ± 0.3`.
    pub fn reading(self, reading: Reading, metric: Metric) -> String {
        let (sigma, digits) = self.on_page(reading.sigma, metric);
        format!("{} ± {}", self.number(reading.value, metric), self.rounded(sigma, digits))
    }

    /// `+1.2 cm`: a change, with its sign.
    pub fn change(self, by: f64, metric: Metric) -> String {
        let text = self.with_unit(by, metric);
        if by > 0.0 && !text.starts_with('\u{2212}') { format!("+{text}") } else { text }
    }

    /// `rep 1.1`, `reps 1.1, 2.1 and 2.2`.
    pub fn named(self, numbers: &[String]) -> String {
        let (list, last) = match numbers {
            [] => return String::new(),
            [one] => (String::new(), one.clone()),
            [others @ .., last] => (others.join(", "), last.clone()),
        };
        self.say("reps", &self.args().count("count", numbers.len() as u64).text("list", list).text("last", last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_page_has_them() {
        let say = |language, unit| Say { language, unit };
        let english = say(Language::English, LengthUnit::Centimetres);
        assert_eq!(english.with_unit(67.2, Metric::KneeForward), "6.7 cm");
        assert_eq!(english.number(-0.4, Metric::KneeForward), "0.0");
        assert_eq!(english.number(-12.0, Metric::KneeForward), "\u{2212}1.2");
        assert_eq!(english.reading(Reading { value: 20.04, sigma: 0.76 }, Metric::PelvisTilt), "20.0 ± 0.8");
        assert_eq!(english.change(12.0, Metric::HipBack), "+1.2 cm");
        let german = say(Language::German, LengthUnit::Millimetres);
        assert_eq!(german.with_unit(67.2, Metric::KneeForward), "67 mm");
        assert_eq!(german.with_unit(20.04, Metric::PelvisTilt), "20,0°");
        assert_eq!(say(Language::English, LengthUnit::Inches).with_unit(67.2, Metric::HipBack), "2.6 in");
    }
}
