//! Declared columns: a table's row type is declared once, with [`rows!`], and header, data frame, dictionary and reader all
//! follow from that declaration.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use super::moment::{Clock, Day, Instant};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use truehinge_core::{Cause, Criterion, ErrorSource, Flag, Metric, QualityGrade, SensorRole, Side, Signal, Verdict};

/// Goes up when a column changes its name, unit or meaning.
pub const SCHEMA_VERSION: i64 = 4;

/// How CSV files separate fields and decimals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CsvLocale {
    /// Commas between fields, decimal points.
    #[default]
    English,
    /// Semicolons between fields, decimal commas: what spreadsheets expect in German.
    German,
}

impl CsvLocale {
    /// What stands between fields.
    pub const fn separator(self) -> u8 {
        match self {
            Self::English => b',',
            Self::German => b';',
        }
    }

    /// Of a file, by its first line: no column's name holds either separator.
    pub fn of_header(line: &[u8]) -> Self {
        if line.contains(&b';') { Self::German } else { Self::English }
    }
}

/// Unit of a column and how finely its values are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit {
    /// As in the data dictionary; empty for words, counts and yes or no.
    pub symbol: &'static str,
    /// Decimals of a stored number; finer digits would mean nothing.
    pub decimals: u8,
}

impl Unit {
    /// Words, counts, yes or no.
    pub const NONE: Self = Self { symbol: "", decimals: 0 };
    /// Seconds, to a tenth of a millisecond.
    pub const S: Self = Self { symbol: "s", decimals: 4 };
    /// Minutes.
    pub const MIN: Self = Self { symbol: "min", decimals: 0 };
    /// Milliseconds.
    pub const MS: Self = Self { symbol: "ms", decimals: 3 };
    /// Millimetres, to a hundredth.
    pub const MM: Self = Self { symbol: "mm", decimals: 2 };
    /// Degrees, to a thousandth.
    pub const DEG: Self = Self { symbol: "deg", decimals: 3 };
    /// Probabilities.
    pub const SHARE: Self = Self { symbol: "1", decimals: 4 };
    /// Percent.
    pub const PERCENT: Self = Self { symbol: "%", decimals: 2 };
    /// Samples per second.
    pub const HZ: Self = Self { symbol: "Hz", decimals: 3 };
    /// Metres per second squared, to a hundredth.
    pub const FORCE: Self = Self { symbol: "m/s2", decimals: 2 };
    /// Another column of the row names the unit.
    pub const MIXED: Self = Self { symbol: "see unit", decimals: 3 };
}

/// Type of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Words.
    Text,
    /// A 64-bit number.
    Float,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Bool,
    /// An instant in UTC.
    Instant,
    /// What a clock on a wall showed, without a zone.
    Clock,
    /// A day of the calendar.
    Date,
}

impl Kind {
    /// Name in the data dictionary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Bool => "boolean",
            Self::Instant => "timestamp",
            Self::Clock => "local timestamp",
            Self::Date => "date",
        }
    }
}

/// A column: what its header, its type and the data dictionary say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Header; ends in the unit where there is one.
    pub name: &'static str,
    /// Unit and fineness.
    pub unit: Unit,
    /// Type.
    pub kind: Kind,
    /// What it means.
    pub description: &'static str,
}

/// The last column of every table.
pub const VERSION_COLUMN: Column = Column {
    name: "schema_version",
    unit: Unit::NONE,
    kind: Kind::Integer,
    description: "Version of the tables' columns: goes up when a name, a unit or a meaning changes",
};

/// A value on its way to or from a file.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<'a> {
    /// Nothing known.
    Missing,
    /// Words.
    Text(Cow<'a, str>),
    /// A number.
    Float(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Bool(bool),
    /// An instant.
    Instant(Instant),
    /// What a clock showed.
    Clock(Clock),
    /// A day.
    Date(Day),
}

impl Value<'_> {
    /// The same value with its own text.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Missing => Value::Missing,
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Float(number) => Value::Float(number),
            Value::Integer(number) => Value::Integer(number),
            Value::Bool(yes) => Value::Bool(yes),
            Value::Instant(instant) => Value::Instant(instant),
            Value::Clock(clock) => Value::Clock(clock),
            Value::Date(day) => Value::Date(day),
        }
    }
}

