//! The embedded fonts, and which letters they have.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

use crate::theme::{FONT_REGULAR, FONT_SEMIBOLD};

/// The fonts of the document, in the order of the book.
pub(crate) static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| [FONT_REGULAR, FONT_SEMIBOLD].into_iter().flat_map(|data| Font::iter(Bytes::new(data))).collect());
/// What is known of them.
pub(crate) static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// Whether every letter of a text has a shape on the pages. Latin, Greek and Cyrillic have; no system font is asked for others, so
/// that the pages are the same everywhere.
pub fn draws(text: &str) -> bool {
    // Joiners and variation selectors change their neighbours and have no shape of their own.
    let is_shapeless = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
    };
    let has = |c: char| FONTS.iter().all(|font| font.info().coverage.contains(u32::from(c)));
    text.chars().all(|c| is_shapeless(c) || has(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn european_scripts_are_drawn_and_others_are_known_not_to_be() {
        for text in ["P-014", "Žofie Ångström", "Ιωάννα", "Анна", "Nguyễn 2/3", ""] {
            assert!(draws(text), "{text}");
        }
        for text in ["選手-山田", "مريم", "योगिनी", "김", "P-014 שרה"] {
            assert!(!draws(text), "{text}");
        }
    }
}
