//! `redeliver walkthrough`: the problem and its solution in six steps.

use redeliver::dynamodb::{Client, Embedded};
use redeliver::walkthrough::walk;

use super::{Ended, Outcome};

pub(crate) async fn run() -> Outcome {
    let embedded = Embedded::start().await?;
    let steps = walk(&Client::new(&embedded.endpoint())?).await?;
    let steps = (1..).zip(&steps);
    let told = steps.map(|(number, step)| format!("Step {number}. {step}\n"));
    Ok(Ended::saying(told.collect()))
}
