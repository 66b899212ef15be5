//! Volumes: state only; nothing is stored on them.

use serde_json::{Value, json};

use super::filters::Filters;
use super::instance::{Instance, InstanceState, no_instance};
use super::pages::page;
use super::tags::{self, Tags};
use super::{State, done, needed, zones};
use crate::input::{flag, integer, list, text, texts};
use crate::wire::{Answer, ApiError, time};
use crate::{Region, name, now};

/// The device of the root volume, by which clients know it.
pub const ROOT: &str = "/dev/xvda";
/// GiB of a volume where nothing is said.
const USUAL_SIZE: i64 = 8;

/// A volume that a launch asks for.
#[derive(Clone, Debug)]
pub struct Mapping {
    device: String,
    size: i64,
    kind: String,
    ends_with_instance: bool,
}

impl Mapping {
    /// Reads `BlockDeviceMapping` of a launch.
    ///
    /// # Errors
    /// `ValidationError` for sizes that are no numbers.
    pub fn read(input: &Value) -> Result<Vec<Mapping>, ApiError> {
        let one = |mapping: &Value| {
            let ebs = mapping.get("Ebs").cloned().unwrap_or_default();
            Ok(Mapping {
                device: text(mapping, "DeviceName").unwrap_or(ROOT).to_owned(),
                size: integer(&ebs, "VolumeSize")?.unwrap_or(USUAL_SIZE),
                kind: text(&ebs, "VolumeType").unwrap_or("gp3").to_owned(),
                ends_with_instance: flag(&ebs, "DeleteOnTermination").unwrap_or(true),
            })
        };
        list(input, "BlockDeviceMapping").iter().map(one).collect()
    }

    fn root() -> Mapping {
        Mapping {
            device: ROOT.to_owned(),
            size: USUAL_SIZE,
            kind: "gp3".to_owned(),
            ends_with_instance: true,
        }
    }
}

#[derive(Clone, Debug)]
struct Attachment {
    instance: String,
    device: String,
    since: f64,
    ends_with_instance: bool,
}

/// A volume.
#[derive(Clone, Debug)]
pub struct Volume {
    id: String,
    size: i64,
    kind: String,
    zone: String,
    created: f64,
    pub(super) tags: Tags,
    attached: Option<Attachment>,
}

impl Volume {
    fn new(size: i64, kind: &str, zone: &str, tags: Tags) -> Volume {
        let (kind, zone) = (kind.to_owned(), zone.to_owned());
        Volume {
            id: name::resource("vol"),
            size,
            kind,
            zone,
            created: now(),
            tags,
            attached: None,
        }
    }

    fn state(&self) -> &'static str {
        if self.attached.is_some() {
            "in-use"
        } else {
            "available"
        }
    }

    fn view(&self) -> Value {
        let attached: Vec<Value> = self
            .attached
            .iter()
            .map(|one| attachment(&self.id, one, "attached"))
            .collect();
        json!({
            "volumeId": self.id,
            "size": self.size,
            "snapshotId": "",
            "availabilityZone": self.zone,
            "status": self.state(),
            "createTime": time(self.created),
            "attachmentSet": attached,
            "volumeType": self.kind,
            "encrypted": false,
            "multiAttachEnabled": false,
            "tagSet": tags::set(&self.tags),
        })
    }

    fn values(&self, name: &str) -> Vec<String> {
        let of = |value: fn(&Attachment) -> String| self.attached.iter().map(value).collect();
        match name {
            "volume-id" => vec![self.id.clone()],
            "availability-zone" => vec![self.zone.clone()],
            "size" => vec![self.size.to_string()],
            "status" => vec![self.state().to_owned()],
            "volume-type" => vec![self.kind.clone()],
            "attachment.instance-id" => of(|one| one.instance.clone()),
            "attachment.device" => of(|one| one.device.clone()),
            "attachment.status" => of(|_| "attached".to_owned()),
            "attachment.delete-on-termination" => of(|one| one.ends_with_instance.to_string()),
            _ => vec!["false".to_owned()],
        }
    }
}

fn attachment(volume: &str, one: &Attachment, status: &str) -> Value {
    json!({
        "volumeId": volume,
        "instanceId": one.instance,
        "device": one.device,
        "status": status,
        "attachTime": time(one.since),
        "deleteOnTermination": one.ends_with_instance,
    })
}

/// Makes the volumes of a new instance: a root volume always, others as asked.
pub(super) fn add_to(state: &mut State, instance: &Instance, mappings: &[Mapping]) {
    let has_root = mappings.iter().any(|mapping| is_root(&mapping.device));
    let root = (!has_root).then(Mapping::root);
    for mapping in root.iter().chain(mappings) {
        let mut volume = Volume::new(mapping.size, &mapping.kind, &instance.zone, Tags::new());
        volume.attached = Some(Attachment {
            instance: instance.id.clone(),
            device: mapping.device.clone(),
            since: instance.launched,
            ends_with_instance: mapping.ends_with_instance,
        });
        state.volumes.insert(volume.id.clone(), volume);
    }
}

fn is_root(device: &str) -> bool {
    device == ROOT || device == "/dev/sda1"
}

/// Deletes or detaches the volumes of a terminated instance.
pub(super) fn instance_ended(state: &mut State, instance: &str) {
    let is_of = |one: &Attachment| one.instance == instance;
    state.volumes.retain(|_, volume| {
        !volume
            .attached
            .as_ref()
            .is_some_and(|one| is_of(one) && one.ends_with_instance)
    });
    for volume in state.volumes.values_mut() {
        volume.attached = volume.attached.take().filter(|one| !is_of(one));
    }
}

