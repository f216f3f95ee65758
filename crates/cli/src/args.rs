//! The command line.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use truehinge_core::words::Language;
use truehinge_core::{AthleteId, Dose, Explained, Length, SampleRate, SensorRole, SessionId, Side, Verdict};
use truehinge_dataset::table::TableFormats;
use truehinge_session::Shard;
use truehinge_session::recording::Marking;
use truehinge_session::recording::voice::{CueSet, Mode};
use truehinge_session::sensors::Wanted;
use truehinge_web::Port;

mod athlete;
mod parse;

pub use athlete::{AddArgs, AthleteArgs, AthleteCommand, EditCardArgs, EraseArgs, ImportSquadArgs, ListArgs, ShowArgs};
use parse::{
    athlete as parse_athlete, height as parse_height, length as parse_length, line as parse_line,
    repetitions as parse_repetitions, shard as parse_shard,
};

/// Was it a true hip hinge, or did the knee drift forward? From two IMUs, at the hip and on the shin.
#[derive(Debug, Parser)]
#[command(version, long_version = LONG_VERSION, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Print results as JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,

    /// No progress bars.
    #[arg(long, global = true)]
    pub no_progress: bool,

    /// Results and errors alone: no progress bars, no remarks.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say what is done inside, on standard error; twice: more. RUST_LOG says it in detail.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Folder that holds everything: athletes, recordings, reports. Default: the current folder. Where recordings and reports
    /// go, and come from, lies in it unless a command is told otherwise.
    #[arg(long, global = true, value_name = "FOLDER", env = "TRUEHINGE_LIBRARY")]
    pub library: Option<PathBuf>,
}

impl Cli {
    /// The command line, with folders that nobody named in the library.
    ///
    /// # Errors
    /// It is none.
    pub fn read() -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches()?;
        let mut cli = Self::from_arg_matches(&matches)?;
        let Some(library) = cli.library.clone() else { return Ok(cli) };
        let of_command = matches.subcommand().map(|(_, matches)| matches);
        let is_default =
            |name| of_command.is_some_and(|matches| matches.value_source(name) == Some(ValueSource::DefaultValue));
        for (name, folder) in cli.command.folders_in_library() {
            if is_default(name) {
                *folder = library.join(&*folder);
            }
        }
        Ok(cli)
    }
}

impl Command {
    /// The folders that lie in a library unless somebody names another one, by the names of their arguments.
    fn folders_in_library(&mut self) -> Vec<(&'static str, &mut PathBuf)> {
        match self {
            Self::Record(args) => vec![("out", &mut args.out)],
            Self::Doctor(args) => vec![("out", &mut args.out)],
            Self::Import(args) => vec![("out", &mut args.out)],
            Self::Report(args) => vec![("from", &mut args.from), ("out", &mut args.out)],
            Self::Verify(args) => vec![("from", &mut args.from)],
            _ => Vec::new(),
        }
    }
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 unexpected error; 2 wrong usage; 3 some input could not be used; \
                          4 nothing to work on was found; 130 interrupted.";

/// The version, and what it was made from.
const LONG_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\ncommit ", env!("TRUEHINGE_COMMIT"));

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record two virtual sensors, analyze and report them; needs no hardware.
    Demo(DemoArgs),
    /// Check Bluetooth, sensors and disk, with a fix for each problem.
    Doctor(DoctorArgs),
    /// List the sensors in reach.
    Scan(ScanArgs),
    /// Record a session over Bluetooth; Ctrl-C ends it.
    Record(RecordArgs),
    /// Replay a recording through live feedback.
    Replay(ReplayArgs),
    /// Show what files and folders hold before anything is made of it: formats, sensors, rates, gaps, in one table.
    Inspect(InspectArgs),
    /// Convert vendor exports and CSV files to recordings; lists every assumption.
    Import(ImportArgs),
    /// Analyze recordings: repetitions, numbers, verdicts and tables.
    #[command(visible_alias = "analyse")]
    Analyze(AnalyzeArgs),
    /// Explain why each repetition was judged, or not counted, as it was.
    Explain(ExplainArgs),
    /// Analyze every recording below a folder into tidy tables, in parallel; one broken file never stops it.
    Batch(BatchArgs),
    /// Put the parts of a study, analysed apart with `batch --shard`, together to the tables that one run would have written.
    Gather(GatherArgs),
    /// Write a PDF and pictures for each athlete.
    Report(ReportArgs),
    /// Make a report again from the recordings, and compare: is it what they give?
    Verify(VerifyArgs),
    /// Write tables, and a notebook that reads them; or recordings and results in a format of other programs.
    Export(ExportArgs),
    /// Recover an unfinished or damaged recording.
    Recover(RecoverArgs),
    /// Make a new recording from an old one with something corrected; it says inside what was changed.
    Edit(EditArgs),
    /// Athletes: what is known of them, asked once and used everywhere; squads; erasing.
    Athlete(AthleteArgs),
    /// Correct a repetition by hand: leave it out, or say what it was. What was computed stays, and so does who said what and why.
    Correct(CorrectArgs),
    /// Make a new recording whose samples are decoded again from the bytes as they arrived.
    Decode(DecodeArgs),
    /// List every number of the method: value, unit, what it may be, where it comes from.
    Method(MethodArgs),
    /// Write the methods section of a paper from results: versions, settings, limits, counts, with citations.
    Methods(MethodsArgs),
    /// Compare your recordings with your own labels or reference values: confusion, limits of agreement, ICC, by people.
    Validate(ValidateArgs),
    /// Print what makes a shell complete this command line, such as `truehinge completions bash > ~/.bash_completion`.
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for every command.
    Man(ManArgs),
    /// Print the licences of what the program is made of.
    #[command(visible_alias = "licences")]
    Licenses(LicensesArgs),
    /// Print the JSON Schema of something that `--json` prints; without a name, all names.
    Schema(SchemaArgs),
}

