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

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::http::HttpResponse;
    use aws_sdk_dynamodb::error::{ConnectorError, ErrorMetadata};

    use super::*;

    fn answer(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), "".into())
    }

    #[test]
    fn every_failure_of_the_sdk_says_whether_the_row_may_be_there() {
        use TableErrorKind::{Ambiguous, Permanent, Retriable};
        let throttled = ErrorMetadata::builder().code("ThrottlingException").build();
        let throttled = PutItemError::generic(throttled);
        let unknown = PutItemError::generic(ErrorMetadata::default());
        for (error, kind, code) in [
            (
                SdkError::construction_failure("no region"),
                Permanent,
                "ConstructionFailure",
            ),
            (SdkError::timeout_error("3 s"), Ambiguous, "Timeout"),
            (
                SdkError::dispatch_failure(ConnectorError::user("no URL".into())),
                Permanent,
                "DispatchFailure",
            ),
            (
                SdkError::dispatch_failure(ConnectorError::io("broken pipe".into())),
                Ambiguous,
                "DispatchFailure",
            ),
            (
                SdkError::response_error("no JSON", answer(200)),
                Ambiguous,
                "ResponseError",
            ),
            (
                SdkError::service_error(throttled, answer(400)),
                Retriable,
                "ThrottlingException",
            ),
            (
                SdkError::service_error(unknown, answer(502)),
                Ambiguous,
                "UnknownError",
            ),
        ] {
            let found = table_error(&error);
            assert_eq!((found.kind, found.code.as_str()), (kind, code), "{error:?}");
        }
    }
}
