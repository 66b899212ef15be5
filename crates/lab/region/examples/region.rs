//! A region without resources and without plain-state services, to try a service by itself:
//! `cargo run -p chaos-lab-region --example region -- 4599 PROGRAM`
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::sync::Arc;

use chaos_lab_database::Engine;
use chaos_lab_processes::Spawner;
use chaos_lab_region::gateway::{Fallback, serve};
use chaos_lab_region::network::Network;
use chaos_lab_region::pace::Pace;
use chaos_lab_region::wire::{ApiError, Call, RawRequest, RawResponse};
use chaos_lab_region::{Later, Region, Settings, Topics};

struct Nothing;

impl Fallback for Nothing {
    fn permits<'a>(&'a self, _call: &'a Call) -> Later<'a, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }

    fn answer<'a>(&'a self, _service: &'a str, _request: RawRequest) -> Later<'a, Option<RawResponse>> {
        Box::pin(async { None })
    }
}

impl Topics for Nothing {
    fn publish<'a>(
        &'a self,
        topic_arn: &'a str,
        subject: &'a str,
        message: &'a str,
    ) -> Later<'a, Result<(), ApiError>> {
        println!("to {topic_arn}: {subject}: {message}");
        Box::pin(async { Ok(()) })
    }
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let port: u16 = args.next().unwrap_or_default().parse().unwrap_or(4599);
    let program = args
        .next()
        .map_or_else(|| std::env::current_exe().unwrap(), Into::into);
    let folder = std::env::temp_dir().join(format!("chaos-lab-region-{port}"));
    std::fs::create_dir_all(&folder).unwrap();
    let settings = Settings {
        name: "us-east-1".to_owned(),
        account: "123456789012".to_owned(),
        pace: Pace::new(10.0),
        network: Network::new((port % 100) as u8 + 100),
        folder,
        program,
        database: Engine::choose(),
        endpoint: format!("http://127.0.0.1:{port}"),
    };
    let region = Region::new(settings, Spawner::new(&format!("example-{port}")));
    region.start(Arc::new(Nothing));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    println!("http://127.0.0.1:{port}");
    serve(listener, region, Arc::new(Nothing)).await;
}
