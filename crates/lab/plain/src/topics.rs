//! Messages to topics, on to the queues that subscribed.

use bytes::Bytes;
use chaos_lab_region::wire::{ApiError, Call, RawRequest, RawResponse};
use http::{HeaderMap, HeaderValue, Method, Uri};
use serde_json::{Value, json};
use winterbaume_core::StatefulService as _;
use winterbaume_sns::views::SubscriptionView;

use crate::Plain;
use crate::envelope::envelope;

impl Plain {
    /// Answers a request to SNS; a message that was taken is delivered before the answer.
    pub(crate) async fn topic_request(&self, request: RawRequest) -> Option<RawResponse> {
        let call = Call::read(&request).ok().flatten();
        let answer = self
            .services
            .answer("sns", request, &self.region, &self.endpoint)
            .await?;
        if let Some(call) = call.filter(|call| call.operation == "Publish" && answer.status.is_success()) {
            let text = |name: &str| call.input.get(name).and_then(Value::as_str);
            if let (Some(topic), Some(message)) =
                (text("TopicArn").or_else(|| text("TargetArn")), text("Message"))
            {
                self.fan_out(topic, text("Subject"), message).await;
            }
        }
        Some(answer)
    }

    /// Publishes a message of the lab's own services.
    ///
    /// # Errors
    /// `NotFound` where there is no such topic.
    pub(crate) async fn deliver(
        &self,
        topic_arn: &str,
        subject: &str,
        message: &str,
    ) -> Result<(), ApiError> {
        let known = self.services.sns.snapshot(&self.account, &self.region).await;
        if !known.topics.values().any(|topic| topic.arn == topic_arn) {
            return Err(ApiError::new(
                "NotFound",
                format!("There is no topic {topic_arn}."),
            ));
        }
        self.fan_out(topic_arn, Some(subject), message).await;
        Ok(())
    }

    async fn fan_out(&self, topic_arn: &str, subject: Option<&str>, message: &str) {
        let known = self.services.sns.snapshot(&self.account, &self.region).await;
        for subscription in known
            .subscriptions
            .values()
            .filter(|subscription| subscription.topic_arn == topic_arn)
        {
            self.send(subscription, subject, message).await;
        }
    }

    /// Other protocols than SQS have no one to deliver to in the lab.
    async fn send(&self, subscription: &SubscriptionView, subject: Option<&str>, message: &str) {
        let Some(queue) = subscription
            .endpoint
            .rsplit(':')
            .next()
            .filter(|_| subscription.protocol == "sqs")
        else {
            tracing::info!(
                endpoint = subscription.endpoint,
                "a subscription that is no queue got nothing"
            );
            return;
        };
        let raw = subscription
            .attributes
            .get("RawMessageDelivery")
            .is_some_and(|value| value == "true");
        let body = if raw {
            message.to_owned()
        } else {
            envelope(&subscription.topic_arn, subject, message)
        };
        let address = format!("{}/{}/{queue}", self.endpoint, self.account);
        let request = json_request(
            "AmazonSQS.SendMessage",
            &json!({ "QueueUrl": address, "MessageBody": body }),
        );
        let answer = self
            .services
            .answer("sqs", request, &self.region, &self.endpoint)
            .await;
        if !answer.is_some_and(|answer| answer.status.is_success()) {
            tracing::warn!(queue, "a message to a topic could not be put into its queue");
        }
    }
}

/// A request to S3 to make what is at a path.
///
/// # Errors
/// When it is no path.
pub fn put_request(path: &str) -> Result<RawRequest, ApiError> {
    let uri = Uri::try_from(path);
    Ok(RawRequest {
        method: Method::PUT,
        uri: uri.map_err(|_| ApiError::new("InvalidURI", format!("{path} is no path.")))?,
        headers: HeaderMap::new(),
        body: Bytes::new(),
    })
}

/// A request as a client that speaks JSON sends it.
pub fn json_request(target: &'static str, body: &Value) -> RawRequest {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-target", HeaderValue::from_static(target));
    headers.insert(
        "content-type",
        HeaderValue::from_static("application/x-amz-json-1.0"),
    );
    RawRequest {
        method: Method::POST,
        uri: Uri::from_static("/"),
        headers,
        body: Bytes::from(body.to_string()),
    }
}

/// A request as a client of a query protocol sends it.
pub fn form_request(form: &[(&str, &str)]) -> RawRequest {
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    RawRequest {
        method: Method::POST,
        uri: Uri::from_static("/"),
        headers,
        body: Bytes::from(body),
    }
}