/// `completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder for a page of every command.
    #[arg(short, long)]
    pub out: Option<PathBuf>,
}

/// `licenses`
#[derive(Debug, Args)]
pub struct LicensesArgs {
    /// Also the text of the font's licence.
    #[arg(long)]
    pub font: bool,
}

/// `schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Name of the schema, such as analysis.
    pub name: Option<String>,
}

/// How to read files that are not recordings of ours.
#[derive(Clone, Debug, Default, Args)]
pub struct ReadArgs {
    /// Mapping file (TOML) that says what the columns mean; `import` writes one for files it does not know.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Which file, device or sensor is where, such as `--role Pelvis=hip` (hip, shank, thigh, trunk). Repeatable.
    #[arg(long, value_name = "NAME=ROLE", value_parser = parse_role)]
    pub role: Vec<(String, SensorRole)>,
    /// Pseudonym of the athlete, any letters; beats what the file says. One that begins with a dash: `--athlete=-X`.
    #[arg(long, value_name = "CODE", value_parser = parse_athlete)]
    pub athlete: Option<AthleteId>,
    /// Supporting leg of files that do not say it: all of such a recording is a set on it.
    #[arg(long, value_name = "left|right", value_parser = parse_side)]
    pub side: Option<Side>,
    /// Standing height in centimetres; beats what the file says.
    #[arg(long, value_name = "CM", value_parser = parse_height)]
    pub height: Option<Length>,
    /// Rows per second, where the file has neither times nor a rate.
    #[arg(long, value_name = "HZ", value_parser = parse_rate)]
    pub rate: Option<SampleRate>,
}

/// The numbers to measure by.
#[derive(Clone, Debug, Default, Args)]
pub struct MethodFile {
    /// Method file (TOML) with the numbers that are to be otherwise; `truehinge method` lists all of them.
    #[arg(long = "method", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Limits to judge by, and numbers to measure by.
#[derive(Clone, Debug, Default, Args)]
pub struct ProtocolArgs {
    /// Protocol file (TOML), or the name of a built-in one (single-leg-hip-hinge, supported-single-leg-hip-hinge,
    /// two-leg-hip-hinge, romanian-deadlift). Default: what the recording names.
    #[arg(long, value_name = "FILE|NAME")]
    pub protocol: Option<String>,
    /// How to measure.
    #[command(flatten)]
    pub method: MethodFile,
}

/// How CSV files separate fields and decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CsvLocale {
    /// Commas between fields, decimal points.
    #[default]
    En,
    /// Semicolons between fields, decimal commas, as spreadsheets expect it in German.
    De,
}

/// Tables as text.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct CsvArgs {
    /// How CSV files separate fields and decimals.
    #[arg(long, value_enum, default_value_t)]
    pub csv_locale: CsvLocale,
    /// Also write the table of curves as CSV: it is fifty times as large as in Parquet.
    #[arg(long)]
    pub curves_csv: bool,
}

impl From<&CsvArgs> for TableFormats {
    fn from(args: &CsvArgs) -> Self {
        let locale = match args.csv_locale {
            CsvLocale::En => truehinge_dataset::table::CsvLocale::English,
            CsvLocale::De => truehinge_dataset::table::CsvLocale::German,
        };
        Self { locale, curves_csv: args.curves_csv, ..Self::ALL }
    }
}

/// Whether tables are whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TableLayout {
    /// Whole up to 10 000 recordings, in parts beyond.
    #[default]
    Auto,
    /// One CSV and one Parquet file for each.
    Whole,
    /// For each a folder with Parquet files of some hundred recordings.
    Parts,
}

/// How tables of many recordings are written.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct TablesArgs {
    /// Tables as text.
    #[command(flatten)]
    pub csv: CsvArgs,
    /// Whole tables, or Parquet files of some hundred recordings each.
    #[arg(long, value_enum, default_value_t)]
    pub tables: TableLayout,
}

