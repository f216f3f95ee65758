//! The screen's look.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};
use truehinge_core::words::{Args, Language};
use truehinge_core::{HostTime, Verdict};
use truehinge_session::coach::words::lack;
use truehinge_session::recording::{Board, Prompt, SensorLine, Stage, Tile, Tone};
use truehinge_signal::watch::calibration::Lack;

use super::fit;
use crate::{output, words};

/// Least width of a tile.
const TILE: u16 = 38;
/// Rows of a tile: its frame, the verdict, and two of why, or one where the set has no room otherwise.
const ROOMY: u16 = 5;
const TIGHT: u16 = 4;

/// Draws everything, with where else it is shown; `can_ask` says whether there is a session to ask things of.
pub fn draw(frame: &mut Frame<'_>, state: &Board, links: &[String], can_ask: bool) {
    let width = usize::from(frame.area().width);
    let inner = width.saturating_sub(2);
    let (sensors, now) = (sensor_lines(state, inner), what_to_do(state, can_ask, inner));
    let below: Vec<Line<'_>> = below(state, links, can_ask, width).into_iter().map(Line::from).collect();
    // Frames included. What to do has room for two lines always, so that the tiles stay where they are.
    let [head, table, cue, tiles, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(rows(&sensors) + 2),
        Constraint::Length(rows(&now).max(2) + 2),
        Constraint::Min(TIGHT),
        Constraint::Length(rows(&below)),
    ])
    .areas(frame.area());
    frame.render_widget(Line::from(heading(state, width)).style(Style::new().add_modifier(Modifier::BOLD)), head);
    frame.render_widget(Paragraph::new(sensors).block(Block::bordered()), table);
    frame.render_widget(Paragraph::new(now).block(Block::bordered().title(way(state))), cue);
    draw_tiles(frame, tiles, state);
    frame.render_widget(Paragraph::new(below).style(Style::new().fg(Color::DarkGray)), foot);
}

fn rows(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

/// What runs, and in which recording.
fn heading(state: &Board, width: usize) -> String {
    let leg = state.side().map_or_else(String::new, |side| format!(", {side} leg"));
    let text = format!("truehinge  {:.0} s  set {}{leg}, {}  ", state.now.seconds(), state.set(), count(state));
    let room = width.saturating_sub(text.len());
    text + &fit::shortened(&state.recording, room)
}

/// How many repetitions the set has, of how many it should have.
fn count(state: &Board) -> String {
    let done = state.of_this_set().len();
    state.asked_for().map_or_else(|| done.to_string(), |most| format!("{done} of {most}"))
}

/// What each key does.
const KEYS: &str = "c calibration  n new set  s other leg  r redo set  t tap check  k clocks  q end";

/// Where else it is shown, whose turn it is, and the keys.
fn below(state: &Board, links: &[String], can_ask: bool, width: usize) -> Vec<String> {
    let keys = if can_ask { KEYS } else { "q end" };
    let (signs, turns, keys) = (gestures(state), turns(state), keys.to_owned());
    // Of an address nothing is left out.
    links.iter().chain(&signs).chain(&turns).chain([&keys]).flat_map(|text| fit::lines(text, width, 3)).collect()
}

/// What each gesture does, where they are looked for.
fn gestures(board: &Board) -> Vec<String> {
    let say = |key| Language::English.say(key, &Args::new(Language::English));
    let keys = ["live-label-gesture-start", "live-label-gesture-end", "live-label-gesture-undo"];
    keys.into_iter().filter(|_| board.hands_free).map(say).collect()
}

/// Whose turn it is and whose is next.
fn turns(board: &Board) -> Option<String> {
    let squad = board.squad.as_ref()?;
    let next = squad.athletes.get(squad.next())?;
    Some(format!("turn of {}, {} of {}; a next: {next}", squad.athlete(), squad.now + 1, squad.athletes.len()))
}

/// The two steps of a session, with a mark at the one that it is at.
fn way(state: &Board) -> Line<'static> {
    let accepted = state.calibration.as_ref().is_some_and(Vec::is_empty) && !state.calibrating;
    let is_first = state.is_about_calibration() && !accepted || state.is_before_everything();
    let calibration = if accepted { " 1 calibration: accepted " } else { " 1 calibration " };
    let step = |text: &str, is_now: bool| {
        let mark = if is_now { ">" } else { " " };
        let style = if is_now { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        Span::styled(format!("{mark}{}", text.trim_end()), style)
    };
    Line::from(vec![step(calibration, is_first), Span::raw(" "), step(" 2 sets ", !is_first), Span::raw(" ")])
}

/// What to do now, with the key for it.
fn prompt(prompt: Prompt, can_ask: bool) -> String {
    let words = prompt.words(Language::English);
    let key = match prompt {
        _ if !can_ask => return words,
        Prompt::Begin | Prompt::PutOn => "c: guided calibration",
        Prompt::Calibrate => "then press c",
        Prompt::CalibrationLacks(_) => "press c and do it again",
        Prompt::Tapped { .. } if prompt.tone() != Tone::Good => "end with q, swap --hip and --shank, begin again",
        _ => return words,
    };
    format!("{words}; {key}")
}

/// What to do now, how far the calibration is, and what is wrong with how the sensors are worn.
fn what_to_do(state: &Board, can_ask: bool, width: usize) -> Vec<Line<'static>> {
    let alarm = state.prompt.tone() == Tone::Alarm;
    let style = if alarm { Style::new().fg(Color::White).bg(Color::Red) } else { Style::new() };
    let bold = style.add_modifier(Modifier::BOLD);
    let mut all = styled(&prompt(state.prompt, can_ask), width, bold);
    if state.is_about_calibration() {
        all.extend(calibration(state, width));
    }
    for finding in state.worn.iter().rev().take(2) {
        let warning = format!("! {}", words::remark(finding));
        all.extend(styled(&warning, width, Style::new().fg(Color::Yellow)));
    }
    all
}

