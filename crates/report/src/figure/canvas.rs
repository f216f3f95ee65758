//! The drawing surface: fine integer coordinates, embedded fonts, marks of verdicts.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::prelude::{Circle, DrawingArea, PathElement, Polygon, Rectangle, SVGBackend, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle, register_font};

use crate::ReportError;
use crate::theme::{FONT_NAME, FONT_REGULAR, FONT_SEMIBOLD, GRID, INK, Mark, Shape};

/// plotters draws on whole numbers: a unit of the figure is this many of them.
pub const FINE: u32 = 5;

/// Smallest text, in figure units: figures are printed at 174 mm for 700 units, so that it is 8 points.
pub const SMALL: u32 = 12;

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // A font that cannot be read shows at once in every test that draws.
        let _ = register_font(FONT_NAME, FontStyle::Normal, FONT_REGULAR);
        let _ = register_font(FONT_NAME, FontStyle::Bold, FONT_SEMIBOLD);
    });
}

/// Draws a figure of `width` by `height` units.
pub fn svg(
    name: &'static str,
    (width, height): (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), String>,
) -> Result<String, ReportError> {
    use plotters::drawing::IntoDrawingArea;
    fonts();
    let failed = |reason: String| ReportError::Figure { figure: name, reason };
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (width * FINE, height * FINE)).into_drawing_area();
        area.fill(&plotters::style::WHITE).map_err(|error| failed(error.to_string()))?;
        draw(&area).map_err(failed)?;
        area.present().map_err(|error| failed(error.to_string()))?;
    }
    // Only the printed size changes; the view box keeps the fine coordinates.
    let fine = format!("width=\"{}\" height=\"{}\"", width * FINE, height * FINE);
    Ok(text.replacen(&fine, &format!("width=\"{width}\" height=\"{height}\""), 1))
}

/// Units of the figure to fine coordinates.
pub fn fine(units: i32) -> i32 {
    units * FINE.cast_signed()
}

/// Text style of this size in figure units.
pub fn text(size: u32) -> TextStyle<'static> {
    styled(size, FontStyle::Normal)
}

/// Semi-bold text style.
pub fn bold(size: u32) -> TextStyle<'static> {
    styled(size, FontStyle::Bold)
}

fn styled(size: u32, style: FontStyle) -> TextStyle<'static> {
    // The SVG back end writes 1/1.24 of the size it is given.
    let size = f64::from(size * FINE) * 1.24;
    TextStyle::from(FontDesc::new(FontFamily::Name(FONT_NAME), size, style)).color(&INK)
}

/// Anchored text.
pub fn anchored(style: &TextStyle<'static>, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    style.pos(Pos::new(horizontal, vertical))
}

/// Draws the mark of a verdict around a point, with its letter beside it if asked.
pub fn draw_mark(area: &Area<'_>, (x, y): (i32, i32), radius: i32, mark: Mark) -> Result<(), String> {
    let filled: ShapeStyle = mark.colour.filled();
    let say = |error: plotters::drawing::DrawingAreaErrorKind<std::io::Error>| error.to_string();
    let outline = |points: Vec<(i32, i32)>| area.draw(&Polygon::new(points, filled)).map_err(say);
    match mark.shape {
        Shape::Circle => area.draw(&Circle::new((x, y), radius, filled)).map_err(say),
        Shape::Ring => area.draw(&Circle::new((x, y), radius, mark.colour.stroke_width(2 * FINE))).map_err(say),
        Shape::Triangle => {
            outline(vec![(x, y - radius), (x + radius, y + radius * 4 / 5), (x - radius, y + radius * 4 / 5)])
        }
        Shape::Diamond => outline(vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]),
    }
}

/// Writes words at a point.
pub fn write(area: &Area<'_>, words: &str, at: (i32, i32), style: TextStyle<'static>) -> Result<(), String> {
    area.draw(&Text::new(words.to_owned(), at, style)).map_err(|error| error.to_string())
}

/// A rectangle of the figure with axes.
pub struct Panel<'a, 'b> {
    area: &'a Area<'b>,
    /// Left, top, right, bottom in figure units.
    frame: (i32, i32, i32, i32),
    x: (f64, f64),
    y: (f64, f64),
}

impl<'a, 'b> Panel<'a, 'b> {
    /// A panel over data ranges.
    pub fn new(area: &'a Area<'b>, frame: (i32, i32, i32, i32), x: (f64, f64), y: (f64, f64)) -> Self {
        Self { area, frame, x, y }
    }

    /// Where a value lies, in fine coordinates; values outside are drawn at the edge.
    #[allow(clippy::cast_possible_truncation, reason = "clamped into the frame")]
    pub fn at(&self, x: f64, y: f64) -> (i32, i32) {
        let (left, top, right, bottom) = self.frame;
        let share = |value: f64, (low, high): (f64, f64)| ((value - low) / (high - low)).clamp(0.0, 1.0);
        let px = f64::from(fine(left)) + share(x, self.x) * f64::from(fine(right - left));
        let py = f64::from(fine(bottom)) - share(y, self.y) * f64::from(fine(bottom - top));
        (px.round() as i32, py.round() as i32)
    }

