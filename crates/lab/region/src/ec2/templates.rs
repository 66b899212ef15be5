//! Launch templates: kept as they were written.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::filters::Filters;
use super::pages::page;
use super::tags::{self, Tags};
use super::{State, needed};
use crate::input::{text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, name, now};

/// A launch template with its versions, the first of which is number 1.
#[derive(Clone, Debug)]
pub struct Template {
    /// `lt-…`
    pub id: String,
    /// Its name.
    pub name: String,
    pub(super) tags: Tags,
    versions: Vec<Value>,
    created: f64,
}

impl Template {
    /// The data of a version: a number, `$Latest` or `$Default` (the first).
    fn version(&self, version: &str) -> Option<(usize, &Value)> {
        let number = match version {
            "$Latest" => self.versions.len(),
            "$Default" | "" => 1,
            number => number.parse().ok()?,
        };
        Some((number, self.versions.get(number.checked_sub(1)?)?))
    }
}

type Templates = IndexMap<String, Template>;

/// Finds by `LaunchTemplateId` or `LaunchTemplateName`.
///
/// # Errors
/// `InvalidLaunchTemplateId.NotFound`, `InvalidLaunchTemplateName.NotFoundException`, or `MissingParameter`.
pub fn named<'a>(templates: &'a Templates, by: &Value) -> Result<&'a Template, ApiError> {
    if let Some(id) = text(by, "LaunchTemplateId") {
        let missing = || {
            ApiError::new(
                "InvalidLaunchTemplateId.NotFound",
                format!("The launch template {id} does not exist"),
            )
        };
        return templates.get(id).ok_or_else(missing);
    }
    let name = needed(by, "LaunchTemplateName")?;
    let code = "InvalidLaunchTemplateName.NotFoundException";
    let missing = || {
        ApiError::new(
            code,
            format!("The launch template with name {name} does not exist"),
        )
    };
    templates
        .values()
        .find(|template| template.name == name)
        .ok_or_else(missing)
}

/// The data of the template and version that `by` names.
///
/// # Errors
/// As [`named`], and when there is no such version.
pub fn data<'a>(templates: &'a Templates, by: &Value) -> Result<&'a Value, ApiError> {
    let template = named(templates, by)?;
    let version = text(by, "Version").unwrap_or_default();
    let found = template.version(version).map(|(_, data)| data);
    found.ok_or_else(|| {
        let message = format!(
            "Could not find launch template version {version} of {}",
            template.name
        );
        ApiError::new("InvalidLaunchTemplateId.VersionNotFound", message)
    })
}

/// What a launch asks for: the members of its template, overridden by its own.
///
/// # Errors
/// As [`data`].
pub fn merged(state: &State, input: &Value) -> Result<Value, ApiError> {
    let Some(by) = input.get("LaunchTemplate") else {
        return Ok(input.clone());
    };
    let mut members: Map<String, Value> = data(&state.templates, by)?
        .as_object()
        .cloned()
        .unwrap_or_default();
    members.extend(input.as_object().cloned().unwrap_or_default());
    Ok(Value::Object(members))
}

/// `CreateLaunchTemplate`
pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let name = needed(input, "LaunchTemplateName")?;
    if state.templates.values().any(|template| template.name == name) {
        let code = "InvalidLaunchTemplateName.AlreadyExistsException";
        return Err(ApiError::new(
            code,
            format!("Launch template name {name} is already in use."),
        ));
    }
    let template = Template {
        id: name::resource("lt"),
        name: name.to_owned(),
        tags: tags::specified(input, "launch-template"),
        versions: vec![input.get("LaunchTemplateData").cloned().unwrap_or_default()],
        created: now(),
    };
    let view = view(&template, region);
    state.templates.insert(template.id.clone(), template);
    Ok(json!({ "launchTemplate": view }))
}

/// `CreateLaunchTemplateVersion`
pub fn create_version(state: &mut State, region: &Region, input: &Value) -> Answer {
    let id = named(&state.templates, input)?.id.clone();
    let data = input.get("LaunchTemplateData").cloned().unwrap_or_default();
    let Some(template) = state.templates.get_mut(&id) else {
        return Err(ApiError::new("InternalError", "The template is gone."));
    };
    template.versions.push(data);
    Ok(json!({ "launchTemplateVersion": version_view(template, template.versions.len(), region) }))
}

fn view(template: &Template, region: &Region) -> Value {
    json!({
        "launchTemplateId": template.id,
        "launchTemplateName": template.name,
        "createTime": time(template.created),
        "createdBy": format!("arn:aws:iam::{}:root", region.settings().account),
        "defaultVersionNumber": 1,
        "latestVersionNumber": template.versions.len(),
        "tagSet": tags::set(&template.tags),
    })
}

fn version_view(template: &Template, number: usize, region: &Region) -> Value {
    let data = template
        .version(&number.to_string())
        .map(|(_, data)| data.clone())
        .unwrap_or_default();
    json!({
        "launchTemplateId": template.id,
        "launchTemplateName": template.name,
        "versionNumber": number,
        "createTime": time(template.created),
        "createdBy": format!("arn:aws:iam::{}:root", region.settings().account),
        "defaultVersion": number == 1,
        "launchTemplateData": {
            "imageId": text(&data, "ImageId"),
            "instanceType": text(&data, "InstanceType"),
            "keyName": text(&data, "KeyName"),
            "userData": text(&data, "UserData"),
            "securityGroupIdSet": texts(&data, "SecurityGroupId"),
        },
    })
}

/// `DescribeLaunchTemplates`
pub fn describe(state: &State, region: &Region, input: &Value) -> Answer {
    let filters = Filters::read(input, &["create-time", "launch-template-name"])?;
    let (ids, names) = (
        texts(input, "LaunchTemplateId"),
        texts(input, "LaunchTemplateName"),
    );
    for id in &ids {
        named(&state.templates, &json!({ "LaunchTemplateId": id }))?;
    }
    for name in &names {
        named(&state.templates, &json!({ "LaunchTemplateName": name }))?;
    }
    let meant = |one: &&Template| {
        (ids.is_empty() || ids.contains(&one.id))
            && (names.is_empty() || names.contains(&one.name))
            && filters.fit(&one.tags, |_| vec![one.name.clone()])
    };
    let found = state
        .templates
        .values()
        .filter(meant)
        .map(|one| view(one, region))
        .collect();
    let (found, next) = page(found, input, "MaxResults", 200)?;
    Ok(json!({ "launchTemplates": found, "nextToken": next }))
}

/// `DescribeLaunchTemplateVersions`
pub fn describe_versions(state: &State, region: &Region, input: &Value) -> Answer {
    let template = named(&state.templates, input)?;
    let asked = texts(input, "LaunchTemplateVersion");
    let numbers: Vec<usize> = match asked.as_slice() {
        [] => (1..=template.versions.len()).collect(),
        asked => asked
            .iter()
            .filter_map(|version| Some(template.version(version)?.0))
            .collect(),
    };
    let views: Vec<Value> = numbers
        .into_iter()
        .map(|number| version_view(template, number, region))
        .collect();
    Ok(json!({ "launchTemplateVersionSet": views }))
}

/// `DeleteLaunchTemplate`
pub fn delete(state: &mut State, region: &Region, input: &Value) -> Answer {
    let template = named(&state.templates, input)?.clone();
    state.templates.shift_remove(&template.id);
    Ok(json!({ "launchTemplate": view(&template, region) }))
}
