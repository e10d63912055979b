//! Schedules out of bytes, played to a handler by the random engine (RD-1 and on).

use std::fmt::Write as _;
use std::path::Path;

use arbitrary::Unstructured;
use redeliver::engine::{Counterexample, Coverage, minimise, one_at_random};
use redeliver::handlers::{Handler, REFERENCE, UnknownName, names};
use redeliver::report::story;
use redeliver::saved::{DIRECTORY, Saved};
use redeliver::simulation::Subject;
use redeliver_model::event::IdentityPolicy;
use redeliver_model::schedule::Entropy;

/// The variable that names the handler, if it is not the reference handler.
pub const HANDLER: &str = "REDELIVER_HANDLER";

/// The handler that the environment names.
///
/// # Errors
///
/// If there is none of that name: a text that says which there are.
pub fn handler() -> Result<Handler, String> {
    let name = std::env::var(HANDLER).unwrap_or_else(|_| REFERENCE.to_owned());
    Handler::named(&name).map_err(|error: UnknownName| {
        format!("{HANDLER}: {error}. It is one of: {}", names().join(", "))
    })
}

/// Plays a case to the reference handler.
///
/// # Panics
///
/// As [`check_handler`] does.
pub fn check(bytes: &[u8]) {
    let reference = Handler::named(REFERENCE).expect("the reference handler is known");
    check_handler(&reference, bytes);
}

/// Plays a case to a handler.
///
/// # Panics
///
/// If the handler hangs, or the case violates any property: with its story, made as
/// small as can be, and where it was saved.
pub fn check_handler(handler: &Handler, bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let configuration = bytes.below(handler.configurations.len());
    let subject = &*handler.configurations[configuration].subject;
    let policy = bytes.one_of(&IdentityPolicy::ALL);
    let mut covered = Coverage::default();
    let violations = one_at_random(subject, policy, &mut bytes, &mut covered)
        .unwrap_or_else(|hang| panic!("{}: {hang}", subject.name()));
    if let Some((_, counterexample)) = violations.into_iter().next() {
        panic!("{}", told(subject, counterexample));
    }
}

/// The story of a counterexample; it is saved on the way.
fn told(subject: &dyn Subject, found: Counterexample) -> String {
    let small = minimise(subject, found.clone()).unwrap_or(found);
    let Counterexample {
        violation,
        case,
        history,
    } = &small;
    let mut told = format!("{} is wrong\n\n", subject.name());
    told.push_str(&story(&case.scene, history, Some(violation)));
    let saved = Saved {
        handler: subject.name().to_owned(),
        property: violation.property,
        case: case.clone(),
    };
    // Strings have no way to fail.
    let _ = match saved.save(Path::new(DIRECTORY)) {
        Ok(path) => write!(told, "\nredeliver replay {}\n", path.display()),
        Err(error) => write!(told, "\n{error}\n"),
    };
    told
}
