//! What all that happens in one call of a binary shares.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};

use chaos_engine::activity::Catalogue;
use chaos_engine::document::variables::{self, Overrides};
use chaos_engine::host::Host;
use chaos_engine::journal::{Ended, Masking};
use chaos_engine::provider::bridge::{Bridge, ExitRequest, FromWorker};
use chaos_engine::run::Ports;
use chaos_engine::run::event::Observer;
use chaos_engine::run::stop::{Cause, StopSwitch};
use chaos_engine::settings;
use chaos_engine::validate::Validator;
use chaos_engine::value::{Map, Value};
use tokio::sync::mpsc::UnboundedReceiver;
use tracing::{debug, error, info, warn};

use super::{LaunchError, journal_file, signals};
use crate::cli::log::{Scrubber, forward};

/// How long Python may take to end in order.
const PYTHON_TO_END: std::time::Duration = std::time::Duration::from_secs(2);

/// Host, catalogue, bridge and switch of one call of a binary.
pub struct Session {
    /// Environment and working folder.
    pub host: Rc<RefCell<Host>>,
    /// The native activities.
    pub catalogue: Rc<Catalogue>,
    /// For Python modules; started when the first is needed.
    pub bridge: Bridge,
    /// Where a stop is asked for.
    pub stop: Rc<StopSwitch>,
    /// Learns of secrets, so that no log line shows them.
    pub scrubber: Scrubber,
    settings_path: PathBuf,
    settings: RefCell<Map>,
    masks_journals: bool,
    checks_aws: bool,
    annotations: Map,
    watch: RefCell<Weak<signals::Watch>>,
    leave: fn() -> !,
}

impl Session {
    /// A session with the settings of that file. `leave` ends the process, for a user who will not wait.
    /// Must be called inside a `LocalSet`.
    pub fn new(host: Host, settings_path: &Path, scrubber: Scrubber, leave: fn() -> !) -> Self {
        let host = Rc::new(RefCell::new(host));
        let (bridge, messages) = Bridge::new(Rc::clone(&host));
        let stop = Rc::new(StopSwitch::default());
        tokio::task::spawn_local(listen(messages, Rc::clone(&stop)));
        let settings = RefCell::new(load_settings(settings_path));
        let catalogue = Rc::new(crate::catalogue());
        Self {
            host,
            catalogue,
            bridge,
            stop,
            scrubber,
            settings_path: settings_path.to_owned(),
            settings,
            masks_journals: false,
            checks_aws: false,
            annotations: Map::new(),
            watch: RefCell::default(),
            leave,
        }
    }

    /// The same, but journals show no secret, even where an activity returned one: they leave the machine.
    /// `chaos` keeps them as they are, as the Chaos Toolkit does.
    #[must_use]
    pub fn masking_journals(mut self) -> Self {
        self.masks_journals = true;
        self
    }

    /// The same, but an experiment that needs AWS is not begun where AWS cannot be spoken to. With `chaos` its
    /// activities fail then, as with the Chaos Toolkit.
    #[must_use]
    pub fn checking_aws(mut self) -> Self {
        self.checks_aws = true;
        self
    }

    /// The same, and its journals say this besides.
    #[must_use]
    pub fn annotating(mut self, annotations: Map) -> Self {
        self.annotations = annotations;
        self
    }

    pub(super) fn annotations(&self) -> &Map {
        &self.annotations
    }

    pub(super) fn checks_aws(&self) -> bool {
        self.checks_aws
    }

