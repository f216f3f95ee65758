//! The trait of the steps that answer sample by sample.

/// A step that turns a stream of `In` into a stream of `Out`, item by item, without look-ahead.
///
/// Two steps are of this kind: from notifications to samples (`truehinge-ble`'s `Ingest`, which the recorder and every reader of raw
/// packets share), and the live orientation (`truehinge-signal`'s `OnlineOrientation`). Live code calls [`Stage::push`] for each
/// arriving item; [`run`] is the same over what is there already. The analysis is none: it looks at a session as a whole.
///
/// Contract: the output depends only on the items pushed so far, not on how they were chunked; after
/// [`Stage::finish`] nothing is emitted, and calling it again emits nothing.
pub trait Stage {
    /// What goes in.
    type In;
    /// What comes out.
    type Out;

    /// Takes one item and emits what it completes.
    fn push(&mut self, input: Self::In, emit: &mut dyn FnMut(Self::Out));

    /// The stream has ended: emits what is still pending.
    fn finish(&mut self, _emit: &mut dyn FnMut(Self::Out)) {}
}

/// Runs a whole input through a stage.
///
/// ```
/// use truehinge_core::{Stage, run};
/// struct Differences(Option<i32>);
/// impl Stage for Differences {
///     type In = i32;
///     type Out = i32;
///     fn push(&mut self, input: i32, emit: &mut dyn FnMut(i32)) {
///         if let Some(previous) = self.0.replace(input) {
///             emit(input - previous);
///         }
///     }
/// }
/// assert_eq!(run(&mut Differences(None), [1, 4, 9]), vec![3, 5]);
/// ```
pub fn run<S: Stage>(stage: &mut S, input: impl IntoIterator<Item = S::In>) -> Vec<S::Out> {
    let mut output = Vec::new();
    let mut emit = |item| output.push(item);
    for item in input {
        stage.push(item, &mut emit);
    }
    stage.finish(&mut emit);
    output
}
