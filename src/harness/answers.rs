//! What a handler returns, and what that says of the records that it was handed.

use std::iter;

use redeliver_model::history::RecordAnswer;

/// What an invocation returns. Lambda hears of a success or of an error; a handler that
/// says more can be judged by more.
pub trait Answers {
    /// What it says of each of so many records. A record of which nothing is said has
    /// failed.
    fn answers(self, records: usize) -> Vec<RecordAnswer>;
}

/// All records succeeded, or all failed.
impl<E> Answers for Result<(), E> {
    fn answers(self, records: usize) -> Vec<RecordAnswer> {
        let each = match self {
            Ok(()) => RecordAnswer::SILENT,
            Err(_) => RecordAnswer::FAILED,
        };
        vec![each; records]
    }
}

/// For each record, what was done. If one failed, so has the invocation, but behind a
/// queue whose mapping has `ReportBatchItemFailures`.
impl Answers for Vec<RecordAnswer> {
    fn answers(self, records: usize) -> Vec<RecordAnswer> {
        let missing = iter::repeat(RecordAnswer::FAILED);
        self.into_iter().chain(missing).take(records).collect()
    }
}

/// For each record, what was done; or all failed.
impl<E> Answers for Result<Vec<RecordAnswer>, E> {
    fn answers(self, records: usize) -> Vec<RecordAnswer> {
        self.unwrap_or_default().answers(records)
    }
}

#[cfg(test)]
mod tests {
    use redeliver_model::history::Report;

    use super::*;

    #[test]
    fn a_record_of_which_nothing_is_said_has_failed() {
        let inserted = RecordAnswer::said(Report::Inserted);
        let failed = RecordAnswer::FAILED;
        assert_eq!(vec![inserted].answers(2), [inserted, failed]);
        assert_eq!(Err::<Vec<_>, ()>(()).answers(2), [failed, failed]);
        assert_eq!(Err::<(), ()>(()).answers(1), [failed]);
        assert_eq!(Ok::<(), ()>(()).answers(1), [RecordAnswer::SILENT]);
    }
}
