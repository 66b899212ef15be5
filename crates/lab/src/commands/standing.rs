//! `chaos-lab status` and `chaos-lab down`: about a lab that runs.

use std::fmt::Write as _;
use std::time::Duration;

use chaos_starter_pack::exit;

use super::{print, tell};
use crate::cli::Which;
use crate::error::Error;
use crate::registry::{self, Entry};
use crate::view::View;
use crate::visitors::Visitor;

/// How long a lab may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows what a lab runs.
pub async fn status(which: Which, json: bool) -> Result<u8, Error> {
    let entry = registry::find(which.port)?;
    let silent = |reason: String| Error::Silent {
        process: entry.process,
        reason,
    };
    let page = Visitor::new(&format!("http://127.0.0.1:{}", entry.status_port));
    let body = page
        .read("/status.json")
        .await
        .ok_or_else(|| silent("no answer from its status page".to_owned()))?;
    let view: View = serde_json::from_slice(&body).map_err(|error| silent(error.to_string()))?;
    print(
        if json {
            String::from_utf8_lossy(&body).into_owned()
        } else {
            shown(&entry, &view)
        }
        .trim_end(),
    );
    Ok(exit::DONE)
}

/// Ends a lab.
pub async fn down(which: Which) -> Result<u8, Error> {
    let entry = registry::find(which.port)?;
    entry.terminate();
    let ended = async {
        while entry.lives() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, ended).await.is_err() {
        return Err(Error::Silent {
            process: entry.process,
            reason: format!("it did not end in {} s", PATIENCE.as_secs()),
        });
    }
    tell(&format!("the lab on port {} has ended", entry.port));
    Ok(exit::DONE)
}

fn shown(entry: &Entry, view: &View) -> String {
    let mut out = format!(
        "endpoint http://127.0.0.1:{}   status page http://127.0.0.1:{}\n",
        entry.port, entry.status_port
    );
    for service in &view.services {
        let healthy = service.healthy();
        let _ = writeln!(
            out,
            "service   {:<28} {} of {} tasks run, {healthy} healthy",
            service.name, service.running, service.desired
        );
    }
    for balancer in &view.balancers {
        let _ = writeln!(
            out,
            "balancer  {:<28} {} requests, {} failed, {:.1} ms in the last 5 s",
            balancer.name, balancer.requests, balancer.failed, balancer.latency_ms
        );
    }
    for database in &view.databases {
        let _ = writeln!(out, "database  {:<28} {}", database.name, database.status);
    }
    for instance in &view.instances {
        let _ = writeln!(
            out,
            "instance  {:<28} {} in {}",
            instance.id, instance.state, instance.zone
        );
    }
    for alarm in &view.alarms {
        let _ = writeln!(out, "alarm     {:<58} {}", alarm.name, alarm.state);
    }
    out
}
