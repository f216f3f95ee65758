//! No tuning number of `signal` outside its method: constants and bare literals that somebody chose.
//!
//! A constant that is mathematics or physics says so: its documentation begins with `Mathematics:` or `Physics:`. A literal that
//! is neither common nor a choice has `// number: reason` on its line or on the one above.

use anyhow::bail;

use crate::literals::{Found, of};
use crate::sources::{Source, of_crate};

/// Where the numbers belong.
const METHOD: &str = "method";
/// What excuses a literal.
const EXCUSE: &str = "// number: ";

/// Fails with every number as `file:line: what`.
pub fn check() -> anyhow::Result<()> {
    let sources = of_crate("signal")?;
    let mut numbers = Vec::new();
    for source in sources.iter().filter(|source| source.module.first().is_none_or(|first| first != METHOD)) {
        let path = source.path.display();
        numbers.extend(chosen(source).iter().map(|found| format!("{path}:{}: {}", found.line, found.what)));
    }
    if !numbers.is_empty() {
        bail!(
            "{} numbers outside the method; move them there, or say `/// Mathematics:`, `/// Physics:` or `{EXCUSE}reason`:\n  {}",
            numbers.len(),
            numbers.join("\n  ")
        );
    }
    println!("numbers: all of signal's are in its method");
    Ok(())
}

/// Numbers that nothing excuses.
fn chosen(source: &Source) -> Vec<Found> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut found = of(&source.items);
    found.retain(|found| !is_excused(&lines, found.line));
    found
}

/// On its line, or on a line of its own above it.
fn is_excused(lines: &[&str], line: usize) -> bool {
    let has_reason = |text: &str| text.split_once(EXCUSE).is_some_and(|(_, reason)| !reason.trim().is_empty());
    let on_it = lines.get(line - 1).is_some_and(|text| has_reason(text));
    let above = line.checked_sub(2).and_then(|above| lines.get(above));
    on_it || above.is_some_and(|text| text.trim_start().starts_with(EXCUSE) && has_reason(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::parse;

    fn numbers(text: &str) -> Vec<String> {
        let (source, _) = parse(std::path::PathBuf::new(), vec![], text.to_owned()).expect(text);
        chosen(&source).into_iter().map(|found| format!("{}: {}", found.line, found.what)).collect()
    }

    #[test]
    fn constants_of_numbers_are_found_unless_they_are_mathematics_or_physics() {
        for text in [
            "const LIMIT: f64 = 0.3;",
            "static LIMIT: usize = 2;",
            "const LIMITS: &[(f64, usize)] = &[];",
            "impl A { const LIMIT: u64 = 1; }",
            "trait T { const LIMIT: [f64; 2] = [0.0; 2]; }",
            "fn f() { const LIMIT: f64 = 1.0; }",
            "const LIMIT: Angle = Angle::from_degrees(4.5);",
            "/// A limit. Physics: no.\nconst LIMIT: f64 = 9.81;",
        ] {
            assert!(numbers(text).iter().all(|found| found.contains("const LIMIT")), "{text}: {:?}", numbers(text));
            assert_eq!(numbers(text).len(), 1, "{text}");
        }
        for text in [
            "/// Physics: standard gravity.\nconst G: f64 = 9.80665;",
            "/// Mathematics: minimum jerk.\n/// And more.\nconst C: [f64; 3] = [10.0, -15.0, 6.0];",
            "const NAME: &str = \"4.5\";",
            "const SIDES: [Side; 2] = [Side::Left, Side::Right];",
        ] {
            assert_eq!(numbers(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn bare_floats_are_found_wherever_they_stand_but_common_ones() {
        assert_eq!(numbers("fn f(x: f64) -> f64 {\n    x * 0.25\n}"), ["2: 0.25"]);
        assert_eq!(numbers("fn f() -> Vec<f64> { vec![-4.5; 3] }"), ["1: 4.5"]);
        assert_eq!(numbers("fn f(x: f64) { assert!(x < 7.0, \"{x}\"); }"), ["1: 7.0"]);
        assert_eq!(numbers("fn f(x: f64) -> f64 { x.max(0.0) * 0.5 + 1e-9 - 2.0_f64.sqrt() }"), [""; 0]);
        assert_eq!(numbers("fn f(x: f64) -> bool { x > 4. }"), ["1: 4."]);
        assert_eq!(numbers("#[cfg(test)]\nmod tests { fn f() -> f64 { 0.25 } }"), [""; 0]);
    }

    #[test]
    fn whole_numbers_are_found_where_something_is_measured_by_them() {
        assert_eq!(numbers("fn f(n: usize) -> bool { n > 5 }"), ["1: 5"]);
        assert_eq!(numbers("fn f(n: usize) -> usize { 4 * n }"), ["1: 4"]);
        assert_eq!(numbers("fn f(n: usize) -> usize { n.max(8) }"), ["1: 8"]);
        assert_eq!(numbers("fn f(n: usize) -> bool { (3..=9).contains(&n) }"), ["1: 3", "1: 9"]);
        assert_eq!(numbers("fn f(x: &[f64; 4]) -> f64 { x[3] + x[2] }"), [""; 0]);
        assert_eq!(numbers("fn f(n: usize) -> bool { n >= 2 && n % 2 == 1 }"), [""; 0]);
    }

    #[test]
    fn a_reason_on_the_line_or_above_it_excuses_a_literal() {
        assert_eq!(numbers("fn f(x: f64) -> f64 {\n    x * 0.25 // number: the quarter of the formula\n}"), [""; 0]);
        assert_eq!(numbers("fn f(x: f64) -> f64 {\n    // number: the quarter\n    x * 0.25\n}"), [""; 0]);
        assert_eq!(numbers("fn f(x: f64) -> f64 {\n    x * 0.25 // number: \n}"), ["2: 0.25"]);
        assert_eq!(numbers("fn f(x: f64) -> f64 {\n    // number: the quarter\n\n    x * 0.25\n}"), ["4: 0.25"]);
        let beside = "fn f(x: f64) -> f64 {\n    let y = x * 0.25; // number: the quarter\n    y * 0.75\n}";
        assert_eq!(numbers(beside), ["3: 0.75"], "a reason behind one line does not excuse the next");
    }
}
