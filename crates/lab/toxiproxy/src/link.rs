//! One direction of a connection: a chain of places through which data passes, each with a toxic or with none.
//!
//! A place whose toxic is removed stays, and passes everything on; the last one is used again for the next toxic.

use std::sync::{Arc, Weak};

use bytes::BytesMut;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::socket::Socket;
use crate::stub::{Chunk, Stop, Stub};
use crate::toxics::{self, Attributes, Direction, Toxic};

/// The two sockets of a connection, which does not stay open for the toxics.
#[derive(Clone, Debug)]
pub struct Ends(pub Weak<Socket>, pub Weak<Socket>);

impl Ends {
    pub fn make_abrupt(&self) {
        for socket in [&self.0, &self.1] {
            socket.upgrade().iter().for_each(|socket| socket.make_abrupt());
        }
    }
}

#[derive(Debug)]
pub struct Link {
    pub direction: Direction,
    ends: Ends,
    stages: Vec<Stage>,
}

/// A place and what runs there.
#[derive(Debug)]
struct Stage {
    /// The name of its toxic.
    toxic: Option<String>,
    attributes: Attributes,
    /// None once it has ended.
    running: Option<JoinHandle<Option<Stub>>>,
    interrupt: CancellationToken,
}

impl Stage {
    fn start(ends: &Ends, mut stub: Stub, toxic: Option<String>, attributes: Attributes) -> Self {
        let interrupt = stub.arm();
        let ends = ends.clone();
        let run = async move {
            let stop = match stub.flush().await {
                Ok(()) => toxics::run(attributes, &mut stub, &ends).await,
                Err(stop) => stop,
            };
            (stop == Stop::Interrupted).then_some(stub)
        };
        Self {
            toxic,
            attributes,
            running: Some(tokio::spawn(run)),
            interrupt,
        }
    }

    /// Halts what runs; nothing is left when the stream has ended there.
    async fn halt(&mut self) -> Option<Stub> {
        self.interrupt.cancel();
        self.running.take()?.await.ok().flatten()
    }
}

impl Link {
    /// Leads through all toxics of this direction.
    pub fn start(
        direction: Direction,
        toxics: &[Toxic],
        ends: Ends,
        mut input: Receiver<Chunk>,
        output: Sender<Chunk>,
    ) -> Self {
        let mut stages = Vec::new();
        let own = toxics.iter().filter(|toxic| toxic.direction == direction);
        for toxic in own {
            let (to_next, next) = channel(1);
            let stub = Stub::new(std::mem::replace(&mut input, next), to_next);
            stages.push(Stage::start(&ends, stub, Some(toxic.name.clone()), drawn(toxic)));
        }
        // so that there always is one that leads to the end
        let last = Stub::new(input, output);
        stages.push(Stage::start(&ends, last, None, Attributes::Noop {}));
        Self {
            direction,
            ends,
            stages,
        }
    }

    /// Adds a toxic behind all others.
    pub async fn add(&mut self, toxic: &Toxic) {
        if self.stages.last().is_some_and(|last| last.toxic.is_some()) {
            self.append().await;
        }
        let last = self.stages.len() - 1;
        self.set(last, Some(toxic.name.clone()), drawn(toxic)).await;
    }

    /// Lets a toxic go on with its present attributes.
    pub async fn update(&mut self, toxic: &Toxic) {
        if let Some(at) = self.position(&toxic.name)
            && let Some(stub) = self.stages[at].halt().await
        {
            self.stages[at] = Stage::start(&self.ends, stub, Some(toxic.name.clone()), drawn(toxic));
        }
    }

    /// Takes a toxic away. What a `timeout` has swallowed is lost, so its connection ends.
    pub async fn remove(&mut self, name: &str) {
        let Some(at) = self.position(name) else {
            return;
        };
        match self.stages[at].attributes {
            Attributes::Timeout { .. } => drop(self.stages[at].halt().await),
            _ => self.set(at, None, Attributes::Noop {}).await,
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.stages
            .iter()
            .position(|stage| stage.toxic.as_deref() == Some(name))
    }

    async fn set(&mut self, at: usize, toxic: Option<String>, attributes: Attributes) {
        if let Some(mut stub) = self.stages[at].halt().await {
            stub.passed = 0;
            self.stages[at] = Stage::start(&self.ends, stub, toxic, attributes);
        }
    }

    /// Puts an empty place behind the last one, unless that has ended.
    async fn append(&mut self) {
        let Some(last) = self.stages.last_mut() else {
            return;
        };
        let Some(mut stub) = last.halt().await else {
            return;
        };
        let (to_next, next) = channel(1);
        let output = stub.redirect(to_next);
        let toxic = last.toxic.take();
        *last = Stage::start(&self.ends, stub, toxic, last.attributes);
        let new = Stub::new(next, output);
        self.stages
            .push(Stage::start(&self.ends, new, None, Attributes::Noop {}));
    }
}

/// What a toxic does to this connection.
fn drawn(toxic: &Toxic) -> Attributes {
    if toxic.draw() {
        toxic.attributes
    } else {
        Attributes::Noop {}
    }
}

/// Reads from a socket into a link until either ends.
pub async fn read(socket: Arc<Socket>, link: Sender<Chunk>, count: impl Fn(usize)) {
    let mut buffer = BytesMut::new();
    while let Some(data) = socket.read(&mut buffer).await {
        count(data.len());
        let at = tokio::time::Instant::now();
        tokio::select! {
            biased;
            () = socket.closed() => return,
            sent = link.send(Chunk { data, at }) => if sent.is_err() { return },
        }
    }
}

/// Writes what leaves a link to a socket, and closes that at the end.
pub async fn write(socket: Arc<Socket>, mut link: Receiver<Chunk>, count: impl Fn(usize)) {
    loop {
        let chunk = tokio::select! {
            biased;
            () = socket.closed() => break,
            chunk = link.recv() => chunk,
        };
        let Some(Chunk { data, .. }) = chunk else {
            break;
        };
        let size = data.len();
        if !socket.write(data).await {
            break;
        }
        count(size);
    }
    socket.close();
}