/// The three steps of the calibration: done, to do, and what one lacks.
fn calibration(state: &Board, width: usize) -> Vec<Line<'static>> {
    let seen = state.steps().map_or([None; 3], |steps| steps.map(Some));
    let labels = Language::English.live_labels();
    let step = |(key, seen): (&str, Option<Option<&Lack>>)| {
        let what = labels.get(key).map_or(key, String::as_str);
        match seen {
            Some(None) => styled(&format!("✓ {what}"), width, Style::new().fg(Color::Green)),
            Some(Some(lacking)) => styled(&format!("- {}", lack(lacking)), width, Style::new()),
            None => styled(&format!("- {what}"), width, Style::new()),
        }
    };
    ["step-still", "step-knee", "step-bow"].into_iter().zip(seen).flat_map(step).collect()
}

/// Text in at most two lines.
fn styled(text: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    fit::lines(text, width, 2).into_iter().map(|line| Line::from(line).style(style)).collect()
}

/// A row for each sensor, and below it what is wrong with its link.
fn sensor_lines(state: &Board, width: usize) -> Vec<Line<'static>> {
    // The name has what the others leave, and on wide screens no more than it takes.
    let longest = state.sensors.values().map(|line| line.name.chars().count()).max().unwrap_or(0);
    let named = width.saturating_sub(FIGURES).min(longest).max(1);
    let row = |mark: &str, role: &str, name: &str, [signal, rate, received, battery]: [&str; 4]| {
        let name = fit::shortened(name, named);
        format!("{mark:<2}{role:<7}{name:<named$} {signal:<9}{rate:<15}{received:<10}{battery}")
    };
    let header = row("", "sensor", "", ["signal", "rate", "received", "battery"]);
    let mut all = vec![Line::from(header).style(Style::new().fg(Color::DarkGray))];
    for (role, line) in &state.sensors {
        let is_well = line.is_well(state.now) || state.stage == Stage::Ended;
        // Colour never alone.
        let (mark, colour) = if is_well { ("", Color::Reset) } else { ("!", Color::Yellow) };
        let figures = figures(line, state.now);
        let text = row(mark, role.name(), &line.name, figures.each_ref().map(String::as_str));
        all.push(Line::from(text).style(Style::new().fg(colour)));
        if let Some(trouble) = &line.trouble {
            let words = trouble.why().unwrap_or_else(|| trouble.words(Language::English));
            all.extend(styled(&format!("   {words}"), width, Style::new().fg(Color::Yellow)));
        }
    }
    all
}

