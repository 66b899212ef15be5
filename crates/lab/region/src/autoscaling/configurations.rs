//! Launch configurations, and the launch that a group makes from one or from a launch template.

use serde_json::{Value, json};

use super::group::Group;
use super::{State, done};
use crate::ec2::pages::page;
use crate::ec2::{Launch, launch_of, templates};
use crate::input::{list, required, text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, name, now};

/// The configuration of a name.
pub(super) fn named<'a>(state: &'a State, name: &str) -> Result<&'a Value, ApiError> {
    let missing = || {
        ApiError::validation(format!(
            "Launch configuration name not found - there is no launch configuration {name}"
        ))
    };
    state.configurations.get(name).ok_or_else(missing)
}

/// `CreateLaunchConfiguration`
pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let name = required(input, "LaunchConfigurationName")?;
    if state.configurations.contains_key(name) {
        let message = format!(
            "Launch Configuration by this name already exists - A launch configuration already exists with the name {name}"
        );
        return Err(ApiError::new("AlreadyExists", message));
    }
    let arn = format!(
        "launchConfiguration:{}:launchConfigurationName/{name}",
        name::uuid()
    );
    let view = json!({
        "LaunchConfigurationName": name,
        "LaunchConfigurationARN": region.arn("autoscaling", &arn),
        "ImageId": required(input, "ImageId")?,
        "InstanceType": required(input, "InstanceType")?,
        "KeyName": text(input, "KeyName").unwrap_or_default(),
        "SecurityGroups": texts(input, "SecurityGroups"),
        "UserData": text(input, "UserData").unwrap_or_default(),
        "SpotPrice": text(input, "SpotPrice"),
        "IamInstanceProfile": text(input, "IamInstanceProfile"),
        "BlockDeviceMappings": list(input, "BlockDeviceMappings"),
        "InstanceMonitoring": { "Enabled": false },
        "EbsOptimized": false,
        "CreatedTime": time(now()),
    });
    state.configurations.insert(name.to_owned(), view);
    done()
}

/// `DescribeLaunchConfigurations`
pub fn describe(state: &State, input: &Value) -> Answer {
    let names = texts(input, "LaunchConfigurationNames");
    let meant = state
        .configurations
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name));
    let (found, next) = page(
        meant.map(|(_, view)| view.clone()).collect(),
        input,
        "MaxRecords",
        50,
    )?;
    Ok(json!({ "LaunchConfigurations": found, "NextToken": next }))
}

/// `DeleteLaunchConfiguration`
pub fn delete(state: &mut State, input: &Value) -> Answer {
    let name = required(input, "LaunchConfigurationName")?;
    named(state, name)?;
    if state
        .groups()
        .any(|group| group.configuration.as_deref() == Some(name))
    {
        let message = format!(
            "Cannot delete launch configuration {name} because it is attached to an AutoScalingGroup"
        );
        return Err(ApiError::new("ResourceInUse", message));
    }
    state.configurations.shift_remove(name);
    done()
}

/// What a group launches, without a subnet.
///
/// # Errors
/// When its template or configuration has been deleted, or does not make sense.
pub fn launch_for(state: &crate::State, group: &Group) -> Result<Launch, ApiError> {
    let mut launch = match (&group.template, &group.configuration) {
        (Some(by), _) => launch_of(templates::data(&state.ec2.templates, by)?)?,
        (None, Some(name)) => launch_of(&as_template(named(&state.autoscaling, name)?))?,
        (None, None) => {
            return Err(ApiError::validation(
                "The group has neither a launch template nor a launch configuration.",
            ));
        }
    };
    launch.spot |= group.spot;
    launch.group = Some(group.name.clone());
    let propagated = group.tags.iter().filter(|tag| tag.propagated);
    launch
        .tags
        .extend(propagated.map(|tag| (tag.key.clone(), tag.value.clone())));
    launch.tags.insert(GROUP_TAG.to_owned(), group.name.clone());
    Ok(launch)
}

/// The tag by which AWS marks instances of groups.
pub(super) const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// A configuration in the words of a template.
fn as_template(view: &Value) -> Value {
    let market = text(view, "SpotPrice").map(|_| json!({ "MarketType": "spot" }));
    json!({
        "ImageId": view["ImageId"],
        "InstanceType": view["InstanceType"],
        "KeyName": view["KeyName"],
        "UserData": view["UserData"],
        "SecurityGroupId": view["SecurityGroups"],
        "BlockDeviceMapping": view["BlockDeviceMappings"],
        "IamInstanceProfile": { "Arn": view["IamInstanceProfile"] },
        "InstanceMarketOptions": market,
    })
}
