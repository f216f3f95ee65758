//! One trait carries the streaming steps, live and batch alike.

/// A step that turns a stream of `In` into a stream of `Out`, sample by sample.
///
/// Live code calls [`Stage::push`] for each arriving item; batch is [`run`], a fold over the same code. One-to-one,
/// one-to-many and decimating steps all fit. What needs the future is a separate function with `offline` in its path.
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

/// Two stages in a row.
#[derive(Clone, Debug)]
pub struct Then<A, B>(pub A, pub B);

impl<A: Stage, B: Stage<In = A::Out>> Stage for Then<A, B> {
    type In = A::In;
    type Out = B::Out;

    fn push(&mut self, input: A::In, emit: &mut dyn FnMut(B::Out)) {
        let Self(first, second) = self;
        first.push(input, &mut |between| second.push(between, emit));
    }

    fn finish(&mut self, emit: &mut dyn FnMut(B::Out)) {
        let Self(first, second) = self;
        first.finish(&mut |between| second.push(between, emit));
        second.finish(emit);
    }
}

/// Runs a whole input through a stage: the batch form of the live code.
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