/// Whether results of earlier runs are used.
#[derive(Clone, Debug, Default, Args)]
pub struct ResultsArgs {
    /// Analyse everything anew, and keep no results for the next run.
    #[arg(long)]
    pub no_cache: bool,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to put recording, tables, PDF and pictures.
    #[arg(short, long, default_value = "truehinge-demo")]
    pub out: PathBuf,
    /// Show the session live on a page in the browser instead of analyzing it: it begins when the page is opened. So do --web, --lan and
    /// --voice.
    #[arg(long)]
    pub live: bool,
    /// Live, how much faster than it would happen.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = parse_speed)]
    pub speed: f64,
    /// The page, and a voice beside it.
    #[command(flatten)]
    pub front: FrontArgs,
    /// How to measure.
    #[command(flatten)]
    pub method: MethodFile,
}

/// Where a session is shown and spoken beside the terminal.
#[derive(Clone, Debug, Args)]
pub struct FrontArgs {
    /// Show the session on a page in the browser, served by this program to this computer alone. Default port: 8420.
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "usual", value_parser = parse_port)]
    pub web: Option<Port>,
    /// Show the page to other devices of the network as well; who watches or operates needs a link that is printed here. What is
    /// sent can be read in the network.
    #[arg(long)]
    pub lan: bool,
    /// Let the computer speak; the page has a voice of its own.
    #[arg(long, value_name = "MODE", value_enum)]
    pub voice: Option<VoiceMode>,
    /// What cues tell.
    #[arg(long, value_enum, default_value = "action")]
    pub cues: Cues,
    /// Speak every cue, not only from the second time in a set on.
    #[arg(long)]
    pub every_cue: bool,
    /// Language of the voice. Default: en.
    #[arg(long, value_name = "LANGUAGE", value_enum)]
    pub voice_language: Option<PageLanguage>,
}

impl FrontArgs {
    /// Whether anything beside the terminal is asked for.
    pub const fn is_any(&self) -> bool {
        self.web.is_some() || self.lan || self.voice.is_some()
    }
}

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VoiceMode {
    /// How many there are, what is not sure, and what the session needs.
    Count,
    /// That, and cues.
    Cue,
    /// The beat of the movement, and what the session needs.
    Tempo,
    /// Nothing.
    Off,
}

impl VoiceMode {
    /// As a session has it.
    pub const fn mode(self) -> Mode {
        match self {
            Self::Count => Mode::Count,
            Self::Cue => Mode::Cue,
            Self::Tempo => Mode::Tempo,
            Self::Off => Mode::Off,
        }
    }
}

/// What cues tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cues {
    /// What to do.
    Action,
    /// What it feels like.
    Sensation,
}

impl Cues {
    /// As a session has it.
    pub const fn set(self) -> CueSet {
        match self {
            Self::Action => CueSet::Action,
            Self::Sensation => CueSet::Sensation,
        }
    }
}

/// Which Bluetooth adapter.
#[derive(Clone, Debug, Default, Args)]
pub struct RadioArgs {
    /// Bluetooth adapter, such as `hci1`. Default: the first one.
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<String>,
}

/// Which sensor is where.
#[derive(Clone, Debug, Default, Args)]
pub struct WornArgs {
    /// Address of the sensor at the hip, as `scan` shows it. Sensors not given are the ones of the last recording. What it is
    /// shows by itself; `ADDRESS=MODEL` or `ADDRESS=PROFILE.toml` says it.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_sensor)]
    pub hip: Option<String>,
    /// Address of the sensor on the shank.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_sensor)]
    pub shank: Option<String>,
    /// Address of a sensor on the thigh.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_sensor)]
    pub thigh: Option<String>,
    /// Address of a sensor on the trunk.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_sensor)]
    pub trunk: Option<String>,
    /// Samples per second of every sensor, one that all of them have (docs/sensors). Default: the usual rate of each.
    #[arg(long, value_name = "HZ", value_parser = parse_rate)]
    pub rate: Option<SampleRate>,
}

impl WornArgs {
    /// The sensors given, by role.
    pub fn given(&self) -> Vec<(SensorRole, Wanted)> {
        let by_role = |role| {
            let given = match role {
                SensorRole::Hip => &self.hip,
                SensorRole::Shank => &self.shank,
                SensorRole::Thigh => &self.thigh,
                SensorRole::Trunk => &self.trunk,
            };
            let given = given.as_deref()?;
            let (address, model) = given.split_once('=').map_or((given, None), |(a, model)| (a, Some(model)));
            Some((role, Wanted { address: address.to_owned(), model: model.map(str::to_owned) }))
        };
        SensorRole::ALL.into_iter().filter_map(by_role).collect()
    }
}

/// `doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Seconds to measure the rate of the sensors.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = parse_seconds)]
    pub seconds: f64,
    /// Folder for recordings.
    #[arg(short, long, default_value = "recordings")]
    pub out: PathBuf,
    /// Which sensors; otherwise those of the last recording, or the first two that are heard.
    #[command(flatten)]
    pub worn: WornArgs,
    /// Which adapter.
    #[command(flatten)]
    pub radio: RadioArgs,
}

