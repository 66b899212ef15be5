//! What Incident Manager can be asked (`chaosaws.incidents.probes`).

use aws_sdk_ssmincidents::types::{AttributeValueList, Condition, Filter};
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::Value;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::{Aws, answer};
use crate::times::{When, for_sdk};

const MODULE: &str = "chaosaws.incidents.probes";
const OPEN: &str = "OPEN";
const RESOLVED: &str = "RESOLVED";

/// How many incidents or items are asked for.
const MOST: i32 = 10;

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<GetIncidents>()
        .with::<GetActiveIncidents>()
        .with::<GetResolvedIncidents>()
        .with::<HasIncidentBeenOpened>()
        .with::<HasIncidentBeenResolved>()
        .with::<GetActiveIncidentItems>()
        .with::<GetResolvedIncidentItems>()
}

/// Which incidents.
#[derive(Deserialize, JsonSchema)]
struct Search {
    /// The impact, from 1 (critical) to 5 (none).
    #[serde(default = "Search::critical")]
    impact: i32,
    /// How long ago they were created at most.
    #[serde(default = "When::three_minutes")]
    created_in_the_last: When,
    /// ARN of what created them.
    #[serde(default)]
    created_by: Option<String>,
}

impl Search {
    fn critical() -> i32 {
        1
    }

    fn filters(&self, status: &str) -> Result<Vec<Filter>, AwsError> {
        let start = self.created_in_the_last.before(Utc::now());
        let start = start.map_err(|error| AwsError::because(format!("created_in_the_last: {error}")))?;
        let texts = |text: &str| AttributeValueList::StringValues(vec![text.to_owned()]);
        let impact = AttributeValueList::IntegerValues(vec![self.impact]);
        let mut wanted = vec![
            ("impact", Condition::Equals(impact)),
            ("creationTime", Condition::After(for_sdk(start))),
            ("status", Condition::Equals(texts(status))),
        ];
        let creator = self.created_by.as_deref().filter(|arn| !arn.is_empty());
        wanted.extend(creator.map(|arn| ("createdBy", Condition::Equals(texts(arn)))));
        let filter = |(key, condition)| Ok(Filter::builder().key(key).condition(condition).build()?);
        wanted.into_iter().map(filter).collect()
    }

    async fn incidents(&self, aws: &Aws, status: &str) -> Result<Value, AwsError> {
        let incidents = aws.incidents();
        let request = incidents
            .list_incident_records()
            .set_filters(Some(self.filters(status)?))
            .max_results(MOST);
        answer(request.send()).await.map_err(|error| failed(&error))
    }

    async fn listed(&self, context: &Context, status: &str) -> Result<Value, ActivityError> {
        let aws = Aws::of(context).await?;
        Ok(self.incidents(&aws, status).await?)
    }

    async fn any(&self, context: &Context, status: &str) -> Result<Value, ActivityError> {
        let answer = self.listed(context, status).await?;
        Ok((!summaries(&answer).is_empty()).into())
    }

    /// The items related to the first incident.
    async fn items(&self, context: &Context, status: &str) -> Result<Value, ActivityError> {
        let aws = Aws::of(context).await?;
        let found = self.incidents(&aws, status).await?;
        let arn = summaries(&found).first().and_then(|first| text(first, &["arn"]));
        let arn = arn.ok_or_else(|| self.none(status))?;
        let incidents = aws.incidents();
        let request = incidents
            .list_related_items()
            .incident_record_arn(arn)
            .max_results(MOST);
        let items = answer(request.send()).await;
        Ok(items.map_err(|error| failed(&error))?)
    }

    fn none(&self, status: &str) -> AwsError {
        let creator = self.created_by.as_deref().filter(|arn| !arn.is_empty());
        let creator = creator.map_or(String::new(), |arn| format!(" created by {arn}"));
        AwsError::because(format!(
            "there is no incident with status {status} and impact {}{creator} in the period that \
             created_in_the_last gives, so it has no related items",
            self.impact
        ))
    }
}

