//! The unit of lengths in sentences and on pages; tables keep millimetres.

/// A unit of length.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LengthUnit {
    /// Tenths of centimetres: as fine as the measurement.
    #[default]
    Centimetres,
    /// Whole millimetres.
    Millimetres,
    /// Tenths of inches.
    Inches,
}

impl LengthUnit {
    /// Millimetres in this unit.
    pub fn of_mm(self, mm: f64) -> f64 {
        match self {
            Self::Centimetres => mm / 10.0,
            Self::Millimetres => mm,
            Self::Inches => mm / 25.4,
        }
    }

    /// Digits behind the decimal sign that people need.
    pub const fn digits(self) -> usize {
        match self {
            Self::Millimetres => 0,
            Self::Centimetres | Self::Inches => 1,
        }
    }

    /// Its symbol.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Centimetres => "cm",
            Self::Millimetres => "mm",
            Self::Inches => "in",
        }
    }
}
