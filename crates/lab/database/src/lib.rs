//! A MySQL server that the lab can start, cut and start again.
//!
//! Two engines stand behind one [`Database`]: MariaDB, where `mariadbd` is installed, and an embedded server that speaks
//! MySQL's protocol over SQLite and needs nothing installed. A reboot, as Amazon RDS does it
//! (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RebootInstance.html>), is [`Database::crash`], a time in
//! which nothing listens, and [`Database::resume`]. What was committed before is there after it.

mod embedded;
mod error;
mod mariadb;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use error::Error;

/// Which server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A child process `mariadbd`.
    MariaDb,
    /// A server in this process, over SQLite.
    Embedded,
}

impl Engine {
    /// MariaDB where its server is installed (on PATH or in the system's folders for servers), else the embedded one.
    pub fn choose() -> Engine {
        match mariadb::find_program() {
            Some(_) => Engine::MariaDb,
            None => Engine::Embedded,
        }
    }
}

/// Where a database lives and who may use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server's own folder. It is made where it is missing; nothing outside it is written.
    pub folder: PathBuf,
    /// Where the server listens.
    pub address: SocketAddr,
    /// The one schema (MySQL also says database) that clients use.
    pub schema: String,
    /// The one user.
    pub user: String,
    /// That user's password.
    pub password: String,
    /// The words that a foreign program is started with (`chaos-lab guard --`), so that it ends with the lab. May be empty.
    pub guard: Vec<OsString>,
}

/// A running, or presently crashed, database.
pub struct Database {
    settings: Settings,
    server: Server,
}

enum Server {
    MariaDb(mariadb::MariaDb),
    Embedded(embedded::Embedded),
}

impl Database {
    /// Starts a server; it takes connections when this returns. Data that the folder holds from before is kept.
    ///
    /// # Errors
    /// The folder cannot be written, the address is taken, or the server's program is missing or fails; the error then
    /// holds the end of its log.
    pub async fn start(engine: Engine, settings: Settings) -> Result<Database, Error> {
        let server = match engine {
            Engine::MariaDb => Server::MariaDb(mariadb::MariaDb::start(&settings).await?),
            Engine::Embedded => Server::Embedded(embedded::Embedded::start(&settings).await?),
        };
        Ok(Database { settings, server })
    }

    /// The engine that runs.
    pub fn engine(&self) -> Engine {
        match self.server {
            Server::MariaDb(_) => Engine::MariaDb,
            Server::Embedded(_) => Engine::Embedded,
        }
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.settings.address
    }

    /// Open client connections. Exact for the embedded server. For MariaDB it is the number of established TCP
    /// connections at its address as the kernel lists them, which counts one that has not logged in yet; 0 where the
    /// kernel has no such list.
    pub fn connections(&self) -> usize {
        match &self.server {
            Server::MariaDb(server) => server.connections(),
            Server::Embedded(server) => server.connections(),
        }
    }

    /// Ends the server as a failure does: every connection is cut and nothing listens when this returns (MariaDB gets
    /// SIGKILL). Does nothing where it is down already.
    ///
    /// # Errors
    /// The process cannot be killed.
    pub async fn crash(&self) -> Result<(), Error> {
        match &self.server {
            Server::MariaDb(server) => server.crash().await,
            Server::Embedded(server) => server.crash().await,
        }
    }

    /// Starts the server again on the same data; it takes connections when this returns. Does nothing where it is up.
    ///
    /// # Errors
    /// As for [`Database::start`].
    pub async fn resume(&self) -> Result<(), Error> {
        match &self.server {
            Server::MariaDb(server) => server.resume().await,
            Server::Embedded(server) => server.resume().await,
        }
    }

    /// Ends the server cleanly; a later [`Database::resume`] starts it again.
    pub async fn shut_down(&self) {
        match &self.server {
            Server::MariaDb(server) => server.shut_down().await,
            Server::Embedded(server) => server.shut_down().await,
        }
    }

    /// The process id of MariaDB while it runs. The embedded server has none of its own.
    pub fn process(&self) -> Option<u32> {
        match &self.server {
            Server::MariaDb(server) => server.process(),
            Server::Embedded(_) => None,
        }
    }
}
