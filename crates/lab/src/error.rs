//! What keeps a lab from working.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use chaos_lab_region::wire::ApiError;

/// Why a lab could not be started, found or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A port is taken.
    #[error(
        "{purpose} cannot listen on {address}: {source}; choose another port with {option}, or 0 for any free one"
    )]
    Port {
        purpose: &'static str,
        option: &'static str,
        address: SocketAddr,
        source: io::Error,
    },
    /// No loopback network is free, or this system has none besides 127.0.0.1.
    #[error(
        "no loopback network from 127.{first}.0.0/16 to 127.{last}.0.0/16 can be used: {source}; chaos-lab needs Linux, where all of 127.0.0.0/8 answers"
    )]
    Network { first: u8, last: u8, source: io::Error },
    /// The lab's folder cannot be made or used.
    #[error("the lab's folder {path} cannot be used: {source}")]
    Folder { path: PathBuf, source: io::Error },
    /// A folder that is not the lab's.
    #[error("{path} holds files that are not a lab's: name an empty folder, or one that does not exist")]
    NotOurs { path: PathBuf },
    /// The policy to enforce.
    #[error(transparent)]
    Policy(#[from] chaos_lab_plain::PolicyError),
    /// The lab's own child processes.
    #[error(transparent)]
    Process(#[from] chaos_lab_processes::Error),
    /// The program's own path is not known.
    #[error("the lab cannot find its own program: {0}")]
    Program(io::Error),
    /// A resource of the live deployment could not be made.
    #[error("the lab could not make {what}: {source}")]
    Seed { what: String, source: ApiError },
    /// The deployment did not come up.
    #[error("the lab did not become ready: {missing}; the logs of its tasks are in {logs}")]
    NotReady { missing: String, logs: PathBuf },
    /// The status page, the Toxiproxy or the gateway could not be served.
    #[error("{purpose} cannot be served: {source}")]
    Serve {
        purpose: &'static str,
        source: io::Error,
    },
    /// No lab is running.
    #[error("no lab is running{}; start one with `chaos-lab up`", port.map(|port| format!(" on port {port}")).unwrap_or_default())]
    NoLab { port: Option<u16> },
    /// Several labs are running.
    #[error("several labs are running, on ports {ports}: choose one with --port")]
    SeveralLabs { ports: String },
    /// A lab that runs does not answer.
    #[error("the lab (process {process}) does not answer: {reason}")]
    Silent { process: u32, reason: String },
    /// The experiment could not be started.
    #[error("the experiment could not be started: {0}")]
    Runner(io::Error),
    /// No signals can be received.
    #[error("the lab cannot receive signals: {0}")]
    Signals(io::Error),
    /// The runtime could not be started.
    #[error("the lab's runtime could not be started: {0}")]
    Runtime(io::Error),
}
