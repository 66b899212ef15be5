//! Captures what AWS answered, as it came over the wire, beside what the SDK makes of it.
//!
//! The journal shows AWS's answers in boto3's shape. The SDK's types cannot be written as such, so an interceptor
//! keeps the raw answer of each call and [`crate::wire`] makes boto3's value of it: one mechanism for all services.

use std::cell::RefCell;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use chaos_engine::value::Value;

use crate::error::AwsError;
use crate::wire::{self, RawAnswer};

#[derive(Default)]
struct Captured {
    service: String,
    operation: String,
    raw: Option<RawAnswer>,
}

tokio::task_local! {
    static CALL: RefCell<Captured>;
}

/// The interceptor: writes into the call that is under way in this task.
#[derive(Debug)]
pub(super) struct Capture;

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "Capture"
    }

    // not `read_before_execution`: a client's interceptors run it before the operation is known
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = cfg.load::<Metadata>() {
            write(|call| {
                metadata.service().clone_into(&mut call.service);
                metadata.name().clone_into(&mut call.operation);
            });
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempts = cfg.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        let raw = raw_answer(context.response(), attempts.saturating_sub(1));
        write(|call| call.raw = Some(raw));
        Ok(())
    }
}

fn write(change: impl FnOnce(&mut Captured)) {
    // outside `answer` nobody wants to know
    let _ = CALL.try_with(|call| change(&mut call.borrow_mut()));
}

fn raw_answer(response: &HttpResponse, retries: u32) -> RawAnswer {
    let headers = response.headers().iter();
    RawAnswer {
        status: response.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        // a streaming body is not in memory: such an answer has only its headers
        body: bytes::Bytes::copy_from_slice(response.body().bytes().unwrap_or_default()),
        retries,
    }
}

fn is_success(raw: &RawAnswer) -> bool {
    (200..300).contains(&raw.status)
}

/// Makes a call and returns AWS's answer as boto3 would: names of the service model, ISO timestamps,
/// `ResponseMetadata`.
///
/// # Errors
/// What AWS or the way to it answered, with code, operation and message.
pub async fn answer<T, E>(
    send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<Value, AwsError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (result, call) = captured(send).await;
    match (result, call.raw) {
        (Ok(_), Some(raw)) => Ok(wire::decode(&call.service, &call.operation, &raw)?),
        // the SDK is stricter than boto3, for example with the name of an XML answer's root
        (Err(error), Some(raw)) if is_success(&raw) && error.code().is_none() => {
            Ok(wire::decode(&call.service, &call.operation, &raw)?)
        }
        (Ok(_), None) => Err(AwsError::no_answer(&call.operation)),
        (Err(error), _) => Err(AwsError::of(&call.operation, &error)),
    }
}

/// Makes a call, or all calls of a paginated listing, and returns what the SDK makes of the answer: for answers that
/// are worked with and not shown.
///
/// # Errors
/// As [`answer`].
pub async fn output<T, E>(
    send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, AwsError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (result, call) = captured(send).await;
    result.map_err(|error| AwsError::of(&call.operation, &error))
}

async fn captured<T>(send: impl Future<Output = T>) -> (T, Captured) {
    // futures of the SDK are large; callers keep many of them
    let send = Box::pin(send);
    let call = async {
        let result = send.await;
        (result, CALL.with(RefCell::take))
    };
    CALL.scope(RefCell::default(), call).await
}
