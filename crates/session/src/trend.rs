//! What several sessions, two legs, and the repetitions of a set say together. One session is no trend: nothing is called a change that
//! sessions of the same person differ by anyway.
//!
//! A session is its median; a leg, a protocol and a configuration are one trend, others are another one. Formulas: typical error, MDC and
//! Theil-Sen slopes (SCIENCE §9) \[Hopkins2000, Weir2005, Sen1968\].

use statrs::distribution::{ContinuousCDF, StudentsT};
use truehinge_core::rep::Reading;
use truehinge_core::summary::Worse;
use truehinge_core::trend::{Baseline, Change, FormLoss, Retest, Slope, Symmetry, Trend, TrendPoint};
use truehinge_core::{Metric, Rep, SessionAnalysis, SetAnalysis, Side, SideSummary, Spread};

use crate::statistics::{Z, reliability};

/// Numbers that are followed over sessions. The knee at the bottom says more than its peak, which is noise at the edges where the knee stays.
const FOLLOWED: [Metric; 5] =
    [Metric::KneeForward, Metric::KneeForwardTurn, Metric::HipBack, Metric::ShankTilt, Metric::PelvisTilt];
/// Numbers whose legs are compared.
const COMPARED: [Metric; 6] = [
    Metric::KneeForward,
    Metric::KneeForwardTurn,
    Metric::HipBack,
    Metric::PelvisTilt,
    Metric::KneeFlexion,
    Metric::PelvisDrop,
];
/// Far from zero, so that a ratio of two legs means something.
const WITH_INDEX: [Metric; 2] = [Metric::HipBack, Metric::PelvisTilt];
/// Fewest earlier sessions that make a baseline.
const FEWEST: usize = 3;
/// Most sessions of a baseline: later ones are what it is compared with.
const BASELINE: usize = 8;
/// Standard error of a median against that of a mean, of normal values: sqrt(pi/2).
const MEDIAN: f64 = 1.2533;
/// Fewest repetitions of which any order is unlikely enough: 2/5! is under 5 %.
const FEWEST_IN_SET: usize = 5;

/// Whether two sessions may be compared: same exercise, same limits, same method, same version.
pub fn comparable(a: &SessionAnalysis, b: &SessionAnalysis) -> bool {
    let (a, b) = (&a.provenance, &b.provenance);
    a.config_sha256 == b.config_sha256 && a.version == b.version
}

/// The trends of a person's sessions, in order of time, as they stand at the last one: a leg and a number each. Sessions that may not be
/// compared with the last one are left out.
pub fn trends(sessions: &[SessionAnalysis]) -> Vec<Trend> {
    let Some(last) = sessions.last() else { return Vec::new() };
    let alike: Vec<(&SessionAnalysis, Vec<SideSummary>)> = sessions
        .iter()
        .filter(|session| comparable(session, last))
        .map(|session| (session, SideSummary::of(session)))
        .collect();
    let sides = [Some(Side::Left), Some(Side::Right), None];
    let all = sides.into_iter().flat_map(|side| FOLLOWED.into_iter().map(move |metric| (side, metric)));
    all.filter_map(|(side, metric)| trend(side, metric, points(&alike, side, metric))).collect()
}

fn points(sessions: &[(&SessionAnalysis, Vec<SideSummary>)], side: Option<Side>, metric: Metric) -> Vec<TrendPoint> {
    let of_leg =
        |sides: &[SideSummary]| sides.iter().find(|of| of.side == side).and_then(|of| of.spread(metric).copied());
    let measured: Vec<(&SessionAnalysis, Spread)> =
        sessions.iter().filter_map(|(session, sides)| Some((*session, of_leg(sides)?))).collect();
    let first = measured.iter().find_map(|(session, _)| session.info.start_utc_ns);
    let point = |(session, spread): &(&SessionAnalysis, Spread)| {
        let day = session.info.start_utc_ns.zip(first).map(|(start, first)| (start - first) as f64 / 86_400e9);
        let (error, interval) = uncertain(spread);
        let info = &session.info;
        TrendPoint { session: info.session.clone(), start: info.local_start(), day, spread: *spread, error, interval }
    };
    measured.iter().map(point).collect()
}

