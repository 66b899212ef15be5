//! Data volumes: takes them from their instances, remembers where they were, and puts them back.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Tag;
use chaos_engine::activity::Random;
use chaos_engine::value::Value;

use crate::AwsError;
use crate::answer::{list, text};
use crate::arguments::Filter;
use crate::client::answer;
use crate::fan_out::{BOUND, fan_out};
use crate::pages::items;

/// The tag that says where a volume was. Its value is `DeviceName=…;InstanceId=…`, then `;ASG=…` for an instance of
/// an auto-scaling group.
const TAG: &str = "ChaosToolkitDetached";

/// A volume and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Volume {
    pub id: String,
    pub device: String,
    pub instance: String,
    /// The auto-scaling group of the instance, where that is known.
    pub group: Option<String>,
}

/// One data volume of each of these described instances that has any, by chance.
pub(crate) fn one_of_each<'a>(
    instances: impl IntoIterator<Item = &'a Value>,
    group: Option<&str>,
    random: &mut Random,
) -> Vec<Volume> {
    let volumes = instances
        .into_iter()
        .map(|instance| data_volumes(instance, group))
        .collect::<Vec<_>>();
    let chosen = volumes.iter().filter_map(|volumes| random.choice(volumes));
    chosen.cloned().collect()
}

fn data_volumes(instance: &Value, group: Option<&str>) -> Vec<Volume> {
    let root = text(instance, &["RootDeviceName"]);
    let is_root = |device: &str| ["/dev/sda1", "/dev/xvda"].contains(&device) || root == Some(device);
    list(instance, "BlockDeviceMappings")
        .iter()
        .filter_map(|mapping| {
            Some(Volume {
                device: text(mapping, &["DeviceName"])
                    .filter(|device| !is_root(device))?
                    .to_owned(),
                id: text(mapping, &["Ebs", "VolumeId"])?.to_owned(),
                instance: text(instance, &["InstanceId"])?.to_owned(),
                group: group.map(str::to_owned),
            })
        })
        .collect()
}

/// Detaches volumes and tags them with their places. Returns the answers of ec2:DetachVolume.
///
/// # Errors
/// AWS's, with volume and instance.
pub(crate) async fn detach(ec2: &Client, volumes: Vec<Volume>, force: bool) -> Result<Vec<Value>, AwsError> {
    each(volumes, |volume| detach_one(ec2, volume, force)).await
}

/// Attaches volumes where they were. Returns the answers of ec2:AttachVolume.
///
/// # Errors
/// AWS's, with volume and instance.
pub(crate) async fn attach(ec2: &Client, volumes: Vec<Volume>) -> Result<Vec<Value>, AwsError> {
    each(volumes, |volume| attach_one(ec2, volume)).await
}

/// The volumes that were detached by [`detach`] and not deleted since.
///
/// # Errors
/// AWS's.
pub(crate) async fn detached(ec2: &Client) -> Result<Vec<Volume>, AwsError> {
    let filter = Filter::new("tag-key", TAG);
    let page = |token| {
        let call = ec2.describe_volumes().filters((&filter).into());
        answer(call.set_next_token(token).send())
    };
    let listed = items("Volumes", "NextToken", page).await?;
    Ok(listed.iter().filter_map(place).collect())
}

/// A few one after another, so that the trail of calls reads in pairs; many side by side.
async fn each<F>(volumes: Vec<Volume>, act: impl Fn(Volume) -> F) -> Result<Vec<Value>, AwsError>
where
    F: Future<Output = Result<Value, AwsError>>,
{
    if volumes.len() > BOUND {
        return fan_out(volumes, act).await;
    }
    let mut answers = Vec::new();
    for volume in volumes {
        answers.push(act(volume).await?);
    }
    Ok(answers)
}