fn failed(error: &AwsError) -> AwsError {
    AwsError::because(format!("SSM Incidents API failed: {error}"))
}

fn summaries(answer: &Value) -> &[Value] {
    list(answer, "incidentRecordSummaries")
}

/// Lists the incidents of an impact and status that were created lately, ten at most.
#[derive(Deserialize, JsonSchema)]
pub struct GetIncidents {
    #[serde(flatten)]
    search: Search,
    /// `OPEN` or `RESOLVED`.
    #[serde(default = "GetIncidents::open")]
    status: String,
}

impl GetIncidents {
    fn open() -> String {
        OPEN.to_owned()
    }
}

impl NativeActivity for GetIncidents {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_incidents";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ssm-incidents:ListIncidentRecords.";
    const IAM: &'static [&'static str] = &["ssm-incidents:ListIncidentRecords"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.search.listed(&context, &self.status).await
    }
}

/// Lists the open incidents of an impact that were created lately, ten at most.
#[derive(Deserialize, JsonSchema)]
pub struct GetActiveIncidents {
    #[serde(flatten)]
    search: Search,
}

impl NativeActivity for GetActiveIncidents {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_active_incidents";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ssm-incidents:ListIncidentRecords.";
    const IAM: &'static [&'static str] = &["ssm-incidents:ListIncidentRecords"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.search.listed(&context, OPEN).await
    }
}

/// Lists the resolved incidents of an impact that were created lately, ten at most.
#[derive(Deserialize, JsonSchema)]
pub struct GetResolvedIncidents {
    #[serde(flatten)]
    search: Search,
}

impl NativeActivity for GetResolvedIncidents {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_resolved_incidents";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ssm-incidents:ListIncidentRecords.";
    const IAM: &'static [&'static str] = &["ssm-incidents:ListIncidentRecords"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.search.listed(&context, RESOLVED).await
    }
}

/// Tells whether an incident of an impact was opened lately and is still open.
#[derive(Deserialize, JsonSchema)]
pub struct HasIncidentBeenOpened {
    #[serde(flatten)]
    search: Search,
}

impl NativeActivity for HasIncidentBeenOpened {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "has_incident_been_opened";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when there is at least one.";
    const IAM: &'static [&'static str] = &["ssm-incidents:ListIncidentRecords"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.search.any(&context, OPEN).await
    }
}

/// Tells whether an incident of an impact that was created lately is resolved.
#[derive(Deserialize, JsonSchema)]
pub struct HasIncidentBeenResolved {
    #[serde(flatten)]
    search: Search,
}

impl NativeActivity for HasIncidentBeenResolved {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "has_incident_been_resolved";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "True when there is at least one.";
    const IAM: &'static [&'static str] = &["ssm-incidents:ListIncidentRecords"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.search.any(&context, RESOLVED).await
    }
}

/// Lists the items (metrics, runbook executions, …) related to the open incident that comes first in the listing.
#[derive(Deserialize, JsonSchema)]
pub struct GetActiveIncidentItems {
    #[serde(flatten)]
    search: Search,
}

impl NativeActivity for GetActiveIncidentItems {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_active_incident_items";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ssm-incidents:ListRelatedItems.";
    const IAM: &'static [&'static str] = &[
        "ssm-incidents:ListIncidentRecords",
        "ssm-incidents:ListRelatedItems",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.search.items(&context, OPEN).await
    }
}

/// Lists the items (metrics, runbook executions, …) related to the resolved incident that comes first in the listing.
#[derive(Deserialize, JsonSchema)]
pub struct GetResolvedIncidentItems {
    #[serde(flatten)]
    search: Search,
}

impl NativeActivity for GetResolvedIncidentItems {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_resolved_incident_items";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of ssm-incidents:ListRelatedItems.";
    const IAM: &'static [&'static str] = &[
        "ssm-incidents:ListIncidentRecords",
        "ssm-incidents:ListRelatedItems",
    ];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        self.search.items(&context, RESOLVED).await
    }
}