/// Columns of a sensor's row beside its name.
const FIGURES: usize = 2 + 7 + 1 + 9 + 15 + 10 + 7;

/// Signal, rate, share received and battery.
fn figures(line: &SensorLine, now: HostTime) -> [String; 4] {
    let expected = line.nominal.map_or_else(String::new, |nominal| format!(" of {nominal:.0}"));
    [
        line.signal.map_or_else(|| "-".to_owned(), |dbm| format!("{dbm} dBm")),
        format!("{:.0}{expected} Hz", line.rate(now)),
        format!("{:.1} %", line.share()),
        line.battery.map_or_else(|| "-".to_owned(), |charge| format!("{charge} %")),
    ]
}

/// The latest tiles that fit, oldest first.
fn draw_tiles(frame: &mut Frame<'_>, area: Rect, state: &Board) {
    let columns = (area.width / TILE).max(1);
    let of_set = u16::try_from(state.of_this_set().len().div_ceil(usize::from(columns))).unwrap_or(u16::MAX);
    let tall = if area.height / ROOMY < of_set { TIGHT } else { ROOMY };
    let rows = (area.height / tall).max(1);
    let room = usize::from(columns) * usize::from(rows);
    let first = state.tiles().len().saturating_sub(room);
    let width = area.width / columns;
    for (place, tile) in (0_u16..).zip(state.tiles().skip(first)) {
        let (x, y) = (area.x + place % columns * width, area.y + place / columns * tall);
        let rect = Rect::new(x, y, width, tall).intersection(area);
        frame.render_widget(tile_box(tile, rect), rect);
    }
}

