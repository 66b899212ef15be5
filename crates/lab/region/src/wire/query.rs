//! The members of a form (`A.member.1.B=x`, `Filter.1.Value.2=y`) as one tree.

use serde_json::{Map, Value};

/// Parses a form into a tree. Numbered members become lists in the order of their numbers; `member`, `entry` and the like, which stand
/// before numbers in the query protocol, are left out, so that both query protocols give the same tree. Values stay texts.
pub fn parse(form: &[u8]) -> Value {
    let mut root = Value::Object(Map::new());
    for (path, value) in form_urlencoded::parse(form) {
        insert(
            &mut root,
            &path.split('.').collect::<Vec<_>>(),
            value.into_owned(),
        );
    }
    lists(root)
}

fn insert(node: &mut Value, path: &[&str], value: String) {
    let [name, rest @ ..] = path else {
        *node = Value::String(value);
        return;
    };
    if !node.is_object() {
        *node = Value::Object(Map::new());
    }
    if let Value::Object(members) = node {
        insert(
            members.entry((*name).to_owned()).or_insert(Value::Null),
            rest,
            value,
        );
    }
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Turns objects whose members are all numbers into lists, innermost first.
fn lists(node: Value) -> Value {
    let Value::Object(members) = node else {
        return node;
    };
    let members: Map<String, Value> = members
        .into_iter()
        .map(|(name, value)| (name, lists(value)))
        .collect();
    if !members.is_empty() && members.keys().all(|name| is_number(name)) {
        let mut items: Vec<(u64, Value)> = members
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap_or(0), value))
            .collect();
        items.sort_by_key(|(number, _)| *number);
        return Value::Array(items.into_iter().map(|(_, value)| value).collect());
    }
    match members.len() {
        1 => unwrapped(members),
        _ => Value::Object(members),
    }
}

/// `{"member": [..]}` is how the query protocol writes a list; an empty list is `X=`, which stays an empty text.
fn unwrapped(mut members: Map<String, Value>) -> Value {
    let wrapper = members
        .iter()
        .find(|(name, value)| is_wrapper(name) && value.is_array())
        .map(|(name, _)| name.clone());
    match wrapper.and_then(|name| members.remove(&name)) {
        Some(items) => items,
        None => Value::Object(members),
    }
}

/// Names of list items: `member`, or the item names that RDS and others declare.
fn is_wrapper(name: &str) -> bool {
    const OTHERS: [&str; 10] = [
        "entry",
        "item",
        "Filter",
        "Value",
        "DBInstanceIdentifier",
        "Tag",
        "EngineModeList",
        "VpcSecurityGroupId",
        "DBParameterGroupName",
        "AvailabilityZone",
    ];
    name == "member" || OTHERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_of_both_query_protocols_become_the_same_lists() {
        let query =
            parse(b"Action=X&Names.member.1=a&Names.member.2=b&Tags.member.1.Key=k&Tags.member.1.Value=v");
        assert_eq!(query["Names"], json!(["a", "b"]));
        assert_eq!(query["Tags"], json!([{"Key": "k", "Value": "v"}]));
        let ec2 =
            parse(b"InstanceId.2=b&InstanceId.1=a&Filter.1.Name=n&Filter.1.Value.1=x&Filter.1.Value.2=y");
        assert_eq!(ec2["InstanceId"], json!(["a", "b"]));
        assert_eq!(ec2["Filter"], json!([{"Name": "n", "Value": ["x", "y"]}]));
    }

    #[test]
    fn ten_items_keep_the_order_of_their_numbers() {
        let form: Vec<String> = (1..=11)
            .map(|number| format!("N.member.{number}={number}"))
            .collect();
        let names = parse(form.join("&").as_bytes());
        let expected: Vec<String> = (1..=11).map(|number| number.to_string()).collect();
        assert_eq!(names["N"], json!(expected));
    }
}