impl Column {
    /// The value as every file holds it: rounded to the column's decimals; not finite and empty are missing; words that a
    /// spreadsheet would run as a formula are disarmed.
    pub fn stored<'a>(&self, value: Value<'a>) -> Value<'a> {
        match value {
            Value::Text(text) if text.is_empty() => Value::Missing,
            Value::Text(text) => Value::Text(guarded(text)),
            Value::Float(number) if !number.is_finite() => Value::Missing,
            Value::Float(number) => Value::Float(rounded(number, self.unit.decimals)),
            other => other,
        }
    }

    /// Appends a stored value as a CSV field says it, always with the column's decimals. Reading the text gives the stored
    /// number back, bit for bit.
    pub fn format(&self, value: &Value<'_>, text: &mut String) {
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Missing => Ok(()),
            Value::Text(words) => text.write_str(words),
            Value::Float(number) => write!(text, "{number:.*}", usize::from(self.unit.decimals)),
            Value::Integer(number) => write!(text, "{number}"),
            Value::Bool(yes) => write!(text, "{yes}"),
            Value::Instant(instant) => write!(text, "{instant}"),
            Value::Clock(clock) => write!(text, "{clock}"),
            Value::Date(day) => write!(text, "{day}"),
        };
    }

    /// The value that a CSV field of this column says, or what it should have been.
    pub fn parse<'a>(&self, text: &'a str) -> Result<Value<'a>, &'static str> {
        if text.is_empty() {
            return Ok(Value::Missing);
        }
        match self.kind {
            Kind::Text => Ok(Value::Text(Cow::Borrowed(text))),
            Kind::Float => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::Float(number)),
                _ => Err(f64::NEED),
            },
            Kind::Integer => text.parse().map(Value::Integer).map_err(|_| i64::NEED),
            Kind::Bool => text.parse().map(Value::Bool).map_err(|_| bool::NEED),
            Kind::Instant => Instant::parse(text).map(Value::Instant).ok_or(Instant::NEED),
            Kind::Clock => Clock::parse(text).map(Value::Clock).ok_or(Clock::NEED),
            Kind::Date => Day::parse(text).map(Value::Date).ok_or(Day::NEED),
        }
    }
}

/// The nearest decimal number. Division by a power of ten is correctly rounded, so this is the double that the printed
/// decimal reads back as.
fn rounded(number: f64, decimals: u8) -> f64 {
    let scale = 10_f64.powi(i32::from(decimals));
    let scaled = (number * scale).round();
    // Beyond 2^53 a double has no decimals left to round. Adding zero turns -0 into 0.
    if scaled.abs() < 9_007_199_254_740_992.0 { scaled / scale + 0.0 } else { number }
}

/// Starts of a field that spreadsheets take for a formula; some take the wide forms of East Asia for the same.
const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Text with an apostrophe before it if a spreadsheet would run it. Text that has such a start behind apostrophes already
/// gets one more, so that [`unguarded`] always finds the original.
pub fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    // Nearly all: seen at a glance.
    if text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return text;
    }
    if text.trim_start_matches('\'').starts_with(FORMULA_STARTS) { Cow::Owned(format!("'{text}")) } else { text }
}

/// The text before [`guarded`].
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA_STARTS) => rest,
        _ => text,
    }
}

/// A type that a column can hold.
pub trait Field: Sized {
    /// Type of the column.
    const KIND: Kind;
    /// What a cell must be, for error messages.
    const NEED: &'static str;
    /// The value to write.
    fn value(&self) -> Value<'_>;
    /// The field from a stored value; `None` if it is something else.
    fn from_value(value: Value<'_>) -> Option<Self>;
}

impl Field for f64 {
    const KIND: Kind = Kind::Float;
    const NEED: &'static str = "a number";
    fn value(&self) -> Value<'_> {
        Value::Float(*self)
    }
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Float(number) => Some(number),
            // Other programs turn a column of whole numbers into integers.
            Value::Integer(number) => Some(number as Self),
            _ => None,
        }
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Integer;
    const NEED: &'static str = "a whole number";
    fn value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Integer(number) = value { Some(number) } else { None }
    }
}

