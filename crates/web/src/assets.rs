//! The files of the page. They are part of the program and hold nothing of a session.

/// A file by its path.
pub struct Asset {
    /// Where it is.
    pub path: &'static str,
    /// What it is.
    pub kind: &'static str,
    /// What it holds.
    pub text: &'static str,
}

const fn asset(path: &'static str, kind: &'static str, text: &'static str) -> Asset {
    Asset { path, kind, text }
}

/// All of them.
pub const ALL: [Asset; 5] = [
    asset("/", "text/html; charset=utf-8", include_str!("../assets/index.html")),
    asset("/live.css", "text/css; charset=utf-8", include_str!("../assets/live.css")),
    asset("/live.js", "text/javascript; charset=utf-8", include_str!("../assets/live.js")),
    asset("/voice.js", "text/javascript; charset=utf-8", include_str!("../assets/voice.js")),
    asset("/icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_small_and_names_no_other_place() {
        let size: usize = ALL.iter().map(|asset| asset.text.len()).sum();
        assert!(size < 200_000, "{size} bytes");
        for Asset { path, text, .. } in ALL {
            let elsewhere = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!elsewhere.contains("://"), "{path}");
            // The policy of the page forbids them.
            for forbidden in ["style=\"", "<style", "onclick", "onload", "eval(", "innerHTML"] {
                assert!(!text.contains(forbidden), "{forbidden} in {path}");
            }
        }
    }
}