async fn detach_one(ec2: &Client, volume: Volume, force: bool) -> Result<Value, AwsError> {
    let call = ec2
        .detach_volume()
        .device(&volume.device)
        .instance_id(&volume.instance)
        .volume_id(&volume.id)
        .force(force);
    let detached = answer(call.send()).await.map_err(|error| {
        AwsError::because(format!(
            "unable to detach volume {} from {}: {error}",
            volume.id, volume.instance
        ))
    })?;
    let tag = Tag::builder().key(TAG).value(tag_value(&volume)).build();
    let call = ec2.create_tags().resources(&volume.id).tags(tag);
    answer(call.send()).await.map_err(|error| {
        AwsError::because(format!(
            "volume {} is detached, but it cannot be tagged, so attach it to {} as {} by hand: {error}",
            volume.id, volume.instance, volume.device
        ))
    })?;
    Ok(detached)
}

async fn attach_one(ec2: &Client, volume: Volume) -> Result<Value, AwsError> {
    let call = ec2
        .attach_volume()
        .device(&volume.device)
        .instance_id(&volume.instance)
        .volume_id(&volume.id);
    answer(call.send()).await.map_err(|error| {
        AwsError::because(format!(
            "unable to attach volume {} to instance {}: {error}",
            volume.id, volume.instance
        ))
    })
}

fn tag_value(volume: &Volume) -> String {
    let place = format!("DeviceName={};InstanceId={}", volume.device, volume.instance);
    match &volume.group {
        Some(group) => format!("{place};ASG={group}"),
        None => place,
    }
}

/// Where a listed volume was. A tag that somebody else wrote is left alone.
fn place(volume: &Value) -> Option<Volume> {
    let mut tags = list(volume, "Tags").iter();
    let tag = tags.find(|tag| text(tag, &["Key"]) == Some(TAG))?;
    let mut parts = text(tag, &["Value"])?.splitn(3, ';').map(after_equals);
    let place = Volume {
        id: text(volume, &["VolumeId"])?.to_owned(),
        device: parts.next()??,
        instance: parts.next()??,
        group: parts.next().flatten(),
    };
    Some(place)
}

fn after_equals(part: &str) -> Option<String> {
    let (_, value) = part.split_once('=')?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::json::parse;

    use super::*;

    fn volume(group: Option<&str>) -> Volume {
        Volume {
            id: "vol-1".to_owned(),
            device: "/dev/sdf".to_owned(),
            instance: "i-1".to_owned(),
            group: group.map(str::to_owned),
        }
    }

    fn tagged(value: &str) -> Value {
        let text = format!(r#"{{"VolumeId": "vol-1", "Tags": [{{"Key": "{TAG}", "Value": "{value}"}}]}}"#);
        parse(&text).unwrap()
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for group in [None, Some("web"), Some("a=b;c")] {
            let volume = volume(group);
            assert_eq!(place(&tagged(&tag_value(&volume))), Some(volume));
        }
    }

    #[test]
    fn a_foreign_tag_is_left_alone() {
        for value in ["", "yes", "DeviceName=/dev/sdf", "a;b"] {
            assert_eq!(place(&tagged(value)), None, "{value}");
        }
        assert_eq!(place(&parse(r#"{"VolumeId": "vol-1"}"#).unwrap()), None);
    }

    #[test]
    fn roots_and_instance_stores_are_never_taken() {
        let mapping = |device: &str, volume: &str| {
            format!(r#"{{"DeviceName": "{device}", "Ebs": {{"VolumeId": "{volume}"}}}}"#)
        };
        let instance = format!(
            r#"{{"InstanceId": "i-1", "RootDeviceName": "/dev/root", "BlockDeviceMappings": [{}, {}, {}, {{"DeviceName":
            "/dev/sdb"}}, {}]}}"#,
            mapping("/dev/sda1", "vol-2"),
            mapping("/dev/xvda", "vol-3"),
            mapping("/dev/root", "vol-4"),
            mapping("/dev/sdf", "vol-1"),
        );
        assert_eq!(data_volumes(&parse(&instance).unwrap(), None), [volume(None)]);
    }
}
