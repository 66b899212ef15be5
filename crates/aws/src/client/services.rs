//! One client per service, each with the interceptor that captures answers.

use super::Aws;
use super::capture::Capture;

/// Methods of [`Aws`] that make a client: the method, the SDK crate, the service as `AWS_ENDPOINT_URL_…` names it.
macro_rules! clients {
    ($($method:ident: $sdk:ident, $variable:literal;)*) => {
        impl Aws {
            $(
                #[doc = concat!("A client of ", stringify!($sdk), ".")]
                pub fn $method(&self) -> $sdk::Client {
                    let mut config = $sdk::config::Builder::from(&self.sdk).interceptor(Capture);
                    if let Some(endpoint) = self.settings.environment.endpoint($variable) {
                        config = config.endpoint_url(endpoint);
                    }
                    $sdk::Client::from_conf(config.build())
                }
            )*
        }
    };
}

clients! {
    autoscaling: aws_sdk_autoscaling, "AUTO_SCALING";
    cloudwatch: aws_sdk_cloudwatch, "CLOUDWATCH";
    dynamodb: aws_sdk_dynamodb, "DYNAMODB";
    ec2: aws_sdk_ec2, "EC2";
    ecs: aws_sdk_ecs, "ECS";
    eks: aws_sdk_eks, "EKS";
    elasticache: aws_sdk_elasticache, "ELASTICACHE";
    elbv2: aws_sdk_elasticloadbalancingv2, "ELASTIC_LOAD_BALANCING_V2";
    emr: aws_sdk_emr, "EMR";
    events: aws_sdk_eventbridge, "EVENTBRIDGE";
    fis: aws_sdk_fis, "FIS";
    iam: aws_sdk_iam, "IAM";
    incidents: aws_sdk_ssmincidents, "SSM_INCIDENTS";
    kafka: aws_sdk_kafka, "KAFKA";
    lambda: aws_sdk_lambda, "LAMBDA";
    rds: aws_sdk_rds, "RDS";
    route53: aws_sdk_route53, "ROUTE_53";
    sqs: aws_sdk_sqs, "SQS";
    ssm: aws_sdk_ssm, "SSM";
    sts: aws_sdk_sts, "STS";
    xray: aws_sdk_xray, "XRAY";
}

impl Aws {
    /// A client of S3. An endpoint of one's own gets path-style addresses, because it rarely resolves a name for
    /// each bucket.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let endpoint = self.settings.environment.endpoint("S3");
        let own = endpoint.is_some() || self.sdk.endpoint_url().is_some();
        let mut config = aws_sdk_s3::config::Builder::from(&self.sdk)
            .interceptor(Capture)
            .force_path_style(own);
        if let Some(endpoint) = endpoint {
            config = config.endpoint_url(endpoint);
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }
}
