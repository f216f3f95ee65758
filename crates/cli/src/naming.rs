//! What is said of names: that a file is not called as its athlete or session is, and that somebody has no name.

use std::collections::BTreeSet;

use truehinge_core::{AthleteId, SessionId};

/// Says each thing about names once.
#[derive(Default)]
pub struct Names {
    said: BTreeSet<String>,
    unnamed: BTreeSet<AthleteId>,
}

impl Names {
    /// Says it if an athlete is written in file names otherwise than the id is.
    pub fn athlete(&mut self, athlete: &AthleteId) {
        self.written("athlete", athlete.as_str(), &athlete.file_name());
    }

    /// The same for a session.
    pub fn session(&mut self, session: &SessionId) {
        self.written("session", session.as_str(), &session.file_name());
    }

    fn written(&mut self, what: &str, id: &str, name: &str) {
        if id != name && self.said.insert(format!("{what} {id}")) {
            eprintln!("{what} \"{id}\" is written as {name} in file names");
        }
    }

    /// Remembers whom nobody named.
    pub fn count(&mut self, athlete: &AthleteId) {
        if athlete.is_unnamed() {
            self.unnamed.insert(athlete.clone());
        }
    }

    /// Says at the end that people without a name are taken for different ones.
    pub fn ask(&self) {
        match self.unnamed.first() {
            None => {}
            Some(one) if self.unnamed.len() == 1 => {
                eprintln!(
                    "nothing says whose recording this is: it is kept as {one}; name the athlete (--athlete CODE)"
                );
            }
            Some(one) => eprintln!(
                "nothing says whose recordings {} of these are: each is taken for another person, such as {one}; name the athlete \
                 (--athlete CODE)",
                self.unnamed.len()
            ),
        }
    }
}
