//! Text in the room there is: no word is cut in two, and what is left out is said.

use ratatui::text::Line;

/// Stands for what is left out.
const REST: &str = "…";

/// The text in at most `most` lines of `width` columns. What does not fit into them is left out at a word's end.
pub fn lines(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> =
        textwrap::wrap(text, width.max(1)).into_iter().map(std::borrow::Cow::into_owned).collect();
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while columns(last) + columns(REST) > width.max(1) && !last.is_empty() {
                last.truncate(last.rfind(' ').unwrap_or(0));
            }
            last.push_str(REST);
        }
    }
    lines
}

/// A name in at most `width` columns. Its middle gives way: names and addresses differ at their ends.
pub fn shortened(name: &str, width: usize) -> String {
    if columns(name) <= width {
        return name.to_owned();
    }
    let (mut head, mut tail): (Vec<char>, Vec<char>) = (name.chars().collect(), Vec::new());
    tail.extend(head.split_off(head.len() / 2));
    tail.reverse();
    let text = |head: &[char], tail: &[char]| -> String {
        head.iter().collect::<String>() + REST + &tail.iter().rev().collect::<String>()
    };
    while columns(&text(&head, &tail)) > width && !(head.is_empty() && tail.is_empty()) {
        let longer = if head.len() > tail.len() { &mut head } else { &mut tail };
        longer.pop();
    }
    text(&head, &tail)
}

/// Columns of a terminal.
fn columns(text: &str) -> usize {
    Line::from(text).width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_what_is_left_out_is_said() {
        let reason = "smaller and shorter than the set's others: it may have been broken off";
        assert_eq!(lines(reason, 36, 2).join(" "), reason);
        assert_eq!(lines(reason, 30, 2), ["smaller and shorter than the", "set's others: it may have…"]);
        assert_eq!(lines("", 30, 2), [""]);
        assert!(lines(reason, 0, 2).len() <= 2);
    }

    #[test]
    fn both_ends_of_a_name_are_read() {
        let name = "movella-dot C0:11:22:33:44:55";
        assert_eq!(shortened(name, 40), name);
        assert_eq!(shortened(name, 17), "movella-…33:44:55");
        assert_eq!(columns(&shortened("日本語の名前です", 9)), 9);
        assert_eq!(shortened(name, 1), "…");
    }
}
