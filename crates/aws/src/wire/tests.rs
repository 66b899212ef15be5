//! Against botocore's own parsers, and against bytes that no service sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chaos_engine::value::{Value, json};
use proptest::prelude::*;

use super::{Problem, RawAnswer, decode};

/// Made by `testdata/answers.py`: one answer a line, with what botocore makes of it.
const ANSWERS: &str = include_str!("../../testdata/answers.jsonl");

fn answers() -> Vec<Value> {
    let other = std::env::var("CHAOS_AWS_ANSWERS").map(|path| std::fs::read_to_string(path).unwrap());
    let lines = other.as_deref().unwrap_or(ANSWERS).lines();
    lines.map(|line| json::parse(line).unwrap()).collect()
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case.get(name).and_then(Value::as_str).unwrap()
}

fn number(case: &Value, name: &str) -> u16 {
    crate::answer::int(case, &[name]).unwrap().try_into().unwrap()
}

fn raw(case: &Value) -> RawAnswer {
    let header = |pair: &Value| {
        let pair = pair.as_list().unwrap();
        let part = |index: usize| pair[index].as_str().unwrap().to_owned();
        (part(0), part(1))
    };
    let body = match case.get("base64") {
        Some(coded) => STANDARD.decode(coded.as_str().unwrap()).unwrap(),
        None => text(case, "body").as_bytes().to_vec(),
    };
    RawAnswer {
        status: number(case, "status"),
        headers: crate::answer::list(case, "headers").iter().map(header).collect(),
        body: body.into(),
        retries: number(case, "retries").into(),
    }
}

fn answered(body: impl Into<Vec<u8>>) -> RawAnswer {
    RawAnswer {
        status: 200,
        body: body.into().into(),
        ..RawAnswer::default()
    }
}

fn problem(service: &str, operation: &str, raw: &RawAnswer) -> Problem {
    decode(service, operation, raw).unwrap_err().problem
}

#[test]
fn every_operation_reads_as_by_botocore() {
    for case in answers() {
        let found = decode(text(&case, "serviceId"), text(&case, "operation"), &raw(&case)).unwrap();
        let expected = case.get("expected").unwrap();
        assert_eq!(
            json::pretty(&found),
            json::pretty(expected),
            "{}",
            json::compact(&case)
        );
    }
}

#[test]
fn the_protocol_of_the_answer_makes_no_difference() {
    let xml = "<GetMetricStatisticsResponse><GetMetricStatisticsResult><Label>CPU</Label><Datapoints><member>\
        <Timestamp>2026-11-21T10:00:00Z</Timestamp><Sum>5.0</Sum></member></Datapoints></GetMetricStatisticsResult>\
        </GetMetricStatisticsResponse>";
    let json = r#"{"Label":"CPU","Datapoints":[{"Timestamp":1795255200,"Sum":5.0}]}"#;
    // the same map, its lists of unknown length, a float of half precision
    let cbor = b"\xbfeLabelcCPUjDatapoints\x9f\xa2iTimestamp\xc1\x1a\x6b\x01\x6b\xa0cSum\xf9\x45\x00\xff\xff";
    let decoded = |body: &[u8]| decode("cloudwatch", "GetMetricStatistics", &answered(body)).unwrap();
    assert_eq!(decoded(xml.as_bytes()), decoded(json.as_bytes()));
    assert_eq!(decoded(cbor), decoded(json.as_bytes()));
}

#[test]
fn a_byte_order_mark_and_a_repeated_list_are_no_hindrance() {
    let body = "\u{feff} <GetBucketVersioningResult><Status>Enabled</Status><MfaDelete/></GetBucketVersioningResult>";
    let found = decode("S3", "GetBucketVersioning", &answered(body)).unwrap();
    assert_eq!(found.get("Status"), Some(&"Enabled".into()));
    assert_eq!(found.get("MFADelete"), Some(&"".into()));
    let body = "<R><instancesSet><item/></instancesSet><instancesSet/></R>";
    let found = decode("EC2", "StopInstances", &answered(body)).unwrap();
    assert_eq!(crate::answer::list(&found, "StoppingInstances").len(), 2);
}

