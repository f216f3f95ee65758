//! Recordings with their results, as they go out in the formats of other programs ([`truehinge_dataset::export`]).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use truehinge_core::{
    DeviceInfo, Explained, MarkerKind, Recording, SessionAnalysis, SessionInfo, SessionTime, Track, TrackSamples,
};
use truehinge_dataset::export::{Moved, Recorded};
use truehinge_dataset::{ImportOptions, open};
use truehinge_signal::clock::{self, ClockModel};
use truehinge_signal::{content_hash, leg_motion};

use crate::{Error, Failed, Judge, Session};

/// Under which names a recording goes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Names {
    /// Its own.
    Own,
    /// Those of its analysis, which are pseudonyms: serial numbers and remarks stay behind, too.
    Hidden,
}

/// A recording that can be read, and of which there is no analysis: its samples go out all the same.
#[derive(Clone, Debug)]
pub struct Unanalysed {
    /// Where it is.
    pub path: PathBuf,
    /// Its names, and the measures that it would have been judged with.
    pub info: SessionInfo,
    /// SHA-256 over roles and samples.
    pub content_sha256: String,
    /// The code of why.
    pub code: &'static str,
}

impl Judge {
    /// Which of these inputs can be read, each recording once, and none of those that were analysed.
    pub fn unanalysed(&self, failures: &[Failed], options: &ImportOptions, analysed: &[Session]) -> Vec<Unanalysed> {
        let content = |session: &Session| session.analysis.provenance.content_sha256.clone();
        let mut known: BTreeSet<String> = analysed.iter().map(content).collect();
        let read = failures.iter().filter_map(|failed| self.read(failed, options));
        read.filter(|recording| known.insert(recording.content_sha256.clone())).collect()
    }

    fn read(&self, failed: &Failed, options: &ImportOptions) -> Option<Unanalysed> {
        let was_read = matches!(
            *failed.error,
            Error::Analysis(_) | Error::Protocol(_) | Error::Body(_) | Error::Card(_) | Error::Corrections(_)
        );
        let (recording, _) = was_read.then(|| open(&failed.path, options).ok()).flatten()?;
        let content_sha256 = content_hash(&recording);
        let mut info = recording.info.clone();
        if self.settle(&failed.path, &mut info).is_err() {
            info = recording.info;
        }
        Some(Unanalysed { path: failed.path.clone(), info, content_sha256, code: failed.error.code() })
    }

    /// The recording of a path, which goes out as `info` says. Where the clocks of its sensors cannot be fitted, no sample has a time.
    ///
    /// # Errors
    /// [`Error::Reading`].
    pub fn recorded(
        &self,
        path: &Path,
        options: &ImportOptions,
        info: SessionInfo,
        names: Names,
    ) -> Result<Recorded, Error> {
        let (mut recording, _) = open(path, options)?;
        recording.info = info;
        if names == Names::Hidden {
            hide(&mut recording);
        }
        let models = clock::fit(&recording, &self.method().clock).unwrap_or_default();
        let timelines = recording.tracks.iter().zip(&models).map(|(track, model)| timeline(track, model)).collect();
        let exercise = self.protocol(&recording.info).map(|protocol| protocol.title).unwrap_or_default();
        Ok(Recorded { recording, exercise, timelines })
    }

    /// The leg of the recording of a path as it moved, with the analysis that this judge made of it and that may have got other names since.
    ///
    /// # Errors
    /// [`Error::Reading`], [`Error::Analysis`].
    pub fn moved(&self, path: &Path, options: &ImportOptions, analysis: SessionAnalysis) -> Result<Moved, Error> {
        let (mut recording, _) = open(path, options)?;
        // The measures that it was judged with.
        recording.info = analysis.info.clone();
        let motion = leg_motion(&recording, &analysis, self.method())?;
        Ok(Moved { analysis, motion })
    }
}

/// When each sample of a track was.
fn timeline(track: &Track, model: &ClockModel) -> Vec<Option<SessionTime>> {
    match &track.samples {
        TrackSamples::Inertial(samples) => {
            samples.iter().enumerate().map(|(index, sample)| model.to_session(index, sample.device_time)).collect()
        }
        TrackSamples::Orientation(samples) => {
            samples.iter().enumerate().map(|(index, sample)| model.to_session(index, sample.device_time)).collect()
        }
    }
}

