//! Any bytes at all: an error or a recording, never a panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use truehinge_core::{SensorRole, Side};
use truehinge_dataset::import::guess::guess;
use truehinge_dataset::import::{Mapping, import, sniff};
use truehinge_dataset::{ImportOptions, discover};

use crate::{Folder, samples_folder, with_mapping, with_roles};

/// The beginning of a real file of each format, so that changes reach deep.
static SEEDS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let sample = |name: &str| std::fs::read(samples_folder().join(name)).expect("ships");
    let cut = |bytes: Vec<u8>| bytes.into_iter().take(3000).collect();
    let metabase = b"epoch (ms),time (01:00),elapsed (s),x-axis (g),y-axis (g),z-axis (g)\n1,a,0,0,0,1\n2,b,0,0,0,1\n";
    vec![
        ("Pelvis.csv", cut(sample("xsens-dot/LFemur_20210820_202113_831.csv"))),
        ("pelvis/Inertial.csv", cut(sample("x-imu3/pelvis 64F0EDBF (UDP)/Inertial.csv"))),
        ("MT_1_Pelvis.txt", cut(sample("opensense/MT_012005D6_009-001_00B42279.txt"))),
        ("x.sto", sample("opensense/imuOrientations.sto")),
        ("a_hip_2019-01-15T20.09.06.903_C4_Accelerometer_12.500Hz_1.4.4.csv", metabase.to_vec()),
        ("meta.json", br#"{"session":"S","athlete":"A","leg":"left","sensors":{"hip":{"file":"hip.csv"}}}"#.to_vec()),
        ("hip.csv", b"sensor_us,host_ns,ax,ay,az,gx,gy,gz\n4294960000,5,0,0,9.8,0,0,0\n2,5,0,0,9.8,0,0,0\n".to_vec()),
        ("table.csv", b"time;hip ax;hip ay;hip az;hip gx;hip gy;hip gz\n0;0;0;9,8;0;0;0\n10;0;0;9,8;0;0;0\n".to_vec()),
    ]
});

const MAPPING: &str = r#"
    file = { delimiter = ";", decimal = "," }
    time = { column = 1, unit = "ms", wrap_bits = 32 }
    sequence = { column = 2, wrap_bits = 8 }
    sensor = [{ role = "hip", acc = [2, 3, 4], acc_unit = "m/s2", gyr = [5, 6, 7], gyr_unit = "deg/s" }]
"#;

/// Every way in; the results do not matter, coming back does. A recording that comes back is sound.
fn everything(folder: &Folder) {
    let one = ImportOptions { side: Some(Side::Left), ..with_roles(&[("e", SensorRole::Hip)]) };
    for options in [&ImportOptions::default(), &one, &with_mapping(MAPPING)] {
        for path in discover(folder.path(), options).expect("lists") {
            if let Ok((recording, report)) = import(&path, options) {
                assert!(!recording.tracks.is_empty() && !report.to_string().is_empty());
                assert!(recording.tracks.iter().all(|track| track.samples.len() >= 2));
            }
            let _ = (sniff(&path), guess(&path), Mapping::read(&path));
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Flip(usize, u8),
    Cut(usize),
    Repeat(usize, usize),
    Insert(usize, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    let snippets = prop::sample::select(vec![
        "\"",
        ",",
        "\n",
        "\r\n",
        ";",
        "\t",
        "-",
        "NaN",
        "1e999",
        "99999999999999999999",
        "\0",
        "\u{feff}",
        "0x1",
        "-inf",
    ]);
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, to)| Change::Flip(at, to)),
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), 0_usize..200).prop_map(|(at, length)| Change::Repeat(at, length)),
        (any::<usize>(), snippets).prop_map(|(at, text)| Change::Insert(at, text.as_bytes().to_vec())),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |at: usize, length: usize| if length == 0 { 0 } else { at % length };
    match change {
        Change::Flip(at, to) if !bytes.is_empty() => {
            let at = place(*at, bytes.len());
            bytes[at] = *to;
        }
        Change::Flip(..) => {}
        Change::Cut(at) => bytes.truncate(place(*at, bytes.len())),
        Change::Repeat(at, length) => {
            let at = place(*at, bytes.len());
            let part = bytes[at..(at + length).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        Change::Insert(at, text) => {
            let at = place(*at, bytes.len());
            bytes.splice(at..at, text.iter().copied());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_never_panic(which in 0..SEEDS.len(), changes in prop::collection::vec(change(), 1..5)) {
        let folder = Folder::new();
        for (index, (name, content)) in SEEDS.iter().enumerate() {
            let mut content = content.clone();
            if index == which {
                changes.iter().for_each(|change| apply(&mut content, change));
                // Alone, and in the company of the others.
                folder.file(&format!("alone/{name}"), &content);
            }
            folder.file(&format!("all/{name}"), content);
        }
        everything(&folder);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), which in 0..SEEDS.len()) {
        let folder = Folder::new();
        let (name, seed) = &SEEDS[which];
        folder.file(&format!("bare/{name}"), &bytes);
        let header = seed.split(|byte| *byte == b'\n').next().unwrap_or_default();
        folder.file(&format!("headed/{name}"), [header, b"\n", &bytes].concat());
        everything(&folder);
    }
}
