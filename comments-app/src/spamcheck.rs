//! comments-spamcheck: tells spam from other texts.

mod features;
mod model;
mod routes;

use std::path::PathBuf;

use crate::metrics::Metrics;
use crate::server::{ServeError, serve};
use crate::settings::{Environment, Listen, SettingError};

pub use features::features;
pub use model::{Model, ModelError};

/// The settings of spamcheck; README.md says what each is for.
pub struct Settings {
    listen: Listen,
    /// A model file, or a folder with one.
    pub(crate) models_location: Option<PathBuf>,
}

impl Settings {
    /// From the environment.
    pub(crate) fn read(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            listen: environment.listen(8000)?,
            models_location: environment.text("MODELS_LOCATION")?.map(PathBuf::from),
        })
    }
}

/// Serves until told to stop.
pub(crate) async fn run(settings: Settings, model: Model) -> Result<(), ServeError> {
    let metrics = Metrics::new()?;
    let texts = metrics.counter("spamcheck_texts_total", "Texts that were judged", "verdict")?;
    let routes = routes::routes(&settings.listen.base, model, texts);
    serve(&settings.listen, routes, metrics).await
}
