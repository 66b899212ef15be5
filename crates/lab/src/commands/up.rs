//! `chaos-lab up`: a lab that stays.

use std::sync::Arc;

use chaos_starter_pack::exit;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{log, print, tell};
use crate::cli::UpArgs;
use crate::error::Error;
use crate::lab::{GatewayPort, Lab};
use crate::visitors;

/// SIGINT and SIGTERM.
pub struct Stops {
    interrupt: Signal,
    terminate: Signal,
}

impl Stops {
    /// From now on both signals come here instead of ending the process.
    pub fn new() -> Result<Stops, Error> {
        let interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
        let terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
        Ok(Stops { interrupt, terminate })
    }

    /// Waits for the next one; true where it is SIGTERM.
    pub async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.interrupt.recv() => false,
            _ = self.terminate.recv() => true,
        }
    }
}

/// Starts a lab and keeps it.
pub async fn up(args: UpArgs) -> Result<u8, Error> {
    log::show(args.lab.verbose);
    let mut stops = Stops::new()?;
    let lab = Lab::start(&args.lab, GatewayPort::Only(args.port)).await?;
    let deployed = tokio::select! {
        deployed = lab.deploy(&args.lab, tell) => deployed,
        _ = stops.next() => {
            lab.stop().await;
            return Ok(exit::NOT_AS_HOPED);
        }
    };
    if let Err(error) = deployed {
        lab.stop().await;
        return Err(error);
    }
    let visits = tokio::spawn(visitors::visit(
        lab.web_url().await,
        args.visitors,
        Arc::default(),
    ));
    introduce(&lab).await;
    stops.next().await;
    visits.abort();
    tell("tearing down");
    lab.stop().await;
    Ok(exit::DONE)
}

/// What a person or a script needs to use the lab: lines that a shell understands.
async fn introduce(lab: &Lab) {
    print("# the lab is ready; in another terminal:");
    for (name, value) in lab.environment() {
        print(&format!("export {name}={value}"));
    }
    print(&format!("# application  {}", lab.web_url().await));
    print(&format!("# status page  {}", lab.status_page()));
    print(&format!("# files        {}", lab.logs().display()));
    print("# end it with Ctrl-C, or `chaos-lab down`");
}
