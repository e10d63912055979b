//! Wrong handlers that look right: the rogues. And right ones beside them.
//!
//! Each has the property that it breaks, what is wrong in a sentence, where it was
//! seen, how to write it right, and its smallest counterexample. They are written
//! against the kit's own [`Table`](crate::table::Table); all of them, and the
//! reference handler, are played the same scenes.

mod exhibit;
mod scenes;
mod trial;

// Rows: right handlers, and then rogues.
mod condition_in_transaction;
mod insert_unless_present;
mod overwrites_itself;

mod cache_before_write;
mod cancelled_as_duplicate;
mod check_then_put;
mod condition_as_error;
mod delimiter_joined;
mod error_as_duplicate;
mod eventually_consistent_check;
mod fail_fast;
mod first_record_only;
mod missing_as_null;
mod numbered_rows;
mod object_key_only;
mod plus_left_alone;
mod random_id;
mod stamped_row;
mod swallowed_error;
mod unawaited_write;
mod undecoded_key;
mod unprocessed_ignored;
mod unwrap_on_missing;
mod whole_event_key;

// Effects and the latest state: right handlers, and then rogues.
mod claim;
mod claim_effect_complete;
mod latest_state;
mod transactional_counter;

mod claim_then_effect;
mod claim_without_lease;
mod delete_without_tombstone;
mod effect_then_claim;
mod lease_without_owner_check;
mod own_replay_as_foreign;
mod plain_increment;
mod request_id_as_owner;
mod seconds_against_milliseconds;
mod sequencer_as_number;
mod sequencer_as_sent;
mod short_ttl;
mod token_as_dedup;
mod unguarded_latest;
mod zero_is_absent;

pub use exhibit::{Context, Exhibit, Given, Handle, Verdict};
pub use trial::{Engine, Trial, trial};

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
