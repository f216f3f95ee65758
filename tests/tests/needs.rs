//! No test stays ignored for the lack of something that is there.

use truehinge_tests::needs::Need;

#[test]
fn what_was_missing_when_the_tests_were_built_is_missing_still() {
    let built_with = [
        (Need::Data, cfg!(has_shared_data)),
        (Need::Bus, cfg!(has_dbus_daemon)),
        (Need::Terminal, cfg!(has_terminal)),
        (Need::Mounts, cfg!(has_mounts)),
    ];
    for (need, built_with) in built_with {
        let now = need.place();
        assert!(
            built_with || now.is_none(),
            "{} has come since the tests were built ({now:?}), and tests that need it are ignored: \
             touch tests/build.rs crates/signal/build.rs crates/dataset/build.rs",
            need.name()
        );
    }
}
