//! temporary
#![allow(clippy::all, clippy::pedantic, missing_docs)]
use truehinge_core::*;
use truehinge_core::quantity::*;
use truehinge_signal::{grid::*, set::*};
fn main() {
    let out = std::env::args().nth(1).unwrap();
    let mut files: Vec<_> = std::fs::read_dir("/tmp/oriented").unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let mut total = std::time::Duration::ZERO;
    for f in files {
        let j: serde_json::Value = serde_json::from_slice(&std::fs::read(&f).unwrap()).unwrap();
        let sid = f.file_stem().unwrap().to_str().unwrap().to_owned();
        let m = &j["meta"];
        let side: Side = m["leg"].as_str().unwrap().parse().unwrap();
        let mm = |v: &serde_json::Value, s: f64| Some(Measured::new(Length::from_millimetres(v.as_f64().unwrap()), Length::from_millimetres(s)));
        let body = Anthropometry { shank_length: mm(&m["measured_mm"]["shank_length"], 8.0), thigh_length: mm(&m["measured_mm"]["thigh_length"], 8.0), hip_width: mm(&m["measured_mm"]["hip_width"], 8.0), ..Default::default() };
        let mut tracks = vec![]; let mut mounts = vec![];
        for role in [SensorRole::Hip, SensorRole::Shank, SensorRole::Thigh] {
            let s = &m["sensors"][role.name()];
            if s.is_null() || std::env::var("NOTHIGH").is_ok() && role == SensorRole::Thigh { continue; }
            let mount = match s["placement"].as_str().unwrap() { "sacrum" => MountSite::Sacrum, "lateral_hip" => MountSite::LateralHip, "tibia_antmed" => MountSite::TibiaAnteromedial, "shank_lateral" => MountSite::ShankLateral, _ => MountSite::ThighLateral };
            mounts.push((role, if std::env::var("NOMOUNT").is_ok() { None } else { Some(mount) }));
            let b = std::fs::read(format!("/tmp/oriented/{sid}_{role}.f64")).unwrap();
            let v: Vec<f64> = b.chunks_exact(8).map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect();
            let rows: Vec<&[f64]> = v.chunks_exact(10).collect();
            tracks.push(PoseTrack { role, poses: rows.iter().map(|r| Rotation::from_wxyz([r[0], r[1], r[2], r[3]]).unwrap()).collect(), angular_rate: rows.iter().map(|r| Vec3::new(r[4], r[5], r[6])).collect(), specific_force: rows.iter().map(|r| Vec3::new(r[7], r[8], r[9])).collect(), valid: vec![true; rows.len()] });
        }
        let grid = PoseGrid { start: SessionTime::from_seconds(j["start"].as_f64().unwrap()), rate: SampleRate::from_hertz(100.0).unwrap(), tracks };
        let protocol = Protocol::default();
        let t = std::time::Instant::now();
        let sets = analyse(&grid, &SetContext { side: Some(side), body: &body, mounts: &mounts, protocol: &protocol }, &SetParams::default(), 1).unwrap();
        total += t.elapsed();
        let mut csv = String::from("start_s,turn_s,end_s,knee_forward_mm,hip_back_mm,shank_tilt_deg,pelvis_tilt_deg,knee_flexion_deg,label,kf_s,hb_s,st_s,pt_s,kfl_s\n");
        if std::env::var("V").is_ok() { println!("{sid} {:?}", sets[0].alignment.iter().map(|a| (a.role, a.method, a.axis_sigma.degrees().round())).collect::<Vec<_>>()); }
        for s in &sets { for r in &s.reps {
            let g = |m| r.metrics.reading(m).unwrap();
            let ms = [Metric::KneeForward, Metric::HipBack, Metric::ShankInclination, Metric::PelvicTilt, Metric::KneeFlexion];
            csv += &format!("{},{},{},{},{},{},{},{},{},{}\n", r.span.start.seconds(), r.turn.seconds(), r.span.end.seconds(), g(ms[0]).value, g(ms[1]).value, g(ms[2]).value, g(ms[3]).value, g(ms[4]).value, r.judgement.verdict.name(), ms.map(|m| g(m).sigma.to_string()).join(","));
        }
            if std::env::var("V").is_ok() { for r in &s.rejected { println!("   rejected {:.1}-{:.1} {}", r.span.start.seconds(), r.span.end.seconds(), r.rejection); } }
        }
        std::fs::create_dir_all(format!("{out}/{sid}")).unwrap();
        std::fs::write(format!("{out}/{sid}/reps.csv"), csv).unwrap();
    }
    eprintln!("total {total:?}");
}
