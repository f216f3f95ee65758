//! One person's three hinges (`cases/hinge.csv`, our own synthetic numbers: 17 s at 25 Hz, left leg, stance until 4 s, then two
//! true hinges and a drift), to be written in the layouts that people have.

use std::fmt::Write as _;

/// A row: time in ms, then ax ay az in m/s² and gx gy gz in rad/s of the hip and of the shank.
pub(crate) type Row = (u32, [f64; 6], [f64; 6]);

pub(crate) fn rows() -> Vec<Row> {
    let parse = |line: &str| {
        let (time, rest) = line.split_once(',').expect("cells");
        let cells: Vec<f64> = rest.split(',').map(|cell| cell.parse().expect("a number")).collect();
        let six = |from: usize| <[f64; 6]>::try_from(&cells[from..from + 6]).expect("six");
        (time.parse().expect("a time"), six(0), six(6))
    };
    include_str!("cases/hinge.csv").lines().skip(1).map(parse).collect()
}

/// A table with both sensors, changed row by row.
pub(crate) fn table(mut change: impl FnMut(usize, &mut Row)) -> String {
    let mut text =
        "millis,hip_ax,hip_ay,hip_az,hip_gx,hip_gy,hip_gz,shank_ax,shank_ay,shank_az,shank_gx,shank_gy,shank_gz\n"
            .to_owned();
    for (index, mut row) in rows().into_iter().enumerate() {
        change(index, &mut row);
        let (time, hip, shank) = row;
        let cells: Vec<String> = hip.iter().chain(&shank).map(|value| format!("{value:.4}")).collect();
        let _ = writeln!(text, "{time},{}", cells.join(","));
    }
    text
}

/// The mapping of that table.
pub(crate) const MAPPING: &str = r#"
    time = { column = "millis", unit = "ms" }
    session = { side = "left" }
    [[sensor]]
    role = "hip"
    acc = ["hip_ax", "hip_ay", "hip_az"]
    acc_unit = "m/s2"
    gyr = ["hip_gx", "hip_gy", "hip_gz"]
    gyr_unit = "rad/s"
    [[sensor]]
    role = "shank"
    acc = ["shank_ax", "shank_ay", "shank_az"]
    acc_unit = "m/s2"
    gyr = ["shank_gx", "shank_gy", "shank_gz"]
    gyr_unit = "rad/s"
"#;
