//! `chaos-lab run`: a lab for one experiment.

use std::os::unix::process::CommandExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use chaos_engine::host::Host;
use chaos_lab_processes::{LAB_ID, LAB_PARENT};
use chaos_starter_pack::conf::{Overrides, RunRequest};
use chaos_starter_pack::exit;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::up::Stops;
use super::{log, say, tell};
use crate::cli::{PORT, RunArgs};
use crate::error::Error;
use crate::lab::{GatewayPort, Lab};
use crate::{narrator, visitors};

/// Starts a lab, runs the experiment, tears down. The exit code is start-chaos's.
pub async fn run(args: RunArgs) -> Result<u8, Error> {
    log::show(args.lab.verbose);
    if let Err(fault) = check(&args) {
        say(&format!("error: {fault}"));
        return Ok(exit::USAGE);
    }
    let mut stops = Stops::new()?;
    let port = args.port.map_or(GatewayPort::Preferably(PORT), GatewayPort::Only);
    let lab = Lab::start(&args.lab, port).await?;
    let outcome = tokio::select! {
        deployed = lab.deploy(&args.lab, tell) => deployed.map(|()| true),
        _ = stops.next() => Ok(false),
    };
    let outcome = match outcome {
        Ok(true) => experiment(&lab, &args, &mut stops).await,
        Ok(false) => Ok(exit::NOT_AS_HOPED),
        Err(error) => Err(error),
    };
    tell("tearing down");
    lab.stop().await;
    outcome
}

/// What can be known to be wrong before a lab is started for it.
fn check(args: &RunArgs) -> Result<(), String> {
    let host = Host::current().map_err(|error| format!("the working folder cannot be told: {error}"))?;
    let request = RunRequest::load(&host, &args.conf, Some(&args.context), &Overrides::default());
    request.map(drop).map_err(|error| error.to_string())
}

/// Runs the experiment while visitors come and the narrator looks.
async fn experiment(lab: &Lab, args: &RunArgs, stops: &mut Stops) -> Result<u8, Error> {
    let met = Arc::default();
    let visits = tokio::spawn(visitors::visit(
        lab.web_url().await,
        args.visitors,
        Arc::clone(&met),
    ));
    let narration = tokio::spawn(narrator::narrate(lab.aws().clone(), met, |line| tell(&line)));
    let ended = runner(lab, args, stops).await;
    let tasks: [JoinHandle<()>; 2] = [visits, narration];
    tasks.iter().for_each(JoinHandle::abort);
    Ok(code(ended?))
}

/// Signals go on to the runner, which plays rollbacks.
async fn runner(lab: &Lab, args: &RunArgs, stops: &mut Stops) -> Result<ExitStatus, Error> {
    let mut child = start(lab, args)?;
    loop {
        tokio::select! {
            ended = child.wait() => return ended.map_err(Error::Runner),
            terminate = stops.next() => pass_on(&child, if terminate { Signal::TERM } else { Signal::INT }),
        }
    }
}

/// The runner has a process group of its own: a Ctrl-C of the terminal must reach it once, not twice.
fn start(lab: &Lab, args: &RunArgs) -> Result<Child, Error> {
    let program = std::env::current_exe().map_err(Error::Program)?;
    let mut command = std::process::Command::new(program);
    command
        .arg("start-chaos")
        .arg("--context")
        .arg(&args.context)
        .args(&args.options)
        .arg(&args.conf);
    command
        .envs(lab.environment())
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN");
    command
        .env(LAB_ID, lab.id())
        .env(LAB_PARENT, std::process::id().to_string());
    command.process_group(0).stdin(Stdio::null());
    Command::from(command).spawn().map_err(Error::Runner)
}

fn pass_on(child: &Child, signal: Signal) {
    let process = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(process) = process {
        // it may have ended meanwhile, which the next turn sees
        let _ = kill_process(process, signal);
    }
}

fn code(ended: ExitStatus) -> u8 {
    match ended.code() {
        Some(code) => u8::try_from(code).unwrap_or(exit::NOT_AS_HOPED),
        None => {
            tell(&format!(
                "the runner was killed ({ended}): the experiment has no result"
            ));
            exit::NOT_AS_HOPED
        }
    }
}
