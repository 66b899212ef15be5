//! What the clients of one server share: the turn to write, named locks, counts, the end.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::InterruptHandle;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard, watch};

use super::fault::Fault;

/// A turn that is held; the next in the queue gets it when this is dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

/// InnoDB's default for how long a statement waits for a lock.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(50);

/// The state of a server between a start and its end.
pub(crate) struct Server {
    pub(crate) path: PathBuf,
    pub(crate) schema: String,
    pub(crate) user: String,
    pub(crate) password: String,
    /// SQLite has one writer. Waiting here is first come, first served, so nobody starves.
    writing: Arc<Turns<()>>,
    named: Mutex<HashMap<String, Arc<Turns<()>>>>,
    running: Mutex<HashMap<u32, InterruptHandle>>,
    ended: AtomicBool,
    next: AtomicU32,
    clients: watch::Sender<usize>,
    works: watch::Sender<usize>,
}

/// Counts one as long as it lives.
pub(crate) struct Counted(watch::Sender<usize>);

impl Counted {
    fn new(count: &watch::Sender<usize>) -> Counted {
        count.send_modify(|count| *count += 1);
        Counted(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Server {
    pub(crate) fn new(path: PathBuf, schema: &str, user: &str, password: &str) -> Server {
        Server {
            path,
            schema: schema.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            writing: Arc::default(),
            named: Mutex::default(),
            running: Mutex::default(),
            ended: AtomicBool::new(false),
            next: AtomicU32::new(1),
            clients: watch::Sender::new(0),
            works: watch::Sender::new(0),
        }
    }

    pub(crate) fn next_id(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn connections(&self) -> usize {
        *self.clients.borrow()
    }

    pub(crate) fn client(&self) -> Counted {
        Counted::new(&self.clients)
    }

    /// A connection to the file; the server has ended only when all are closed.
    pub(crate) fn work(&self, id: u32, handle: InterruptHandle) -> Counted {
        self.running().insert(id, handle);
        Counted::new(&self.works)
    }

    pub(crate) fn work_ends(&self, id: u32) {
        self.running().remove(&id);
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<u32, InterruptHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no statement may begin any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Interrupts what runs, lets nothing more begin, and waits until all connections, of clients and to the file,
    /// are closed.
    pub(crate) async fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.running().values().for_each(InterruptHandle::interrupt);
        for count in [&self.works, &self.clients] {
            let _ = count.subscribe().wait_for(|count| *count == 0).await;
        }
    }

    /// The turn to write.
    pub(crate) async fn turn(&self) -> Result<Turn, Fault> {
        let waiting = self.writing.clone().lock_owned();
        tokio::time::timeout(LOCK_WAIT, waiting)
            .await
            .map_err(|_| Fault::lock_timeout())
    }

    /// A lock of GET_LOCK; `None` where the time was not enough. Without a limit it waits for ever.
    pub(crate) async fn named(&self, name: &str, limit: Option<Duration>) -> Option<Turn> {
        let waiting = self.lock(name).lock_owned();
        match limit {
            None => Some(waiting.await),
            Some(limit) => tokio::time::timeout(limit, waiting).await.ok(),
        }
    }

    pub(crate) fn is_free(&self, name: &str) -> bool {
        self.lock(name).try_lock().is_ok()
    }

    fn lock(&self, name: &str) -> Arc<Turns<()>> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.entry(name.to_lowercase()).or_default().clone()
    }
}
