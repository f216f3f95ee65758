//! Pages and figures of ordinary and odd sessions.

mod pages;
mod sample;

use sample::{built, laid, mixed, mm, model, pdf, rep, session};
use truehinge_core::words::Language;
use truehinge_core::{AthleteId, Cause, Criterion, RepMetrics, SessionAnalysis, SessionId, Side, Verdict, Zone};
use truehinge_core::{CorrectedTo, Correction};
use truehinge_report::model::{LengthUnit, Say};
use truehinge_report::{Document, Paper, render_figures};

#[test]
fn files_carry_code_date_and_session_so_that_morning_and_evening_are_two() {
    let stem = |athlete: &str, session_name: &str, change: &dyn Fn(&mut SessionAnalysis)| {
        let mut analysis = session(mixed(1), Some(Side::Left));
        analysis.info.session = SessionId::new(session_name).expect("valid");
        change(&mut analysis);
        built(&AthleteId::new(athlete).expect("valid"), &[analysis], Say::default()).file_stem
    };
    assert_eq!(stem("P-014", "S1", &|_| {}), "P-014_2026-01-01_S1");
    assert_eq!(stem("P-014", "20260101-081500", &|_| {}), "P-014_20260101-081500");
    assert_eq!(stem("P-014", "20260101-183000", &|_| {}), "P-014_20260101-183000");
    assert_eq!(stem("P-014", "S1", &|analysis| analysis.info.start_utc_ns = None), "P-014_S1");
    // Half an hour before midnight in UTC is the next day in Auckland.
    let late = |analysis: &mut SessionAnalysis| {
        analysis.info.start_utc_ns = Some(1_767_223_800_000_000_000);
        analysis.info.zone = Zone::Ahead(13 * 3600);
    };
    assert_eq!(
        stem("P/14", "S1", &late),
        format!("{}_2026-01-01_S1", AthleteId::new("P/14").expect("valid").file_name())
    );
}

#[test]
fn names_are_on_the_page_in_full_and_what_cannot_be_drawn_is_said() {
    let names = |athlete: &str| {
        let athlete = AthleteId::new(athlete).expect("valid");
        let model = built(&athlete, &[session(mixed(1), Some(Side::Left))], Say::default());
        assert_eq!(model.athlete, athlete.as_str());
        (model.athlete_shown, model.names)
    };
    assert_eq!(names("Žofie Анна 1/2"), ("Žofie Анна 1/2".to_owned(), String::new()));
    let (shown, said) = names("Mori 山田");
    assert_eq!(shown, AthleteId::new("Mori 山田").expect("valid").file_name());
    assert!(
        said.contains("not all letters of the athlete's name") && said.contains("the tables hold it in full"),
        "{said}"
    );
    assert_ne!(shown, names("Mori 鈴木").0);
}

#[test]
fn where_nothing_could_be_judged_no_fault_is_denied() {
    let found = |causes: [Cause; 2]| {
        let reps =
            causes.into_iter().zip(1..).map(|(cause, number)| rep(number, Verdict::Indeterminate, cause, 20.0, 50.0));
        let model = model(&[session(reps.collect(), Some(Side::Left))]);
        let [advice] = &model.advice[..] else { panic!("{:?}", model.advice) };
        (advice.found.clone(), advice.cue.is_empty())
    };
    let other = "Perhaps not the leg that was named, or a sensor faces the other way: say how it was.";
    assert_eq!(found([Cause::OtherLeg; 2]), (other.to_owned(), true));
    assert_eq!(found([Cause::OtherLeg, Cause::GreyZone]), ("No clear fault was seen.".to_owned(), false));
}

#[test]
fn the_model_says_it_in_words() {
    let mut model = model(&[session(mixed(5), Some(Side::Left))]);
    model.labels.clear();
    insta::assert_json_snapshot!(model);
}

#[test]
fn german_pages_say_it_in_german_with_its_decimal_sign() {
    let athlete = AthleteId::new("P-014").expect("valid");
    let say = Say { language: Language::German, unit: LengthUnit::Centimetres };
    let mut model = built(&athlete, &[session(mixed(5), Some(Side::Left))], say);
    let english = Say::default().language.labels();
    let same: Vec<&String> =
        model.labels.iter().filter(|(key, text)| english[*key] == **text).map(|(key, _)| key).collect();
    assert_eq!(
        same,
        ["left-letter", "n", "quiet", "rate", "right-letter", "seconds", "sensor", "tempo-s"],
        "words that are the same in both languages"
    );
    model.labels.clear();
    insta::assert_json_snapshot!(model);
}

