//! Errors of starting, cutting and restarting a database.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a database could not be started, cut or restarted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of the database cannot be made or written.
    #[error("the database's folder {path} cannot be used: {source}")]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The address is taken or not one of this machine.
    #[error("the database cannot listen at {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No MariaDB server is installed.
    #[error(
        "no MariaDB server was found (mariadbd, or mysqld of MariaDB, on PATH or in /usr/sbin); install mariadb-server-core or use the embedded engine"
    )]
    Missing,
    /// The files that MariaDB's system tables are made from are missing.
    #[error(
        "MariaDB's {name} was found in none of {folders}; reinstall mariadb-server-core or use the embedded engine"
    )]
    Scripts {
        /// The file.
        name: &'static str,
        /// Where it was looked for.
        folders: String,
    },
    /// A program could not be started.
    #[error("{program} cannot be started: {source}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// MariaDB ended or did not come up.
    #[error("MariaDB {what}; the end of its log {log}:\n{lines}")]
    Server {
        /// What it did.
        what: String,
        /// The log file.
        log: PathBuf,
        /// The log's last lines.
        lines: String,
    },
    /// MariaDB could not be killed or ended.
    #[error("MariaDB (process {process}) cannot be ended: {source}")]
    Kill {
        /// Its process id.
        process: u32,
        /// What the system said.
        source: io::Error,
    },
    /// A name cannot be given to the server.
    #[error("the database's {what} {value:?} cannot be used: {rule}")]
    Name {
        /// Which of the settings.
        what: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        rule: &'static str,
    },
    /// SQLite could not open its file.
    #[error("the embedded database {path} cannot be opened: {source}")]
    Sqlite {
        /// Its file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}
