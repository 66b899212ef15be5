//! The embedded engine: MySQL's protocol over SQLite, in this process.
//!
//! It serves one schema to one user, as the sample application and its migrations need. Differences from MySQL that a client
//! can see: transactions read what is committed (see [`session`]), all times are UTC, collations know capitals of ASCII only,
//! columns hold values of other types than their own, an UPDATE counts the rows it met, and ALTER TABLE does less.

mod client;
mod fault;
mod functions;
mod moment;
mod server;
mod session;
mod sql;
mod store;
mod types;
mod wire;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

use crate::{Error, Settings};
use server::Server;

pub(crate) struct Embedded {
    settings: Settings,
    up: Mutex<Option<Up>>,
    /// What `connections` reads without waiting.
    present: std::sync::Mutex<Option<Arc<Server>>>,
}

/// A server that runs. It takes its clients with it when it is dropped.
struct Up {
    server: Arc<Server>,
    accepting: JoinHandle<()>,
}

impl Drop for Up {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Embedded {
    pub(crate) async fn start(settings: &Settings) -> Result<Embedded, Error> {
        let embedded = Embedded {
            settings: settings.clone(),
            up: Mutex::default(),
            present: std::sync::Mutex::default(),
        };
        embedded.resume().await?;
        Ok(embedded)
    }

    pub(crate) async fn resume(&self) -> Result<(), Error> {
        let mut up = self.up.lock().await;
        if up.is_some() {
            return Ok(());
        }
        let Settings {
            address,
            schema,
            user,
            password,
            ..
        } = &self.settings;
        let path = prepare(self.settings.folder.clone()).await?;
        let listener = listen(*address).await?;
        let server = Arc::new(Server::new(path, schema, user, password));
        let accepting = tokio::spawn(accept(server.clone(), listener));
        *self.present() = Some(server.clone());
        *up = Some(Up { server, accepting });
        Ok(())
    }

    /// To clients it is the same as the death of a process: their sockets close with whatever was on the way.
    pub(crate) async fn crash(&self) -> Result<(), Error> {
        let mut up = self.up.lock().await;
        if let Some(mut up) = up.take() {
            up.accepting.abort();
            let _ = (&mut up.accepting).await;
            self.present().take();
            up.server.end().await;
        }
        Ok(())
    }

    pub(crate) async fn shut_down(&self) {
        // Nothing is lost by a crash, and the last connection to the file tidies it up.
        let _ = self.crash().await;
    }

    pub(crate) fn connections(&self) -> usize {
        self.present().as_ref().map_or(0, |server| server.connections())
    }

    fn present(&self) -> std::sync::MutexGuard<'_, Option<Arc<Server>>> {
        self.present
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

async fn prepare(folder: PathBuf) -> Result<PathBuf, Error> {
    let made = tokio::task::spawn_blocking(move || {
        private_folder(&folder).map_err(|source| Error::Folder {
            path: folder.clone(),
            source,
        })?;
        let path = folder.join("embedded.sqlite");
        store::prepare(&path).map_err(|source| Error::Sqlite {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    });
    made.await.unwrap_or_else(|error| {
        Err(Error::Folder {
            path: PathBuf::new(),
            source: std::io::Error::other(error.to_string()),
        })
    })
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address)
        .await
        .map_err(|source| Error::Listen { address, source })
}

/// Its clients are in its own set, so they end with it.
async fn accept(server: Arc<Server>, listener: TcpListener) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    clients.spawn(client::serve(server.clone(), stream));
                }
                Err(error) => {
                    // Too many open files, most likely: others must close first.
                    tracing::warn!("the embedded database cannot accept a client: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            },
            Some(_) = clients.join_next() => {}
        }
    }
}