/// `scan`
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Seconds to listen.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = parse_seconds)]
    pub seconds: f64,
    /// Also list devices that are no sensor this program knows. They are listed anyway where no sensor is heard.
    #[arg(long)]
    pub all: bool,
    /// Also connect to each sensor for a moment and ask how full its battery is.
    #[arg(long)]
    pub battery: bool,
    /// Which adapter.
    #[command(flatten)]
    pub radio: RadioArgs,
}

/// Who says where sets begin and end.
#[derive(Debug, Args)]
pub struct SetsArgs {
    /// Sets begin and end by themselves: nobody presses anything. A set is over when nobody has gone on for 8 seconds, or for 3 once it has
    /// the repetitions it was asked for.
    #[arg(long)]
    pub auto_sets: bool,
    /// How many repetitions a set is asked for, such as 5 or 3..5. Default: what the exercise asks for.
    #[arg(long, value_name = "N|N..N", value_parser = parse_repetitions, requires = "auto_sets")]
    pub reps: Option<Dose>,
    /// A set is over as well when its form is lost: knee or hips became worse beyond chance, and the last repetition was at fault. Without
    /// it this is only said.
    #[arg(long, requires = "auto_sets")]
    pub end_on_form_loss: bool,
    /// Sets are begun, ended and undone with the leg that wears the shin sensor, from a moment's rest to the next. Heel up behind, twice: a
    /// set begins. Toes out and back, twice: it ends. Heel up behind, then toes out and back: the last set does not count. What comes
    /// before the first set does not count. With --auto-sets they begin by themselves, and gestures end and undo them.
    #[arg(long)]
    pub hands_free: bool,
}

impl SetsArgs {
    /// With sets of so many repetitions where nobody says otherwise.
    pub fn marking(&self, usual: Dose) -> Marking {
        if !self.auto_sets {
            return Marking::People;
        }
        Marking::Finder { asked: self.reps.unwrap_or(usual), end_on_form_loss: self.end_on_form_loss }
    }
}

/// `record`
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// Pseudonym of the athlete, any letters; never a real name. One that begins with a dash: `--athlete=-X`.
    #[arg(long, value_name = "CODE", value_parser = parse_athlete, required_unless_present = "squad")]
    pub athlete: Option<AthleteId>,
    /// Many athletes, one after the other with the same sensors, which stay connected: a squad as the cards have it, or a table of athletes
    /// (CSV) as `athlete import` takes it. Each turn becomes a recording of its own; `--duration` is for each.
    #[arg(long, value_name = "NAME|FILE", conflicts_with_all = ["athlete", "height"])]
    pub squad: Option<String>,
    /// Supporting leg, of the first set.
    #[arg(long, value_name = "left|right", value_parser = parse_side)]
    pub side: Side,
    /// Standing height in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse_height)]
    pub height: Option<Length>,
    /// Which exercise: a protocol file (TOML) or the name of a built-in one. It is stored in the recording.
    #[arg(long, value_name = "FILE|NAME", default_value = "single-leg-hip-hinge")]
    pub protocol: String,
    /// How to measure.
    #[command(flatten)]
    pub method: MethodFile,
    /// Who says where sets begin and end.
    #[command(flatten)]
    pub sets: SetsArgs,
    /// Seconds to record. Default: until Ctrl-C.
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub duration: Option<f64>,
    /// Folder for the recording.
    #[arg(short, long, default_value = "recordings")]
    pub out: PathBuf,
    /// No screen: one line for everything that happens.
    #[arg(long)]
    pub headless: bool,
    /// A page and a voice beside it.
    #[command(flatten)]
    pub front: FrontArgs,
    /// Movella DOTs only: let them set their clocks to one another's first, side by side, which takes 20 seconds. Without it, and
    /// where it fails, the clocks are fitted to the arrivals.
    #[arg(long)]
    pub device_sync: bool,
    /// Which sensors.
    #[command(flatten)]
    pub worn: WornArgs,
    /// Which adapter.
    #[command(flatten)]
    pub radio: RadioArgs,
}

/// `replay`
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Recording to play.
    pub recording: PathBuf,
    /// How much faster than it happened; `inf` does not wait at all.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = parse_speed)]
    pub speed: f64,
    /// Show the screen of a recording session instead of lines.
    #[arg(long)]
    pub screen: bool,
    /// A page and a voice beside it.
    #[command(flatten)]
    pub front: FrontArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
}

/// `inspect`
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// Recordings, vendor files or folders.
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// Also a table for a statistics program: a row for every sensor of every recording, and for every file that cannot be read.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Worker threads. Default: one per core.
    #[arg(short, long)]
    pub jobs: Option<usize>,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files or folders to read.
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// Folder for the recordings.
    #[arg(short, long, default_value = "recordings")]
    pub out: PathBuf,
    /// Only show what would be done; of several inputs also in one table.
    #[arg(long)]
    pub dry_run: bool,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `analyze`
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// Recordings, vendor files or session folders.
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// Folder for the tables of each session; without it they are only printed.
    #[arg(short, long)]
    pub out: Option<PathBuf>,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
}

