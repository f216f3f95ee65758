//! Writes recordings of a study: `study FOLDER FROM TO [--short]`.

use std::path::Path;

use truehinge_tests::study::{Length, Study};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<usize>().ok());
    let (Some(folder), Some(from), Some(to)) = (arguments.first(), number(1), number(2)) else {
        eprintln!("usage: study FOLDER FROM TO [--short]");
        std::process::exit(2);
    };
    let short = arguments.get(3).is_some_and(|said| said == "--short");
    let study = Study::new(to, if short { Length::Short } else { Length::Usual });
    (from..to).try_for_each(|number| study.write(Path::new(folder), number).map(|_| ()))
}