#[test]
fn a_drift_beside_a_gap_is_told_as_at_least_so_much() {
    let mut drift = rep(1, Verdict::KneeForwardDrift, Cause::KneeForwardSeen, 44.0, 60.0);
    drift.metrics.knee_forward_seen = drift.metrics.knee_forward.take();
    drift.judgement.evidence[0].criterion = Criterion::KneeForwardSeenFault;
    let told = serde_json::to_string(&model(&[session(vec![drift], Some(Side::Left))])).expect("JSON");
    for words in ["≥ 4.4", "by at least this much (part of the repetition is missing): 4.4 cm", "up to 4.4 cm forward"]
    {
        assert!(told.contains(words), "{words} in {told}");
    }
}

/// A leg with a fault never reads as if all were well: some repetition misses the target, and the worst one is beyond the limit.
#[test]
fn no_number_contradicts_the_verdict_above_it() {
    for count in 1..=12 {
        let model = model(&[session(mixed(count), Some(Side::Left))]);
        let leg = &model.legs[0];
        let drifts = mixed(count).iter().filter(|rep| rep.judgement.verdict == Verdict::KneeForwardDrift).count();
        let knee = leg.headlines.iter().find(|headline| headline.title == "Knee-forward travel").expect("is there");
        assert_eq!(leg.sentence.contains("knee-forward drift"), drifts > 0, "{}", leg.sentence);
        if drifts > 0 {
            assert_eq!(knee.worst, "6.2 cm");
            let (met, of) = knee.met.split_once(" of ").expect("a share");
            assert!(met.parse::<u32>().expect("a count") < of.parse::<u32>().expect("a count"), "{}", knee.met);
        }
    }
}

#[test]
fn what_a_person_corrected_counts_as_they_say_and_the_page_says_so() {
    let by_hand = |change| {
        Some(Correction {
            change,
            reason: "sneezed".to_owned(),
            author: "AB".to_owned(),
            at_utc_ns: 1_767_312_000_000_000_000,
        })
    };
    let mut reps = mixed(4);
    reps[3].by_hand = by_hand(CorrectedTo::Excluded);
    reps[2].by_hand = by_hand(CorrectedTo::Verdict { verdict: Verdict::TrueHinge });
    let model = model(&[session(reps, Some(Side::Left))]);
    assert_eq!(
        model.legs[0].sentence,
        "Left leg: 2 of 3 were true hinges, 1 with too little hip travel (rep 1.2), 1 excluded by hand (rep 1.4)."
    );
    assert_eq!(model.legs[0].strips[0].tiles[3].letter, "×");
    assert_eq!(model.corrected, "2 repetitions were corrected by hand.");
    assert!(
        model.reps[3].reason.contains("sneezed") && model.reps[3].reason.contains("AB"),
        "{}",
        model.reps[3].reason
    );
    assert_eq!(model.advice.len(), 1, "an excluded drift is no advice: {:?}", model.advice);
}

#[test]
fn two_recordings_of_a_day_are_one_page_with_letters() {
    let (left, mut right) = (session(mixed(3), Some(Side::Left)), session(mixed(4), Some(Side::Right)));
    right.info.session = SessionId::new("S2").expect("valid");
    let model = model(&[left, right]);
    let titles: Vec<&str> = model.legs.iter().map(|leg| leg.title.as_str()).collect();
    assert_eq!(titles, ["Left leg", "Right leg"]);
    assert!(model.legs[1].sentence.contains("rep B1.4"), "{}", model.legs[1].sentence);
    assert_eq!(model.sessions.len(), 2);
    assert!(model.sessions[1].starts_with("B: S2, 2026-01-01"), "{:?}", model.sessions);
}

#[test]
fn equal_models_give_equal_bytes() {
    let model = model(&[session(mixed(5), Some(Side::Right))]);
    for document in Document::ALL {
        assert!(pdf(&model, document, Paper::A4) == pdf(&model, document, Paper::A4), "{}", document.name());
    }
    assert!(render_figures(&model).expect("draws") == render_figures(&model).expect("draws"));
}

