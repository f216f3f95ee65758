//! What the terminal says beyond the sentences that it shares with tables and pages ([`truehinge_core::words`]).

use truehinge_core::Finding;

use crate::hints;

/// A finding with its sensor in front and the option that does something about it behind.
pub fn remark(finding: &Finding) -> String {
    hints::behind(truehinge_core::words::remark(finding), hints::hint(finding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truehinge_core::{FindingKind, SensorRole};

    #[test]
    fn a_remark_has_its_sensor_in_front_and_its_option_behind() {
        let uneven = Finding::of_sensor(SensorRole::Hip, FindingKind::Uneven);
        assert_eq!(remark(&uneven), "hip sensor: it sampled unevenly: interpolated onto its mean rate");
        let side = remark(&Finding::of_recording(FindingKind::SideUnknown { set: 2 }));
        assert!(side.starts_with("set 2: ") && side.ends_with("name the leg (--side left or --side right)"), "{side}");
    }
}
