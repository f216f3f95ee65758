//! OpenSim storage files with orientations of pelvis, thigh and shank: one for each set, for OpenSim's tools for IMUs (OpenSense).
//!
//! A column is a segment: `pelvis_imu`, `femur_r_imu`, `tibia_r_imu` (`l` for the left leg), each cell the quaternion w,x,y,z that maps
//! the segment's axes to Earth. The axes are those of OpenSim's bodies (x forward, y up along the bone, z to the right), so an IMU of that
//! name sits on its body without any turn. Earth has z up, as OpenSense expects of sensors; it turns that to its own y up by
//! `sensor_to_opensim_rotations = -1.5707963 0 0`. In the first stance all face forward along x.
//!
//! Moments at which a sensor has no data have no row. `import::format::sto` reads the files back.

use std::path::Path;

use truehinge_core::{LegMotion, SessionAnalysis, Side, ThighSource};

use super::each::{Each, Files};
use super::view::thigh_words;
use super::{ExportError, Folder, Moved, Whole, seconds};
use crate::files::read_beginning;

/// What the first line of such a file begins with.
const MARK: &str = "truehinge orientations";

/// Files for OpenSim of these sessions: one for each set with data.
///
/// # Errors
/// [`ExportError::Io`].
pub fn storages<'a>(
    target: &Path,
    sessions: impl Iterator<Item = &'a SessionAnalysis> + Clone,
) -> Result<Each, ExportError> {
    Ok(Each::new(Folder::new(target, "opensim", Whole::No)?, sessions, |name, moved| Ok(files(name, moved))))
}

fn files(name: &str, moved: &Moved) -> Files {
    let with_data = moved.motion.iter().filter(|motion| !motion.moments.is_empty());
    let file = |motion: &LegMotion| {
        let side = motion.side.map_or(String::new(), |side| format!("_{side}"));
        (format!("{name}_set{:02}{side}.sto", motion.set), storage(&moved.analysis, motion).into_bytes())
    };
    with_data.map(file).collect()
}

/// Whether a file is one of these, made of a recording that is counted by itself.
pub(crate) fn is_storage(path: &Path) -> bool {
    read_beginning(path, MARK.len()).is_ok_and(|bytes| bytes == MARK.as_bytes())
}

/// The text of a set's file.
fn storage(analysis: &SessionAnalysis, motion: &LegMotion) -> String {
    let has_thigh = motion.thigh != ThighSource::Unknown;
    let side = match motion.side {
        Some(Side::Left) => "_l",
        Some(Side::Right) => "_r",
        None => "",
    };
    let line = |text: &str| text.chars().map(|c| if c.is_control() || c == '=' { ' ' } else { c }).collect::<String>();
    let info = &analysis.info;
    let thigh = if has_thigh {
        thigh_words(&motion.thigh)
    } else {
        "no column for the thigh: nothing says how it moved".into()
    };
    let mut text = format!(
        "{MARK} of {} {} set {}\nDataRate=100.000000\nDataType=Quaternion\nversion=3\nOpenSimVersion=4.5\n\
         made by truehinge {} (configuration {})\n{thigh}\n\
         quaternions w,x,y,z from the axes of the segment (x forward, y up, z right) to Earth (z up, x forward in the first stance)\n\
         for OpenSense: sensor_to_opensim_rotations -1.5707963 0 0, base_imu_label pelvis_imu, base_heading_axis x\nendheader\n",
        line(info.athlete.as_str()),
        line(info.session.as_str()),
        motion.set,
        line(&analysis.provenance.version),
        analysis.provenance.config_sha256,
    );
    let thigh = if has_thigh { format!("\tfemur{side}_imu") } else { String::new() };
    text += &format!("time\tpelvis_imu{thigh}\ttibia{side}_imu\n");
    let mut before = [[1.0, 0.0, 0.0, 0.0]; 3];
    for moment in &motion.moments {
        let now = [moment.pelvis.to_wxyz(), moment.thigh.to_wxyz(), moment.shank.to_wxyz()];
        for (before, now) in before.iter_mut().zip(now) {
            *before = nearer(*before, now);
        }
        text += &seconds(moment.at.nanos());
        let columns = before.iter().enumerate().filter(|(column, _)| has_thigh || *column != 1);
        columns.for_each(|(_, [w, x, y, z])| text += &format!("\t{w:.9},{x:.9},{y:.9},{z:.9}"));
        text.push('\n');
    }
    text
}

/// Of the two quaternions of a rotation the one nearer to the one before: whoever interpolates components goes the short way.
fn nearer(before: [f64; 4], now: [f64; 4]) -> [f64; 4] {
    let along: f64 = before.iter().zip(now).map(|(before, now)| before * now).sum();
    if along < 0.0 { now.map(|part| -part) } else { now }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quaternion_follows_the_one_before() {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        assert_eq!(nearer([half, half, 0.0, 0.0], [-half, -half, 0.0, 0.0]), [half, half, -0.0, -0.0]);
        assert_eq!(nearer([1.0, 0.0, 0.0, 0.0], [half, 0.0, half, 0.0]), [half, 0.0, half, 0.0]);
    }
}
