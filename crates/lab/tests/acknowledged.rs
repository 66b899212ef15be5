//! A comment that the application took is never lost, whatever fails.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Lab, started_by, wait_until};
use serde_json::{Value, json};

const WRITERS: usize = 8;

/// One request on a connection of its own: status and body, or nothing where no whole answer came.
fn request(web: &str, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
    let address = web.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let start = answer.find(['{', '['])?;
    let end = answer.rfind(['}', ']'])?;
    Some((status, serde_json::from_str(&answer[start..=end]).ok()?))
}

/// Writes comments until it is told to stop; gives the ids of those that were taken.
fn write(web: &str, writer: usize, stop: &AtomicBool) -> Vec<u64> {
    let mut taken = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let comment = json!({ "content": format!("Thank you for article {number}, it helped me a lot"), "user": 1, "post": 1, "replyTo": null });
        if let Some((200, answer)) = request(web, "POST", "/comments/", Some(&comment)) {
            taken.push(
                answer["id"]
                    .as_u64()
                    .unwrap_or_else(|| panic!("writer {writer} got {answer}")),
            );
        }
    }
    taken
}

/// What is done to the application while comments are written, with the AWS API as a client has it.
fn harm(lab: &Lab) {
    for round in 0..3 {
        for pid in api_tasks(lab).into_iter().take(1 + round % 2) {
            common::signal(pid, rustix::process::Signal::KILL);
        }
        std::thread::sleep(Duration::from_secs(1));
        aws(
            lab,
            "rds",
            "Action=RebootDBInstance&Version=2014-10-31&DBInstanceIdentifier=live-chaos-comments-db",
        );
        wait_until("the database to be available", || {
            let found = aws(lab, "rds", "Action=DescribeDBInstances&Version=2014-10-31");
            found.contains("<DBInstanceStatus>available<")
        });
        std::thread::sleep(Duration::from_secs(2));
    }
}

fn api_tasks(lab: &Lab) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let ours = |pid: u32| {
        std::fs::read_to_string(format!("/proc/{pid}/status"))
            .is_ok_and(|status| status.contains(&format!("PPid:\t{}\n", lab.pid())))
    };
    let api = |pid: u32| {
        std::fs::read_to_string(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|command| command.contains("comments-app\0api"))
    };
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| ours(*pid) && api(*pid))
        .collect()
}

/// A request of a query protocol.
fn aws(lab: &Lab, service: &str, form: &str) -> String {
    let address = lab.exports["AWS_ENDPOINT_URL"]
        .trim_start_matches("http://")
        .to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\
         content-length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn no_acknowledged_comment_is_lost(database: &str) {
    let lab = Lab::up(&["--database", database]);
    assert!(!started_by(lab.pid()).is_empty());
    let web = lab.web.clone();
    request(
        &web,
        "POST",
        "/users/",
        Some(&json!({ "id": 1, "handle": "@one", "username": "one" })),
    )
    .unwrap();
    request(
        &web,
        "POST",
        "/posts/",
        Some(&json!({ "id": 1, "url": "https://one.example", "title": "One" })),
    )
    .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (web, stop) = (web.clone(), stop.clone());
            std::thread::spawn(move || write(&web, writer, &stop))
        })
        .collect();
    harm(&lab);
    stop.store(true, Ordering::Relaxed);
    let taken: Vec<u64> = writers
        .into_iter()
        .flat_map(|writer| writer.join().unwrap())
        .collect();
    wait_until("the application to serve again", || {
        request(&web, "GET", "/users", None).is_some_and(|(status, _)| status == 200)
    });
    assert!(taken.len() > 50, "only {} comments were taken", taken.len());
    let lost: Vec<u64> = taken.into_iter().filter(|id| !is_there(&web, *id)).collect();
    assert_eq!(lost, Vec::<u64>::new());
    assert_eq!(lab.down(), Some(0));
}

/// The last tasks may still be on their way back: only an answer counts.
fn is_there(web: &str, id: u64) -> bool {
    let mut status = None;
    wait_until("an answer about a comment", || {
        status = request(web, "GET", &format!("/comments/{id}"), None).map(|(status, _)| status);
        matches!(status, Some(200 | 404))
    });
    status == Some(200)
}

#[test]
fn no_acknowledged_comment_is_lost_on_the_embedded_database() {
    let _alone = common::alone();
    no_acknowledged_comment_is_lost("embedded");
}

#[test]
fn no_acknowledged_comment_is_lost_on_mariadb_where_it_is_installed() {
    let _alone = common::alone();
    match chaos_lab_database::Engine::choose() {
        chaos_lab_database::Engine::MariaDb => no_acknowledged_comment_is_lost("mariadb"),
        chaos_lab_database::Engine::Embedded => println!("skipped: mariadbd is not installed"),
    }
}
