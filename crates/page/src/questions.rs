//! What the page asks beside the files.

use std::path::PathBuf;

use serde::Deserialize;
use truehinge_core::possible::STATURE_M;
use truehinge_core::words::Language;
use truehinge_core::{AthleteId, Length, SensorRole, Side};
use truehinge_dataset::ImportOptions;
use truehinge_report::model::{LengthUnit, Say};

use crate::outcome::Trouble;

/// What is to be analysed, and what a person says of it. All but the inputs may be left out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    /// Files and folders below the working folder, as they would be given to the program.
    pub inputs: Vec<PathBuf>,
    /// Code of the person.
    pub athlete: Option<String>,
    /// Supporting leg: left or right.
    pub side: Option<String>,
    /// Standing height, centimetres, as somebody wrote it.
    pub height_cm: Option<String>,
    /// Which file or device was worn where: names, each with hip, shank, thigh or trunk.
    #[serde(default)]
    pub roles: Vec<(String, String)>,
    /// Language of the pages, ISO 639-1; English otherwise.
    pub language: Option<String>,
    /// Unit of lengths on the pages: cm, mm or in; centimetres otherwise.
    pub unit: Option<String>,
}

impl Questions {
    /// How the inputs are read.
    ///
    /// # Errors
    /// A sentence about the first answer that cannot be, with the field it stands in.
    pub fn options(&self) -> Result<ImportOptions, Trouble> {
        let athlete = self.athlete.clone().map(AthleteId::new).transpose();
        let role = |(name, role): &(String, String)| role_named(role).map(|role| (name.clone(), role));
        Ok(ImportOptions {
            athlete: athlete.map_err(|error| Trouble::of(&error, "").about("athlete"))?,
            side: self.side.as_deref().map(side_named).transpose()?,
            height: self.height_cm.as_deref().map(height).transpose()?,
            roles: self.roles.iter().map(role).collect::<Result<_, _>>()?,
            ..ImportOptions::default()
        })
    }

    /// Language and unit of the pages.
    pub fn say(&self) -> Say {
        let units = [LengthUnit::Centimetres, LengthUnit::Millimetres, LengthUnit::Inches];
        let language = Language::ALL.into_iter().find(|of| Some(of.code()) == self.language.as_deref());
        let unit = units.into_iter().find(|of| Some(of.symbol()) == self.unit.as_deref());
        Say { language: language.unwrap_or_default(), unit: unit.unwrap_or_default() }
    }
}

fn side_named(name: &str) -> Result<Side, Trouble> {
    let side = [Side::Left, Side::Right].into_iter().find(|side| side.name() == name);
    side.ok_or_else(|| Trouble::answer("side", format!("{name} is no leg"), "choose left or right"))
}

fn role_named(name: &str) -> Result<SensorRole, Trouble> {
    let role = SensorRole::ALL.into_iter().find(|role| role.name() == name);
    role.ok_or_else(|| {
        Trouble::answer("roles", format!("{name} is no place of a sensor"), "choose hip, shank, thigh or trunk")
    })
}

fn height(written: &str) -> Result<Length, Trouble> {
    let metres = written.parse::<f64>().ok().map(|centimetres| centimetres / 100.0);
    let possible = metres.filter(|metres| STATURE_M.contains(metres)).map(Length::from_metres);
    let [low, high] = [STATURE_M.start(), STATURE_M.end()].map(|metres| 100.0 * metres);
    let next = format!("give the standing height in centimetres, {low:.0} to {high:.0}");
    possible.ok_or_else(|| Trouble::answer("height_cm", format!("{written} is no standing height"), &next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(json: &str) -> Questions {
        serde_json::from_str(json).expect("questions")
    }

    #[test]
    fn answers_are_what_the_program_would_be_told() {
        let all = r#"{"inputs": ["a"], "athlete": "P-1", "side": "left", "height_cm": "181.5", "roles": [["a.csv", "hip"]],
            "language": "de", "unit": "in"}"#;
        let options = asked(all).options().expect("good answers");
        assert_eq!(options.side, Some(Side::Left));
        assert_eq!(options.height, Some(Length::from_metres(1.815)));
        assert_eq!(options.roles, [("a.csv".to_owned(), SensorRole::Hip)]);
        assert_eq!(options.athlete, AthleteId::new("P-1").ok());
        assert_eq!(asked(all).say(), Say { language: Language::German, unit: LengthUnit::Inches });
        assert_eq!(asked(r#"{"inputs": []}"#).say(), Say::default());
    }

    #[test]
    fn an_answer_that_cannot_be_names_its_question() {
        for (question, answers) in [
            ("height_cm", r#""height_cm": "1810""#),
            ("height_cm", r#""height_cm": "tall""#),
            ("side", r#""side": "middle""#),
            ("roles", r#""roles": [["a", "elbow"]]"#),
            ("athlete", r#""athlete": """#),
        ] {
            let trouble = asked(&format!(r#"{{"inputs": ["a"], {answers}}}"#)).options().expect_err(answers);
            assert_eq!(trouble.question, Some(question), "{trouble:?}");
            assert!(trouble.hint.is_some(), "{trouble:?}");
        }
    }
}
