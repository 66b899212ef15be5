//! The log of a call, and what a person at a terminal sees beside it.

use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

use chaos_engine::host::Host;
use chaos_engine::run::event::Observer;
use chaos_engine::value::Map;

use crate::cli::command::{Globals, LogFormat};
use crate::cli::load::Display;
use crate::cli::log::{self, LogError, LogOptions, Scrubber};
use crate::cli::narrator::Narrator;
use crate::cli::progress::{Progress, Screen};

/// Where a run is told.
pub struct Terminal {
    progress: Option<Rc<Progress>>,
}

/// Opens the log file and the console. Only a terminal that is no dumb one gets a live line.
///
/// # Errors
/// When the log file cannot be written.
pub fn open(globals: &Globals, host: &Host, scrubber: Scrubber) -> Result<Terminal, LogError> {
    let file = match &globals.log_file {
        Some(path) => Some((log::open_file(path, &host.cwd)?, globals.log_file_level)),
        None => None,
    };
    let is_terminal = io::stderr().is_terminal();
    let live = is_terminal && globals.log_format == LogFormat::String && host.var("TERM") != Some("dumb");
    let colour = log::wants_colour(is_terminal, host.var("NO_COLOR"), host.var("TERM"));
    let screen = Screen::default();
    let console: Box<dyn Write + Send> = if live {
        Box::new(screen.writer())
    } else {
        Box::new(io::stderr())
    };
    log::install(LogOptions {
        file,
        console,
        format: globals.log_format,
        verbose: globals.verbose,
        colour,
        context_id: log::context_id(),
        scrubber,
    })?;
    Ok(Terminal {
        progress: live.then(|| Rc::new(Progress::new(screen, colour))),
    })
}

impl Terminal {
    /// Those who hear of a run's events.
    pub fn observers(&self) -> Vec<Rc<dyn Observer>> {
        let mut observers: Vec<Rc<dyn Observer>> = vec![Rc::new(Narrator)];
        observers.extend(self.progress.clone().map(|progress| progress as Rc<dyn Observer>));
        observers
    }

    /// How a load is watched.
    pub fn load_display(&self, quiet: bool, host: &Host) -> Display {
        Display {
            screen: self
                .progress
                .as_ref()
                .filter(|_| !quiet)
                .map(|progress| progress.screen()),
            colour: log::wants_colour(io::stdout().is_terminal(), host.var("NO_COLOR"), host.var("TERM")),
        }
    }

    /// The table of what was done, on a terminal only.
    pub fn show_summary(&self, journal: &Map) {
        if let Some(progress) = &self.progress {
            // nobody reads it if this fails
            let _ = io::stderr().write_all(progress.summary(journal).as_bytes());
        }
    }
}
