//! The database server behind an instance or a cluster.

use std::net::SocketAddr;
use std::sync::Arc;

use chaos_lab_database::{Database, Engine, Error, Settings};
use chaos_lab_processes::guard_command;
use tokio::sync::Mutex;

use super::names::Login;
use crate::Region;

/// The schema of servers that were created without one; RDS makes none, but a server of the lab has exactly one.
const NO_SCHEMA: &str = "main";

/// A real database server, up or down. Clones are the same server. What is done to it happens one after the other.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    engine: Engine,
    settings: Settings,
    database: Mutex<Option<Database>>,
}

impl Server {
    /// A server that does not run yet, with a folder after the resource's identifier.
    pub fn new(region: &Region, id: &str, address: SocketAddr, login: &Login) -> Server {
        let settings = Settings {
            folder: region.settings().folder.join("rds").join(id),
            address,
            schema: login.schema.clone().unwrap_or_else(|| NO_SCHEMA.to_owned()),
            user: login.user.clone(),
            password: login.password.clone(),
            guard: guard_command(&region.settings().program, region.spawner.lab_id()),
        };
        Server(Arc::new(Inner {
            engine: region.settings().database,
            settings,
            database: Mutex::default(),
        }))
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.0.settings.address
    }

    /// Makes it take connections.
    ///
    /// # Errors
    /// It cannot start; the error says why.
    pub async fn up(&self) -> Result<(), Error> {
        let mut database = self.0.database.lock().await;
        match database.as_ref() {
            Some(database) => database.resume().await,
            None => {
                *database = Some(Database::start(self.0.engine, self.0.settings.clone()).await?);
                Ok(())
            }
        }
    }

    /// Cuts every connection, as a failure does; nothing listens afterwards.
    pub async fn cut(&self) {
        if let Some(database) = self.0.database.lock().await.as_ref()
            && let Err(error) = database.crash().await
        {
            tracing::error!(%error, "a database server could not be cut");
        }
    }

    /// Ends it cleanly.
    pub async fn down(&self) {
        if let Some(database) = self.0.database.lock().await.as_ref() {
            database.shut_down().await;
        }
    }

    /// Ends it and deletes its data.
    pub async fn remove(&self) {
        let mut database = self.0.database.lock().await;
        if let Some(database) = database.take() {
            database.shut_down().await;
        }
        // a server that never started has no folder
        let _ = tokio::fs::remove_dir_all(&self.0.settings.folder).await;
    }

    /// Open connections; nothing while it is being started, cut or ended.
    pub fn connections(&self) -> Option<usize> {
        let database = self.0.database.try_lock().ok()?;
        Some(database.as_ref().map_or(0, Database::connections))
    }
}
