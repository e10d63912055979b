//! The catalogue to cite: what must hold of a handler, [RD-1](rd_1) to [RD-13](rd_13),
//! why, and how it is checked; a [checklist] for reviewers; and the [limits] of all of
//! it. The wrong handlers that break each property stand in the
//! [gallery](crate::gallery).
//!
//! `redeliver explain` and the page that `redeliver explain --report FILE` writes are
//! made of the same texts. To cite a property, write its id: `RD-4 (one insert
//! reported)`. Ids are stable for ever.
//!
//! ```
//! use redeliver::catalogue::Entry;
//! use redeliver_model::property::Property;
//!
//! let entry = Entry::of(Property::OneInsertReported)?;
//! assert!(entry.citation().starts_with("RD-4 (one insert reported), Redeliver "));
//! assert!(entry.tests.iter().any(|it| it.file == "tests/loom.rs"));
//! # Ok::<(), redeliver::catalogue::Unreadable>(())
//! ```

mod entry;
mod markdown;
mod page;
mod text;

pub use entry::{Entry, HEADINGS, Test};
pub use markdown::Unreadable;
pub use page::{NoPage, page};
pub use text::{flow, told};

use redeliver_model::property::Property;

/// The questions of a review, in the order in which a handler is read. Markdown.
pub const CHECKLIST: &str = include_str!("catalogue/checklist.md");

/// What none of this proves. Markdown.
pub const LIMITS: &str = include_str!("catalogue/limits.md");

/// A page of the documentation and a text of the catalogue for each property.
macro_rules! properties {
    ($($property:ident: $id:literal, $module:ident, $file:literal;)*) => {
        fn text_of(property: Property) -> &'static str {
            match property {
                $(Property::$property => include_str!(concat!("catalogue/", $file)),)*
            }
        }

        $(
            #[doc = concat!($id, ". ", redeliver_model::statement!($property))]
            #[doc = ""]
            #[doc = include_str!(concat!("catalogue/", $file))]
            #[doc = "# How to cite it"]
            #[doc = ""]
            #[doc = concat!("Write ", $id, "; in code, [`Property::", stringify!($property), "`].")]
            pub mod $module {
                #[cfg(doc)]
                use redeliver_model::property::Property;
            }
        )*
    };
}

properties! {
    UniqueRows: "RD-1", rd_1, "rd-01.md";
    AcknowledgedMeansRecorded: "RD-2", rd_2, "rd-02.md";
    FirstWriteWins: "RD-3", rd_3, "rd-03.md";
    OneInsertReported: "RD-4", rd_4, "rd-04.md";
    OrderDoesNotMatter: "RD-5", rd_5, "rd-05.md";
    Convergence: "RD-6", rd_6, "rd-06.md";
    HonestFailure: "RD-7", rd_7, "rd-07.md";
    BatchIsolation: "RD-8", rd_8, "rd-08.md";
    FaithfulKeys: "RD-9", rd_9, "rd-09.md";
    TotalParsing: "RD-10", rd_10, "rd-10.md";
    EffectsNotLost: "RD-11", rd_11, "rd-11.md";
    NoStaleOverwrite: "RD-12", rd_12, "rd-12.md";
    EffectsNotDoubled: "RD-13", rd_13, "rd-13.md";
}

#[doc = include_str!("catalogue/checklist.md")]
pub mod checklist {}

#[doc = include_str!("catalogue/limits.md")]
pub mod limits {}