fn trend(side: Option<Side>, metric: Metric, points: Vec<TrendPoint>) -> Option<Trend> {
    let last = points.last()?;
    let earlier = &points[..points.len() - 1];
    let baseline = baseline(&earlier[..earlier.len().min(BASELINE)]);
    let change = baseline.map_or(Change::Unknown { earlier: earlier.len() }, |baseline| {
        let by = last.spread.median - baseline.mean;
        if by.abs() > baseline.mdc95 { Change::Changed { by } } else { Change::Unclear { by } }
    });
    let dated: Option<Vec<(f64, f64)>> =
        points.iter().map(|point| Some((point.day? / 7.0, point.spread.median))).collect();
    let slope = dated.as_deref().and_then(theil_sen).filter(|slope| slope.interval.is_some());
    Some(Trend { side, metric, baseline, slope, change, points })
}

/// Standard error of a session's median, and its 95 % interval. Repetitions differ independently; what the measurement is wrong by (how a
/// sensor sits, how long a shin is) may be the same in all of them, so that more repetitions do not make it smaller.
fn uncertain(spread: &Spread) -> (f64, (f64, f64)) {
    let n = spread.n as f64;
    let between = spread.sd.map_or(0.0, |sd| MEDIAN * sd / n.sqrt());
    let wide = if spread.n > 1 { t975(n - 1.0) } else { Z };
    let half = (wide * between).hypot(Z * spread.sigma);
    (between.hypot(spread.sigma), (spread.median - half, spread.median + half))
}

/// What sessions are like; at least what each of them is uncertain by.
fn baseline(points: &[TrendPoint]) -> Option<Baseline> {
    let k = points.len();
    if k < FEWEST {
        return None;
    }
    let n = k as f64;
    let mean = points.iter().map(|point| point.spread.median).sum::<f64>() / n;
    let squares: f64 = points.iter().map(|point| (point.spread.median - mean).powi(2)).sum();
    let repetitions: f64 = points.iter().map(|point| point.error.powi(2)).sum();
    let typical_error = (squares / (n - 1.0)).sqrt().max((repetitions / n).sqrt());
    // The prediction interval of one more session: exact also for the few sessions that there are.
    let mdc95 = t975(n - 1.0) * typical_error * (1.0 + 1.0 / n).sqrt();
    Some(Baseline { sessions: k, mean, typical_error, mdc95 })
}

/// Quantile of Student's t for 95 % intervals.
fn t975(freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975))
}

/// How far the first two sessions of each person agree, for every number that is followed: nothing for fewer than three people with two
/// sessions. A person counts once, as the mean of the legs that both sessions saw: legs of one person are no independent evidence.
pub fn retest(people: &[&[Trend]]) -> Vec<Retest> {
    let of = |metric| {
        let rows: Vec<[f64; 2]> = people.iter().filter_map(|trends| first_two(trends, metric)).collect();
        reliability(&rows).map(|found| Retest { metric, found })
    };
    FOLLOWED.into_iter().filter_map(of).collect()
}

fn first_two(trends: &[Trend], metric: Metric) -> Option<[f64; 2]> {
    let legs: Vec<[f64; 2]> = trends
        .iter()
        .filter(|trend| trend.metric == metric)
        .filter_map(|trend| Some([trend.points.first()?.spread.median, trend.points.get(1)?.spread.median]))
        .collect();
    let n = legs.len() as f64;
    (!legs.is_empty()).then(|| [0, 1].map(|session| legs.iter().map(|leg| leg[session]).sum::<f64>() / n))
}

/// Left against right on one day; nothing where only one leg was seen. `injured` is the leg that symmetry is asked of.
pub fn symmetry(sides: &[SideSummary], injured: Option<Side>) -> Vec<Symmetry> {
    let of = |side| sides.iter().find(|of| of.side == Some(side));
    let (Some(left), Some(right)) = (of(Side::Left), of(Side::Right)) else { return Vec::new() };
    let compared = |metric| {
        let reading = |side: &SideSummary| {
            let spread = side.spread(metric)?;
            Some((Reading { value: spread.median, sigma: uncertain(spread).0 }, spread.n))
        };
        let ((left, left_n), (right, right_n)) = (reading(left)?, reading(right)?);
        let difference = Reading { value: left.value - right.value, sigma: left.sigma.hypot(right.sigma) };
        let freedom = (left_n + right_n).saturating_sub(2).max(1) as f64;
        let (over, under) = if injured == Some(Side::Right) { (right, left) } else { (left, right) };
        let sure = under.value > 2.0 * under.sigma;
        let index = (WITH_INDEX.contains(&metric) && sure).then(|| 100.0 * over.value / under.value);
        Some(Symmetry { metric, left, right, difference, mdc95: t975(freedom) * difference.sigma, index })
    };
    COMPARED.into_iter().filter_map(compared).collect()
}