/// Sessions that few people have, and all of them get pages that a validator of PDF/UA-1 takes: `render_pdf` refuses others.
#[test]
fn odd_sessions_give_pages_too() {
    let mut nothing_measured = mixed(3);
    for rep in &mut nothing_measured {
        rep.metrics = RepMetrics::default();
        rep.curves.clear();
        rep.judgement.evidence.clear();
    }
    let mut not_numbers = mixed(3);
    for rep in &mut not_numbers {
        rep.metrics.knee_forward = Some(mm(f64::NAN));
        rep.metrics.hip_back = Some(mm(f64::INFINITY));
        rep.curves.iter_mut().for_each(|curve| curve.values[50] = f64::NAN);
    }
    let say = Say::default();
    let long = AthleteId::new("x".repeat(400)).expect("valid");
    let undrawn = AthleteId::new("選手-山田").expect("valid");
    let left = || session(mixed(3), Some(Side::Left));
    for (name, model) in [
        ("no session", model(&[])),
        ("no repetition", model(&[session(vec![], Some(Side::Left))])),
        ("one", model(&[session(mixed(1), None)])),
        ("two", model(&[session(mixed(2), Some(Side::Left))])),
        ("forty", model(&[session(mixed(40), Some(Side::Left))])),
        ("nothing measured", model(&[session(nothing_measured, Some(Side::Left))])),
        ("not numbers", model(&[session(not_numbers, Some(Side::Left))])),
        ("long name", built(&long, &[left()], say)),
        ("letters without shapes", built(&undrawn, &[left()], say)),
        ("several sessions", model(&[left(), session(mixed(4), Some(Side::Right))])),
    ] {
        for (document, paper) in Document::ALL.into_iter().zip([Paper::A4, Paper::Letter].into_iter().cycle()) {
            let pdf = pdf(&model, document, paper);
            assert!(pdf.starts_with(b"%PDF") && pdf.len() < 1_000_000, "{name}: {} bytes", pdf.len());
        }
        for figure in render_figures(&model).unwrap_or_else(|error| panic!("{name}: {error}")) {
            assert!(figure.svg.contains("<svg") && figure.png.starts_with(b"\x89PNG"), "{name}");
            assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf"), "{name}: {}", figure.name);
        }
    }
}

#[test]
fn the_summary_is_one_page() {
    for (count, sides) in [(0, 1), (1, 1), (5, 1), (5, 2), (12, 2), (40, 2)] {
        let sides = [Side::Left, Side::Right].into_iter().take(sides);
        let sessions: Vec<SessionAnalysis> = sides.map(|side| session(mixed(count), Some(side))).collect();
        for language in Language::ALL {
            let say = Say { language, ..Say::default() };
            let model = built(&AthleteId::new("P-014").expect("valid"), &sessions, say);
            for paper in [Paper::A4, Paper::Letter] {
                let pages = laid(&model, Document::Summary, paper).pages();
                assert_eq!(pages, 1, "{count} repetitions, {} legs, {language:?}, {paper:?}", sessions.len());
            }
        }
    }
}

#[test]
fn the_dose_of_a_set_is_looked_at() {
    let said = |count: u32| {
        let model = model(&[session(mixed(count), Some(Side::Left))]);
        model
            .doses
            .iter()
            .any(|sentence| sentence.starts_with("Set 1 had") && sentence.contains(&format!("{count} repetition")))
    };
    assert!(said(1) && said(2) && said(6), "too few and too many are said");
    assert!(!said(3) && !said(5), "three to five are what is asked for");
}

/// The drawing of the places in the docs is the one of the pages. `cargo test -p truehinge-report -- --ignored` writes it.
fn placement() -> (std::path::PathBuf, String) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/img/placement.svg");
    (path, truehinge_report::figure::draw_placement(Say::default()).expect("draws"))
}

#[test]
fn the_docs_show_where_the_sensors_sit_as_the_pages_do() {
    let (path, svg) = placement();
    assert!(std::fs::read_to_string(path).is_ok_and(|text| text == svg), "write it anew: -- --ignored");
}

#[test]
#[ignore = "writes into the docs"]
fn write_where_the_sensors_sit() {
    let (path, svg) = placement();
    std::fs::write(path, svg).expect("writes");
}

/// Texts below a folder.
fn texts(folder: &std::path::Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("lists").flatten() {
        let path = entry.path();
        if path.is_dir() {
            texts(&path, all);
        } else {
            all.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

#[test]
fn every_word_of_the_catalogue_is_on_a_page() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    texts(&folder.join("src"), &mut all);
    texts(&folder.join("templates"), &mut all);
    let by_name = ["metric-", "sensor-", "grade-", "exercise-"];
    let is_used = |key: &str| {
        let in_template = |(at, _): (usize, &str)| {
            !all[at..].chars().nth(2 + key.len()).is_some_and(|next| next.is_alphanumeric() || next == '-')
        };
        all.contains(&format!("\"{key}\"")) || all.match_indices(&format!("l.{key}")).any(in_template)
    };
    let labels = Say::default().language.labels();
    let unused: Vec<&String> =
        labels.keys().filter(|key| !by_name.iter().any(|name| key.starts_with(name)) && !is_used(key)).collect();
    assert!(labels.len() > 100 && unused.is_empty(), "{unused:?}");
}
