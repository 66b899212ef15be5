//! One proxy: where it listens and leads to, its toxics, and its connections.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::channel;
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::error::ApiError;
use crate::link::{self, Ends, Link};
use crate::listen::{ListenError, Settings, bind};
use crate::metrics::{Counts, Metrics};
use crate::socket::Socket;
use crate::toxics::{Attributes, Direction, Toxic};

/// Between two attempts to take a connection when there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// A proxy as the API shows it.
#[derive(Debug, Serialize)]
pub struct View {
    name: String,
    listen: String,
    upstream: String,
    enabled: bool,
    toxics: Vec<Toxic>,
}

#[derive(Debug)]
pub struct Proxy {
    pub name: String,
    state: Mutex<State>,
    toxics: Mutex<Toxics>,
    metrics: Arc<Metrics>,
    /// Closes everything.
    closed: CancellationToken,
    next_link: AtomicU64,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    run: Option<Run>,
}

/// From its start to its stop.
#[derive(Clone, Debug)]
struct Run {
    closed: CancellationToken,
    tasks: TaskTracker,
    upstream: String,
    /// By direction.
    counts: [Arc<Counts>; 2],
}

/// The toxics of both directions in the order in which they were added, and the connections that they affect.
#[derive(Debug, Default)]
struct Toxics {
    toxics: Vec<Toxic>,
    links: HashMap<u64, Link>,
}

