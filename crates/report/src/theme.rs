//! Colours, marks and fonts: here and nowhere else. Okabe-Ito colours; shape and letter carry the meaning, colour only helps.

use plotters::style::RGBColor;
use truehinge_core::Verdict;

/// Regular weight of the document's font (SIL Open Font License, see `fonts/OFL.txt`).
pub const FONT_REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.otf");
/// Semi-bold weight.
pub const FONT_SEMIBOLD: &[u8] = include_bytes!("../fonts/Inter-SemiBold.otf");
/// Its name.
pub const FONT_NAME: &str = "Inter";

/// Ink of text and axes.
pub const INK: RGBColor = RGBColor(34, 34, 34);
/// Lines that only help the eye.
pub const GRID: RGBColor = RGBColor(225, 225, 225);
/// Zones where a value is good.
pub const GOOD_ZONE: RGBColor = RGBColor(214, 240, 231);
/// Zones where a value is a fault.
pub const FAULT_ZONE: RGBColor = RGBColor(250, 226, 212);
/// Points of a scatter.
pub const DOT: RGBColor = RGBColor(0, 114, 178);
/// Left leg.
pub const LEFT: RGBColor = RGBColor(0, 114, 178);
/// Right leg.
pub const RIGHT: RGBColor = RGBColor(213, 94, 0);

/// A body that is drawn, and the same where it only stands behind.
pub const SKIN: RGBColor = RGBColor(222, 214, 206);
/// The same, lighter.
pub const SKIN_SOFT: RGBColor = RGBColor(238, 238, 238);

/// How a verdict looks.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Its colour.
    pub colour: RGBColor,
    /// Its letter.
    pub letter: &'static str,
    /// Its shape.
    pub shape: Shape,
}

/// Shapes of marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Filled circle.
    Circle,
    /// Filled triangle.
    Triangle,
    /// Filled diamond.
    Diamond,
    /// Empty circle.
    Ring,
}

impl Shape {
    /// Name for the template.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Circle => "circle",
            Self::Triangle => "triangle",
            Self::Diamond => "diamond",
            Self::Ring => "ring",
        }
    }
}

/// The mark of a verdict.
pub const fn mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::TrueHinge => Mark { colour: RGBColor(0, 158, 115), letter: "H", shape: Shape::Circle },
        Verdict::KneeForwardDrift => Mark { colour: RGBColor(166, 58, 0), letter: "K", shape: Shape::Triangle },
        Verdict::InsufficientHipTravel => Mark { colour: RGBColor(240, 190, 70), letter: "S", shape: Shape::Diamond },
        Verdict::Indeterminate => Mark { colour: RGBColor(110, 110, 110), letter: "?", shape: Shape::Ring },
    }
}

/// A colour as `#rrggbb`.
pub fn hex(colour: RGBColor) -> String {
    format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast of WCAG 2.
    fn luminance(c: RGBColor) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
    }

    fn contrast(a: RGBColor, b: RGBColor) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_background() {
        for background in [RGBColor(255, 255, 255), GOOD_ZONE, FAULT_ZONE] {
            assert!(contrast(INK, background) >= 4.5);
        }
    }

    #[test]
    fn verdicts_differ_in_letter_and_shape_and_in_grey_print_where_shapes_are_alike() {
        let all = Verdict::ALL.map(mark);
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                assert_ne!(a.letter, b.letter);
                assert_ne!(a.shape, b.shape);
            }
        }
        // Filled marks are told apart by their grey as well.
        let mut greys: Vec<f64> = all.iter().map(|m| luminance(m.colour)).collect();
        greys.sort_by(f64::total_cmp);
        assert!(greys.windows(2).all(|pair| (pair[1] + 0.05) / (pair[0] + 0.05) > 1.15), "{greys:?}");
    }
}