impl Field for u32 {
    const KIND: Kind = Kind::Integer;
    const NEED: &'static str = "a count from 0";
    fn value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
    fn from_value(value: Value<'_>) -> Option<Self> {
        i64::from_value(value).and_then(|number| number.try_into().ok())
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Bool;
    const NEED: &'static str = "true or false";
    fn value(&self) -> Value<'_> {
        Value::Bool(*self)
    }
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Bool(yes) = value { Some(yes) } else { None }
    }
}

/// Moments, each with a value of its own.
macro_rules! moment_field {
    ($($moment:ident, $kind:ident, $need:literal;)*) => {$(
        impl Field for $moment {
            const KIND: Kind = Kind::$kind;
            const NEED: &'static str = $need;
            fn value(&self) -> Value<'_> {
                Value::$kind(*self)
            }
            fn from_value(value: Value<'_>) -> Option<Self> {
                if let Value::$kind(moment) = value { Some(moment) } else { None }
            }
        }
    )*};
}
moment_field! {
    Instant, Instant, "an instant such as 2026-01-31T16:42:05.000Z";
    Clock, Clock, "a clock time such as 2026-01-31T17:42:05.000";
    Day, Date, "a date such as 2026-01-31";
}

/// Text, owned in one way or another. A missing text is an empty one.
macro_rules! text_field {
    ($($text:ty),*) => {$(
        impl Field for $text {
            const KIND: Kind = Kind::Text;
            const NEED: &'static str = "a text";
            fn value(&self) -> Value<'_> {
                Value::Text(Cow::Borrowed(self))
            }
            fn from_value(value: Value<'_>) -> Option<Self> {
                match value {
                    Value::Text(text) => Some(unguarded(&text).to_owned().into()),
                    Value::Missing => Some(String::new().into()),
                    _ => None,
                }
            }
        }
    )*};
}
text_field!(String, Arc<str>, Cow<'static, str>);

impl<T: Field> Field for Option<T> {
    const KIND: Kind = T::KIND;
    const NEED: &'static str = T::NEED;
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Missing, T::value)
    }
    fn from_value(value: Value<'_>) -> Option<Self> {
        if value == Value::Missing { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// One of a closed set of words.
pub trait Word: Copy {
    /// The word in tables.
    fn word(self) -> &'static str;
    /// What the word stands for.
    fn from_word(word: &str) -> Option<Self>;
}

impl<W: Word> Field for W {
    const KIND: Kind = Kind::Text;
    const NEED: &'static str = "one of this column's words, see data_dictionary.csv";
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self.word()))
    }
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Text(text) = value { W::from_word(&text) } else { None }
    }
}

/// Several words in one cell, separated by semicolons.
impl<W: Word> Field for Vec<W> {
    const KIND: Kind = Kind::Text;
    const NEED: &'static str = "words of this column separated by semicolons, see data_dictionary.csv";
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Owned(self.iter().map(|word| word.word()).collect::<Vec<_>>().join(";")))
    }
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Missing => Some(Self::new()),
            Value::Text(text) => text.split(';').map(W::from_word).collect(),
            _ => None,
        }
    }
}

/// Words that are found in a list of all of them.
macro_rules! listed_words {
    ($($word:ty: $all:expr;)*) => {$(
        impl Word for $word {
            fn word(self) -> &'static str {
                self.name()
            }
            fn from_word(word: &str) -> Option<Self> {
                $all.into_iter().find(|candidate| candidate.name() == word)
            }
        }
    )*};
}
listed_words! {
    Verdict: Verdict::ALL;
    Metric: Metric::ALL;
    ErrorSource: ErrorSource::ALL;
    Signal: Signal::ALL;
    SensorRole: SensorRole::ALL;
    Side: [Side::Left, Side::Right];
    QualityGrade: [QualityGrade::Good, QualityGrade::Fair, QualityGrade::Poor];
}

