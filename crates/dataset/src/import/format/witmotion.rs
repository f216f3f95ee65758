//! WitMotion WitApp text: `AccX(g)`, `AsX(°/s)` (or in Chinese) beside a device column; the rows of all devices in one table.

use super::About;
use super::by_mapping::{Described, cells, layout, mapping, sensor, time};
use crate::import::mapping::{Column, FileLayout, ForceUnit, Mapping, RateUnit};

/// See the module.
pub(super) static WITMOTION: Described = Described {
    about: About {
        format: "witmotion-txt",
        words: "WitMotion table with several devices",
        written_by: "WitMotion WitApp",
        files: "one table with several devices, English or Chinese",
    },
    table,
};

fn table(head: &[String], skip: usize) -> Option<Mapping> {
    let delimiter = if head[skip].contains('\t') { '\t' } else { ',' };
    let names = cells(&head[skip], delimiter);
    let any =
        |words: &[&str]| names.iter().position(|name| words.contains(&name.to_lowercase().as_str())).map(|i| i + 1);
    let device = any(&["devicename", "device name", "设备名称"])?;
    let clock = any(&["time", "chip time", "chiptime", "时间", "片上时间"])?;
    let acc = three(&names, ["AccX", "AccY", "AccZ"]).or_else(|| three(&names, ["加速度X", "加速度Y", "加速度Z"]))?;
    let gyr = three(&names, ["AsX", "AsY", "AsZ"]).or_else(|| three(&names, ["角速度X", "角速度Y", "角速度Z"]))?;
    let file = FileLayout { device: Some(Column::Number(device)), ..layout(delimiter, skip, 1) };
    let sensor = sensor(acc, ForceUnit::G, gyr, RateUnit::Degrees);
    Some(mapping(file, time(Some(clock), None, Some("iso")), vec![sensor]))
}

/// Columns from 1, by what their names begin with.
fn three(names: &[String], begins: [&str; 3]) -> Option<[usize; 3]> {
    let find = |begin: &str| names.iter().position(|name| name.starts_with(begin)).map(|index| index + 1);
    let [x, y, z] = begins.map(find);
    Some([x?, y?, z?])
}
