//! What a command has found, for a person, a program or a build server.

mod annotations;
pub mod diagram;
mod junit;
pub(crate) mod markup;
pub mod page;
mod picture;
mod story;
mod text;

pub use annotations::{annotations, without_commands};
pub use junit::{TestCase, TestSuite, junit};
pub use picture::picture;
pub use story::{diagram, story};
pub use text::{Style, counted, grouped, hanging, printable, wrapped};

/// What was found, and how it ends: violated beats inconclusive beats holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It holds in everything that was played.
    #[default]
    Holds,
    /// A bound was hit, or too little was played to say that it holds.
    Inconclusive,
    /// There is a counterexample.
    Violated,
}

impl Verdict {
    /// The verdict in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Inconclusive => "inconclusive",
            Self::Violated => "VIOLATED",
        }
    }

    /// The exit status of a command that ends with it.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Violated => 1,
            Self::Inconclusive => 3,
        }
    }
}