/// `validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Recordings, vendor files or session folders.
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// Table (CSV) of what somebody else says of repetitions: columns session, rep (or start_s and end_s), label, and values in
    /// columns such as knee_forward_mm; see docs/validate.md.
    #[arg(long, value_name = "FILE")]
    pub reference: PathBuf,
    /// Folder for the page, its tables and the Bland-Altman plots; without it they are only printed.
    #[arg(short, long)]
    pub out: Option<PathBuf>,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A recording, vendor file or session folder.
    pub input: PathBuf,
    /// Only this repetition: by its set and its number in it, such as `1.4`, or counted through the session from 1.
    #[arg(long, value_parser = parse_which_rep)]
    pub rep: Option<WhichRep>,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
}

/// `batch`
#[derive(Debug, Args)]
pub struct BatchArgs {
    /// Folder with recordings, at any depth.
    pub folder: PathBuf,
    /// Folder for the tables.
    #[arg(short, long)]
    pub out: PathBuf,
    /// Worker threads. Default: one per core.
    #[arg(short, long)]
    pub jobs: Option<usize>,
    /// Read only one of several parts of the inputs, such as 3/8, and write no tables: `gather` puts the parts together. Each part can be
    /// read by another computer.
    #[arg(long, value_name = "I/N", value_parser = parse_shard, conflicts_with_all = ["no_cache", "curves_csv", "tables"])]
    pub shard: Option<Shard>,
    /// Try recordings again that ended the program in earlier runs.
    #[arg(long)]
    pub retry: bool,
    /// How tables are written.
    #[command(flatten)]
    pub tables: TablesArgs,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
    /// Earlier results.
    #[command(flatten)]
    pub results: ResultsArgs,
}

/// `gather`
#[derive(Debug, Args)]
pub struct GatherArgs {
    /// Folders in which `batch --shard` left its parts.
    #[arg(required = true, value_name = "FOLDER")]
    pub shards: Vec<PathBuf>,
    /// Folder for the tables.
    #[arg(short, long)]
    pub out: PathBuf,
    /// Worker threads. Default: one per core.
    #[arg(short, long)]
    pub jobs: Option<usize>,
    /// How tables are written.
    #[command(flatten)]
    pub tables: TablesArgs,
}

/// `report`
#[allow(clippy::struct_excessive_bools, reason = "switches of a command line")]
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Pseudonym of the athlete.
    #[arg(id = "who", value_name = "ATHLETE", required_unless_present_any = ["all", "squad"], allow_hyphen_values = true, value_parser = parse_athlete)]
    pub athlete: Option<AthleteId>,
    /// Pages of every athlete found.
    #[arg(long, conflicts_with = "who")]
    pub all: bool,
    /// One sheet with a row for every athlete, who needs attention first: of a squad, as the cards have it, or of everybody found.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "who")]
    pub squad: Option<String>,
    /// Which sessions the pages show.
    #[command(flatten)]
    pub which: WhichArgs,
    /// Compare with the first session, or with the one before. Default: with the person's first sessions together.
    #[arg(long, value_enum, value_name = "first|last")]
    pub compare: Option<Compare>,
    /// Which pages.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PAGES", default_values_t = [Pages::Summary, Pages::Report, Pages::Quality])]
    pub pages: Vec<Pages>,
    /// Also write each page as a picture (PNG).
    #[arg(long)]
    pub png: bool,
    /// Also print three sentences for the notes.
    #[arg(long)]
    pub text: bool,
    /// Also write each figure as a vector, as a picture, and as the numbers behind it.
    #[arg(long)]
    pub figures: bool,
    /// Folder with the recordings.
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    pub from: PathBuf,
    /// Folder for the reports.
    #[arg(short, long, default_value = "reports")]
    pub out: PathBuf,
    /// What the pages look like.
    #[command(flatten)]
    pub style: StyleArgs,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
    /// Earlier results.
    #[command(flatten)]
    pub results: ResultsArgs,
}

/// `verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A PDF that `report` wrote.
    pub report: PathBuf,
    /// Folder with the recordings.
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    pub from: PathBuf,
    /// The logo that is on it. Default: that of `pages.toml` in the library.
    #[arg(long, value_name = "FILE")]
    pub logo: Option<PathBuf>,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
}

/// Which sessions pages show; all of the last day if nothing is said.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct WhichArgs {
    /// All sessions of the last day: the default.
    #[arg(long)]
    pub last: bool,
    /// One session by its name.
    #[arg(long, value_name = "NAME", value_parser = parse_session)]
    pub session: Option<SessionId>,
    /// All sessions of a day, such as 2026-01-31, on the clock on the wall.
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
}

