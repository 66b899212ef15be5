//! One worker process and the requests under way in it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Child;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::{sleep, timeout};

use super::message::FromWorker;
use super::{BridgeError, Lane, bundle, interpreter, surroundings, wire};
use crate::host::Host;
use crate::value::{Map, Value, map};

/// How long a process whose link is closed may take to end.
const END: Duration = Duration::from_secs(1);

type Answer = Result<Value, BridgeError>;

/// Where what comes from the worker goes.
pub(super) struct Sink {
    pub host: Rc<RefCell<Host>>,
    pub messages: mpsc::UnboundedSender<FromWorker>,
}

/// A running worker, which is killed when this is dropped.
pub(super) struct Connection {
    interpreter: PathBuf,
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    sink: Rc<Sink>,
    reader: OnceCell<AbortHandle>,
    next: Cell<u64>,
    state: RefCell<State>,
    /// Told whenever a cancelled request ended, or the worker did.
    changed: Notify,
}

struct State {
    child: Option<Child>,
    pending: HashMap<u64, oneshot::Sender<Answer>>,
    /// Foreground requests that were cancelled and whose function may still be running.
    stopping: HashSet<u64>,
    /// The run's objects as the worker has them.
    shared: HashMap<&'static str, Value>,
    /// The host as the worker has it.
    known: Host,
    ended: Option<BridgeError>,
}

impl Connection {
    /// Starts the interpreter. Returns before it is up: requests wait in the link.
    pub(super) fn start(sink: Rc<Sink>) -> Result<Rc<Self>, BridgeError> {
        let host = sink.host.borrow().clone();
        let interpreter = interpreter::find(&host)?;
        let not_started = |error: std::io::Error| BridgeError::NotStarted {
            interpreter: interpreter.display().to_string(),
            reason: error.to_string(),
        };
        let (child, link) = interpreter::start(&interpreter, &host).map_err(not_started)?;
        let (incoming, writable) = UnixStream::from_std(link).map_err(not_started)?.into_split();
        let (outgoing, frames) = mpsc::unbounded_channel();
        let connection = Rc::new(Self::new(interpreter, outgoing, sink, child, host));
        spawn_local(write_all(frames, writable));
        let reader = spawn_local(read_all(Rc::downgrade(&connection), incoming));
        connection.reader.get_or_init(|| reader.abort_handle());
        connection.send(&connection.hello())?;
        Ok(connection)
    }

    fn new(
        interpreter: PathBuf,
        outgoing: mpsc::UnboundedSender<Vec<u8>>,
        sink: Rc<Sink>,
        child: Child,
        known: Host,
    ) -> Self {
        let state = State {
            child: Some(child),
            pending: HashMap::new(),
            stopping: HashSet::new(),
            shared: HashMap::new(),
            known,
            ended: None,
        };
        Self {
            interpreter,
            outgoing,
            sink,
            reader: OnceCell::new(),
            next: Cell::new(0),
            state: RefCell::new(state),
            changed: Notify::new(),
        }
    }

    /// The first message: the modules, and the environment, which the interpreter's launcher may have changed.
    fn hello(&self) -> Value {
        let env = self.state.borrow().known.env.clone();
        let env: Map = env
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        map([("modules", bundle::modules()), ("env", env.into())]).into()
    }

    /// True once the worker can take no more requests.
    pub(super) fn is_over(&self) -> bool {
        self.state.borrow().ended.is_some()
    }

    /// Asks, and waits for the answer; dropping the future cancels the request at once.
    pub(super) async fn request(&self, lane: Lane, mut message: Map) -> Answer {
        let number = self.next.replace(self.next.get() + 1);
        message.insert(
            "id".to_owned(),
            Value::from(i64::try_from(number).unwrap_or_default()),
        );
        message.insert("background".to_owned(), (lane == Lane::Background).into());
        self.add_host_news(&mut message);
        let (sender, receiver) = oneshot::channel();
        self.state.borrow_mut().pending.insert(number, sender);
        let waiting = Waiting {
            connection: self,
            number,
            lane,
        };
        self.send(&message.into())?;
        let answer = receiver.await;
        drop(waiting);
        answer.unwrap_or_else(|_| Err(self.died("ended")))
    }

    fn add_host_news(&self, message: &mut Map) {
        let (now, mut state) = (self.sink.host.borrow(), self.state.borrow_mut());
        if let Some(news) = surroundings::news(&state.known, &now) {
            state.known = now.clone();
            message.insert("host".to_owned(), news);
        }
    }

    fn send(&self, message: &Value) -> Result<(), BridgeError> {
        if let Some(error) = &self.state.borrow().ended {
            return Err(error.clone());
        }
        let frame = wire::frame(message);
        let frame = frame.ok_or_else(|| BridgeError::Protocol("a request of more than 4 GiB".to_owned()))?;
        // a closed channel means that the worker has ended, which the reader tells
        let _ = self.outgoing.send(frame);
        Ok(())
    }

