//! The languages, their catalogues, and the values in sentences.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::time::Span;

/// A language that sentences exist in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Language {
    /// English: what tables, logs and errors are written in.
    #[default]
    English,
    /// German.
    German,
}

type Bundle = FluentBundle<FluentResource>;

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its code, ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Between the units and the tenths of a number.
    pub const fn decimal(self) -> char {
        match self {
            Self::English => '.',
            Self::German => ',',
        }
    }

    /// The catalogues: of sentences about data and repetitions, of the pages, and of running sessions.
    pub(super) const fn sources(self) -> [&'static str; 3] {
        match self {
            Self::English => [include_str!("en.ftl"), include_str!("pages.en.ftl"), include_str!("live.en.ftl")],
            Self::German => [include_str!("de.ftl"), include_str!("pages.de.ftl"), include_str!("live.de.ftl")],
        }
    }

    /// The words of the pages that have no values, by their keys without the `label-` in front.
    pub fn labels(self) -> BTreeMap<String, String> {
        self.without_values("label-")
    }

    /// The words of a running session's page that have no values, by their keys without the `live-label-` in front.
    pub fn live_labels(self) -> BTreeMap<String, String> {
        self.without_values("live-label-")
    }

    fn without_values(self, prefix: &str) -> BTreeMap<String, String> {
        let lines = Self::English.sources().into_iter().flat_map(str::lines);
        let keys = lines.filter_map(|line| line.split_once(" =")?.0.strip_prefix(prefix));
        keys.map(|key| (key.to_owned(), self.say(&format!("{prefix}{key}"), &Args::new(self)))).collect()
    }

    fn bundle(self) -> &'static Bundle {
        static BUNDLES: [OnceLock<Bundle>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        BUNDLES[self as usize].get_or_init(|| {
            let locale: Vec<LanguageIdentifier> = self.code().parse().into_iter().collect();
            let mut bundle = Bundle::new_concurrent(locale);
            // Marks of direction around values would be seen in tables and terminals.
            bundle.set_use_isolating(false);
            // What cannot be read of a catalogue is missing from it: tests hold that nothing is.
            for source in self.sources() {
                let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(read, _)| read);
                bundle.add_resource_overriding(resource);
            }
            bundle
        })
    }

    /// The message of a key with these values; in English where this language lacks it, and else the key.
    pub fn say(self, key: &str, args: &Args) -> String {
        let said = self.written(key, None, args).or_else(|| Self::English.written(key, None, args));
        said.unwrap_or_else(|| key.to_owned())
    }

    /// The hint of a key, if there is one.
    pub fn hint_of(self, key: &str, args: &Args) -> Option<String> {
        self.written(key, Some("hint"), args).filter(|hint| hint != NONE)
    }

    fn written(self, key: &str, attribute: Option<&str>, args: &Args) -> Option<String> {
        let bundle = self.bundle();
        let message = bundle.get_message(key)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(name) => message.get_attribute(name)?.value(),
        };
        Some(bundle.format_pattern(pattern, Some(args.values()), &mut Vec::new()).into_owned())
    }
}

/// The values of a sentence by their names, written as the language writes them.
#[derive(Debug)]
pub struct Args {
    pub(super) language: Language,
    values: FluentArgs<'static>,
}

impl Args {
    /// None yet.
    pub fn new(language: Language) -> Self {
        Self { language, values: FluentArgs::new() }
    }

    pub(super) const fn values(&self) -> &FluentArgs<'static> {
        &self.values
    }

    /// Words, or a code that the catalogue chooses words by.
    #[must_use]
    pub fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.values.set(name, FluentValue::from(text.into()));
        self
    }

    /// A count: catalogues may choose words by it.
    #[allow(clippy::cast_precision_loss, reason = "no sentence counts beyond 2^53")]
    #[must_use]
    pub fn count(mut self, name: &'static str, count: u64) -> Self {
        self.values.set(name, FluentValue::from(count as f64));
        self
    }

    /// A measured number with so many digits behind the decimal sign.
    #[must_use]
    pub fn number(self, name: &'static str, value: f64, digits: usize) -> Self {
        let text = self.decimal(format!("{value:.digits$}"));
        self.text(name, text)
    }

    /// The same with its sign, also where it is positive.
    pub(super) fn signed(self, name: &'static str, value: f64, digits: usize) -> Self {
        let text = self.decimal(format!("{value:+.digits$}"));
        self.text(name, text)
    }

    fn decimal(&self, text: String) -> String {
        match self.language.decimal() {
            '.' => text,
            other => text.replace('.', &other.to_string()),
        }
    }

    /// ` between 12.3 and 56.8 s`, or nothing.
    pub(super) fn when(self, span: Option<Span>) -> Self {
        let between = span.map_or_else(String::new, |span| {
            let args =
                Self::new(self.language).number("from", span.start.seconds(), 1).number("to", span.end.seconds(), 1);
            format!(" {}", self.language.say("between", &args))
        });
        self.text("when", between)
    }
}

#[cfg(test)]
impl Language {
    /// What a message lacks: itself, or values.
    pub(super) fn missing(self, key: &str, args: &Args) -> Vec<String> {
        let Some(message) = self.bundle().get_message(key) else { return vec![key.to_owned()] };
        let hint = message.get_attribute("hint").map(|hint| hint.value());
        let mut errors = Vec::new();
        for pattern in message.value().into_iter().chain(hint) {
            self.bundle().format_pattern(pattern, Some(args.values()), &mut errors);
        }
        errors.iter().map(|error| format!("{key}: {error}")).collect()
    }
}

/// What a catalogue writes for a hint that a variant does not have.
const NONE: &str = "-";