/// Words whose serialised form is their name in tables; these enums may grow, so no list is kept here.
macro_rules! serialised_words {
    ($($word:ty),*) => {$(
        impl Word for $word {
            fn word(self) -> &'static str {
                self.name()
            }
            fn from_word(word: &str) -> Option<Self> {
                let word: StrDeserializer<'_, WordError> = word.into_deserializer();
                Self::deserialize(word).ok()
            }
        }
    )*};
}
serialised_words!(Cause, Criterion, Flag);

/// A row of a table.
pub trait Row: Sized {
    /// Name of the table, as in its file names.
    const TABLE: &'static str;
    /// The columns in order, without [`VERSION_COLUMN`], which every table has at the end.
    const COLUMNS: &'static [Column];
    /// Hands out the values in the order of the columns.
    fn values(&self, each: impl FnMut(Value<'_>));
    /// Builds a row from a cell per column; the error is the number of the column that does not fit, and what it needs.
    fn from_cells<'a>(
        cell: impl FnMut(usize) -> Result<Value<'a>, &'static str>,
    ) -> Result<Self, (usize, &'static str)>;
}

/// Declares row types: per column the field's name, which is the header, its type, its unit, and what it means.
macro_rules! rows {
    ($($(#[$meta:meta])* $row:ident = $table:literal, one row is $grain:literal {
        $($name:ident: $kind:ty, $unit:ident, $text:literal;)*
    })*) => {$(
        $(#[$meta])*
        ///
        #[doc = concat!("A row of table `", $table, "` is ", $grain, ".")]
        #[derive(Clone, PartialEq, Debug)]
        pub struct $row {
            $(#[doc = concat!($text, ".")] pub $name: $kind,)*
        }

        impl $crate::table::column::Row for $row {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [$crate::table::column::Column] = &[$($crate::table::column::Column {
                name: stringify!($name),
                unit: $crate::table::column::Unit::$unit,
                kind: <$kind as $crate::table::column::Field>::KIND,
                description: $text,
            }),*];

            fn values(&self, mut each: impl FnMut($crate::table::column::Value<'_>)) {
                use $crate::table::column::Field;
                $(each(self.$name.value());)*
            }

            fn from_cells<'a>(
                mut cell: impl FnMut(usize) -> Result<$crate::table::column::Value<'a>, &'static str>,
            ) -> Result<Self, (usize, &'static str)> {
                use $crate::table::column::Field;
                let mut column = 0..;
                Ok(Self {
                    $($name: {
                        let index = column.next().unwrap_or_default();
                        let value = cell(index).map_err(|need| (index, need))?;
                        <$kind>::from_value(value).ok_or((index, <$kind>::NEED))?
                    },)*
                })
            }
        }
    )*};
}
pub(super) use rows;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(unit: Unit) -> Column {
        Column { name: "x", unit, kind: Kind::Float, description: "" }
    }

    fn printed(column: Column, number: f64) -> String {
        let mut text = String::new();
        column.format(&column.stored(Value::Float(number)), &mut text);
        text
    }

    #[test]
    fn numbers_are_rounded_and_never_negative_zero_or_not_a_number() {
        assert_eq!(printed(number(Unit::MM), 12.345_678), "12.35");
        assert_eq!(printed(number(Unit::MM), -0.001), "0.00");
        assert_eq!(printed(number(Unit::S), 1e-4), "0.0001");
        assert_eq!(printed(number(Unit::S), 2.0), "2.0000");
        assert_eq!(printed(number(Unit::S), f64::NAN), "");
        assert_eq!(printed(number(Unit::S), f64::NEG_INFINITY), "");
        assert_eq!(printed(number(Unit::MM), f64::MAX).parse::<f64>(), Ok(f64::MAX));
    }

    #[test]
    fn fields_that_do_not_fit_say_what_they_need() {
        let column = |kind| Column { kind, ..number(Unit::NONE) };
        assert_eq!(column(Kind::Float).parse("1,5"), Err("a number"));
        assert_eq!(column(Kind::Float).parse("NaN"), Err("a number"));
        assert_eq!(column(Kind::Integer).parse("1.5"), Err("a whole number"));
        assert_eq!(column(Kind::Bool).parse("yes"), Err("true or false"));
        assert_eq!(column(Kind::Bool).parse(""), Ok(Value::Missing));
        assert_eq!(u32::from_value(Value::Integer(-1)), None);
        assert_eq!(f64::from_value(Value::Missing), None);
        assert_eq!(<Vec<Flag>>::from_value(Value::Text("too_fast;what".into())), None);
    }

    #[test]
    fn every_word_comes_back() {
        fn check<W: Word + PartialEq + std::fmt::Debug>(words: impl IntoIterator<Item = W>) {
            for word in words {
                assert_eq!(W::from_word(word.word()), Some(word));
            }
            assert_eq!(W::from_word("no such word"), None);
        }
        check(Verdict::ALL);
        check(Metric::ALL);
        check(ErrorSource::ALL);
        check(Signal::ALL);
        check(SensorRole::ALL);
        check([Side::Left, Side::Right]);
        check([QualityGrade::Good, QualityGrade::Fair, QualityGrade::Poor]);
        check([Flag::EarlyDrift, Flag::LateDrift]);
        check([Flag::KneeBend, Flag::PelvisDrop, Flag::PelvisRotation, Flag::TooFast]);
        check([Flag::BalanceLoss, Flag::FootMoved, Flag::SpineFlexion]);
        check([Cause::HingeSure, Cause::KneeForwardSure, Cause::KneeForwardSeen, Cause::HipTravelShort]);
        check([
            Cause::GreyZone,
            Cause::TooUncertain,
            Cause::NotMeasured,
            Cause::SensorLoose,
            Cause::SensorUnworn,
            Cause::OtherLeg,
            Cause::PerhapsBrokenOff,
            Cause::PerhapsPart,
            Cause::Alone,
        ]);
        check([Criterion::KneeForwardFault, Criterion::KneeForwardGood, Criterion::HipBackFault]);
        check([Criterion::HipBackGood, Criterion::KneeFlexionFault, Criterion::PelvisDropFault]);
        check([Criterion::PelvisRotationFault, Criterion::KneeForwardSeenFault]);
        check([Criterion::KneeForwardDescentFault, Criterion::KneeForwardAscentFault]);
    }

    #[test]
    fn formulas_are_disarmed() {
        for (text, stored) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1", "'+1"),
            ("-P01", "'-P01"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("＝1+1", "'＝1+1"),
            ("-----", "'-----"),
            ("'=x", "''=x"),
            ("left knee", "left knee"),
            ("'quoted'", "'quoted'"),
            ("Žofie ☂", "Žofie ☂"),
        ] {
            assert_eq!(guarded(Cow::Borrowed(text)), stored);
        }
    }

    proptest! {
        #[test]
        fn guarded_text_comes_back_and_is_no_formula(text in "['=+@\t\r-]{0,4}.{0,6}") {
            let stored = guarded(Cow::Borrowed(text.as_str())).into_owned();
            prop_assert!(!stored.starts_with(FORMULA_STARTS));
            prop_assert_eq!(unguarded(&stored), text.as_str());
        }

        #[test]
        fn a_printed_number_reads_back_bit_for_bit(x in -1e9..1e9_f64, decimals in 0_u8..7) {
            let column = number(Unit { symbol: "", decimals });
            let Value::Float(stored) = column.stored(Value::Float(x)) else { panic!("finite stays a number") };
            let back: f64 = printed(column, x).parse().expect("a number");
            prop_assert_eq!(back.to_bits(), stored.to_bits());
            // Half a unit of the last decimal, and the rounding of a double of this size.
            prop_assert!((stored - x).abs() <= 0.5 / 10_f64.powi(i32::from(decimals)) + 1e-6);
        }
    }
}
