//! Experiments of FIS: finding, starting and stopping them.

use std::collections::HashMap;

use aws_sdk_fis::Client;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::text;
use crate::arguments::TagMap;
use crate::client::answer;
use crate::pages::items;

/// How many experiments a page of the listing has.
const PAGE: i32 = 100;

/// The states in which chaosaws stops an experiment. One that has just completed is stopped as well: that is no error.
const ALIVE: [&str; 4] = ["pending", "initiating", "running", "completed"];

/// Tags by key; no tags are none.
pub(super) type Tags = HashMap<String, String>;

/// The tags that a user wrote.
pub(super) fn tags(given: Option<&TagMap>) -> Result<Tags, AwsError> {
    let tags = given.map(TagMap::read).transpose()?.unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// True when the tags of an experiment include `wanted`.
pub(super) fn has_tags(experiment: &Value, wanted: &Tags) -> bool {
    let mut wanted = wanted.iter();
    wanted.all(|(key, value)| text(experiment, &["tags", key]) == Some(value))
}

/// Starts an experiment from a template. Without `token` one is made up.
pub(super) async fn start(
    fis: &Client,
    template: &str,
    token: Option<String>,
    tags: Tags,
) -> Result<Value, AwsError> {
    let request = fis
        .start_experiment()
        .experiment_template_id(template)
        .set_client_token(token)
        .set_tags(Some(tags).filter(|tags| !tags.is_empty()));
    let started = answer(request.send()).await;
    started.map_err(|error| {
        AwsError::because(format!(
            "start experiment failed for the template {template}: {error}"
        ))
    })
}

/// Stops an experiment.
pub(super) async fn stop(fis: &Client, id: &str) -> Result<Value, AwsError> {
    let stopped = answer(fis.stop_experiment().id(id).send()).await;
    stopped.map_err(|error| AwsError::because(format!("stop experiment failed for {id}: {error}")))
}

/// The experiments that may be stopped and are `wanted`, as the listing has them.
pub(super) async fn alive(fis: &Client, wanted: impl Fn(&Value) -> bool) -> Result<Vec<Value>, AwsError> {
    let page = |token| {
        answer(
            fis.list_experiments()
                .max_results(PAGE)
                .set_next_token(token)
                .send(),
        )
    };
    let listed = items("experiments", "nextToken", page).await;
    let mut listed =
        listed.map_err(|error| AwsError::because(format!("listing experiments failed: {error}")))?;
    listed.retain(|experiment| is_alive(experiment) && wanted(experiment));
    Ok(listed)
}

fn is_alive(experiment: &Value) -> bool {
    let status = text(experiment, &["state", "status"]);
    status.is_some_and(|status| ALIVE.contains(&status))
}

/// Experiments that were stopped.
pub(super) struct Stopped {
    /// As the listing had them before.
    pub experiments: Vec<Value>,
    /// What FIS answered.
    pub answers: Vec<Value>,
}

impl Stopped {
    /// Stops them all, one after the other.
    pub(super) async fn all(fis: &Client, experiments: Vec<Value>) -> Result<Self, AwsError> {
        let mut answers = Vec::new();
        for experiment in &experiments {
            answers.push(stop(fis, id(experiment)).await?);
        }
        Ok(Self { experiments, answers })
    }

    /// Their ids.
    pub(super) fn ids(&self) -> Vec<&str> {
        self.experiments.iter().map(id).collect()
    }
}

fn id(experiment: &Value) -> &str {
    text(experiment, &["id"]).unwrap_or_default()
}

/// Deletes the templates of stopped experiments, each once.
pub(super) async fn delete_templates(fis: &Client, stopped: &Stopped) -> Result<(), AwsError> {
    let mut templates: Vec<&str> = Vec::new();
    for experiment in &stopped.experiments {
        let template = text(experiment, &["experimentTemplateId"]).unwrap_or_default();
        if !templates.contains(&template) {
            templates.push(template);
        }
    }
    for template in templates {
        let deleted = answer(fis.delete_experiment_template().id(template).send()).await;
        deleted.map_err(|error| {
            AwsError::because(format!("delete experiment template {template} failed: {error}"))
        })?;
    }
    Ok(())
}