/// What pages look like.
#[derive(Debug, Args)]
pub struct StyleArgs {
    /// Paper size. Default: a4.
    #[arg(long, value_enum)]
    pub paper: Option<Paper>,
    /// Language of the pages. Default: en.
    #[arg(long, value_enum)]
    pub language: Option<PageLanguage>,
    /// Unit of lengths on the pages; tables have millimetres. Default: cm.
    #[arg(long, value_enum)]
    pub units: Option<Units>,
    /// Who hands the pages out: a name at their head.
    #[arg(long, value_name = "NAME")]
    pub clinic: Option<String>,
    /// Their logo: a PNG, JPEG or SVG file. A file `pages.toml` in the library holds paper, language, units, clinic and logo for all pages.
    #[arg(long, value_name = "FILE")]
    pub logo: Option<PathBuf>,
}

/// What the last session is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compare {
    /// The first session.
    First,
    /// The session before.
    Last,
}

/// Documents of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pages {
    /// One page for the athlete.
    Summary,
    /// Everything, for the professional.
    Report,
    /// How good the data are, and where the sensors sit.
    Quality,
    /// The exercise for home, with a diary.
    Home,
    /// The report as one page for a browser, without any network.
    Html,
}

/// Languages of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageLanguage {
    /// English.
    En,
    /// German.
    De,
}

impl PageLanguage {
    /// As the catalogue has it.
    pub const fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::De => Language::German,
        }
    }
}

/// Units of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Units {
    /// Centimetres.
    Cm,
    /// Millimetres.
    Mm,
    /// Inches.
    In,
}

/// Paper sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Paper {
    /// 210 x 297 mm.
    A4,
    /// 8.5 x 11 in.
    Letter,
}

/// A format of other programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// Motion-BIDS.
    Bids,
    /// MCAP with transforms.
    View,
    /// Orientations of segments.
    OpenSim,
    /// A row for each leg and session.
    Wide,
}

impl ExportFormat {
    /// Folder that is written into if none is named.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Bids => "bids",
            Self::View => "view",
            Self::OpenSim => "opensim",
            Self::Wide => "wide",
        }
    }
}

/// A format of other programs: one of these, or none.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(id = "format", multiple = false)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own, and the parser takes one of them only")]
pub struct FormatArgs {
    /// A Motion-BIDS data set: raw samples, markers, and the repetitions as a data set derived from them.
    #[arg(long)]
    pub bids: bool,
    /// A leg that moves, for Foxglove, Lichtblick and rerun: an MCAP file for each session, with a layout beside it.
    #[arg(long)]
    pub view: bool,
    /// Orientations of pelvis, thigh and shank for OpenSim: a storage file for each set.
    #[arg(long)]
    pub opensim: bool,
    /// A row for each leg and session with the repetitions side by side, for R and SPSS, with a dictionary and SPSS syntax.
    #[arg(long)]
    pub wide: bool,
}

impl FormatArgs {
    /// The one that was asked for; none are tables.
    pub fn asked(self) -> Option<ExportFormat> {
        let asked = [
            (self.bids, ExportFormat::Bids),
            (self.view, ExportFormat::View),
            (self.opensim, ExportFormat::OpenSim),
            (self.wide, ExportFormat::Wide),
        ];
        asked.into_iter().find_map(|(is_asked, format)| is_asked.then_some(format))
    }
}

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Recordings, vendor files or folders with them.
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// Folder for the export. Default: `notebooks-export` for tables, else the name of the format.
    #[arg(short, long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// A format of other programs, in place of tables.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Also write a Jupyter notebook that reads the tables.
    #[arg(long, conflicts_with = "format")]
    pub notebooks: bool,
    /// Tables as text.
    #[command(flatten)]
    pub csv: CsvArgs,
    /// Put pseudonyms in place of ids and sources, and move all dates of a person by a number of days of their own.
    #[arg(long)]
    pub pseudonymise: bool,
    /// File of the key that the pseudonyms are made with; one is made if there is none. The same key gives the same pseudonyms.
    /// Default: `pseudonyms.key` in the library.
    #[arg(long, value_name = "FILE", requires = "pseudonymise")]
    pub key: Option<PathBuf>,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
    /// Earlier results.
    #[command(flatten)]
    pub results: ResultsArgs,
}

/// `recover`
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// The unfinished or damaged recording; it is not changed.
    pub recording: PathBuf,
    /// Folder for what is brought back. Default: beside the recording.
    #[arg(short, long)]
    pub out: Option<PathBuf>,
    /// Pseudonym of the athlete, where the recording does not say it any more.
    #[arg(long, value_name = "CODE", value_parser = parse_athlete)]
    pub athlete: Option<AthleteId>,
    /// Supporting leg, where the recording does not say it any more.
    #[arg(long, value_name = "left|right", value_parser = parse_side, requires = "athlete")]
    pub side: Option<Side>,
    /// Standing height in centimetres, where the recording does not say it any more.
    #[arg(long, value_name = "CM", value_parser = parse_height, requires = "athlete")]
    pub height: Option<Length>,
}

/// `edit`
#[derive(Debug, Args)]
pub struct EditArgs {
    /// The recording; it is not changed.
    pub recording: PathBuf,
    /// The new recording.
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// What to change.
    #[command(flatten)]
    pub changes: Changes,
}

