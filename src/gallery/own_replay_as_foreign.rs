//! Renews its lease before the effect, on condition that nobody has since. The SDK
//! sends the renewal twice, meets it, and the attempt takes its own for another's.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::{Change, Condition, Name, Reply};

use super::claim::{Claimed, Terms, claim, complete, owned_by, perform};
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::one_upload;
use super::trial::Engine;

const RENEWALS: Name = Name::Borrowed("renewals");

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "own-replay-as-foreign",
    summary: "claims the event, and renews the claim before the effect; if that has been renewed \
              since, it leaves the event to whoever did so",
    source: "amazon-kinesis-client pull request 777: renewLease meets its own write; aws-sdk-go \
             issue 3765 and aws-sdk-java issue 2667: the SDK's retry does",
    code: include_str!("own_replay_as_foreign.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::EffectsNotLost,
        remedy: "Ask for ALL_OLD, and look whose claim it is: the own token is the own write. Or \
                 make the condition one that the write keeps true.",
        smallest: Size {
            faults: 1,
            steps: 4,
        },
        scene: || one_upload(1),
        schedule: &["start 1", "call 1.1#1 answered", "call 1.1#2 resent"],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let terms = Terms::of(&context.unique, &context);
            match claim(&context, &given, &terms).await {
                Claimed::Completed => return RecordAnswer::said(Report::Duplicate),
                Claimed::Mine => {}
                Claimed::SomebodyElses | Claimed::Unknown => return RecordAnswer::FAILED,
            }
            let not_since = Condition::NoAttribute(RENEWALS);
            let still_mine = Condition::All(vec![owned_by(&terms.owner), not_since]);
            let renewal = [Change::Add(RENEWALS, 1)];
            match context
                .table()
                .update(&given.row, renewal, still_mine)
                .await
            {
                Reply::Written => {}
                Reply::ConditionFailed(_) => return RecordAnswer::said(Report::Duplicate),
                _ => return RecordAnswer::FAILED,
            }
            if !perform(&context, &given).await {
                return RecordAnswer::FAILED;
            }
            complete(&context, &given, terms).await
        })
    }),
};