    /// Writes a journal as it may be shown.
    pub(super) fn write_journal(&self, path: &Path, journal: &Ended) -> std::io::Result<()> {
        let mask = |value| self.scrubber.scrub_value(value);
        journal_file::write(path, journal, self.masks_journals.then_some(&mask as Masking<'_>))
    }

    /// A summary of a journal as it may be shown.
    pub(super) fn masked(&self, summary: Map) -> Map {
        match self
            .masks_journals
            .then(|| self.scrubber.scrub_value(summary.clone().into()))
        {
            Some(Value::Map(masked)) => masked,
            _ => summary,
        }
    }

    /// Goes on with the settings of a dead run, unless others were asked for.
    pub fn adopt_settings(&self, path: &Path) {
        let is_default = self.settings_path == settings::default_path(&self.host.borrow());
        if is_default && path.is_file() {
            self.settings.replace(load_settings(path));
        }
    }

    /// The settings file, whether it exists or not.
    pub fn settings_path(&self) -> &Path {
        &self.settings_path
    }

    /// The settings; empty without a file.
    pub fn settings(&self) -> Map {
        self.settings.borrow().clone()
    }

    /// What a run is connected to.
    pub fn ports(&self, observers: Vec<Rc<dyn Observer>>) -> Ports {
        Ports {
            host: Rc::clone(&self.host),
            catalogue: Rc::clone(&self.catalogue),
            observers,
            bridge: self.bridge.clone(),
            stop: Rc::clone(&self.stop),
            clock: chrono::Utc::now,
        }
    }

    /// Lets Python end in order.
    pub async fn close(&self) {
        self.bridge.close(PYTHON_TO_END).await;
    }

    /// Turns signals into stops for as long as the result, or another of this session, is kept.
    pub fn watch_signals(&self) -> Rc<signals::Watch> {
        // two watches would count each signal twice
        let present = self.watch.borrow().upgrade();
        present.unwrap_or_else(|| {
            let watch = Rc::new(signals::watch(Rc::clone(&self.stop), self.leave));
            self.watch.replace(Rc::downgrade(&watch));
            watch
        })
    }

    /// Did a signal come for a run that has not begun? Where nobody watches signals that early, they end the process.
    pub(super) fn stopped_early(&self) -> bool {
        self.watch.borrow().strong_count() > 0 && self.stop.signals() > 0
    }

    /// Reads variable files and merges them with variables; what files say of the environment holds from here on.
    ///
    /// # Errors
    /// When a file cannot be read or does not hold what it should.
    pub fn read_variables(
        &self,
        files: &[PathBuf],
        vars: &[(String, Value)],
    ) -> Result<Overrides, LaunchError> {
        let files: Vec<PathBuf> = files
            .iter()
            .map(|file| self.host.borrow().resolve(file))
            .collect();
        let (overrides, warnings) = variables::read_var_files(&files, vars)?;
        for warning in warnings {
            error!("{warning}");
        }
        let mut host = self.host.borrow_mut();
        for (name, value) in &overrides.environment {
            host.set_var(name, value);
        }
        Ok(overrides)
    }

    /// Validates the document that came from `source`, and logs what it advises.
    ///
    /// # Errors
    /// The first fault.
    pub async fn validate(&self, source: &str, document: &Value) -> Result<(), LaunchError> {
        info!("Validating the experiment's syntax");
        let validator = Validator {
            catalogue: Rc::clone(&self.catalogue),
            bridge: self.bridge.clone(),
            host: Rc::clone(&self.host),
        };
        let advised = validator.validate(document).await;
        let advised = advised.map_err(|invalid| LaunchError::Invalid {
            from: source.to_owned(),
            invalid,
        })?;
        for advice in advised {
            warn!("{}: {}", advice.at, advice.message);
        }
        info!("Experiment looks valid");
        Ok(())
    }
}

/// Settings that do not parse are said and ignored, as in the Chaos Toolkit.
fn load_settings(path: &Path) -> Map {
    match settings::load(path) {
        Ok(Some(settings)) => settings,
        Ok(None) => {
            debug!("There is no settings file {}", path.display());
            Map::new()
        }
        Err(error) => {
            error!("The settings are ignored: {error}");
            Map::new()
        }
    }
}

/// What Python code says by itself: log records, and the wish to leave.
async fn listen(mut messages: UnboundedReceiver<FromWorker>, stop: Rc<StopSwitch>) {
    while let Some(message) = messages.recv().await {
        match message {
            FromWorker::Log(record) => forward(&record),
            FromWorker::Exit(ExitRequest::Graceful) => stop.ask(Cause::Leave),
            FromWorker::Exit(ExitRequest::Ungraceful) => stop.ask(Cause::Abandon),
            FromWorker::Exit(ExitRequest::Terminate) => stop.ask(Cause::Terminate),
        }
    }
}
