//! Where the sensors go: a person from behind, from the side and from the front, with numbered places.

use plotters::prelude::{Circle, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};

use super::canvas::{Area, FINE, SMALL, anchored, bold, fine, limb, svg, text, write};
use crate::ReportError;
use crate::model::Say;
use crate::theme::{DOT, INK, SKIN};

pub const NAME: &str = "placement";

/// A place: where it is on its figure (units from the ground below the middle of the body), its number, and whether the sensors that the verdict
/// needs sit there.
struct Place {
    at: (i32, i32),
    number: u8,
    needed: bool,
}

/// The drawing; no data.
///
/// # Errors
/// A fault of this program.
pub fn draw_placement(say: Say) -> Result<String, ReportError> {
    svg(NAME, (700, 400), |area| {
        let needed = |at, number| Place { at, number, needed: true };
        let extra = |at, number| Place { at, number, needed: false };
        let views = [
            (110, "place-back", false, vec![needed((0, 136), 1)]),
            (300, "place-side", true, vec![needed((2, 142), 2), needed((1, 44), 4), extra((2, 96), 5)]),
            (490, "place-front", false, vec![needed((10, 50), 3), extra((0, 190), 6)]),
        ];
        for (x, key, is_side, places) in views {
            let ground = (x, 292);
            if is_side {
                side(area, ground)?;
            } else {
                upright(area, ground)?;
            }
            for place in &places {
                sensor(area, ground, place)?;
            }
            let below = anchored(&text(SMALL), HPos::Center, VPos::Top);
            write(area, &say.label(key), (fine(x), fine(ground.1 + 6)), below)?;
        }
        let lines = ["place-sacrum", "place-lateral", "place-tibia", "place-fibula", "place-thigh", "place-trunk"];
        for (index, key) in (0_i32..).zip(lines) {
            let (x, y) = (14 + 346 * (index % 2), 332 + 22 * (index / 2));
            badge(area, (x + 8, y), u8::try_from(index + 1).unwrap_or(0), index < 4)?;
            write(area, &say.label(key), (fine(x + 22), fine(y)), anchored(&text(SMALL), HPos::Left, VPos::Center))?;
        }
        Ok(())
    })
}

type Ground = (i32, i32);

fn at((x, y): Ground, (dx, dy): (i32, i32)) -> (i32, i32) {
    (fine(x + dx), fine(y - dy))
}

fn fill(area: &Area<'_>, ground: Ground, outline: &[(i32, i32)]) -> Result<(), String> {
    let points: Vec<(i32, i32)> = outline.iter().map(|&point| at(ground, point)).collect();
    area.draw(&Polygon::new(points, SKIN.filled())).map_err(|error| error.to_string())
}

fn head(area: &Area<'_>, ground: Ground, point: (i32, i32)) -> Result<(), String> {
    area.draw(&Circle::new(at(ground, point), fine(17), SKIN.filled())).map_err(|error| error.to_string())
}

/// From the front or from behind: both legs.
fn upright(area: &Area<'_>, ground: Ground) -> Result<(), String> {
    head(area, ground, (0, 262))?;
    fill(area, ground, &[(-8, 248), (8, 248), (36, 230), (26, 160), (31, 130), (-31, 130), (-26, 160), (-36, 230)])?;
    for side in [-1, 1] {
        let joint = |x: i32, y: i32| at(ground, (side * x, y));
        limb(area, &[joint(16, 132), joint(15, 72)], fine(27), SKIN)?;
        limb(area, &[joint(15, 72), joint(14, 10)], fine(17), SKIN)?;
        limb(area, &[joint(40, 224), joint(46, 176), joint(48, 136)], fine(11), SKIN)?;
        fill(area, ground, &[(side * 6, 0), (side * 6, 12), (side * 22, 12), (side * 26, 0)])?;
    }
    Ok(())
}

/// From the right.
fn side(area: &Area<'_>, ground: Ground) -> Result<(), String> {
    head(area, ground, (4, 262))?;
    fill(area, ground, &[(-6, 248), (10, 246), (20, 205), (15, 160), (18, 128), (-22, 128), (-14, 165), (-20, 205)])?;
    let joint = |x: i32, y: i32| at(ground, (x, y));
    limb(area, &[joint(0, 130), joint(2, 72)], fine(29), SKIN)?;
    limb(area, &[joint(2, 72), joint(-2, 10)], fine(19), SKIN)?;
    limb(area, &[joint(0, 226), joint(-2, 180), joint(6, 142)], fine(11), RGBColor(206, 196, 188))?;
    fill(area, ground, &[(-12, 0), (-10, 14), (8, 14), (34, 4), (34, 0)])
}

fn sensor(area: &Area<'_>, ground: Ground, place: &Place) -> Result<(), String> {
    let (x, y) = at(ground, place.at);
    let corners = [(x - fine(7), y - fine(5)), (x + fine(7), y + fine(5))];
    let colour = if place.needed { DOT } else { RGBColor(120, 120, 120) };
    area.draw(&Rectangle::new(corners, colour.filled())).map_err(|error| error.to_string())?;
    let to = (x + fine(52), y - fine(4));
    super::canvas::stroke(area, &[(x + fine(7), y), to], INK.stroke_width(FINE))?;
    badge(area, (ground.0 + place.at.0 + 60, ground.1 - place.at.1 - 4), place.number, place.needed)
}

fn badge(area: &Area<'_>, (x, y): (i32, i32), number: u8, needed: bool) -> Result<(), String> {
    let colour = if needed { DOT } else { RGBColor(120, 120, 120) };
    let middle = (fine(x), fine(y));
    area.draw(&Circle::new(middle, fine(9), colour.filled())).map_err(|error| error.to_string())?;
    let style = anchored(&bold(SMALL), HPos::Center, VPos::Center).color(&plotters::style::WHITE);
    write(area, &number.to_string(), middle, style)
}
