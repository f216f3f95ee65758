//! Pages as pictures: as full as they should be, and as they were when somebody last looked at them.

use std::path::PathBuf;

use resvg::tiny_skia::Pixmap;
use truehinge_core::words::Language;
use truehinge_core::{SessionAnalysis, Side};
use truehinge_report::model::{LengthUnit, Say};
use truehinge_report::{Document, Paper, ReportModel};

use crate::sample::{athlete, built, laid, mixed, model, session};

/// Fine enough for a letter to be seen, coarse enough for small files.
const DOTS_PER_INCH: f64 = 50.0;
/// Where the head of a page ends and its foot begins, per cent of its height.
const HEAD: u32 = 6;
const FOOT: u32 = 93;
/// Most of a page that may be empty above its foot.
const EMPTY: f64 = 0.4;
/// A pixel differs if a channel is farther off than this, of 255, and a page if more than this share of its pixels does.
const FAR: u8 = 40;
const SHARE: f64 = 0.002;

fn pictures(model: &ReportModel, document: Document) -> Vec<Pixmap> {
    let pngs = laid(model, document, Paper::A4).pngs(DOTS_PER_INCH).expect("draws");
    pngs.iter().map(|png| Pixmap::decode_png(png).expect("a picture")).collect()
}

/// How much of the room between head and foot is empty below the last ink.
fn empty(page: &Pixmap) -> f64 {
    let (top, foot) = (page.height() * HEAD / 100, page.height() * FOOT / 100);
    let inked = |y: &u32| {
        (0..page.width()).any(|x| page.pixel(x, *y).is_some_and(|pixel| pixel.red().min(pixel.green()) < 253))
    };
    let last = (top..foot).rev().find(inked).unwrap_or(top);
    f64::from(foot - last) / f64::from(foot - top)
}

fn two_legs(count: u32) -> Vec<SessionAnalysis> {
    [Side::Left, Side::Right].map(|side| session(mixed(count), Some(side))).to_vec()
}

#[test]
fn no_page_is_mostly_empty() {
    let mut found_empty = Vec::new();
    for count in [0, 1, 3, 5, 12, 40] {
        for sessions in [vec![session(mixed(count), Some(Side::Left))], two_legs(count)] {
            let model = model(&sessions);
            for document in Document::ALL {
                let pages = pictures(&model, document);
                for (index, page) in pages.iter().enumerate() {
                    let (found, of) =
                        (empty(page), format!("{} page {} of {}", document.name(), index + 1, pages.len()));
                    let what = format!("{of}, {count} repetitions, {} legs: {found:.2} empty", sessions.len());
                    found_empty.extend((found > EMPTY).then_some(what));
                }
            }
        }
    }
    assert!(found_empty.is_empty(), "{}", found_empty.join("\n"));
}

/// The pages that are compared with a reference, by name.
fn references() -> Vec<(String, Pixmap)> {
    let german = Say { language: Language::German, unit: LengthUnit::Millimetres };
    let models =
        [("en", model(&two_legs(5))), ("de", built(&athlete(), &[session(mixed(4), Some(Side::Right))], german))];
    let mut all = Vec::new();
    for (language, model) in &models {
        for document in Document::ALL {
            let pages = pictures(model, document);
            let named = pages.into_iter().enumerate();
            all.extend(named.map(|(index, page)| (format!("{}-{language}-{}.png", document.name(), index + 1), page)));
        }
    }
    all
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/report/reference")
}

#[test]
fn pages_look_as_they_did_when_somebody_last_looked() {
    let remedy = "look at them: cargo test -p truehinge-report --test report write_reference -- --ignored";
    let pages = references();
    for (name, page) in &pages {
        let reference = std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}; {remedy}"));
        let reference = Pixmap::decode_png(&reference).expect("a picture");
        assert_eq!((reference.width(), reference.height()), (page.width(), page.height()), "{name}");
        let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > FAR;
        let differs = reference.data().chunks(4).zip(page.data().chunks(4)).filter(|(a, b)| a.iter().zip(*b).any(far));
        let share = differs.count() as f64 / f64::from(page.width() * page.height());
        assert!(share <= SHARE, "{name}: {:.2} % of the pixels differ; {remedy}", 100.0 * share);
    }
    let kept = std::fs::read_dir(folder()).expect("references").count();
    assert_eq!(kept, pages.len(), "a reference for every page and no other");
}

#[test]
#[ignore = "writes the references"]
fn write_reference() {
    let _ = std::fs::remove_dir_all(folder());
    std::fs::create_dir_all(folder()).expect("a folder");
    for (name, page) in references() {
        page.save_png(folder().join(name)).expect("writes");
    }
}
