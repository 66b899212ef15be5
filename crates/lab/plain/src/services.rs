//! Which crate keeps which service, and how requests reach it.

use bytes::Bytes;
use chaos_lab_region::wire::{RawRequest, RawResponse};
use http::StatusCode;
use winterbaume_core::{MockRequest, MockResponse, MockService};
use winterbaume_sns::SnsService;
use winterbaume_sqs::SqsService;

/// Every plain-state service.
pub struct Services {
    pub sns: SnsService,
    pub sqs: SqsService,
    others: Vec<(&'static str, Box<dyn MockService>)>,
}

impl Services {
    /// The services, by the names that requests are signed with.
    pub fn new() -> Services {
        let others: Vec<(&'static str, Box<dyn MockService>)> = vec![
            ("dynamodb", Box::new(winterbaume_dynamodb::DynamoDbService::new())),
            ("eks", Box::new(winterbaume_eks::EksService::new())),
            (
                "elasticache",
                Box::new(winterbaume_elasticache::ElastiCacheService::new()),
            ),
            ("elasticmapreduce", Box::new(winterbaume_emr::EmrService::new())),
            (
                "events",
                Box::new(winterbaume_eventbridge::EventBridgeService::new()),
            ),
            ("fis", Box::new(winterbaume_fis::FisService::new())),
            ("iam", Box::new(winterbaume_iam::IamService::new())),
            ("kafka", Box::new(winterbaume_kafka::KafkaService::new())),
            ("lambda", Box::new(winterbaume_lambda::LambdaService::new())),
            ("route53", Box::new(winterbaume_route53::Route53Service::new())),
            ("s3", Box::new(winterbaume_s3::S3Service::new())),
            ("ssm", Box::new(winterbaume_ssm::SsmService::new())),
            ("sts", Box::new(winterbaume_sts::StsService::new())),
            (
                "tagging",
                Box::new(winterbaume_resourcegroupstagging::TaggingService::new()),
            ),
            ("xray", Box::new(winterbaume_xray::XRayService::new())),
        ];
        Services {
            sns: SnsService::new(),
            sqs: SqsService::new(),
            others,
        }
    }

    fn of(&self, service: &str) -> Option<&dyn MockService> {
        match service {
            "sns" => Some(&self.sns),
            "sqs" => Some(&self.sqs),
            _ => self
                .others
                .iter()
                .find(|(name, _)| *name == service)
                .map(|(_, service)| service.as_ref()),
        }
    }

    /// Answers a request, or nothing where the service is not offered.
    pub async fn answer(
        &self,
        service: &str,
        request: RawRequest,
        region: &str,
        endpoint: &str,
    ) -> Option<RawResponse> {
        let keeper = self.of(service)?;
        let place = format!("https://{service}.{region}.amazonaws.com");
        // queues are known by an address, which must lead to the lab
        let body = if service == "sqs" {
            replaced(&request.body, endpoint, &place)
        } else {
            request.body
        };
        let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = request.headers;
        headers.remove(http::header::HOST);
        let asked = MockRequest {
            method: request.method.to_string(),
            uri: format!("{place}{path}"),
            headers,
            body,
        };
        let mut answer = keeper.handle(asked).await;
        if service == "sqs" {
            answer.body = replaced(&answer.body, &place, endpoint);
        }
        Some(translated(answer))
    }
}

/// The text `from` is replaced by `to`, in bodies that hold it.
fn replaced(body: &Bytes, from: &str, to: &str) -> Bytes {
    match std::str::from_utf8(body) {
        Ok(text) if text.contains(from) => Bytes::from(text.replace(from, to)),
        _ => body.clone(),
    }
}

fn translated(answer: MockResponse) -> RawResponse {
    let headers = answer.headers.iter();
    let headers =
        headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    RawResponse {
        status: StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers: headers.collect(),
        body: answer.body,
    }
}
