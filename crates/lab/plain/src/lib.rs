//! The lab's AWS services that only keep state: the winterbaume crates behind the lab's gateway, with what they leave out: a
//! message to a topic reaches the queues that subscribed to it.

mod chunked;
mod envelope;
mod policy;
mod services;
mod topics;

use std::sync::Arc;

use chaos_lab_region::gateway::Fallback;
use chaos_lab_region::wire::{ApiError, Call, RawRequest, RawResponse, access_key_of, service_of};
use chaos_lab_region::{Later, Topics};

use serde_json::{Value, json};
use services::Services;

pub use policy::{Policy, PolicyError};

/// The access key of whom a policy does not bind, as it does not bind an account's root user.
pub const ROOT: &str = "root";

/// The services, with the state of one account and region.
pub struct Plain {
    services: Services,
    region: String,
    account: String,
    /// The gateway's own address, which stands in for AWS's in the addresses of queues.
    endpoint: String,
    /// What callers may do; everything where there is none.
    policy: Option<Policy>,
}

impl Plain {
    /// Services without resources. `endpoint` is the gateway's address, such as `http://127.0.0.1:4566`; `policy` is enforced for
    /// what comes through the gateway.
    pub fn new(region: &str, account: &str, endpoint: &str, policy: Option<Policy>) -> Arc<Plain> {
        Arc::new(Plain {
            services: Services::new(),
            region: region.to_owned(),
            account: account.to_owned(),
            endpoint: endpoint.to_owned(),
            policy,
        })
    }

    /// Answers a request to `service` (S3 where the request does not say), or nothing where the service is not offered.
    pub async fn request(&self, service: &str, mut request: RawRequest) -> Option<RawResponse> {
        let service = if service.is_empty() {
            service_of(&request).unwrap_or_else(|| "s3".to_owned())
        } else {
            service.to_owned()
        };
        match service.as_str() {
            "sns" => return self.topic_request(request).await,
            "sts" => {
                if let Some(answer) = self.identity(&request) {
                    return Some(answer);
                }
            }
            "s3" => {
                if let Err(error) = chunked::decode(&mut request) {
                    return Some(RawResponse::refusal(&request, &error));
                }
            }
            _ => {}
        }
        self.services
            .answer(&service, request, &self.region, &self.endpoint)
            .await
    }

    /// Who the caller is: the crate behind STS answers with another project's name.
    fn identity(&self, request: &RawRequest) -> Option<RawResponse> {
        let call = Call::read(request)
            .ok()
            .flatten()
            .filter(|call| call.operation == "GetCallerIdentity")?;
        let key = call.access_key.clone().unwrap_or_default();
        // roles that were assumed have keys of their own, which STS knows
        (!key.starts_with("ASIA")).then(|| {
            let identity = json!({ "Account": self.account, "Arn": format!("arn:aws:iam::{}:user/chaos-lab", self.account), "UserId": key });
            RawResponse::of(&call, Ok(identity))
        })
    }

    /// Calls an operation of a service that speaks JSON, such as `AmazonSSM.PutParameter`.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn call(&self, service: &str, target: &'static str, input: &Value) -> Result<Value, ApiError> {
        let answer = self.request(service, topics::json_request(target, input)).await;
        let answer = answer.ok_or_else(|| ApiError::not_here(service, target))?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status.is_success() {
            return Ok(body);
        }
        let text = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| body.get(name)?.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        Err(ApiError::new(&text(["__type", "code"]), text(["message", "Message"])).with_status(answer.status))
    }

    /// Makes a queue that receives what is published to a topic.
    ///
    /// # Errors
    /// What SQS and SNS answer.
    pub async fn subscribe_queue(&self, topic_arn: &str, queue: &str) -> Result<(), ApiError> {
        self.call("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": queue }))
            .await?;
        let endpoint = format!("arn:aws:sqs:{}:{}:{queue}", self.region, self.account);
        let form = [
            ("Action", "Subscribe"),
            ("Version", "2010-03-31"),
            ("TopicArn", topic_arn),
            ("Protocol", "sqs"),
            ("Endpoint", &endpoint),
        ];
        match self.request("sns", topics::form_request(&form)).await {
            Some(answer) if answer.status.is_success() => Ok(()),
            _ => Err(ApiError::new(
                "InternalFailure",
                format!("The queue {queue} could not be subscribed to {topic_arn}."),
            )),
        }
    }

    /// Makes a topic, and gives its ARN.
    ///
    /// # Errors
    /// What SNS answers.
    pub async fn create_topic(&self, name: &str) -> Result<String, ApiError> {
        let answer = self
            .request(
                "sns",
                topics::form_request(&[
                    ("Action", "CreateTopic"),
                    ("Version", "2010-03-31"),
                    ("Name", name),
                ]),
            )
            .await;
        made("topic", name, answer)?;
        Ok(format!("arn:aws:sns:{}:{}:{name}", self.region, self.account))
    }

    /// Makes a bucket.
    ///
    /// # Errors
    /// What S3 answers.
    pub async fn create_bucket(&self, name: &str) -> Result<(), ApiError> {
        let request = topics::put_request(&format!("/{name}"))?;
        made("bucket", name, self.request("s3", request).await)
    }
}

fn made(kind: &str, name: &str, answer: Option<RawResponse>) -> Result<(), ApiError> {
    match answer {
        Some(answer) if answer.status.is_success() => Ok(()),
        _ => Err(ApiError::new(
            "InternalFailure",
            format!("The {kind} {name} could not be made."),
        )),
    }
}

impl Fallback for Plain {
    fn permits<'a>(&'a self, call: &'a Call) -> Later<'a, Result<(), ApiError>> {
        let policy = self.policy_of(call.access_key.as_deref());
        let permitted = policy.map_or(Ok(()), |policy| policy.permits(&policy::action_of(call)));
        Box::pin(async { permitted })
    }

    fn answer<'a>(&'a self, service: &'a str, request: RawRequest) -> Later<'a, Option<RawResponse>> {
        if let Some(denied) = self.denied(service, &request) {
            return Box::pin(async { Some(denied) });
        }
        Box::pin(self.request(service, request))
    }
}

impl Plain {
    /// What binds the caller with this access key.
    fn policy_of(&self, access_key: Option<&str>) -> Option<&Policy> {
        self.policy.as_ref().filter(|_| access_key != Some(ROOT))
    }

    /// Services whose operations are known by method and path are not asked about before: S3 is told apart, the others, which the
    /// library does not use, are refused where a policy is enforced.
    fn denied(&self, service: &str, request: &RawRequest) -> Option<RawResponse> {
        let policy = self.policy_of(access_key_of(request).as_deref())?;
        if matches!(Call::read(request), Ok(Some(_))) {
            return None;
        }
        let action = if service == "s3" || service.is_empty() {
            policy::s3_action_of(request).to_owned()
        } else {
            format!("{service}:*")
        };
        policy
            .permits(&action)
            .err()
            .map(|error| RawResponse::refusal(request, &error))
    }
}

impl Topics for Plain {
    fn publish<'a>(
        &'a self,
        topic_arn: &'a str,
        subject: &'a str,
        message: &'a str,
    ) -> Later<'a, Result<(), ApiError>> {
        Box::pin(self.deliver(topic_arn, subject, message))
    }
}
