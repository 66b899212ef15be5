//! Copies the write-ahead file of a run into the bucket while the run goes on.
//!
//! What must hold: the run waits for nothing but the first copy and, for a moment, the last; a copy never replaces a
//! newer one; a copy ends with a whole line.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use chaos_engine::journal::Masking;
use chaos_engine::run::event::{Event, Observer, Settling};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::error::Cause;
use super::in_progress::InProgress;
use super::tail::Tail;

/// Between two copies, or a try and the next.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// A file that has become large is copied less often: this many bytes in a second.
const RATE: u64 = 4 << 20;
/// How long the first copy is tried: without it the run does not begin.
const FIRST: Duration = Duration::from_secs(30);
/// How long the last one is waited for: somebody may be about to kill the process.
const LAST: Duration = Duration::from_secs(3);

/// How secrets are hidden from what leaves the machine.
pub type Mask = Box<dyn Fn(chaos_engine::value::Value) -> chaos_engine::value::Value>;

/// The copier of one run: an observer, told of what is recorded, and a task beside the run. It ends with this value.
pub struct Mirror {
    shared: Rc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    place: InProgress,
    tail: RefCell<Tail>,
    mask: Mask,
    /// Was the run's first event told?
    running: Cell<bool>,
    /// How many events were told, and how many of these are in the copy.
    told: Cell<u64>,
    copied: Cell<u64>,
    /// Is there a copy at all?
    begun: Cell<bool>,
    /// Why the last try failed.
    fault: RefCell<Option<Cause>>,
    /// Was that told?
    warned: Cell<bool>,
    /// Something was recorded.
    news: Notify,
    /// Somebody waits.
    hurry: Notify,
    /// A try is over.
    tried: Notify,
}

impl Mirror {
    /// Begins to copy the file at `wal`, which need not be there yet. `begun`: the place has a copy of an earlier
    /// attempt. Must be called inside a `LocalSet`.
    pub fn start(place: InProgress, wal: PathBuf, mask: Mask, begun: bool) -> Self {
        let shared = Rc::new(Shared {
            place,
            tail: RefCell::new(Tail::new(wal)),
            mask,
            running: Cell::new(begun),
            told: Cell::default(),
            copied: Cell::default(),
            begun: Cell::new(begun),
            fault: RefCell::default(),
            warned: Cell::default(),
            news: Notify::new(),
            hurry: Notify::new(),
            tried: Notify::new(),
        });
        let task = tokio::task::spawn_local(Rc::clone(&shared).follow());
        Self { shared, task }
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Observer for Mirror {
    fn notice(&self, event: &Event<'_>) -> io::Result<()> {
        // before that the file has nothing that a recovery could read
        let running = self.shared.running.get() || matches!(event, Event::Running { .. });
        self.shared.running.set(running);
        if !running {
            return Ok(());
        }
        self.shared.told.set(self.shared.told.get() + 1);
        self.shared.news.notify_one();
        Ok(())
    }

    fn settle(&self) -> Settling<'_> {
        Box::pin(async {
            match self.shared.begun.get() {
                false => self.shared.first().await,
                true => {
                    self.shared.last().await;
                    Ok(())
                }
            }
        })
    }
}

impl Shared {
    async fn follow(self: Rc<Self>) {
        let mut failures = 0;
        loop {
            while self.copied.get() >= self.told.get() {
                self.news.notified().await;
            }
            let pause = match self.copy().await {
                Ok(size) => {
                    failures = 0;
                    self.succeeded();
                    PAUSE.max(Duration::from_millis(size * 1000 / RATE))
                }
                Err(cause) => {
                    failures += 1;
                    self.failed(cause);
                    LONGEST_PAUSE.min(PAUSE * (1 << failures.min(4)) / 2)
                }
            };
            self.tried.notify_one();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.hurry.notified() => {}
            }
        }
    }

    /// Puts what there is, and returns its size.
    async fn copy(&self) -> Result<u64, Cause> {
        let told = self.told.get();
        let grown = {
            let mut tail = self.tail.borrow_mut();
            let grown = tail.grow(&*self.mask as Masking<'_>);
            grown.map_err(|source| Cause::LocalFile {
                path: tail.path().to_owned(),
                source,
            })?
        };
        // an event that is recorded nowhere changes nothing
        if grown || self.fault.borrow().is_some() {
            let content = self.tail.borrow().content().to_vec();
            self.place.put_copy(content).await?;
        }
        self.copied.set(told);
        Ok(self.tail.borrow().content().len() as u64)
    }

    fn succeeded(&self) {
        self.fault.replace(None);
        self.begun.set(true);
        if self.warned.replace(false) {
            info!("The state of the run is in {} again", self.place.copy());
        }
    }

    fn failed(&self, cause: Cause) {
        // the run is told of what is wrong with the first
        if self.begun.get() && !self.warned.replace(true) {
            warn!(
                "The state of the run cannot be copied to {}: {cause}; the run goes on and the copy is tried again, but \
                 another attempt would know no more than what was copied before",
                self.place.copy()
            );
        }
        self.fault.replace(Some(cause));
    }

    /// Waits for the first copy. What cannot pass is not waited for.
    async fn first(&self) -> io::Result<()> {
        self.hurry.notify_one();
        let arrived = async {
            while !self.begun.get() && !self.fault.borrow().as_ref().is_some_and(Cause::is_lasting) {
                self.tried.notified().await;
            }
        };
        // what became of it is looked at below
        let _ = tokio::time::timeout(FIRST, arrived).await;
        if self.begun.get() {
            return Ok(());
        }
        let reason = self.fault.borrow().as_ref().map(ToString::to_string);
        let reason = reason.unwrap_or_else(|| "AWS does not answer".to_owned());
        Err(io::Error::other(format!(
            "the state of the run cannot be copied to {}: {reason}; without it another attempt of this job would inject \
             the fault a second time",
            self.place.copy()
        )))
    }

    /// Waits, not for long, until all that was told is copied.
    async fn last(&self) {
        let wanted = self.told.get();
        self.hurry.notify_one();
        let arrived = async {
            while self.copied.get() < wanted {
                self.tried.notified().await;
            }
        };
        if tokio::time::timeout(LAST, arrived).await.is_err() && !self.warned.replace(true) {
            warn!(
                "The end of the run is not in {} yet: AWS does not answer in time",
                self.place.copy()
            );
        }
    }
}
