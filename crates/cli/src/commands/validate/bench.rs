//! The OpenSim bench: what truly happened in its sessions.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;
use truehinge_core::{Flag, HingeCriteria, Length, Span};
use truehinge_signal::scoring::TrueRep;

#[derive(Deserialize)]
struct RepsFile {
    reps: Vec<BenchRep>,
}

#[derive(Deserialize)]
struct BenchRep {
    start_s: f64,
    end_s: f64,
    turn_lo_s: f64,
    turn_hi_s: f64,
    knee_forward_mm: f64,
    hip_back_mm: f64,
    shank_tilt_deg: f64,
    pelvis_tilt_deg: f64,
    knee_flexion_deg: f64,
    pelvis_drop_deg: f64,
    pelvis_rot_abs_deg: f64,
    faults: Vec<String>,
    label: String,
}

impl BenchRep {
    fn into_truth(self, limits: &HingeCriteria) -> TrueRep {
        let aborted = self.label == "aborted";
        // Seen by neither sensor: the bench's own rule.
        let visible = self.pelvis_tilt_deg >= 4.0
            || self.shank_tilt_deg >= 3.0
            || self.hip_back_mm >= 20.0
            || self.knee_flexion_deg >= 8.0;
        let mm = Length::from_millimetres;
        let verdict = limits.of_truth(mm(self.knee_forward_mm), mm(self.hip_back_mm));
        let flags = vec![
            (Flag::KneeBend, self.knee_flexion_deg > limits.knee_flexion.fault.degrees()),
            (Flag::PelvisDrop, self.pelvis_drop_deg > limits.pelvis_drop.fault.degrees()),
            (Flag::PelvisRotation, self.pelvis_rot_abs_deg > limits.pelvis_rotation.fault.degrees()),
            (Flag::BalanceLoss, self.faults.iter().any(|fault| fault == "balance_loss")),
        ];
        TrueRep {
            span: Span::from_seconds(self.start_s, self.end_s),
            bottom: Span::from_seconds(self.turn_lo_s, self.turn_hi_s),
            values: [
                self.knee_forward_mm,
                self.hip_back_mm,
                self.shank_tilt_deg,
                self.pelvis_tilt_deg,
                self.knee_flexion_deg,
            ],
            verdict,
            flags,
            optional: aborted || !visible,
        }
    }
}

/// What happened in a session, and the kind of trouble its sensors had.
pub fn truth(folder: &Path, limits: &HingeCriteria) -> anyhow::Result<(Vec<TrueRep>, String)> {
    #[derive(Deserialize)]
    struct Hidden {
        tag: String,
    }
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let reps: RepsFile = serde_json::from_slice(&read("reps.json")?).context("reps.json has an unexpected form")?;
    let hidden: Hidden = serde_json::from_slice(&read("hidden.json")?).context("hidden.json has an unexpected form")?;
    Ok((reps.reps.into_iter().map(|rep| rep.into_truth(limits)).collect(), hidden.tag))
}