/// How knee and hips went within each set that is long enough to tell.
pub fn form_loss(session: &SessionAnalysis) -> Vec<FormLoss> {
    let metrics = [Metric::KneeForward, Metric::HipBack];
    session.sets.iter().flat_map(|set| metrics.into_iter().filter_map(|metric| of_set(set, metric))).collect()
}

fn of_set(set: &SetAnalysis, metric: Metric) -> Option<FormLoss> {
    let (n, slope, lost) = within_set(&set.reps, metric)?;
    Some(FormLoss { set: set.number, side: set.side, metric, n, slope, lost })
}

/// How a number went within a set: of how many repetitions, by how much with each, and whether it became worse beyond chance.
pub(crate) fn within_set<'a>(reps: impl IntoIterator<Item = &'a Rep>, metric: Metric) -> Option<(usize, Slope, bool)> {
    let values: Vec<(f64, f64)> = reps
        .into_iter()
        .filter(|rep| rep.is_whole())
        .filter_map(|rep| Some((f64::from(rep.number), rep.metrics.reading(metric)?.value)))
        .collect();
    if values.len() < FEWEST_IN_SET {
        return None;
    }
    let slope = theil_sen(&values)?;
    let lost = match (metric.worse()?, slope.interval) {
        (Worse::More, Some((low, _))) => low > 0.0,
        (Worse::Less, Some((_, high))) => high < 0.0,
        (_, None) => false,
    };
    Some((values.len(), slope, lost))
}

/// The median of the slopes between all pairs, and its 95 % interval from the exact distribution of Kendall's score \[Sen1968\]. `None`
/// where no two points have different x.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<Slope> {
    let pair = |(i, a): (usize, &(f64, f64))| {
        points[i + 1..].iter().filter(|b| b.0 != a.0).map(|b| (b.1 - a.1) / (b.0 - a.0)).collect::<Vec<_>>()
    };
    let mut slopes: Vec<f64> = points.iter().enumerate().flat_map(pair).collect();
    slopes.sort_by(f64::total_cmp);
    let n = slopes.len();
    let value = f64::midpoint(*slopes.get((n.checked_sub(1)?) / 2)?, slopes[n / 2]);
    let beyond = discarded(points.len()).filter(|beyond| 2 * beyond < n);
    Some(Slope { value, interval: beyond.map(|beyond| (slopes[beyond], slopes[n - 1 - beyond])) })
}