    /// Fills a rectangle of data coordinates.
    pub fn zone(&self, x: (f64, f64), y: (f64, f64), colour: RGBColor) -> Result<(), String> {
        let corners = [self.at(x.0, y.1), self.at(x.1, y.0)];
        self.area.draw(&Rectangle::new(corners, colour.filled())).map_err(|error| error.to_string())
    }

    /// Fills an outline of data points.
    pub fn fill(&self, outline: &[(f64, f64)], style: impl Into<ShapeStyle>) -> Result<(), String> {
        let points: Vec<(i32, i32)> = outline.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.area.draw(&Polygon::new(points, style.into())).map_err(|error| error.to_string())
    }

    /// Draws a line through data points.
    pub fn line(&self, points: &[(f64, f64)], style: ShapeStyle) -> Result<(), String> {
        let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.area.draw(&PathElement::new(points, style)).map_err(|error| error.to_string())
    }

    /// Draws a dashed line through data points: every other stretch of them.
    pub fn dashed(&self, points: &[(f64, f64)], style: ShapeStyle) -> Result<(), String> {
        for piece in points.windows(2).collect::<Vec<_>>().chunks(6) {
            let dash: Vec<(f64, f64)> = piece.iter().take(4).flat_map(|pair| [pair[0], pair[1]]).collect();
            self.line(&dash, style)?;
        }
        Ok(())
    }

    /// Grid lines and numbers at ticks, a darker line at zero, and a frame.
    pub fn axes(&self, x_ticks: &[Tick], y_ticks: &[Tick]) -> Result<(), String> {
        let thin = GRID.stroke_width(FINE / 2);
        for (tick, words) in x_ticks {
            self.line(&[(*tick, self.y.0), (*tick, self.y.1)], thin)?;
            let (x, y) = self.at(*tick, self.y.0);
            write(self.area, words, (x, y + fine(4)), anchored(&text(SMALL), HPos::Center, VPos::Top))?;
        }
        for (tick, words) in y_ticks {
            self.line(&[(self.x.0, *tick), (self.x.1, *tick)], thin)?;
            let (x, y) = self.at(self.x.0, *tick);
            write(self.area, words, (x - fine(5), y), anchored(&text(SMALL), HPos::Right, VPos::Center))?;
        }
        self.frame()
    }

    /// A darker line at zero, and a frame.
    pub fn frame(&self) -> Result<(), String> {
        if self.y.0 < 0.0 && self.y.1 > 0.0 {
            self.line(&[(self.x.0, 0.0), (self.x.1, 0.0)], INK.stroke_width(FINE / 2))?;
        }
        let corners = [self.at(self.x.0, self.y.1), self.at(self.x.1, self.y.0)];
        self.area.draw(&Rectangle::new(corners, INK.stroke_width(FINE / 2))).map_err(|error| error.to_string())
    }
}

/// Where a tick is, and its words.
pub type Tick = (f64, String);

/// Ticks with whole numbers, true minus signs in front.
pub fn whole_ticks(values: &[f64]) -> Vec<Tick> {
    let words = |value: f64| {
        let text = format!("{:.0}", value.abs());
        if value < 0.0 { format!("\u{2212}{text}") } else { text }
    };
    values.iter().map(|&value| (value, words(value))).collect()
}

/// A limb: a thick line with round ends, through points in fine coordinates.
pub fn limb(area: &Area<'_>, points: &[(i32, i32)], width: i32, colour: RGBColor) -> Result<(), String> {
    let say = |error: plotters::drawing::DrawingAreaErrorKind<std::io::Error>| error.to_string();
    for &point in points {
        area.draw(&Circle::new(point, width / 2, colour.filled())).map_err(say)?;
    }
    let line = PathElement::new(points.to_vec(), colour.stroke_width(width.unsigned_abs()));
    area.draw(&line).map_err(say)
}

/// A thin line through points in fine coordinates.
pub fn stroke(area: &Area<'_>, points: &[(i32, i32)], style: ShapeStyle) -> Result<(), String> {
    area.draw(&PathElement::new(points.to_vec(), style)).map_err(|error| error.to_string())
}

/// Dashes between two points in fine coordinates.
pub fn dashes(area: &Area<'_>, from: (i32, i32), to: (i32, i32), style: ShapeStyle) -> Result<(), String> {
    let length = f64::from(to.0 - from.0).hypot(f64::from(to.1 - from.1));
    let pieces = (length / f64::from(fine(4))).ceil().max(1.0);
    let mut at = 0.0;
    while at < pieces {
        let point = |share: f64| {
            let along = |a: i32, b: i32| f64::from(a) + (f64::from(b - a) * share.min(1.0)).round();
            #[allow(clippy::cast_possible_truncation, reason = "between two coordinates")]
            (along(from.0, to.0) as i32, along(from.1, to.1) as i32)
        };
        stroke(area, &[point(at / pieces), point((at + 1.0) / pieces)], style)?;
        at += 2.0;
    }
    Ok(())
}
