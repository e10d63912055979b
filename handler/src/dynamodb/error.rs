//! What each failure of the SDK says about the row.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;

use crate::table::{TableError, TableErrorKind};

/// What is known after `error`, which is not a failed condition.
pub(super) fn table_error(error: &SdkError<PutItemError>) -> TableError {
    let (kind, code) = match error {
        SdkError::ConstructionFailure(_) => (TableErrorKind::Permanent, "ConstructionFailure"),
        SdkError::TimeoutError(_) => (TableErrorKind::Ambiguous, "Timeout"),
        // A connection that broke may have carried the request before.
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (TableErrorKind::Permanent, "DispatchFailure")
        }
        SdkError::DispatchFailure(_) => (TableErrorKind::Ambiguous, "DispatchFailure"),
        SdkError::ResponseError(_) => (TableErrorKind::Ambiguous, "ResponseError"),
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("UnknownError");
            let status = answer.raw().status().as_u16();
            (TableErrorKind::of_answer(code, status), code)
        }
        _ => (TableErrorKind::Ambiguous, "UnknownFailure"),
    };
    let message = match error
        .as_service_error()
        .and_then(ProvideErrorMetadata::message)
    {
        Some(message) => message.to_owned(),
        None => DisplayErrorContext(error).to_string(),
    };
    TableError {
        kind,
        code: code.to_owned(),
        message,
    }
}