/// The volumes of an instance, as its description lists them.
pub(super) fn mappings_of(state: &State, instance: &str) -> Vec<Value> {
    let of = |volume: &Volume| {
        let one = volume.attached.as_ref().filter(|one| one.instance == instance)?;
        Some(json!({
            "deviceName": one.device,
            "ebs": {
                "volumeId": volume.id,
                "status": "attached",
                "attachTime": time(one.since),
                "deleteOnTermination": one.ends_with_instance,
            },
        }))
    };
    state.volumes.values().filter_map(of).collect()
}

fn no_volume(id: &str) -> ApiError {
    ApiError::new(
        "InvalidVolume.NotFound",
        format!("The volume '{id}' does not exist."),
    )
}

/// `CreateVolume`
pub fn create(state: &mut State, region: &Region, input: &Value) -> Answer {
    let zone = needed(input, "AvailabilityZone")?;
    if !zones::names(region).iter().any(|known| known == zone) {
        return Err(ApiError::new(
            "InvalidZone.NotFound",
            format!("The zone '{zone}' does not exist."),
        ));
    }
    let size = integer(input, "Size")?.unwrap_or(USUAL_SIZE);
    let kind = text(input, "VolumeType").unwrap_or("gp2");
    let volume = Volume::new(size, kind, zone, tags::specified(input, "volume"));
    let mut view = volume.view();
    // a client waits for `available`
    view["status"] = json!("creating");
    state.volumes.insert(volume.id.clone(), volume);
    Ok(view)
}

const FILTERS: &[&str] = &[
    "attachment.delete-on-termination",
    "attachment.device",
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "encrypted",
    "multi-attach-enabled",
    "size",
    "status",
    "volume-id",
    "volume-type",
];

/// `DescribeVolumes`
pub fn describe(state: &State, input: &Value) -> Answer {
    let filters = Filters::read(input, FILTERS)?;
    let ids = texts(input, "VolumeId");
    if let Some(unknown) = ids.iter().find(|id| !state.volumes.contains_key(*id)) {
        return Err(no_volume(unknown));
    }
    let meant = |volume: &&Volume| {
        (ids.is_empty() || ids.contains(&volume.id)) && filters.fit(&volume.tags, |name| volume.values(name))
    };
    let found = state.volumes.values().filter(meant).map(Volume::view).collect();
    let (found, next) = page(found, input, "MaxResults", 500)?;
    Ok(json!({ "volumeSet": found, "nextToken": next }))
}

/// `DeleteVolume`
pub fn delete(state: &mut State, input: &Value) -> Answer {
    let id = needed(input, "VolumeId")?;
    let volume = state.volumes.get(id).ok_or_else(|| no_volume(id))?;
    if let Some(one) = &volume.attached {
        let message = format!("Volume {id} is currently attached to {}", one.instance);
        return Err(ApiError::new("VolumeInUse", message));
    }
    state.volumes.shift_remove(id);
    done()
}

/// `AttachVolume`
pub fn attach(state: &mut State, input: &Value) -> Answer {
    let (id, instance, device) = (
        needed(input, "VolumeId")?,
        needed(input, "InstanceId")?,
        needed(input, "Device")?,
    );
    let on = state
        .instances
        .get(instance)
        .ok_or_else(|| no_instance(&[instance]))?;
    let volume = state.volumes.get(id).ok_or_else(|| no_volume(id))?;
    if volume.attached.is_some() {
        return Err(ApiError::new(
            "VolumeInUse",
            format!("{id} is already attached to an instance"),
        ));
    }
    if volume.zone != on.zone {
        let message =
            format!("The volume '{id}' is not in the same availability zone as instance '{instance}'");
        return Err(ApiError::new("InvalidVolume.ZoneMismatch", message));
    }
    if !matches!(on.state, InstanceState::Running | InstanceState::Stopped) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Instance '{instance}' is not 'running' or 'stopped'."),
        ));
    }
    let is_taken = |one: &Attachment| one.instance == instance && one.device == device;
    if state
        .volumes
        .values()
        .filter_map(|volume| volume.attached.as_ref())
        .any(is_taken)
    {
        let message =
            format!("Invalid value '{device}' for unixDevice. Attachment point {device} is already in use");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let new = Attachment {
        instance: instance.to_owned(),
        device: device.to_owned(),
        since: now(),
        ends_with_instance: false,
    };
    let answer = attachment(id, &new, "attaching");
    if let Some(volume) = state.volumes.get_mut(id) {
        volume.attached = Some(new);
    }
    Ok(answer)
}

/// `DetachVolume`
pub fn detach(state: &mut State, input: &Value) -> Answer {
    let id = needed(input, "VolumeId")?;
    let volume = state.volumes.get(id).ok_or_else(|| no_volume(id))?;
    let is_meant = |one: &&Attachment| {
        text(input, "InstanceId").is_none_or(|instance| instance == one.instance)
            && text(input, "Device").is_none_or(|device| device == one.device)
    };
    let Some(one) = volume.attached.as_ref().filter(is_meant) else {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Volume '{id}' is in the 'available' state."),
        ));
    };
    let on = state.instances.get(&one.instance).map(|instance| instance.state);
    if is_root(&one.device) && on != Some(InstanceState::Stopped) {
        let message = format!(
            "Unable to detach root volume '{id}' from instance '{}'",
            one.instance
        );
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    let answer = attachment(id, one, "detaching");
    if let Some(volume) = state.volumes.get_mut(id) {
        volume.attached = None;
    }
    Ok(answer)
}
