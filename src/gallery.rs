//! Wrong handlers that look right: the rogues. And right ones beside them.
//!
//! Each has the property that it breaks, what is wrong in a sentence, where it was
//! seen, how to write it right, and its smallest counterexample. They are written
//! against the kit's own [`Table`](crate::table::Table); all of them, and the
//! reference handler, are played the same scenes.
//!
//! Each is a module: its page here says what is wrong, and its source, to which the
//! page leads, says the rest. `redeliver explain NAME` shows all of it,
//! `redeliver gallery NAME` what happens to it.

mod exhibit;
pub mod measure;
mod scenes;
mod trial;
mod witness;
mod written;

// Rows: right handlers, and then rogues.
pub mod condition_in_transaction;
pub mod insert_unless_present;
pub mod overwrites_itself;

pub mod cache_before_write;
pub mod cancelled_as_duplicate;
pub mod check_then_put;
pub mod condition_as_error;
pub mod delimiter_joined;
pub mod error_as_duplicate;
pub mod eventually_consistent_check;
pub mod fail_fast;
pub mod first_record_only;
pub mod missing_as_null;
pub mod numbered_rows;
pub mod object_key_only;
pub mod plus_left_alone;
pub mod random_id;
pub mod stamped_row;
pub mod swallowed_error;
pub mod unawaited_write;
pub mod undecoded_key;
pub mod unprocessed_ignored;
pub mod unwrap_on_missing;
pub mod whole_event_key;

// Effects and the latest state: right handlers, and then rogues.
pub mod claim;
pub mod claim_effect_complete;
pub mod latest_state;
pub mod transactional_counter;

pub mod claim_then_effect;
pub mod claim_without_lease;
pub mod delete_without_tombstone;
pub mod effect_then_claim;
pub mod lease_without_owner_check;
pub mod own_replay_as_foreign;
pub mod plain_increment;
pub mod request_id_as_owner;
pub mod seconds_against_milliseconds;
pub mod sequencer_as_number;
pub mod sequencer_as_sent;
pub mod short_ttl;
pub mod token_as_dedup;
pub mod unguarded_latest;
pub mod zero_is_absent;

pub use exhibit::{Context, Exhibit, Given, Handle, Verdict};
pub use trial::{Engine, Trial, trial};

/// The file of the functions that the handlers share that claim their events.
pub const CLAIM: &str = include_str!("gallery/claim.rs");

/// Every exhibit: the right handlers, and then the rogues.
pub const EXHIBITS: &[Exhibit] = &[
    // Rows.
    condition_in_transaction::EXHIBIT,
    insert_unless_present::EXHIBIT,
    overwrites_itself::EXHIBIT,
    cache_before_write::EXHIBIT,
    cancelled_as_duplicate::EXHIBIT,
    check_then_put::EXHIBIT,
    condition_as_error::EXHIBIT,
    delimiter_joined::EXHIBIT,
    error_as_duplicate::EXHIBIT,
    eventually_consistent_check::EXHIBIT,
    fail_fast::EXHIBIT,
    first_record_only::EXHIBIT,
    missing_as_null::EXHIBIT,
    numbered_rows::EXHIBIT,
    object_key_only::EXHIBIT,
    plus_left_alone::EXHIBIT,
    random_id::EXHIBIT,
    stamped_row::EXHIBIT,
    swallowed_error::EXHIBIT,
    unawaited_write::EXHIBIT,
    undecoded_key::EXHIBIT,
    unprocessed_ignored::EXHIBIT,
    unwrap_on_missing::EXHIBIT,
    whole_event_key::EXHIBIT,
    // Effects and the latest state.
    claim_effect_complete::EXHIBIT,
    transactional_counter::EXHIBIT,
    latest_state::EXHIBIT,
    plain_increment::EXHIBIT,
    claim_then_effect::EXHIBIT,
    effect_then_claim::EXHIBIT,
    claim_without_lease::EXHIBIT,
    lease_without_owner_check::EXHIBIT,
    own_replay_as_foreign::EXHIBIT,
    request_id_as_owner::EXHIBIT,
    seconds_against_milliseconds::EXHIBIT,
    zero_is_absent::EXHIBIT,
    short_ttl::EXHIBIT,
    token_as_dedup::EXHIBIT,
    unguarded_latest::EXHIBIT,
    sequencer_as_number::EXHIBIT,
    sequencer_as_sent::EXHIBIT,
    delete_without_tombstone::EXHIBIT,
];

/// The exhibit of that name.
pub fn exhibit(name: &str) -> Option<&'static Exhibit> {
    EXHIBITS.iter().find(|it| it.name == name)
}