/// Serial numbers and addresses are those of somebody's sensors, and remarks may say anything.
fn hide(recording: &mut Recording) {
    for track in &mut recording.tracks {
        track.device = DeviceInfo { serial: String::new(), ..track.device.clone() };
    }
    recording.markers.retain(|marker| !matches!(marker.kind, MarkerKind::Note { .. }));
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use truehinge_core::{SensorRole, Signal};

    use truehinge_dataset::export::bids::{Bids, Title};
    use truehinge_dataset::export::opensim::storages;
    use truehinge_dataset::export::view::views;
    use truehinge_dataset::recording::write_recording;
    use truehinge_sim::Scenario;

    use super::*;
    use crate::{Batch, Watch, batch};

    /// A session as it goes out.
    fn going<T>(of: impl FnOnce(&Judge, &Path, SessionAnalysis) -> Result<T, Error>) -> T {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("S1.mcap");
        write_recording(&path, &Scenario::typical(3).run().expect("a session").recording()).expect("written");
        let judge = Judge::default();
        let analysis = judge.analyse(&path).expect("analysed");
        of(&judge, &path, analysis).expect("goes out")
    }

    fn moved() -> Moved {
        going(|judge, path, analysis| judge.moved(path, &ImportOptions::default(), analysis))
    }

    #[test]
    fn the_leg_moves_as_the_repetitions_say() {
        let moved = moved();
        let mut looked = 0;
        for (set, motion) in moved.analysis.sets.iter().zip(&moved.motion) {
            assert_eq!((set.number, set.side), (motion.set, motion.side));
            let lean = |moment: &truehinge_core::LegMoment| {
                truehinge_signal::body::kinematics::sagittal_tilt(moment.shank).degrees()
            };
            for rep in &set.reps {
                let within =
                    |span: truehinge_core::Span| motion.moments.iter().filter(move |moment| span.contains(moment.at));
                let before: Vec<f64> = within(rep.phases.quiet_stance).map(lean).collect();
                let before = before.iter().sum::<f64>() / before.len() as f64;
                let peak = within(rep.span).map(lean).fold(f64::NEG_INFINITY, f64::max) - before;
                let said = rep.metrics.shank_tilt.expect("is known").value.degrees();
                // The metric is smoothed by a low-pass filter, which takes the wobble off the peak.
                assert!((peak - said).abs() < 0.5, "{peak} {said}");
                let flexed = rep.curves.iter().any(|curve| curve.signal == Signal::KneeFlexion);
                assert!(!flexed || within(rep.span).filter(|moment| moment.thigh_is_known).count() > 10);
                looked += 1;
            }
        }
        assert!(looked > 3, "{looked}");
    }

    #[test]
    fn a_data_set_is_the_same_recording_with_the_same_analysis() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut recordings = Vec::new();
        for (seed, athlete) in [(1, "P-014"), (2, "P014"), (3, "P-014")] {
            let path = folder.path().join(format!("{seed}.mcap"));
            let mut recording = Scenario::typical(seed).run().expect("a session").recording();
            recording.info.athlete = truehinge_core::AthleteId::new(athlete).expect("a pseudonym");
            recording.info.session = truehinge_core::SessionId::new("S 1").expect("a name");
            let note = MarkerKind::Note { text: "=a\tremark".to_owned() };
            recording
                .markers
                .push(truehinge_core::Marker { at: truehinge_core::HostTime::from_seconds(1e3), kind: note });
            write_recording(&path, &recording).expect("written");
            recordings.push(path);
        }
        let judge = Judge::default();
        let options = ImportOptions::default();
        let analyses: Vec<_> = recordings.iter().map(|path| judge.analyse(path).expect("analysed")).collect();
        let target = folder.path().join("bids");
        let mut bids = Bids::new(&target, "0", analyses.iter().map(Into::into)).expect("made");
        for (index, (path, analysis)) in recordings.iter().zip(&analyses).enumerate() {
            let recorded = judge.recorded(path, &options, analysis.info.clone(), Names::Own).expect("goes out");
            bids.add(index, &recorded, Ok(analysis)).expect("written");
        }
        bids.finish().expect("put in place");
        let found = truehinge_dataset::discover(&target, &options).expect("lists");
        assert_eq!(found.len(), 3, "{found:?}");
        let mut looked = 0;
        for path in found {
            let again = judge.analyse(&path).expect("analysed");
            let is_it =
                |analysis: &&SessionAnalysis| analysis.provenance.content_sha256 == again.provenance.content_sha256;
            let first = analyses.iter().find(is_it).expect("the same samples, to the last bit");
            assert_eq!(again.sets, first.sets);
            assert_eq!(again.findings, first.findings);
            assert_eq!((&again.info.athlete, &again.info.session), (&first.info.athlete, &first.info.session));
            assert_eq!((again.info.zone, &again.info.body), (first.info.zone, &first.info.body));
            assert_eq!(again.provenance.config_sha256, first.provenance.config_sha256);
            looked += again.reps().count();
        }
        assert!(looked > 10, "{looked}");
    }

    #[test]
    fn what_cannot_be_analysed_goes_out_raw_once_and_is_read_back() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut recording = Scenario::typical(4).run().expect("a session").recording();
        // One ends before the other begins.
        for track in &mut recording.tracks {
            let TrackSamples::Inertial(samples) = &mut track.samples else { panic!("no samples") };
            let third = samples.len() / 3;
            drop(samples.drain(if track.role == SensorRole::Hip { third..samples.len() } else { 0..2 * third }));
        }
        for (name, remark) in [("half.mcap", "first"), ("same.mcap", "second")] {
            recording.info.source.notes = vec![remark.to_owned()];
            write_recording(&folder.path().join(name), &recording).expect("written");
        }
        std::fs::write(folder.path().join("cut.mcap"), b"no recording").expect("written");
        let (judge, options) = (Judge::default(), ImportOptions::default());
        let batch =
            Batch { root: folder.path(), options: &options, judge: &judge, threads: None, athlete: None, store: None };
        let found = batch::find(&[folder.path().to_owned()], &options).expect("a folder");
        let judged = batch.run(found, &Watch { done: &|_| (), stop: &AtomicBool::new(false) }).expect("runs");
        assert_eq!((judged.sessions.len(), judged.failures.len()), (0, 3));
        let raw = judge.unanalysed(&judged.failures, &options, &judged.sessions);
        let [Unanalysed { path, info, content_sha256, code }] = &raw[..] else { panic!("{raw:?}") };
        assert_eq!((path.file_name(), *code), (Some("half.mcap".as_ref()), "analysis_no_common_time"));

        let target = folder.path().join("bids");
        let mut bids = Bids::new(&target, "0", [Title { info, content_sha256 }].into_iter()).expect("made");
        let recorded = judge.recorded(path, &options, info.clone(), Names::Own).expect("goes out");
        bids.add(0, &recorded, Err(code)).and_then(|()| bids.finish()).expect("put in place");
        let [found] = &truehinge_dataset::discover(&target, &options).expect("lists")[..] else { panic!("one table") };
        let (again, _) = open(found, &options).expect("is read");
        assert_eq!(content_hash(&again), *content_sha256);
        let person = target.join(format!("sub-{}", info.athlete.as_str().replace('-', "")));
        let mut sessions = std::fs::read_dir(&person).expect("lists").flatten().map(|entry| entry.path());
        let sessions = sessions.find(|path| path.extension().is_some_and(|end| end == "tsv")).expect("is there");
        let text = std::fs::read_to_string(sessions).expect("is read");
        assert!(text.lines().nth(1).expect("a row").ends_with("\tanalysis_no_common_time"), "{text}");
        assert!(!target.join("derivatives/truehinge").join(person.file_name().expect("a name")).exists());
    }

    /// The fields of a message: number, and what stands in a field of eight bytes or of a length.
    fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
        fn varint(bytes: &mut &[u8]) -> u64 {
            let mut value = 0;
            for shift in (0..64).step_by(7) {
                let byte = bytes[0];
                *bytes = &bytes[1..];
                value |= u64::from(byte & 0x7f) << shift;
                if byte < 0x80 {
                    break;
                }
            }
            value
        }
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let length = match key & 7 {
                0 => {
                    varint(&mut bytes);
                    continue;
                }
                1 => 8,
                2 => usize::try_from(varint(&mut bytes)).expect("short"),
                5 => 4,
                other => panic!("wire type {other}"),
            };
            found.push((key >> 3, bytes[..length].to_vec()));
            bytes = &bytes[length..];
        }
        found
    }

    #[test]
    fn a_view_holds_the_orientations_that_it_was_made_of() {
        let moved = moved();
        let bytes = truehinge_dataset::export::view::view(&moved).expect("written");
        let mut turned = Vec::new();
        for message in mcap::MessageStream::new(&bytes).expect("an MCAP file") {
            let message = message.expect("whole");
            if message.channel.topic != "/tf" {
                continue;
            }
            for (_, transform) in fields(&message.data) {
                let of = fields(&transform);
                let part = |number: u64| of.iter().find(|(field, _)| *field == number).expect("is there").1.clone();
                if part(3) == b"shank" {
                    let parts = fields(&part(5));
                    let number =
                        |(_, bytes): &(u64, Vec<u8>)| f64::from_le_bytes(bytes[..8].try_into().expect("eight"));
                    let [x, y, z, w] = [0, 1, 2, 3].map(|index| number(&parts[index]));
                    turned.push((message.log_time, [w, x, y, z]));
                }
            }
        }
        let start = moved.analysis.info.start_utc_ns.unwrap_or(0);
        let moments = moved.motion.iter().flat_map(|motion| &motion.moments);
        let expected: Vec<(u64, [f64; 4])> = moments
            .map(|moment| (u64::try_from(start + moment.at.nanos()).expect("after 1970"), moment.shank.to_wxyz()))
            .collect();
        assert!(expected.len() > 1000);
        assert_eq!(turned, expected);
    }

    #[test]
    fn storages_are_read_back_and_neither_they_nor_views_are_recordings_of_a_folder() {
        let moved = moved();
        let folder = tempfile::tempdir().expect("temporary folder");
        let analyses = [&moved.analysis];
        for each in [storages(folder.path(), analyses.into_iter()), views(folder.path(), analyses.into_iter())] {
            let mut each = each.expect("made");
            each.add(0, &moved).and_then(|()| each.finish()).expect("written");
        }
        let options = ImportOptions::default();
        assert_eq!(truehinge_dataset::discover(folder.path(), &options).expect("lists"), [] as [PathBuf; 0]);
        let files = std::fs::read_dir(folder.path()).expect("lists").flatten().map(|entry| entry.path());
        let file = files.filter(|path| path.extension().is_some_and(|end| end == "sto")).min().expect("is there");
        let (read, _) = open(&file, &options).expect("is read");
        let shank = read.track(SensorRole::Shank).expect("is worn");
        let TrackSamples::Orientation(samples) = &shank.samples else { panic!("no orientations") };
        let moments = &moved.motion[0].moments;
        assert_eq!(samples.len(), moments.len());
        for (sample, moment) in samples.iter().zip(moments) {
            // Nine digits of a quaternion.
            assert!(sample.rotation.quaternion().angle_to(&moment.shank.quaternion()) < 1e-7);
        }
        assert_eq!(read.info.stance_side, moved.motion[0].side);
    }

    #[test]
    fn every_sample_has_its_time_and_hidden_names_take_serial_numbers_along() {
        let Recorded { mut recording, timelines, .. } =
            going(|judge, path, analysis| judge.recorded(path, &ImportOptions::default(), analysis.info, Names::Own));
        let hip = recording.tracks.iter().position(|track| track.role == SensorRole::Hip).expect("is worn");
        assert_eq!(timelines[hip].len(), recording.tracks[hip].samples.len());
        let times: Vec<SessionTime> = timelines[hip].iter().flatten().copied().collect();
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]));
        recording.tracks[hip].device.serial = "C0:FF:EE".to_owned();
        hide(&mut recording);
        assert_eq!(recording.tracks[hip].device.serial, "");
    }
}
