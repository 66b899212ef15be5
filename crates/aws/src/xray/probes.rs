//! What X-Ray can be asked (`chaosaws.xray.probes`).

use aws_sdk_xray::types::{SamplingStrategy, SamplingStrategyName, TimeRangeType};
use chaos_engine::activity::{ActivityError, Catalogue, Context, Kind, NativeActivity};
use chaos_engine::value::{Map, Value, json};
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::AwsError;
use crate::answer::{list, text};
use crate::client::{Aws, answer};
use crate::given::filled;
use crate::times::{When, for_sdk};

const MODULE: &str = "chaosaws.xray.probes";

/// How many traces X-Ray returns at once.
const MOST_TRACES: usize = 5;

pub(super) fn register(catalogue: Catalogue) -> Catalogue {
    catalogue
        .with::<GetTracesSummaries>()
        .with::<GetTraces>()
        .with::<GetMostRecentTrace>()
        .with::<GetServiceGraph>()
}

fn default_group() -> Option<String> {
    Some("Default".to_owned())
}

fn five() -> i64 {
    5
}

/// Which share of the traces is looked at.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Sampling {
    /// `PartialScan` or `FixedRate`.
    #[serde(default)]
    name: Option<String>,
    /// The rate, from 0 to 1.
    #[serde(default)]
    value: Option<f64>,
}

impl Sampling {
    fn for_sdk(&self) -> SamplingStrategy {
        SamplingStrategy::builder()
            .set_name(self.name.as_deref().map(SamplingStrategyName::from))
            .set_value(self.value)
            .build()
    }
}

/// Which traces.
#[derive(Deserialize, JsonSchema)]
struct Search {
    /// When the period begins; relative to its end.
    #[serde(default = "When::three_minutes")]
    start_time: When,
    /// When the period ends.
    #[serde(default = "When::now")]
    end_time: When,
    /// Whose times count: `TraceId`, `Event` or `Service`.
    #[serde(default = "Search::trace_id")]
    time_range_type: String,
    /// X-Ray's filter expression.
    #[serde(default = "Search::default_group")]
    filter_expression: String,
    /// Whether only a part of the traces is looked at.
    #[serde(default)]
    sampling: bool,
    /// Which part.
    #[serde(default)]
    sampling_strategy: Option<Sampling>,
}

impl Search {
    fn trace_id() -> String {
        "TraceId".to_owned()
    }

    fn default_group() -> String {
        r#"groupname = "Default""#.to_owned()
    }

    async fn summaries(&self, aws: &Aws) -> Result<Value, AwsError> {
        let failed = |reason: String| AwsError::because(format!("XRay trace summaries failed: {reason}"));
        let end = self.end_time.before(Utc::now());
        let end = end.map_err(|error| failed(error.to_string()))?;
        let start = self.start_time.before(end);
        let start = start.map_err(|error| failed(error.to_string()))?;
        let empty = || SamplingStrategy::builder().build();
        let strategy = self
            .sampling_strategy
            .as_ref()
            .map_or_else(empty, Sampling::for_sdk);
        let xray = aws.xray();
        let request = xray
            .get_trace_summaries()
            .start_time(for_sdk(start))
            .end_time(for_sdk(end))
            .time_range_type(TimeRangeType::from(self.time_range_type.as_str()))
            .filter_expression(&self.filter_expression)
            .sampling(self.sampling)
            .sampling_strategy(strategy);
        let summaries = answer(request.send()).await;
        summaries.map_err(|error| failed(error.to_string()))
    }

    /// The newest ones.
    async fn traces(&self, context: &Context, quantity: usize) -> Result<Value, AwsError> {
        let aws = Aws::of(context).await?;
        let summaries = self.summaries(&aws).await?;
        let listed = list(&summaries, "TraceSummaries");
        let newest = &listed[listed.len().saturating_sub(quantity)..];
        let ids = newest.iter().filter_map(|summary| text(summary, &["Id"]));
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        let traces = answer(aws.xray().batch_get_traces().set_trace_ids(Some(ids)).send()).await;
        traces.map_err(|error| AwsError::because(format!("XRay batch traces failed: {error}")))
    }
}

/// Lists summaries of the traces of a period: the first page, of which sampling and a filter keep the size small.
#[derive(Deserialize, JsonSchema)]
pub struct GetTracesSummaries {
    #[serde(flatten)]
    search: Search,
}

