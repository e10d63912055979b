//! The book: what AWS promises, what the kit makes of it, and how to use that.
//!
//! 1. [Background](background): what AWS promises, and what it does not.
//! 2. [The model](the_model): what can happen, as one machine.
//! 3. [Writing a check](writing_a_check): scenes, engines, verdicts.
//! 4. [Checking a handler of your own](crate::harness), in Rust.
//! 5. [Checking a handler in any language](any_handler): real processes, and what was found.
//! 6. [Reading a counterexample](reading_a_counterexample): what a story says.
//! 7. [Limitations](limitations): what none of this proves.
//!
//! What to cite stands in the [catalogue](crate::catalogue), with a
//! [checklist](crate::catalogue::checklist) for reviewers; what goes wrong in practice,
//! in the [gallery](crate::gallery).

/// A module for each chapter. The list above has their order.
macro_rules! chapters {
    ($($chapter:ident: $file:literal,)*) => {
        $(
            #[doc = include_str!($file)]
            pub mod $chapter {}
        )*
    };
}

chapters! {
    background: "book/background.md",
    the_model: "book/the_model.md",
    writing_a_check: "book/writing_a_check.md",
    any_handler: "book/any_handler.md",
    reading_a_counterexample: "book/reading_a_counterexample.md",
    limitations: "catalogue/limits.md",
}