/// What `edit` changes: at least one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Changes {
    /// Two sensors that were taken for one another, such as `hip,shank`.
    #[arg(long, value_name = "ROLE,ROLE", value_parser = parse_pair)]
    pub exchange: Option<(SensorRole, SensorRole)>,
    /// Standing height in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse_height)]
    pub height: Option<Length>,
    /// Knee joint line to outer ankle, in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse_length)]
    pub shank_length: Option<Length>,
    /// Greater trochanter to knee joint line, in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse_length)]
    pub thigh_length: Option<Length>,
    /// Distance between the hip joints, in centimetres.
    #[arg(long, value_name = "CM", value_parser = parse_length)]
    pub hip_width: Option<Length>,
    /// Supporting leg: of the recording, and of its sets where all of them are on the leg that it names now.
    #[arg(long, value_name = "left|right", value_parser = parse_side)]
    pub side: Option<Side>,
    /// Pseudonym of the athlete.
    #[arg(long, value_name = "CODE", value_parser = parse_athlete)]
    pub athlete: Option<AthleteId>,
    /// Protocol file (TOML), or the name of a built-in one.
    #[arg(long, value_name = "FILE|NAME")]
    pub protocol: Option<String>,
    /// Only the seconds from FROM to TO stay, such as `12.5-60`; bytes as they arrived stay all.
    #[arg(long, value_name = "FROM-TO", value_parser = parse_span)]
    pub cut: Option<(f64, f64)>,
}

/// `correct`
#[derive(Debug, Args)]
pub struct CorrectArgs {
    /// The recording, vendor file or session folder; it is not changed.
    pub recording: PathBuf,
    /// Which repetition, by its set and its number in it, such as `1.4`.
    #[arg(long, value_name = "SET.REP", value_parser = parse_rep, required_unless_present = "list")]
    pub rep: Option<(u32, u32)>,
    /// What is to be done.
    #[command(flatten)]
    pub what: Correcting,
    /// Why, in a few words; it stands on pages and in tables.
    #[arg(long, value_name = "TEXT", value_parser = parse_line, required_unless_present = "list")]
    pub reason: Option<String>,
    /// Who says so: a name or initials.
    #[arg(long, value_name = "NAME", value_parser = parse_line, required_unless_present = "list")]
    pub author: Option<String>,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
}

/// What `correct` does: one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Correcting {
    /// It does not count.
    #[arg(long)]
    pub exclude: bool,
    /// It was this.
    #[arg(long, value_name = "VERDICT", value_parser = parse_verdict)]
    pub verdict: Option<Verdict>,
    /// Take back what was said of it before; that it was said stays on record.
    #[arg(long)]
    pub undo: bool,
    /// List all that was ever said of its repetitions.
    #[arg(long, conflicts_with_all = ["rep", "reason", "author"])]
    pub list: bool,
}

/// `decode`
#[derive(Debug, Args)]
pub struct DecodeArgs {
    /// The recording; it is not changed.
    pub recording: PathBuf,
    /// The new recording.
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// What a sensor is, where the recording does not say it well enough: `hip=MODEL` or `hip=PROFILE.toml`. Repeatable.
    #[arg(long, value_name = "ROLE=MODEL", value_parser = parse_model)]
    pub sensor: Vec<(SensorRole, String)>,
}

/// `method`
#[derive(Debug, Args)]
pub struct MethodArgs {
    /// Only numbers whose path begins so, such as `repetitions` or `measure.hip_path`.
    #[arg(value_name = "PATH-PREFIX")]
    pub prefix: Option<String>,
    /// The whole method as a file with its comments, to be changed and given with --method.
    #[arg(long, conflicts_with = "prefix")]
    pub toml: bool,
    /// The method to list.
    #[command(flatten)]
    pub method: MethodFile,
}

/// `methods`
#[derive(Debug, Args)]
pub struct MethodsArgs {
    /// A folder with tables (as `batch` and `export` write them), or recordings, vendor files or folders with them.
    #[arg(required = true, value_name = "OUT|PATHS")]
    pub inputs: Vec<PathBuf>,
    /// The citations alone, as BibTeX.
    #[arg(long)]
    pub bibtex: bool,
    /// How to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to judge.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
    /// Earlier results.
    #[command(flatten)]
    pub results: ResultsArgs,
}

/// A repetition of a session, as people name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhichRep {
    /// By its set and its number in it.
    OfSet(u32, u32),
    /// Counted through the session, from 1.
    Through(usize),
}

fn parse_which_rep(text: &str) -> Result<WhichRep, String> {
    if text.contains('.') {
        return parse_rep(text).map(|(set, rep)| WhichRep::OfSet(set, rep));
    }
    text.parse().map(WhichRep::Through).map_err(|_| "give a set and a repetition, such as 1.4, or a number".to_owned())
}

/// `1.4`.
fn parse_rep(text: &str) -> Result<(u32, u32), String> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
    let both = text.split_once('.').and_then(|(set, rep)| Some((number(set)?, number(rep)?)));
    both.ok_or_else(|| "give the set and the repetition's number in it, such as 1.4".to_owned())
}

