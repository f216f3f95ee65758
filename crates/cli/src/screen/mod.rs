//! The live screen: sensors, what to do, and a tile for every repetition.

mod draw;
mod fit;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::Frame;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio_util::sync::CancellationToken;
use truehinge_session::recording::{Board, Command, Control};

/// Between pictures.
const REFRESH: Duration = Duration::from_millis(100);

/// A screen that runs on a thread of its own until the recording ends.
pub struct Screen {
    closed: CancellationToken,
    thread: JoinHandle<io::Result<()>>,
}

/// What somebody may ask for with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Key {
    Do(Command),
    /// The next athlete's turn, where some take turns.
    NextAthlete,
    /// End.
    Quit,
}

impl Screen {
    /// Takes over the terminal. Keys are commands to the session, if there is one, or end it or its replay by `stop`. Below stands where
    /// else it is shown.
    pub fn open(
        board: Arc<Mutex<Board>>,
        links: Vec<String>,
        stop: CancellationToken,
        control: Option<Control>,
    ) -> Self {
        let closed = CancellationToken::new();
        let until = closed.clone();
        let thread = std::thread::spawn(move || {
            // Restores the terminal even after a panic.
            let mut terminal = ratatui::try_init()?;
            let draw = |frame: &mut Frame<'_>| draw::draw(frame, &locked(&board), &links, control.is_some());
            let result = show(&mut terminal, &draw, &until, &|key| match (key, &control) {
                (Key::Do(command), Some(control)) => control.ask(command),
                (Key::NextAthlete, Some(control)) => {
                    let next = locked(&board).squad.as_ref().map(|squad| squad.next());
                    next.into_iter().for_each(|next| control.ask(Command::Athlete(next)));
                }
                (Key::Do(_) | Key::NextAthlete, None) => {}
                (Key::Quit, _) => stop.cancel(),
            });
            ratatui::try_restore()?;
            // Without a screen nobody could end the recording.
            if result.is_err() {
                stop.cancel();
            }
            result
        });
        Self { closed, thread }
    }

    /// Gives the terminal back.
    pub fn close(self) {
        self.closed.cancel();
        if let Ok(Err(error)) = self.thread.join() {
            crate::pipe::err(format_args!("error: the screen failed: {error}; the recording is whole\n"));
        }
    }
}

/// Changes what a screen shows.
pub fn change(board: &Mutex<Board>, change: impl FnOnce(&mut Board)) {
    change(&mut locked(board));
}

/// What a thread that panicked has left is still the best there is.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn show(
    terminal: &mut ratatui::DefaultTerminal,
    draw: &dyn Fn(&mut Frame<'_>),
    closed: &CancellationToken,
    pressed: &dyn Fn(Key),
) -> io::Result<()> {
    while !closed.is_cancelled() {
        terminal.draw(draw)?;
        if !event::poll(REFRESH)? {
            continue;
        }
        if let Event::Key(event) = event::read()?
            && let Some(key) = meaning(event)
        {
            pressed(key);
        }
    }
    Ok(())
}

fn meaning(event: KeyEvent) -> Option<Key> {
    if event.kind != KeyEventKind::Press {
        return None;
    }
    match event.code {
        KeyCode::Char('c') if event.modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Quit),
        KeyCode::Char('q') | KeyCode::Esc => Some(Key::Quit),
        KeyCode::Char('a') => Some(Key::NextAthlete),
        KeyCode::Char('n') => Some(Key::Do(Command::NewSet)),
        KeyCode::Char('s') => Some(Key::Do(Command::OtherLeg)),
        KeyCode::Char('r') => Some(Key::Do(Command::RedoSet)),
        KeyCode::Char('c') => Some(Key::Do(Command::Calibration)),
        KeyCode::Char('t') => Some(Key::Do(Command::TapCheck)),
        KeyCode::Char('k') => Some(Key::Do(Command::ClockCheck)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_c_ends_and_c_alone_calibrates() {
        let key = |code, modifiers| meaning(KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), Some(Key::Do(Command::Calibration)));
        assert_eq!(key(KeyCode::Char('x'), KeyModifiers::NONE), None);
    }
}
