//! The embedded fonts, and which letters they have.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, InvalidFont};

use crate::theme::{FONT_REGULAR, FONT_SEMIBOLD};

/// A font that cannot be read draws no letter, which shows at once in every test that names somebody.
static FONTS: LazyLock<[Result<FontRef<'static>, InvalidFont>; 2]> =
    LazyLock::new(|| [FONT_REGULAR, FONT_SEMIBOLD].map(FontRef::try_from_slice));

/// Whether every letter of a text has a shape on the pages. Latin, Greek and Cyrillic have; no system font is asked for others, so
/// that the pages are the same everywhere.
pub fn draws(text: &str) -> bool {
    // Joiners and variation selectors change their neighbours and have no shape of their own.
    let is_shapeless = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
    };
    let draws = |font: &FontRef<'_>, c: char| font.glyph_id(c).0 != 0;
    let has = |c: char| FONTS.iter().all(|font| font.as_ref().is_ok_and(|font| draws(font, c)));
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