#[test]
fn an_operation_without_description_names_the_way_out() {
    let error = decode("EC2", "RunInstances", &answered("")).unwrap_err();
    assert_eq!(error.problem, Problem::Unknown);
    assert!(error.to_string().contains("EC2 RunInstances"));
    assert!(error.to_string().contains("crates/aws/shapes/extract.py"));
    assert_eq!(problem("Braket", "GetDevice", &answered("")), Problem::Unknown);
}

#[test]
fn what_is_no_answer_is_told_and_not_shown() {
    let refused = RawAnswer {
        status: 503,
        ..answered("{}")
    };
    assert_eq!(problem("ECS", "StopTask", &refused), Problem::Status(503));
    let page = problem("ECS", "StopTask", &answered("<html>sign in first"));
    assert!(matches!(page, Problem::Body { format: "XML", .. }), "{page:?}");
    let mute = problem("ECS", "StopTask", &answered("sign in first"));
    assert!(matches!(mute, Problem::Body { .. }), "{mute:?}");

    let odd = "<R><reservationSet><item><instancesSet><item><amiLaunchIndex>secret</amiLaunchIndex></item>\
        </instancesSet></item></reservationSet></R>";
    let error = decode("EC2", "DescribeInstances", &answered(odd))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Reservations.Instances.AmiLaunchIndex is not a whole number"),
        "{error}"
    );
    assert!(!error.contains("secret"));
    let shown = format!("{:?}", answered(odd));
    assert!(
        shown.contains("status: 200") && !shown.contains("secret"),
        "{shown}"
    );
}

#[test]
fn what_nests_without_end_is_refused() {
    let many = 100_000;
    let json = format!("{{\"Item\":{}", "{\"M\":{\"a\":".repeat(many));
    assert!(decode("DynamoDB", "GetItem", &answered(json)).is_err());
    let json = format!(
        "{{\"Item\":{{\"a\":{}{}}}}}",
        "{\"L\":[".repeat(many),
        "]}".repeat(many)
    );
    assert!(decode("DynamoDB", "GetItem", &answered(json)).is_err());
    assert!(decode("DynamoDB", "GetItem", &answered(b"\xa1aa".repeat(many))).is_err());
    let xml = format!("{}{}", "<Item>".repeat(many), "</Item>".repeat(many));
    // nothing that the model knows is in there, or it is too deep: either is well, as long as it ends
    let _ = decode("DynamoDB", "GetItem", &answered(xml));
    let inside = format!("{}{}", "<L><member>".repeat(many), "</member></L>".repeat(many));
    let xml = format!("<R><Item><e><key>k</key><value>{inside}</value></e></Item></R>");
    assert!(decode("DynamoDB", "GetItem", &answered(xml)).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(start in "[<{\u{a1}\u{bf}]?", body: Vec<u8>, content_type in "|cbor|json|xml") {
        let mut bytes = start.chars().map(|c| u8::try_from(c as u32).unwrap_or_default()).collect::<Vec<u8>>();
        bytes.extend(body);
        let raw = RawAnswer { headers: vec![("content-type".into(), content_type)], ..answered(bytes) };
        for (service, operation) in [("EC2", "DescribeInstances"), ("Lambda", "Invoke"), ("CloudWatch", "DescribeAlarms")] {
            let _ = decode(service, operation, &raw);
        }
    }

    #[test]
    fn no_damage_to_an_answer_makes_it_panic(which: prop::sample::Index, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut: prop::sample::Index) {
        let cases = answers();
        let case = which.get(&cases);
        let mut raw = raw(case);
        let mut body = raw.body.to_vec();
        for (place, byte) in damage {
            if !body.is_empty() {
                let place = place.index(body.len());
                body[place] = byte;
            }
        }
        if cut.index(3) == 0 {
            body.truncate(cut.index(body.len() + 1));
        }
        raw.body = body.into();
        let _ = decode(text(case, "serviceId"), text(case, "operation"), &raw);
    }
}
