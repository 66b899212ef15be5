//! comments-api: users, posts and threaded comments.

mod cursor;
mod database;
mod datasource;
mod identity;
mod input;
mod migrations;
mod routes;
mod spam;
mod statements;
mod store;
mod things;

use std::time::Duration;

use sqlx::mysql::MySqlConnectOptions;
use tracing::info;

use crate::metrics::Metrics;
use crate::server::{ServeError, serve};
use crate::settings::{Environment, Listen, SettingError};
use crate::upstream::{Address, Upstream};
use database::Database;
use spam::{Fallback, SpamCheck};
use store::Store;

/// The settings of the api; README.md says what each is for.
pub struct Settings {
    listen: Listen,
    datasource: MySqlConnectOptions,
    database_timeout: Duration,
    pool_size: u32,
    spamcheck: Option<Address>,
    spamcheck_timeout: Duration,
    fallback: Fallback,
}

impl Settings {
    /// From the environment.
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            listen: environment.listen(8080)?,
            datasource: datasource::read(environment)?,
            database_timeout: environment.milliseconds("DATABASE_TIMEOUT_MS", 2_000)?,
            pool_size: environment.number("DATABASE_POOL_SIZE", 5, (1, 1000), "a number from 1 to 1000")?,
            spamcheck: environment.address("APPLICATION_SPAMCHECK_URL")?,
            spamcheck_timeout: environment.milliseconds("SPAMCHECK_TIMEOUT_MS", 30_000)?,
            fallback: environment.parsed("SPAMCHECK_FALLBACK", Fallback::Refuse, "accept or refuse")?,
        })
    }
}

/// What the handlers share.
#[derive(Clone)]
struct Api {
    store: Store,
    spam: SpamCheck,
}

/// Serves until told to stop. The schema is made in the background, as soon as the database answers.
pub async fn run(settings: Settings) -> Result<(), ServeError> {
    let metrics = Metrics::new()?;
    let database = Database::new(
        settings.datasource,
        settings.pool_size,
        settings.database_timeout,
        &metrics,
    )?;
    let upstream = settings
        .spamcheck
        .map(|address| Upstream::new(address, settings.spamcheck_timeout));
    if upstream.is_none() {
        info!("APPLICATION_SPAMCHECK_URL is not set: comments are taken unchecked");
    }
    let spam = SpamCheck::new(upstream, settings.fallback, &metrics)?;
    tokio::spawn(migrations::run(database.clone()));
    let store = Store::new(database);
    let routes = routes::routes(&settings.listen.base, Api { store, spam });
    serve(&settings.listen, routes, metrics).await
}