fn tile_box(Tile { set, told }: Tile<'_>, area: Rect) -> Paragraph<'static> {
    let (rep, verdict) = (&told.rep, told.rep.verdict());
    // Colour never alone: each verdict has a mark of its own.
    let (mark, colour) = match verdict {
        Verdict::TrueHinge => ("●", Color::Green),
        Verdict::KneeForwardDrift => ("▲", Color::Red),
        Verdict::InsufficientHipTravel => ("◆", Color::Magenta),
        Verdict::Indeterminate => ("○", Color::Gray),
    };
    let side = told.side.map_or_else(String::new, |side| format!(" {side}"));
    let title = format!("{set}.{}{side}", rep.number);
    // Of a verdict that was not given there is no certainty, and nothing is certain.
    let certain = match verdict {
        Verdict::Indeterminate => String::new(),
        _ => format!(" {:.0} %", (100.0 * rep.judgement.probability).floor().min(99.0)),
    };
    let verdict = Line::styled(
        format!("{mark} {}{certain}", verdict.title()),
        Style::new().fg(colour).add_modifier(Modifier::BOLD),
    );
    let (width, rows) = (area.width.saturating_sub(2), area.height.saturating_sub(3));
    let why = fit::lines(&output::reason(&rep.judgement), width.into(), rows.into());
    Paragraph::new([verdict].into_iter().chain(why.into_iter().map(Line::from)).collect::<Vec<_>>())
        .block(Block::bordered().title(title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use std::sync::Arc;
    use truehinge_core::{Angle, AthleteId, Finding, FindingKind, SampleRate, SensorRole, Side};
    use truehinge_core::{Marker, MarkerKind};
    use truehinge_session::coach::{Message, Subject};
    use truehinge_session::recording::{Event, Squad, StartedSensor};

    fn screen(board: &Board, (width, height): (u16, u16), can_ask: bool) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal
            .draw(|frame| draw(frame, board, &["page http://127.0.0.1:8420/#1".to_owned()], can_ask))
            .expect("draws");
        let buffer = terminal.backend().buffer();
        let cell = |x, y| buffer.cell((x, y)).map_or("", |cell| cell.symbol());
        (0..height).map(|y| (0..width).map(|x| cell(x, y)).collect::<String>() + "\n").collect()
    }

    #[test]
    fn everything_is_on_the_screen_and_no_size_makes_it_fail() {
        let (role, at) = (SensorRole::Hip, HostTime::from_seconds(5.0));
        let rate = SampleRate::from_hertz(60.0);
        let sensor = StartedSensor { role, address: "C0:11:22:33:44:55".to_owned(), model: "movella-dot".into(), rate };
        let mut board = Board::default();
        for event in [
            Event::Begin {
                recording: "out/P-1.mcap".into(),
                athlete: AthleteId::new("P-1").expect("a pseudonym"),
                squad: Squad::new(["P-1", "P-2"].map(|code| AthleteId::new(code).expect("a pseudonym")).to_vec())
                    .map(Arc::new),
                side: Some(Side::Right),
                sensors: vec![sensor],
                hands_free: true,
                protocol: Arc::default(),
            },
            Event::Battery { role, percent: 87 },
            Event::Signal { at, role, dbm: -58 },
            Event::Silent { at, role, seconds: 3.0 },
        ] {
            board.hears(&event);
        }
        board.prompt = Prompt::KneeForward;
        let slipped = FindingKind::Slipped { turn: Angle::from_degrees(20.0) };
        board.worn = vec![Finding::of_sensor(SensorRole::Shank, slipped)];
        let shown = screen(&board, (100, 24), true);
        for words in [
            "set 1, right leg, 0 of 5",
            "P-1.mcap",
            "movella-dot",
            "0 of 60 Hz",
            "-58 dBm",
            "87 %",
            "no data for 3 s",
            "KNEE FORWARD",
            "! shank sensor: it turned by 20 degrees on the skin",
            "page http://127.0.0.1:8420/#1",
            "turn of P-1, 1 of 2; a next: P-2",
            "Heel up behind, twice: a set begins",
            "c calibration",
            "q end",
        ] {
            assert!(shown.contains(words), "{words} in\n{shown}");
        }
        for size in [(1, 1), (10, 3), (40, 12), (300, 100)] {
            screen(&board, size, true);
        }
        // Of a name both ends are left, and what is wrong stands below it.
        let small = screen(&board, (80, 24), true);
        for words in ["! hip", "movella-", "44:55", "   no data for 3 s", "> 1 calibration", "q end"] {
            assert!(small.contains(words), "{words} in\n{small}");
        }
        let replayed = screen(&board, (100, 24), false);
        assert!(replayed.contains("q end") && !replayed.contains("c calibration"), "{replayed}");
    }

    #[test]
    fn the_calibration_is_the_first_step_and_says_what_it_lacks() {
        let mut board = Board::default();
        let mark =
            |board: &mut Board, at, kind| board.hears(&Event::Marker(Marker { at: HostTime::from_seconds(at), kind }));
        assert!(screen(&board, (80, 24), true).contains("> 1 calibration"));
        mark(&mut board, 1.0, MarkerKind::CalibrationStart);
        let lacking = Lack::Movements { role: SensorRole::Hip, found: 1 };
        let told = Message { at: HostTime::from_seconds(5.0), subject: Subject::Calibration(vec![lacking]) };
        board.hears(&Event::Coach(told));
        let shown = screen(&board, (80, 24), true);
        for words in
            ["> 1 calibration", "✓ Stand still for 3 s", "✓ Three small knee bends", "- hip sensor: do three bows"]
        {
            assert!(shown.contains(words), "{words} in\n{shown}");
        }
        let told = Message { at: HostTime::from_seconds(9.0), subject: Subject::Calibration(Vec::new()) };
        board.hears(&Event::Coach(told));
        mark(&mut board, 9.5, MarkerKind::CalibrationEnd);
        let shown = screen(&board, (80, 24), true);
        assert!(shown.contains(" 1 calibration: accepted") && shown.contains("> 2 sets"), "{shown}");
    }
}
