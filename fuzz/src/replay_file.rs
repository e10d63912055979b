//! Any bytes as a file with a saved counterexample.

use redeliver::engine::replay;
use redeliver::handlers::subject;
use redeliver::report::story;
use redeliver::saved::Saved;

/// Checks that the file is refused with a reason, or else read as it is written, and
/// can then be played and told, whatever comes of it.
///
/// # Panics
///
/// If not.
pub fn check(file: &[u8]) {
    let Ok(text) = str::from_utf8(file) else {
        return;
    };
    let saved = match Saved::parse(text) {
        Ok(saved) => saved,
        Err(problem) => {
            assert!(!problem.to_string().is_empty());
            return;
        }
    };
    let written = saved.text();
    match Saved::parse(&written) {
        Ok(read) => assert_eq!(read, saved, "{written}"),
        Err(problem) => panic!("{problem}: {written}"),
    }
    let name = saved.file_name();
    let plain = |it: char| it.is_ascii_alphanumeric() || "-.".contains(it);
    assert!(name.chars().all(plain), "{name:?} may be anywhere");
    let Ok(subject) = subject(&saved.handler) else {
        return;
    };
    match replay(&*subject, &saved.case) {
        Ok(replayed) => {
            let again = replay(&*subject, &saved.case);
            assert_eq!(Some(&replayed), again.ok().as_ref(), "{written}");
            let violation = replayed.violations.first();
            let told = story(&saved.case.scene, &replayed.history, violation);
            assert!(told.ends_with('\n'), "{told}");
        }
        Err(hang) => assert!(!hang.to_string().is_empty()),
    }
}
