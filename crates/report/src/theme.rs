//! Colours, marks and fonts: here and nowhere else. Colours are near those of Okabe and Ito, but for verdicts and zones as far apart as
//! tests below ask for every kind of colour vision and for grey print; shape and letter carry the meaning, colour only helps.

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
pub const GOOD_ZONE: RGBColor = RGBColor(224, 240, 250);
/// Zones where a value is a fault.
pub const FAULT_ZONE: RGBColor = RGBColor(253, 234, 218);
/// Stretches with data.
pub const COVERED: RGBColor = RGBColor(120, 140, 155);
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
    let (colour, shape) = match verdict {
        Verdict::TrueHinge => (RGBColor(0, 145, 105), Shape::Circle),
        Verdict::KneeForwardDrift => (RGBColor(166, 58, 0), Shape::Triangle),
        Verdict::InsufficientHipTravel => (RGBColor(215, 155, 20), Shape::Diamond),
        Verdict::Indeterminate => (RGBColor(50, 52, 60), Shape::Ring),
    };
    Mark { colour, letter: verdict.letter(), shape }
}

/// A colour as `#rrggbb`.
pub fn hex(colour: RGBColor) -> String {
    format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2)
}

#[cfg(test)]
mod tests {
    use palette::color_difference::Ciede2000 as _;
    use palette::white_point::D65;
    use palette::{IntoColor as _, Lab, LinSrgb, Srgb};

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

    /// How somebody sees a colour: linear light through a matrix. Dichromats by Machado, Oliveira and Fernandes (2009), severity 1; grey
    /// print by its luminance.
    const SIGHTS: [(&str, [[f32; 3]; 3]); 5] = [
        ("everybody", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deuteranopia",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
        (
            "tritanopia",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
        ("grey print", [[0.2126, 0.7152, 0.0722]; 3]),
    ];

    fn seen(colour: RGBColor, sight: &[[f32; 3]; 3]) -> Lab {
        let light = Srgb::new(colour.0, colour.1, colour.2).into_format::<f32>().into_linear();
        let light = [light.red, light.green, light.blue];
        let [red, green, blue] =
            sight.map(|row| row.iter().zip(light).map(|(weight, light)| weight * light).sum::<f32>().clamp(0.0, 1.0));
        LinSrgb::new(red, green, blue).into_color()
    }

    fn distance(a: RGBColor, b: RGBColor, sight: &[[f32; 3]; 3]) -> f32 {
        seen(a, sight).difference(seen(b, sight))
    }

    #[test]
    fn the_distance_is_that_of_the_published_pairs() {
        // Pairs 1 and 7 of Sharma, Wu and Dalal (2005), table 1.
        let of = |a: (f32, f32, f32), b: (f32, f32, f32)| {
            Lab::<D65, f32>::new(a.0, a.1, a.2).difference(Lab::new(b.0, b.1, b.2))
        };
        assert!((of((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485)) - 2.0425).abs() < 1e-3);
        assert!((of((50.0, 0.0, 0.0), (50.0, -1.0, 2.0)) - 2.3669).abs() < 1e-3);
    }

    #[test]
    fn categories_are_told_apart_by_everybodys_eyes() {
        let verdicts = Verdict::ALL.map(|verdict| (verdict.name(), mark(verdict).colour));
        for (who, sight) in &SIGHTS {
            let grey = *who == "grey print";
            let least = if grey { 12.0 } else { 15.0 };
            for (i, (a, first)) in verdicts.iter().enumerate() {
                for (b, second) in &verdicts[i + 1..] {
                    let found = distance(*first, *second, sight);
                    assert!(found >= least, "{a} and {b}, {who}: {found}");
                }
            }
            // Grey print tells legs apart by dash and letter, zones by the lines of their limits.
            if !grey {
                assert!(distance(LEFT, RIGHT, sight) >= 15.0, "legs, {who}");
                assert!(distance(GOOD_ZONE, FAULT_ZONE, sight) >= 12.0, "zones, {who}");
            }
            for background in [RGBColor(255, 255, 255), GOOD_ZONE, FAULT_ZONE] {
                for (name, colour) in verdicts.iter().chain(&[("left", LEFT), ("right", RIGHT)]) {
                    let found = distance(*colour, background, sight);
                    assert!(found >= 15.0, "{name} on {background:?}, {who}: {found}");
                }
            }
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
