//! When two events are the same one.

use redeliver_handler::{IdentityPolicy, ObjectEvent};

/// What makes an event what it is under a policy, said once more and in other
/// words; `None` if nothing does.
pub(crate) fn identity(policy: IdentityPolicy, event: &ObjectEvent) -> Option<Vec<Option<String>>> {
    let sequencer = event
        .sequencer
        .as_ref()
        .map(|sequencer| format!("S{sequencer}"));
    let moment = sequencer.or(event.time.map(|time| format!("T{time}")));
    let mut fields = vec![Some(event.bucket.clone()), Some(event.key.clone())];
    match policy {
        IdentityPolicy::Object => {}
        IdentityPolicy::Version => fields.push(event.version_id.clone()),
        IdentityPolicy::Occurrence => fields.extend([event.version_id.clone(), Some(moment?)]),
    }
    Some(fields)
}
