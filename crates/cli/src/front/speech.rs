//! The system's speech, without a browser: what is to be said is given to a program that speaks. Nothing waits for it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use truehinge_core::words::{Args, Language};
use truehinge_session::recording::voice::{CueSet, Mode, Voice};
use truehinge_session::recording::{Board, Event, Stage};

use crate::args::FrontArgs;

#[allow(clippy::disallowed_methods, reason = "a beat, and how long a program takes; nothing is computed with it")]
fn now() -> Instant {
    Instant::now()
}

/// Something that speaks.
trait Speak: Send {
    /// Says it, and comes back when it is said.
    fn speak(&mut self, words: &str) -> io::Result<()>;
}

/// A program of the system.
struct Program {
    path: PathBuf,
    how: How,
    language: Language,
}

/// How a program takes words.
#[derive(Clone, Copy)]
enum How {
    /// speech-dispatcher.
    SpdSay,
    /// espeak-ng.
    Espeak,
    /// macOS.
    Say,
    /// Windows: its speech, by PowerShell.
    Sapi,
}

/// What is looked for, in this order.
const PROGRAMS: [(&str, How); 5] = [
    ("spd-say", How::SpdSay),
    ("espeak-ng", How::Espeak),
    ("espeak", How::Espeak),
    ("say", How::Say),
    ("powershell.exe", How::Sapi),
];
/// The words come by standard input: no text becomes a part of a command.
const SAPI: &str = "Add-Type -AssemblyName System.Speech; \
                    (New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak([Console]::In.ReadToEnd())";
/// A program that takes longer than this for a few words hangs.
const LONGEST: Duration = Duration::from_secs(8);
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

impl Program {
    /// The first that is there.
    fn find(language: Language) -> Option<Self> {
        let folders: Vec<PathBuf> = std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
        PROGRAMS.into_iter().find_map(|(name, how)| {
            let path = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())?;
            Some(Self { path, how, language })
        })
    }

    fn start(&self, words: &str) -> io::Result<Child> {
        let mut command = Command::new(&self.path);
        let code = self.language.code();
        match self.how {
            How::SpdSay => command.args(["--wait", "--language", code, "--", words]),
            How::Espeak => command.args(["-v", code, "--", words]),
            How::Say => command.args(["--", words]),
            How::Sapi => command.args(["-NoProfile", "-NonInteractive", "-Command", SAPI]),
        };
        let is_read = matches!(self.how, How::Sapi);
        command.stdin(if is_read { Stdio::piped() } else { Stdio::null() });
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(words.as_bytes())?;
        }
        Ok(child)
    }
}

impl Speak for Program {
    fn speak(&mut self, words: &str) -> io::Result<()> {
        let mut child = self.start(words)?;
        let until = now() + LONGEST;
        while now() < until {
            match child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(io::Error::other(format!("{} ended with {status}", self.path.display()))),
                None => sleep(LOOK),
            }
        }
        child.kill()?;
        child.wait()?;
        Err(io::Error::other(format!("{} does not end", self.path.display())))
    }
}

/// Hears a session and lets it be spoken.
pub struct Speaker {
    mode: Mode,
    cues: CueSet,
    every: bool,
    language: Language,
    board: Board,
    voice: Voice,
    words: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

/// What the speaking thread is to do.
enum Task {
    Say(String),
    /// The beat begins, or ends.
    Beat(bool),
}

impl Speaker {
    /// If it is asked for and there is something that speaks; what is missing is said once.
    pub fn of(args: &FrontArgs) -> Option<Self> {
        let mode = args.voice?.mode();
        let language = args.voice_language.map_or(Language::English, crate::args::PageLanguage::language);
        let Some(program) = Program::find(language).filter(|_| mode != Mode::Off) else {
            if mode != Mode::Off {
                eprintln!(
                    "error: no program that speaks was found; the session goes on without a voice\n\
                     hint: install speech-dispatcher or espeak-ng, or let the page speak (--web)"
                );
            }
            return None;
        };
        let (words, tasks) = mpsc::channel();
        let thread = std::thread::spawn(move || speak(Box::new(program), &tasks, language));
        let (board, voice) = (Board::default(), Voice::default());
        let (cues, every) = (args.cues.set(), args.every_cue);
        Some(Self { mode, cues, every, language, board, voice, words: Some(words), thread: Some(thread) })
    }

    /// Something happened.
    pub fn hear(&mut self, event: &Event) {
        let before = self.board.stage;
        self.board.hears(event);
        if self.mode == Mode::Tempo && self.board.stage != before {
            self.send(Task::Beat(self.board.stage == Stage::Running));
        }
        let said = self.voice.hears(event, &self.board).filter(|said| self.mode.says(said, self.every));
        if let Some(said) = said {
            self.send(Task::Say(said.words(self.language, self.cues)));
        }
    }

    fn send(&self, task: Task) {
        // Where the thread has ended, what speaks has failed, and that was said.
        let _ = self.words.as_ref().map(|words| words.send(task));
    }

    /// Waits until the last words are spoken.
    pub fn end(&mut self) {
        self.words = None;
        self.thread.take().into_iter().for_each(|thread| drop(thread.join()));
    }
}

/// Down for 3 s, held for 1 s, up for 2 s, then 2 s to stand still: when each word comes, s, and how long it all takes.
const BEATS: [(f64, &str); 3] = [(0.0, "down"), (3.0, "hold"), (4.0, "up")];
const WHOLE: f64 = 8.0;

/// Speaks what comes, the newest first; in between the beat. Ends with whoever sends, or when what speaks has failed, which is said once.
fn speak(mut speaker: Box<dyn Speak>, tasks: &Receiver<Task>, language: Language) {
    let mut beat: Option<(Instant, usize)> = None;
    loop {
        let until_beat = beat.map(|(since, next)| {
            let at = since + Duration::from_secs_f64(BEATS[next % BEATS.len()].0 + WHOLE * (next / BEATS.len()) as f64);
            at.saturating_duration_since(now())
        });
        let task = match until_beat {
            None => tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(time) => tasks.recv_timeout(time),
        };
        let words = match task {
            Ok(Task::Say(words)) => newest(words, tasks, &mut beat),
            Ok(Task::Beat(on)) => {
                beat = on.then(|| (now(), 0));
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let Some((_, next)) = &mut beat else { continue };
                *next += 1;
                let phase = BEATS[(*next - 1) % BEATS.len()].1;
                language.say("say-tempo", &Args::new(language).text("phase", phase))
            }
        };
        if let Err(error) = speaker.speak(&words) {
            eprintln!("error: nothing can be spoken: {error}; the session goes on without a voice");
            return;
        }
    }
}

/// What was said while something else was spoken is out of date, but for the last of it.
fn newest(mut words: String, tasks: &Receiver<Task>, beat: &mut Option<(Instant, usize)>) -> String {
    while let Ok(task) = tasks.try_recv() {
        match task {
            Task::Say(newer) => words = newer,
            Task::Beat(on) => *beat = on.then(|| (now(), 0)),
        }
    }
    words
}