    /// Those of the run's objects that the worker does not have in this state yet; it is taken to have them now.
    pub(super) fn unshared(&self, objects: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        let mut state = self.state.borrow_mut();
        let mut news = Map::new();
        for (name, value) in objects {
            if state.shared.get(name) != Some(&value) {
                news.insert(name.to_owned(), wire::tagged(&value));
                state.shared.insert(name, value);
            }
        }
        news.into()
    }

    /// The worker changed this object and so has it in this state.
    pub(super) fn shared(&self, name: &'static str, value: Value) {
        self.state.borrow_mut().shared.insert(name, value);
    }

    /// Waits until no cancelled function is running on the worker's main thread any more; false when it takes
    /// longer than `bound`.
    pub(super) async fn is_free_within(&self, bound: Duration) -> bool {
        let deadline = sleep(bound);
        tokio::pin!(deadline);
        loop {
            let changed = self.changed.notified();
            if self.state.borrow().stopping.is_empty() {
                return true;
            }
            tokio::select! {
                () = changed => {}
                () = &mut deadline => return false,
            }
        }
    }

    /// Lets the worker end as Python programs do; false when that takes longer than `bound`.
    pub(super) async fn close(&self, bound: Duration) -> bool {
        let _ = self.send(&map([("op", "close".into())]).into());
        let over = async {
            loop {
                let changed = self.changed.notified();
                if self.is_over() {
                    return;
                }
                changed.await;
            }
        };
        timeout(bound, over).await.is_ok()
    }

    /// Kills the worker; whoever waits for it is told `how`.
    pub(super) fn kill(&self, how: &str) {
        // dropping it kills it
        self.state.borrow_mut().child = None;
        self.end(self.died(how));
    }

    fn died(&self, how: &str) -> BridgeError {
        BridgeError::WorkerDied {
            interpreter: self.interpreter.display().to_string(),
            how: how.to_owned(),
        }
    }

    fn end(&self, error: BridgeError) {
        let mut state = self.state.borrow_mut();
        let error = state.ended.get_or_insert(error).clone();
        state.stopping.clear();
        for (_, waiting) in state.pending.drain() {
            let _ = waiting.send(Err(error.clone()));
        }
        self.changed.notify_waiters();
    }

    fn accept(&self, message: &Value) {
        if let Some(news) = message.get("host") {
            surroundings::apply(news, &mut self.sink.host.borrow_mut());
            surroundings::apply(news, &mut self.state.borrow_mut().known);
        }
        match message.get("id") {
            Some(Value::Int(number)) => self.answer(u64::try_from(*number).unwrap_or_default(), message),
            _ => {
                if let Some(message) = FromWorker::read(message) {
                    let _ = self.sink.messages.send(message);
                }
            }
        }
    }

    fn answer(&self, number: u64, message: &Value) {
        let mut state = self.state.borrow_mut();
        if let Some(waiting) = state.pending.remove(&number) {
            let _ = waiting.send(Ok(message.clone()));
        } else if state.stopping.remove(&number) {
            self.changed.notify_waiters();
        }
    }

    fn cancel(&self, number: u64, lane: Lane) {
        let mut state = self.state.borrow_mut();
        if state.pending.remove(&number).is_none() {
            return;
        }
        // what a hook that was cut short has changed is not known
        state.shared.clear();
        if lane == Lane::Foreground {
            state.stopping.insert(number);
        }
        drop(state);
        let number = i64::try_from(number).unwrap_or_default();
        let _ = self.send(&map([("cancel", number.into())]).into());
    }

    /// Called when the link is closed: tells all that wait how the process ended.
    async fn bury(&self) {
        let child = self.state.borrow_mut().child.take();
        let how = match child {
            Some(mut child) => match timeout(END, child.wait()).await {
                Ok(Ok(status)) => format!("ended ({status})"),
                _ => "closed its link".to_owned(),
            },
            None => "ended".to_owned(),
        };
        self.end(self.died(&how));
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.get() {
            reader.abort();
        }
    }
}

/// A request whose answer somebody waits for.
struct Waiting<'a> {
    connection: &'a Connection,
    number: u64,
    lane: Lane,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.connection.cancel(self.number, self.lane);
    }
}

async fn write_all(mut frames: mpsc::UnboundedReceiver<Vec<u8>>, mut link: OwnedWriteHalf) {
    while let Some(frame) = frames.recv().await {
        if link.write_all(&frame).await.is_err() {
            return;
        }
    }
}

async fn read_all(connection: Weak<Connection>, link: OwnedReadHalf) {
    let mut link = BufReader::new(link);
    loop {
        let message = wire::receive(&mut link).await;
        let Some(connection) = connection.upgrade() else {
            return;
        };
        match message {
            Ok(message) => connection.accept(&message),
            Err(_) => return connection.bury().await,
        }
    }
}
