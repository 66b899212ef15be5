//! From the paths of Batch's REST API to the names of its operations.

use serde_json::Value;

/// The operations; their paths are `POST /v1/` and the name in lower case.
const OPERATIONS: [&str; 16] = [
    "CancelJob",
    "CreateComputeEnvironment",
    "CreateJobQueue",
    "DeleteComputeEnvironment",
    "DeleteJobQueue",
    "DeregisterJobDefinition",
    "DescribeComputeEnvironments",
    "DescribeJobDefinitions",
    "DescribeJobQueues",
    "DescribeJobs",
    "ListJobs",
    "RegisterJobDefinition",
    "SubmitJob",
    "TerminateJob",
    "UpdateComputeEnvironment",
    "UpdateJobQueue",
];

/// The operation's name, and its input with what the path says. What is no path, or an unknown one, stays as it is.
pub fn named(operation: &str, input: &Value) -> (String, Value) {
    let mut input = input.clone();
    let Some((method, path)) = operation.split_once(" /v1/") else {
        return (operation.to_owned(), input);
    };
    if let Some(arn) = path.strip_prefix("tags/") {
        if let Some(members) = input.as_object_mut() {
            members.insert("resourceArn".to_owned(), decoded(arn).into());
        }
        let name = match method {
            "POST" => "TagResource",
            "DELETE" => "UntagResource",
            _ => "ListTagsForResource",
        };
        return (name.to_owned(), input);
    }
    let known = OPERATIONS
        .into_iter()
        .find(|known| method == "POST" && known.eq_ignore_ascii_case(path));
    (known.unwrap_or(operation).to_owned(), input)
}

/// Takes percent signs back. ARNs hold neither `+`, `&` nor `=`, which mean something in forms.
fn decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
