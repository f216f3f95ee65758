//! The screen's look.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Row, Table, Wrap};
use truehinge_core::words::{Args, Language};
use truehinge_core::{HostTime, Verdict};
use truehinge_session::coach::words::lack;
use truehinge_session::recording::{Board, Prompt, SensorLine, Tile, Tone};

use crate::{output, words};

/// Rows of a tile, its frame included, and its width.
const TILE: (u16, u16) = (4, 30);

/// Draws everything, with where else it is shown; `can_ask` says whether there is a session to ask things of.
pub fn draw(frame: &mut Frame<'_>, state: &Board, links: &[String], can_ask: bool) {
    let sensors = u16::try_from(state.sensors.len()).unwrap_or(4) + 3;
    // Two lines for each of two warnings.
    let warnings = u16::try_from(state.worn.len().min(2)).unwrap_or(2) * 2;
    let said = gestures(state);
    let rows_below = 1 + u16::try_from(links.len() + said.len()).unwrap_or(0) + u16::from(state.squad.is_some());
    let [head, table, cue, tiles, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(sensors),
        Constraint::Length(4 + warnings),
        Constraint::Min(TILE.0),
        Constraint::Length(rows_below),
    ])
    .areas(frame.area());
    let leg = state.side().map_or_else(String::new, |side| format!(", {side} leg"));
    let title = format!(
        "truehinge  {:.0} s  set {}{leg}, {}  {}",
        state.now.seconds(),
        state.set(),
        count(state),
        state.recording
    );
    frame.render_widget(Paragraph::new(title).style(Style::new().add_modifier(Modifier::BOLD)), head);
    frame.render_widget(sensor_table(state), table);
    frame.render_widget(cue_box(state, can_ask), cue);
    draw_tiles(frame, tiles, state);
    let keys = if can_ask { KEYS } else { "q end" };
    let turns = turns(state);
    let below: Vec<Line<'_>> =
        links.iter().chain(&said).map(String::as_str).chain(turns.as_deref()).chain([keys]).map(Line::from).collect();
    frame.render_widget(Paragraph::new(below).style(Style::new().fg(Color::DarkGray)), foot);
}

/// What each key does.
const KEYS: &str = "c calibration  n new set  s other leg  r redo set  t tap check  k clocks  q end";

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

/// How many repetitions the set has, of how many it should have.
fn count(board: &Board) -> String {
    let done = board.of_this_set().len();
    board.asked_for().map_or_else(|| done.to_string(), |most| format!("{done} of {most}"))
}

fn sensor_table(state: &Board) -> Table<'_> {
    let header = Row::new(["sensor", "", "signal", "rate", "received", "battery", "link"])
        .style(Style::new().fg(Color::DarkGray));
    let rows = state.sensors.iter().map(|(role, line)| sensor_row(role.name(), line, state.now));
    let widths = [
        Constraint::Length(7),
        Constraint::Length(31),
        Constraint::Length(8),
        Constraint::Length(13),
        Constraint::Length(9),
        Constraint::Length(8),
        Constraint::Min(10),
    ];
    Table::new(rows, widths).header(header).block(Block::bordered())
}

fn sensor_row<'a>(role: &'a str, line: &'a SensorLine, now: HostTime) -> Row<'a> {
    let rate = line.rate(now);
    let expected = line.nominal.map_or_else(String::new, |nominal| format!(" of {nominal:.0}"));
    let style = Style::new().fg(if line.is_well(now) { Color::Reset } else { Color::Yellow });
    Row::new([
        role.to_owned(),
        line.name.clone(),
        line.signal.map_or_else(|| "-".to_owned(), |dbm| format!("{dbm} dBm")),
        format!("{rate:.0}{expected} Hz"),
        format!("{:.1} %", line.share()),
        line.battery.map_or_else(|| "-".to_owned(), |charge| format!("{charge} %")),
        line.trouble.clone().unwrap_or_else(|| "ok".to_owned()),
    ])
    .style(style)
}

/// What to do now, with the key for it.
fn prompt(prompt: Prompt, can_ask: bool) -> String {
    let words = prompt.words(Language::English);
    let key = match prompt {
        _ if !can_ask => return words,
        Prompt::Begin => "c: guided calibration",
        Prompt::Calibrate => "then press c",
        Prompt::CalibrationLacks(_) => "press c and do it again",
        Prompt::Tapped { .. } if prompt.tone() != Tone::Good => "end with q, swap --hip and --shank, begin again",
        _ => return words,
    };
    format!("{words}; {key}")
}

fn cue_box(state: &Board, can_ask: bool) -> Paragraph<'_> {
    let alarm = state.prompt.tone() == Tone::Alarm;
    let style = if alarm { Style::new().fg(Color::White).bg(Color::Red) } else { Style::new() };
    let calibration = match &state.calibration {
        None => String::new(),
        Some(lacks) if lacks.is_empty() => "calibration accepted".to_owned(),
        Some(lacks) => format!("calibration: {}", lacks.iter().map(lack).collect::<Vec<_>>().join("; ")),
    };
    let mut lines = vec![
        Line::from(prompt(state.prompt, can_ask)).style(style.add_modifier(Modifier::BOLD)),
        Line::from(calibration),
    ];
    let warning = |finding| Line::from(format!("! {}", words::remark(finding))).style(Style::new().fg(Color::Yellow));
    lines.extend(state.worn.iter().rev().map(warning));
    Paragraph::new(lines).block(Block::bordered()).wrap(Wrap { trim: true })
}

/// The latest tiles that fit, oldest first.
fn draw_tiles(frame: &mut Frame<'_>, area: Rect, state: &Board) {
    let columns = (area.width / TILE.1).max(1);
    let rows = (area.height / TILE.0).max(1);
    let room = usize::from(columns) * usize::from(rows);
    let first = state.tiles().len().saturating_sub(room);
    for (place, tile) in (0_u16..).zip(state.tiles().skip(first)) {
        let (x, y) = (area.x + place % columns * TILE.1, area.y + place / columns * TILE.0);
        let rect = Rect::new(x, y, TILE.1, TILE.0).intersection(area);
        frame.render_widget(tile_box(tile), rect);
    }
}

fn tile_box(Tile { set, told }: Tile<'_>) -> Paragraph<'_> {
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
    let verdict = Span::styled(
        format!("{mark} {}{certain}", verdict.title()),
        Style::new().fg(colour).add_modifier(Modifier::BOLD),
    );
    Paragraph::new(vec![Line::from(verdict), Line::from(output::reason(&rep.judgement))])
        .block(Block::bordered().title(title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use std::sync::Arc;
    use truehinge_core::{Angle, AthleteId, Finding, FindingKind, SampleRate, SensorRole, Side};
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
        let replayed = screen(&board, (100, 24), false);
        assert!(replayed.contains("q end") && !replayed.contains("c calibration"), "{replayed}");
    }
}