impl Proxy {
    pub fn new(
        name: String,
        settings: Settings,
        metrics: Arc<Metrics>,
        closed: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            state: Mutex::new(State { settings, run: None }),
            toxics: Mutex::default(),
            metrics,
            closed,
            next_link: AtomicU64::new(0),
        })
    }

    pub async fn view(&self) -> View {
        let state = self.state.lock().await;
        View {
            name: self.name.clone(),
            listen: state.settings.listen.clone(),
            upstream: state.settings.upstream.clone(),
            enabled: state.run.is_some(),
            toxics: self.toxics().await,
        }
    }

    /// Where it listens and leads to, and whether it takes connections.
    pub async fn settings(&self) -> (Settings, bool) {
        let state = self.state.lock().await;
        (state.settings.clone(), state.run.is_some())
    }

    /// Takes connections, if it does not yet.
    pub async fn start(self: &Arc<Self>) -> Result<(), ListenError> {
        self.start_locked(self.state.lock().await).await
    }

    async fn start_locked(self: &Arc<Self>, mut state: MutexGuard<'_, State>) -> Result<(), ListenError> {
        if state.run.is_some() {
            return Ok(());
        }
        let (listener, address) = bind(&state.settings.listen).await?;
        state.settings.listen = address.to_string();
        let (listen, upstream) = (&state.settings.listen, &state.settings.upstream);
        let counts = [Direction::Upstream, Direction::Downstream]
            .map(|direction| self.metrics.of(direction, listen, &self.name, upstream));
        let run = Run {
            closed: self.closed.child_token(),
            tasks: TaskTracker::new(),
            upstream: upstream.clone(),
            counts,
        };
        tracing::info!("proxy `{}`: {listen} leads to {upstream}", self.name);
        let tasks = run.tasks.clone();
        tasks.spawn(Arc::clone(self).accept(listener, run.clone()));
        state.run = Some(run);
        Ok(())
    }

    /// Takes no connections any more, and closes those that there are.
    pub async fn stop(&self) {
        stop_locked(&mut *self.state.lock().await).await;
    }

    /// Changes it. What is the same stays untouched, with its connections.
    pub async fn update(self: &Arc<Self>, settings: Settings, enabled: bool) -> Result<(), ListenError> {
        let mut state = self.state.lock().await;
        if state.settings.differ(&settings).await? {
            stop_locked(&mut state).await;
            state.settings = settings;
        }
        if enabled {
            return self.start_locked(state).await;
        }
        stop_locked(&mut state).await;
        Ok(())
    }

    /// Whether it would not stay as it is with these settings.
    pub async fn differs(&self, settings: &Settings) -> Result<bool, ListenError> {
        self.state.lock().await.settings.differ(settings).await
    }

    async fn accept(self: Arc<Self>, listener: TcpListener, run: Run) {
        loop {
            let accepted = tokio::select! {
                biased;
                () = run.closed.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((client, peer)) if peer.ip().to_canonical().is_loopback() => {
                    run.tasks.spawn(Arc::clone(&self).connect(client, run.clone()));
                }
                Ok((_, peer)) => tracing::warn!("proxy `{}` is not for {peer}", self.name),
                Err(error) => {
                    tracing::warn!("proxy `{}` takes no connection: {error}", self.name);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn connect(self: Arc<Self>, client: TcpStream, run: Run) {
        let server = tokio::select! {
            biased;
            () = run.closed.cancelled() => return,
            server = TcpStream::connect(&run.upstream) => server,
        };
        let server = match server {
            Ok(server) => server,
            Err(error) => {
                tracing::warn!("proxy `{}` cannot reach {}: {error}", self.name, run.upstream);
                return;
            }
        };
        let [client, server] =
            [client, server].map(|stream| Arc::new(Socket::new(stream, run.closed.child_token())));
        let mut toxics = self.toxics.lock().await;
        self.start_link(&mut toxics, Direction::Upstream, [&client, &server], &run);
        self.start_link(&mut toxics, Direction::Downstream, [&server, &client], &run);
    }

    fn start_link(
        self: &Arc<Self>,
        toxics: &mut Toxics,
        direction: Direction,
        [from, to]: [&Arc<Socket>; 2],
        run: &Run,
    ) {
        let (first, input) = channel(1);
        let (output, last) = channel(1);
        let ends = Ends(Arc::downgrade(from), Arc::downgrade(to));
        let id = self.next_link.fetch_add(1, Ordering::Relaxed);
        let link = Link::start(direction, &toxics.toxics, ends, input, output);
        toxics.links.insert(id, link);
        let counts = [(); 2].map(|()| Arc::clone(&run.counts[direction as usize]));
        let [received, sent] = counts;
        let received = move |bytes| add(&received.received, bytes);
        run.tasks.spawn(link::read(Arc::clone(from), first, received));
        let (proxy, to) = (Arc::clone(self), Arc::clone(to));
        run.tasks.spawn(async move {
            link::write(to, last, move |bytes| add(&sent.sent, bytes)).await;
            proxy.toxics.lock().await.links.remove(&id);
        });
    }

    /// Its toxics, those upstream first.
    pub async fn toxics(&self) -> Vec<Toxic> {
        let mut toxics = self.toxics.lock().await.toxics.clone();
        toxics.sort_by_key(|toxic| toxic.direction);
        toxics
    }

    /// The toxic of this name.
    pub async fn toxic(&self, name: &str) -> Option<Toxic> {
        let toxics = self.toxics.lock().await;
        toxics.toxics.iter().find(|toxic| toxic.name == name).cloned()
    }

    /// Adds a toxic, also to open connections; false when there is one of that name.
    pub async fn add_toxic(&self, toxic: &Toxic) -> bool {
        let mut toxics = self.toxics.lock().await;
        if toxics.toxics.iter().any(|other| other.name == toxic.name) {
            return false;
        }
        toxics.toxics.push(toxic.clone());
        for link in toxics.links_of(toxic.direction) {
            link.add(toxic).await;
        }
        true
    }

    /// Changes the attributes and the toxicity of a toxic, also for open connections.
    pub async fn update_toxic(
        &self,
        name: &str,
        change: impl FnOnce(&Toxic) -> Result<(Attributes, f32), ApiError>,
    ) -> Result<Toxic, ApiError> {
        let mut toxics = self.toxics.lock().await;
        let found = toxics.toxics.iter_mut().find(|toxic| toxic.name == name);
        let toxic = found.ok_or(ApiError::ToxicNotFound)?;
        (toxic.attributes, toxic.toxicity) = change(toxic)?;
        let toxic = toxic.clone();
        for link in toxics.links_of(toxic.direction) {
            link.update(&toxic).await;
        }
        Ok(toxic)
    }

    /// Removes a toxic, also from open connections; false when there is no such toxic.
    pub async fn remove_toxic(&self, name: &str) -> bool {
        let mut toxics = self.toxics.lock().await;
        let Some(at) = toxics.toxics.iter().position(|toxic| toxic.name == name) else {
            return false;
        };
        let toxic = toxics.toxics.remove(at);
        for link in toxics.links_of(toxic.direction) {
            link.remove(name).await;
        }
        true
    }

    /// Removes all toxics.
    pub async fn remove_toxics(&self) {
        for toxic in self.toxics().await {
            self.remove_toxic(&toxic.name).await;
        }
    }
}

impl Toxics {
    fn links_of(&mut self, direction: Direction) -> impl Iterator<Item = &mut Link> {
        self.links
            .values_mut()
            .filter(move |link| link.direction == direction)
    }
}

async fn stop_locked(state: &mut State) {
    if let Some(run) = state.run.take() {
        run.closed.cancel();
        run.tasks.close();
        run.tasks.wait().await;
    }
}

fn add(count: &AtomicU64, bytes: usize) {
    count.fetch_add(bytes as u64, Ordering::Relaxed);
}