/// How many of the smallest, and of the largest, pair slopes lie outside the 95 % interval of `n` points in random order; `None` where
/// even all of them are no such interval.
fn discarded(n: usize) -> Option<usize> {
    // Probabilities of each number of inversions of n things, made thing by thing.
    let mut probability = vec![1.0];
    for things in 2..=n {
        let mut next = vec![0.0; probability.len() + things - 1];
        for (inversions, p) in probability.iter().enumerate() {
            next[inversions..inversions + things].iter_mut().for_each(|sum| *sum += p / things as f64);
        }
        probability = next;
    }
    let mut tail = 0.0;
    let within = probability.iter().take_while(|p| {
        tail += **p;
        2.0 * tail <= 0.05
    });
    within.count().checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_slope_leaves_out_what_kendalls_table_says() {
        // Kendall's S beyond which both tails hold at most 5 %: n = 5: 10, n = 6: 13, n = 8: 18, n = 10: 23 (Hollander & Wolfe, table A.30).
        for (n, score) in [(5, 10), (6, 13), (8, 18), (10, 23)] {
            let pairs = n * (n - 1) / 2;
            assert_eq!(discarded(n), Some((pairs - score) / 2), "n = {n}");
        }
        assert_eq!((discarded(3), discarded(4)), (None, None), "six or 24 orders are too few");
    }

    #[test]
    fn a_slope_is_robust_and_says_how_sure_it_is() {
        let line: Vec<(f64, f64)> = (0..8).map(|i| (f64::from(i), 3.0 * f64::from(i))).collect();
        let mut wild = line.clone();
        wild[3].1 = 1000.0;
        let slope = theil_sen(&wild).expect("points");
        assert!((slope.value - 3.0).abs() < 1e-12);
        assert!(slope.interval.is_some_and(|(low, high)| low <= 3.0 && 3.0 <= high));
        assert_eq!(theil_sen(&line[..3]).expect("points").interval, None);
        assert_eq!(theil_sen(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(theil_sen(&[]), None);
    }

    /// Sessions of nobody who changes: how often is a change seen?
    #[test]
    fn a_change_is_seen_in_one_of_twenty_where_there_is_none() {
        let mut state = 7_u64;
        let mut normal = || {
            let mut sum = -6.0;
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                sum += (state >> 11) as f64 / (1_u64 << 53) as f64;
            }
            sum
        };
        let point = |median: f64| TrendPoint {
            session: "S".to_owned().into(),
            start: None,
            day: None,
            spread: Spread { n: 5, median, lowest: median, highest: median, sd: None, sigma: 0.0 },
            error: 0.0,
            interval: (median, median),
        };
        for earlier in [3, 5, 8] {
            let rounds = 4000;
            let seen = (0..rounds)
                .filter(|_| {
                    let points = (0..=earlier).map(|_| point(normal())).collect();
                    matches!(trend(None, Metric::HipBack, points).expect("points").change, Change::Changed { .. })
                })
                .count();
            let share = seen as f64 / f64::from(rounds);
            assert!((0.04..0.06).contains(&share), "{earlier} sessions: {share}");
        }
    }

    #[test]
    fn people_count_once_however_many_legs_they_have() {
        let leg = |side, medians: &[f64]| {
            let point = |median: &f64| {
                let spread = Spread { n: 5, median: *median, lowest: 0.0, highest: 9.0, sd: None, sigma: 0.0 };
                let interval = (*median, *median);
                TrendPoint { session: "S".to_owned().into(), start: None, day: None, spread, error: 0.0, interval }
            };
            trend(Some(side), Metric::HipBack, medians.iter().map(point).collect()).expect("points")
        };
        let people = [
            vec![leg(Side::Left, &[10.0, 12.0, 99.0]), leg(Side::Right, &[20.0, 24.0])],
            vec![leg(Side::Left, &[30.0, 29.0])],
            vec![leg(Side::Left, &[50.0, 51.0]), leg(Side::Right, &[70.0])],
            vec![leg(Side::Left, &[40.0])],
        ];
        let all: Vec<&[Trend]> = people.iter().map(Vec::as_slice).collect();
        let found = retest(&all);
        let [Retest { metric: Metric::HipBack, found }] = found[..] else { panic!("{found:?}") };
        assert_eq!(Some(found), reliability(&[[15.0, 18.0], [30.0, 29.0], [50.0, 51.0]]));
        assert!(found.targets == 3 && found.consistency.value > 0.9, "{found:?}");
        assert!(retest(&all[..2]).is_empty(), "two people are too few");
    }

    #[test]
    fn before_three_sessions_nothing_is_known() {
        let points = |n: usize| -> Vec<TrendPoint> {
            (0..n)
                .map(|i| {
                    let spread =
                        Spread { n: 3, median: i as f64, lowest: 0.0, highest: 9.0, sd: Some(1.0), sigma: 2.0 };
                    let (error, interval) = uncertain(&spread);
                    TrendPoint { session: "S".to_owned().into(), start: None, day: None, spread, error, interval }
                })
                .collect()
        };
        for n in 1..=3 {
            let trend = trend(None, Metric::KneeForward, points(n)).expect("points");
            assert_eq!((trend.change, trend.baseline), (Change::Unknown { earlier: n - 1 }, None));
        }
        let trend = trend(None, Metric::KneeForward, points(4)).expect("points");
        let baseline = trend.baseline.expect("three sessions");
        // Medians differ by less than each is uncertain by: then that is the error. 1.2533 / sqrt(3) and 2 mm, in quadrature.
        assert!((baseline.typical_error - 0.7236_f64.hypot(2.0)).abs() < 1e-3, "{baseline:?}");
        assert!((baseline.mdc95 / baseline.typical_error - 4.3027 * (4.0_f64 / 3.0).sqrt()).abs() < 1e-3);
        assert!(matches!(trend.change, Change::Unclear { .. }));
    }
}
