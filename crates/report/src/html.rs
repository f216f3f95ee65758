//! The report as one page for a browser: self-contained, no network, readable without scripts and by keyboard. A small script of our own
//! shows one repetition at a time.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::ReportError;
use crate::figure;
use crate::model::{Headline, Leg, RepRow, ReportModel, SymmetryRow, TrendRow};

const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");
/// What the page may load: nothing. Its own style and script stand in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/// The page. Equal models give equal bytes.
///
/// # Errors
/// A fault of this program.
pub fn render_html(model: &ReportModel) -> Result<String, ReportError> {
    let page = Page { model, figures: figure::svgs(model)?, placement: figure::draw_placement(model.say)? };
    Ok(page.whole().into_string())
}

struct Page<'a> {
    model: &'a ReportModel,
    figures: Vec<(&'static str, String, String)>,
    placement: String,
}

impl Page<'_> {
    fn label(&self, key: &str) -> &str {
        self.model.labels.get(key).map_or("", String::as_str)
    }

    fn whole(&self) -> Markup {
        let m = self.model;
        let title = format!("{} {} {}", m.athlete_shown, m.date, m.exercise);
        html! {
            (DOCTYPE)
            html lang=(m.language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="generator" content="truehinge";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        (self.head())
                        (self.numbers())
                        (self.repetitions())
                        (self.pictures())
                        (self.progress())
                        (self.quality())
                    }
                    footer { (m.footer) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    fn head(&self) -> Markup {
        let m = self.model;
        let sessions = if m.sessions.len() > 1 { "sessions" } else { "session" };
        html! {
            header {
                @if !m.clinic.is_empty() { p { (m.clinic) } }
                h1 { @if m.exercise.is_empty() { (self.label("report")) } @else { (m.exercise) } }
                ul.facts {
                    li { span.soft { (self.label("athlete")) } " " strong { (m.athlete) } }
                    li { span.soft { (self.label("date")) } " " (m.date) }
                    li { span.soft { (self.label(sessions)) } " " (m.sessions.join("; ")) }
                }
                @if !m.person.is_empty() { p { (m.person) } }
            }
            div.verdict {
                @if !m.nothing.is_empty() { strong { (m.nothing) } }
                @for leg in &m.legs { strong { (leg.sentence) } }
                @if !m.corrected.is_empty() { span { (m.corrected) " " } }
                span { (m.quality.sentence) }
            }
            @if !m.advice.is_empty() {
                h2 { (self.label("work-on")) }
                ul {
                    @for advice in &m.advice { li { strong { (advice.found) } " " (advice.cue) } }
                    @for dose in &m.doses { li { (dose) } }
                }
            }
            @if !m.changes.is_empty() {
                h2 { (self.label("changes")) }
                @for change in &m.changes { p { (change) } }
            }
        }
    }

    fn numbers(&self) -> Markup {
        let row = |headline: &Headline| {
            let Headline { title, median, range, worst, target, met, .. } = headline;
            html! { tr { th scope="row" { (title) } @for cell in [median, range, worst, target, met] { td { (cell) } } } }
        };
        let columns = ["median", "range", "worst", "target", "met"];
        let of_leg = |leg: &Leg| {
            html! {
                h3 { (leg.title) ", " (self.label("score")) ": " (leg.score) }
                div.scroll tabindex="0" role="region" aria-label=(leg.title) { table {
                    thead { tr { th scope="col" { (self.label("of-repetitions")) } @for key in columns { th scope="col" { (self.label(key)) } } } }
                    tbody { @for headline in &leg.headlines { (row(headline)) } }
                } }
            }
        };
        html! { @if !self.model.legs.is_empty() {
            h2 { (self.label("numbers")) }
            @for leg in &self.model.legs { (of_leg(leg)) }
        } }
    }

    /// Tiles in order of time, each the way to its repetition.
    fn repetitions(&self) -> Markup {
        let m = self.model;
        html! { @if !m.reps.is_empty() {
            h2 { (self.label("in-order")) }
            ul.tiles {
                @for (index, row) in m.reps.iter().enumerate() {
                    li { a href=(format!("#rep-{index}")) title=(row.verdict) { (row.label) " " b { (row.letter) } span.unseen { " " (row.verdict) } } }
                }
            }
            p.soft { @for [letter, verdict] in &m.verdicts { (letter) " " (verdict) " \u{2003}" } }
            @for (index, row) in m.reps.iter().enumerate() { (self.repetition(index, row)) }
            p.soft { (self.label("table-note")) }
        } }
    }

    fn repetition(&self, index: usize, row: &RepRow) -> Markup {
        let columns = ["knee-column", "bottom-column", "hip-column", "pelvis-column", "flexion-column"];
        let unit = |column: usize| if column < 3 { self.model.length_unit } else { "°" };
        html! {
            section.rep id=(format!("rep-{index}")) aria-label=(row.label) {
                h3 { (row.label) ": " (row.verdict) @if !row.probability.is_empty() { " (" (row.probability) ")" } }
                p { (row.reason) }
                dl {
                    div { dt { (self.label("start-s")) } dd { (row.start) } }
                    div { dt { (self.label("tempo-s")) } dd { (row.tempo) } }
                    @for (column, value) in row.values.iter().enumerate() {
                        div { dt { (self.label(columns[column])) " " (unit(column)) } dd { (value) } }
                    }
                }
            }
        }
    }

    /// A figure with what to look for; nothing where there is nothing to draw.
    fn figure(&self, name: &str, help: &str) -> Markup {
        let found = self.figures.iter().find(|(of, _, _)| *of == name);
        html! { @if let Some((_, svg, _)) = found {
            figure { div role="img" aria-label=(self.label(help)) { (PreEscaped(svg)) } figcaption { (self.label(help)) } }
        } }
    }

    fn pictures(&self) -> Markup {
        html! { @if !self.figures.is_empty() && !self.model.reps.is_empty() {
            h2 { (self.label("fig-map")) }
            div.two { (self.figure("hinge_map", "fig-map-help")) (self.figure("body", "fig-body-help")) }
            (self.figure("values", "fig-values-help"))
            h2 { (self.label("curves")) }
            (self.figure("curves", "fig-curves-help"))
            h2 { (self.label("fig-phase")) }
            (self.figure("phase", "fig-phase-help"))
            (self.figure("strip", "fig-strip-help"))
        } }
    }

    fn progress(&self) -> Markup {
        let m = self.model;
        let trend = |row: &TrendRow| {
            vec![
                row.leg.clone(),
                row.title.clone(),
                row.first.clone(),
                row.last.clone(),
                row.baseline.clone(),
                row.mdc.clone(),
                row.change.clone(),
            ]
        };
        let sides = |row: &SymmetryRow| {
            vec![
                row.title.clone(),
                row.left.clone(),
                row.right.clone(),
                row.difference.clone(),
                row.mdc.clone(),
                row.verdict.clone(),
                row.index.clone(),
            ]
        };
        html! {
            @if !m.symmetry.is_empty() {
                h2 { (self.label("legs")) }
                (self.figure("sides", "fig-sides-help"))
                (self.table("legs", &["quantity", "left", "right", "difference", "mdc-legs", "remark", "index"], m.symmetry.iter().map(sides), "legs-note"))
            }
            @if !m.form.is_empty() {
                h2 { (self.label("within-sets")) }
                @for line in &m.form { p { (line) } }
            }
            @if !m.trends.is_empty() {
                h2 { (self.label("over-time")) }
                (self.figure("trend", "fig-trend-help"))
                (self.table("over-time", &["leg", "quantity", "first", "last", "baseline", "mdc", "change"], m.trends.iter().map(trend), "trend-note"))
            }
        }
    }

    fn quality(&self) -> Markup {
        let m = self.model;
        let rows = |rows: &[[String; 3]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        html! {
            h2 { (self.label("data-quality")) }
            p { (m.quality.sentence) " " (m.quality.clocks) }
            (self.figure("timeline", "fig-timeline-help"))
            @if !m.quality.sensors.is_empty() {
                (self.table("sensors", &["session", "sensor", "model", "rate", "lost", "gap", "clock", "gravity"], m.quality.sensors.iter().map(|row| row.to_vec()), ""))
            }
            @if !m.quality.findings.is_empty() {
                h3 { (self.label("remarks")) }
                (self.table("remarks", &["session", "grade", "remark"], rows(&m.quality.findings), ""))
            }
            @if !m.rejected.is_empty() {
                h3 { (self.label("not-counted")) }
                (self.table("not-counted", &["set", "time", "why"], rows(&m.rejected), ""))
            }
            @if !m.quality.limits.is_empty() {
                h3 { (self.label("limits")) }
                (self.table("limits", &["quantity", "good", "fault"], rows(&m.quality.limits), "between"))
            }
            h3 { (self.label("where-sensors")) }
            figure { div role="img" aria-label=(self.label("where-sensors")) { (PreEscaped(&self.placement)) } figcaption { (self.label("place-note")) } }
            h2 { (self.label("what-it-is")) }
            p { (self.label("what-it-is-text")) }
            @for [name, words] in &m.quality.provenance { p.soft style="overflow-wrap: anywhere" { (name) " " (words) } }
        }
    }

    fn table(&self, name: &str, columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>, note: &str) -> Markup {
        html! { div.scroll tabindex="0" role="region" aria-label=(self.label(name)) { table {
            @if !note.is_empty() { caption { (self.label(note)) } }
            thead { tr { @for key in columns { th scope="col" { (self.label(key)) } } } }
            tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
        } } }
    }
}
