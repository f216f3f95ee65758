//! A long session costs no more memory than a short one.

use truehinge_tests::endless::memory_of_an_hour;

#[test]
fn an_hour_of_two_sensors_takes_no_more_memory_than_ten_minutes() {
    let at_minute = memory_of_an_hour();
    assert_eq!(at_minute.len(), 59, "{at_minute:?}");
    let (early, late) = (at_minute[9], at_minute[58]);
    // The allocator keeps a little more or less from one moment to the next.
    assert!(early > 0.0 && late - early < 1.5, "{early} MB after ten minutes, {late} MB at the end: {at_minute:?}");
}
