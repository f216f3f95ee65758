//! The table of models in `docs/sensors/README.md` is what the drivers say of themselves, and every model has a page.

use std::fs;
use std::path::PathBuf;

use truehinge_ble::ImuDriver;
use truehinge_ble::driver::all;

const BEGIN: &str = "<!-- models: written from the drivers, not by hand -->\n";
const END: &str = "<!-- /models: cargo test -p truehinge-ble --test manual -- --ignored -->\n";

fn page(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/sensors").join(format!("{name}.md"))
}

/// What stands in the manual before, between and after the two marks.
fn manual() -> [String; 3] {
    let text = fs::read_to_string(page("README")).expect("reads");
    let (before, rest) = text.split_once(BEGIN).expect("the table's begin is marked");
    let (between, after) = rest.split_once(END).expect("the table's end is marked");
    [before, between, after].map(str::to_owned)
}

/// The rates, the usual one bold.
fn rates(driver: &dyn ImuDriver) -> String {
    let usual = driver.device().nominal_rate;
    let word = |rate| if Some(rate) == usual { format!("**{}**", rate.hertz()) } else { rate.hertz().to_string() };
    let words: Vec<String> = driver.rates().into_iter().map(word).collect();
    if words.is_empty() { "its firmware's only".to_owned() } else { words.join(", ") }
}

fn row(driver: &dyn ImuDriver) -> String {
    let (name, manual, rates) = (driver.model(), driver.about().manual, rates(driver));
    let (models, stamps, needs, page) = (manual.models, manual.time_stamps, manual.needs.unwrap_or("-"), manual.page);
    format!("| {models} | `{name}` | {rates} | {stamps} | {needs} | [{page}]({page}.md) |\n")
}

fn table() -> String {
    let head = "| model | `scan` says | rates, Hz (usual one bold) | time stamps | needs | page |\n|---|---|---|---|---|---|\n";
    all().iter().fold(head.to_owned(), |table, driver| table + &row(&**driver))
}

#[test]
fn the_table_of_the_manual_is_what_the_drivers_say() {
    let ([_, written, _], table) = (manual(), table());
    let remedy = "cargo test -p truehinge-ble --test manual -- --ignored";
    assert!(
        written == table,
        "docs/sensors/README.md says otherwise than the drivers; write it anew: {remedy}\n{table}"
    );
}

#[test]
#[ignore = "writes the table"]
fn the_table_of_the_manual_is_written_anew() {
    let [before, _, after] = manual();
    fs::write(page("README"), [&before, BEGIN, &table(), END, &after].concat()).expect("writes");
}

#[test]
fn every_model_has_a_page() {
    for driver in all() {
        let page = page(driver.about().manual.page);
        assert!(page.is_file(), "{}: {} is missing", driver.model(), page.display());
    }
}
