//! A container of a task: a process of the lab's own program.

use std::time::Duration;

use chaos_lab_processes::Child;

use super::super::definition::ContainerSpec;
use super::super::scheduler::Place;
use crate::name;

/// The process of a container.
#[derive(Debug)]
pub enum Process {
    NotYet,
    /// Being started.
    Starting,
    Running(Child),
    /// It ended, or was never started and never will be.
    Ended,
}

#[derive(Debug)]
pub struct Container {
    pub id: String,
    pub runtime: String,
    pub name: String,
    pub image: String,
    pub essential: bool,
    /// Container ports, and the ports on the task's address.
    pub ports: Vec<(u16, u16)>,
    /// Seconds of AWS's from SIGTERM to SIGKILL.
    pub stop_timeout: f64,
    pub process: Process,
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
    /// CPU time at the last measurement.
    pub cpu: Duration,
}

impl Container {
    pub fn new(spec: &ContainerSpec, place: &Place) -> Container {
        // without an address of its own a task gets ports of its host, as with dynamic port mapping
        let port = |(inside, host): &(u16, u16)| match *host {
            0 if !place.own_address => (*inside, fastrand::u16(32768..=60999)),
            0 => (*inside, *inside),
            host => (*inside, host),
        };
        Container {
            id: name::uuid(),
            runtime: format!("{}-{}", name::hex(32), fastrand::u32(1_000_000_000..)),
            name: spec.name.clone(),
            image: spec.image.clone(),
            essential: spec.essential,
            ports: spec.ports.iter().map(port).collect(),
            stop_timeout: spec.stop_timeout,
            process: Process::NotYet,
            exit_code: None,
            reason: None,
            cpu: Duration::ZERO,
        }
    }

    pub fn status(&self) -> &'static str {
        match self.process {
            Process::NotYet | Process::Starting => "PENDING",
            Process::Running(_) => "RUNNING",
            Process::Ended => "STOPPED",
        }
    }

    /// Notices the process's end.
    pub fn look(&mut self) {
        let Process::Running(child) = &self.process else {
            return;
        };
        if let Some(exit) = child.exit() {
            // as container runtimes tell of signals
            self.exit_code = exit.code.or(exit.signal.map(|signal| 128 + signal));
            if exit.signal == Some(9) && self.reason.is_none() {
                self.reason = Some("Killed (SIGKILL)".to_owned());
            }
            self.process = Process::Ended;
        }
    }

    pub fn child(&self) -> Option<&Child> {
        match &self.process {
            Process::Running(child) => Some(child),
            _ => None,
        }
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.process, Process::Ended)
    }
}
