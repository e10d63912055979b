//! Reads `Records[0]` and no other. S3 sends one record as a rule, and nothing says
//! that it always will; a queue hands several over as a rule.

use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::insert_unless_present;
use super::scenes::{invoice, upload};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "first-record-only",
    summary: "records the object of Records[0], and acknowledges the whole notification",
    source: "Bike4Mind/bike4mind issue 443: subscribers that read event.Records[0] only, at a batch \
             size of 10; jpaolin/aws-lambda-s3-wkhtmltopdf issue 1",
    code: include_str!("first_record_only.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::AcknowledgedMeansRecorded,
        remedy: "Go through all of Records.",
        smallest: Size {
            faults: 0,
            steps: 3,
        },
        scene: || Scene::of(&[&[invoice(), upload("another-bucket", "invoice.txt")]], 1),
        schedule: &["start 1"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::Whole(|context| {
        Box::pin(async move {
            let mut answers = vec![RecordAnswer::SILENT; context.records.len()];
            if let (Some(first), Some(given)) = (answers.first_mut(), context.records.first()) {
                *first = match &given.event {
                    Ok(_) => insert_unless_present(context.clone(), given.clone()).await,
                    Err(_) => RecordAnswer::FAILED,
                };
            }
            Answer::together(answers)
        })
    }),
};
