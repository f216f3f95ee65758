//! A study of any size: short recordings, all different, made faster than they are analysed.

use std::path::{Path, PathBuf};
use std::{fs, io};

use truehinge_core::{AthleteId, Recording, SampleRate, SessionId, Side, TrackSamples};
use truehinge_dataset::recording::write_recording;
use truehinge_sim::scenario::Calibration;
use truehinge_sim::{Scenario, truth::RepKind};

/// Sessions that are simulated; the others are made of these.
const SIMULATED: usize = 16;
/// Samples that may be missing at the end of a sensor, so that no two recordings are the same.
const CUT: usize = 100;
/// Sessions of a person.
const OF_A_PERSON: usize = 4;
/// Recordings in a folder.
const IN_A_FOLDER: usize = 1000;

/// How long its recordings are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    /// As people record: with a calibration, at 120 Hz; 0.7 MB.
    Usual,
    /// As short as can be, so that a hundred thousand fit on a disk.
    Short,
}

/// Recordings that others are made of.
pub struct Study {
    simulated: Vec<Recording>,
}

impl Study {
    /// Simulates what is needed for so many recordings.
    ///
    /// # Panics
    /// The simulation fails.
    pub fn new(count: usize, length: Length) -> Self {
        let one = |seed: usize| {
            let side = if seed.is_multiple_of(2) { Side::Left } else { Side::Right };
            let blocks = vec![(side, vec![RepKind::Hinge, RepKind::KneeDrift])];
            let usual = Scenario { blocks, ..Scenario::typical(seed as u64) };
            let scenario = match length {
                Length::Usual => usual,
                Length::Short => Scenario {
                    calibration: Calibration::None,
                    quiet: 3.0,
                    pause: (1.0, 2.0),
                    rate: SampleRate::from_hertz(60.0).expect("a rate"),
                    ..usual
                },
            };
            scenario.run().unwrap_or_else(|error| panic!("simulation {seed}: {error}")).recording()
        };
        Self { simulated: (0..count.min(SIMULATED)).map(one).collect() }
    }

    /// Writes a recording below a folder, always the same for a number; where it is.
    ///
    /// # Errors
    /// The file system said no.
    ///
    /// # Panics
    /// What is made is no recording.
    pub fn write(&self, folder: &Path, number: usize) -> io::Result<PathBuf> {
        let mut recording = self.simulated[number % self.simulated.len()].clone();
        let cuts = [number / SIMULATED % CUT, number / SIMULATED / CUT];
        for (track, cut) in recording.tracks.iter_mut().zip(cuts) {
            if let TrackSamples::Inertial(samples) = &mut track.samples {
                samples.truncate(samples.len().saturating_sub(cut));
            }
        }
        recording.info.athlete = AthleteId::from(format!("P-{:05}", number / OF_A_PERSON));
        recording.info.session = SessionId::from(format!("S{number:06}"));
        let folder = folder.join(format!("{:03}", number / IN_A_FOLDER));
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{number:06}.mcap"));
        // Whoever was stopped left half of one.
        if path.exists() {
            fs::remove_file(&path)?;
        }
        write_recording(&path, &recording).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Ok(path)
    }
}
