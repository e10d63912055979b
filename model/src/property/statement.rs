//! What each property says, as literals: `Property::statement` and the documentation
//! show the same words.

/// The statement of a property, by the property's name, as a literal.
#[doc(hidden)]
#[macro_export]
macro_rules! statement {
    (UniqueRows) => {
        "At quiescence every acknowledged recordable event has its row, and every row \
         belongs to a recordable event that was acknowledged or failed visibly: the \
         table's keys are the set of unique keys. A row that expired counts as present."
    };
    (AcknowledgedMeansRecorded) => {
        "When an invocation acknowledges a recordable event, its row has been written by \
         then, and only its TTL ever removes it."
    };
    (FirstWriteWins) => {
        "From its event's first acknowledgement on, no other attempt or delivery of that \
         event changes a row before its TTL."
    };
    (OneInsertReported) => {
        "In one life of a row only one request id and record position ever reports it as \
         Inserted or Confirmed, and every attempt of it that acknowledges that record \
         reports one of them."
    };
    (OrderDoesNotMatter) => {
        "Without faults and expiry, the final set of keys is the same for every order of \
         the same deliveries; so are the rows, their writer aside, wherever the events of \
         an identity are copies of one another."
    };
    (Convergence) => {
        "Every delivery ends acknowledged or, visibly, failed for good. If its last \
         permitted attempt meets no fault and overlaps no other invocation, it is \
         acknowledged, unless it holds a rejected record."
    };
    (HonestFailure) => {
        "No event is acknowledged when the last reply about its row was an error other \
         than a failed condition. Retrying first is allowed."
    };
    (BatchIsolation) => {
        "Each record leaves the rows and effects that it would have left alone. Neighbours \
         may be delivered again with it."
    };
    (FaithfulKeys) => {
        "Same identity, same key, by whatever route and in whatever form the event comes; \
         different identities, different keys; never longer than 2048 bytes."
    };
    (TotalParsing) => {
        "Every document is parsed, ignored with a reason or rejected with a reason. Never \
         a panic."
    };
    (EffectsNotLost) => {
        "When an invocation acknowledges an event, its effect beyond the row has been \
         performed at least once."
    };
    (NoStaleOverwrite) => {
        "For handlers that keep the latest state: an older event never replaces a newer \
         one, nor resurrects what a newer deletion removed. Events that cannot be ordered \
         are refused with a reason."
    };
    (EffectsNotDoubled) => {
        "All performances of one identity's effect carry the same idempotency token and \
         content, or the effect is one transaction with its marker."
    };
}