impl NativeActivity for GetTracesSummaries {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_traces_summaries";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of xray:GetTraceSummaries.";
    const IAM: &'static [&'static str] = &["xray:GetTraceSummaries"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let aws = Aws::of(&context).await?;
        Ok(self.search.summaries(&aws).await?)
    }
}

/// Gets the newest traces of a period, at most five.
#[derive(Deserialize, JsonSchema)]
pub struct GetTraces {
    #[serde(flatten)]
    search: Search,
    /// How many, at least one; more than five count as five.
    #[serde(default = "five")]
    quantity: i64,
}

impl NativeActivity for GetTraces {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_traces";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of xray:BatchGetTraces.";
    const IAM: &'static [&'static str] = &["xray:GetTraceSummaries", "xray:BatchGetTraces"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let quantity = usize::try_from(self.quantity).unwrap_or_default();
        if quantity == 0 {
            let reason = format!("quantity is {}, but must be at least 1", self.quantity);
            return Err(ActivityError::failed(reason));
        }
        Ok(self.search.traces(&context, quantity.min(MOST_TRACES)).await?)
    }
}

/// Gets the newest trace of a period, as it comes or as the documents of its segments.
#[derive(Deserialize, JsonSchema)]
pub struct GetMostRecentTrace {
    #[serde(flatten)]
    search: Search,
    /// Whether to return the decoded documents of the segments, which a tolerance can look into.
    #[serde(default)]
    raw_segments: bool,
}

impl NativeActivity for GetMostRecentTrace {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_most_recent_trace";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of xray:BatchGetTraces; with `raw_segments` the list of the segments' \
                                   documents, or an empty object when there is no trace.";
    const IAM: &'static [&'static str] = &["xray:GetTraceSummaries", "xray:BatchGetTraces"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let traces = self.search.traces(&context, 1).await?;
        if self.raw_segments {
            return Ok(documents(&traces)?);
        }
        Ok(traces)
    }
}

fn documents(traces: &Value) -> Result<Value, AwsError> {
    let Some(trace) = list(traces, "Traces").first() else {
        return Ok(Map::new().into());
    };
    let segments = list(trace, "Segments").iter();
    let texts = segments.filter_map(|segment| text(segment, &["Document"]));
    let documents: Result<Vec<Value>, _> = texts.map(json::parse).collect();
    let documents = documents.map_err(|error| {
        AwsError::because(format!(
            "a segment's document of the newest trace is not JSON: {error}"
        ))
    })?;
    Ok(Value::List(documents))
}

/// Gets the graph of the services that took part in the requests of a period.
#[derive(Deserialize, JsonSchema)]
pub struct GetServiceGraph {
    /// When the period begins; relative to its end.
    #[serde(default = "When::three_minutes")]
    start_time: When,
    /// When the period ends.
    #[serde(default = "When::now")]
    end_time: When,
    /// Name of the group of traces.
    #[serde(default = "default_group")]
    group_name: Option<String>,
    /// ARN of the group of traces.
    #[serde(default)]
    group_arn: Option<String>,
}

impl NativeActivity for GetServiceGraph {
    const MODULE: &'static str = MODULE;
    const FUNCTION: &'static str = "get_service_graph";
    const KIND: Kind = Kind::Probe;
    const RETURNS: &'static str = "The answer of xray:GetServiceGraph.";
    const IAM: &'static [&'static str] = &["xray:GetServiceGraph"];

    async fn run(self, context: Context) -> Result<Value, ActivityError> {
        let aws = Aws::of(&context).await?;
        let failed = |reason: String| ActivityError::failed(format!("XRay service graph failed: {reason}"));
        let end = self.end_time.before(Utc::now());
        let end = end.map_err(|error| failed(error.to_string()))?;
        let start = self.start_time.before(end);
        let start = start.map_err(|error| failed(error.to_string()))?;
        let xray = aws.xray();
        let request = xray
            .get_service_graph()
            .start_time(for_sdk(start))
            .end_time(for_sdk(end))
            .set_group_name(filled(self.group_name))
            .set_group_arn(filled(self.group_arn));
        let graph = answer(request.send()).await;
        graph.map_err(|error| failed(error.to_string()))
    }
}