/// What a person can say that a repetition was.
fn parse_verdict(text: &str) -> Result<Verdict, String> {
    let known: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| *verdict != Verdict::Indeterminate).collect();
    let names: Vec<&str> = known.iter().map(|verdict| verdict.name()).collect();
    known.iter().find(|verdict| verdict.name() == text).copied().ok_or_else(|| format!("give {}", names.join(", ")))
}

fn parse_session(text: &str) -> Result<SessionId, String> {
    SessionId::new(text).map_err(|error| error.in_full())
}

fn parse_side(text: &str) -> Result<Side, String> {
    text.parse().map_err(|error: truehinge_core::InvalidId| error.in_full())
}

fn parse_role(text: &str) -> Result<(String, SensorRole), String> {
    let (name, role) = text.split_once('=').ok_or("give NAME=ROLE, such as Pelvis=hip")?;
    let role = role.parse().map_err(|error: truehinge_core::InvalidId| error.in_full())?;
    Ok((name.to_owned(), role))
}

/// `ADDRESS`, `ADDRESS=MODEL` or `ADDRESS=PROFILE.toml`.
fn parse_sensor(text: &str) -> Result<String, String> {
    let (address, model) = text.split_once('=').map_or((text, None), |(address, model)| (address, Some(model)));
    if !is_address(address) {
        return Err(format!(
            "\"{address}\" is no address of a sensor, such as C0:11:22:33:44:55: see `truehinge scan`"
        ));
    }
    if model.is_some_and(str::is_empty) {
        return Err("give a model or a profile after the =, or leave the = out".to_owned());
    }
    Ok(text.to_owned())
}

/// Six bytes as they are written, or the identifier that macOS shows instead.
fn is_address(text: &str) -> bool {
    let hexadecimal = |lengths: &[usize], separator| {
        let parts: Vec<&str> = text.split(separator).collect();
        let fits = |(part, length): (&&str, &usize)| {
            part.len() == *length && part.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        parts.len() == lengths.len() && parts.iter().zip(lengths).all(fits)
    };
    hexadecimal(&[2; 6], ':') || hexadecimal(&[8, 4, 4, 4, 12], '-')
}

/// Two roles.
fn parse_pair(text: &str) -> Result<(SensorRole, SensorRole), String> {
    let (a, b) = text.split_once(',').ok_or("give two sensors, such as hip,shank")?;
    let role = |text: &str| text.trim().parse().map_err(|error: truehinge_core::InvalidId| error.in_full());
    let (a, b) = (role(a)?, role(b)?);
    if a == b { Err(format!("{a} is given twice: give two sensors, such as hip,shank")) } else { Ok((a, b)) }
}

/// A role and what its sensor is.
fn parse_model(text: &str) -> Result<(SensorRole, String), String> {
    let (role, model) = text.split_once('=').ok_or("give ROLE=MODEL, such as hip=nus")?;
    let role = role.parse().map_err(|error: truehinge_core::InvalidId| error.in_full())?;
    Ok((role, model.to_owned()))
}

/// From one second to another.
fn parse_span(text: &str) -> Result<(f64, f64), String> {
    let seconds = |text: &str| text.trim().parse::<f64>().ok().filter(|seconds| (0.0..=1e6).contains(seconds));
    let span = text.split_once('-').and_then(|(from, to)| Some((seconds(from)?, seconds(to)?)));
    span.filter(|(from, to)| from < to).ok_or_else(|| "give two times in seconds, such as 12.5-60".to_owned())
}

fn parse_speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if speed > 0.0 { Ok(speed) } else { Err(format!("{text} is no speed: it must be greater than 0")) }
}

fn parse_port(text: &str) -> Result<Port, String> {
    match text {
        "usual" => Ok(Port::Usual),
        _ => text
            .parse()
            .map(Port::Exactly)
            .map_err(|_| "give a port from 1 to 65535, or 0 for any that is free".to_owned()),
    }
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("give a time in seconds, up to a day".to_owned()),
    }
}

fn parse_rate(text: &str) -> Result<SampleRate, String> {
    let rate = text.parse().ok().and_then(SampleRate::from_hertz);
    rate.ok_or_else(|| "give samples per second, such as 50".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_typing_errors() {
        for good in [
            "C0:11:22:33:44:55",
            "c0:11:22:33:44:5f=metamotion-packed",
            "8F2E7A10-1B2C-4D5E-8F90-A1B2C3D4E5F6",
            "C0:11:22:33:44:55=my/sensor.toml",
        ] {
            assert_eq!(parse_sensor(good), Ok(good.to_owned()));
        }
        for wrong in ["", "hip", "C0:11:22:33:44", "C0:11:22:33:44:5g", "C0-11-22-33-44-55", "C0:11:22:33:44:55="] {
            assert!(parse_sensor(wrong).is_err(), "{wrong}");
        }
        let error = parse_sensor("C0:11:22:33:44").expect_err("too short");
        assert!(error.contains("C0:11:22:33:44") && error.contains("truehinge scan"), "{error}");
    }
}
