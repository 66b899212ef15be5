use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use crate::{Child, Error, Launch};

/// Starts the processes of a lab, all from one thread.
///
/// The kernel ties a process to the *thread* that started it (`PR_SET_PDEATHSIG` in prctl(2)), and the threads of a
/// runtime come and go. This one lives until the last spawner is dropped and the last child has ended.
#[derive(Clone)]
pub struct Spawner {
    lab_id: Arc<str>,
    orders: Sender<Order>,
}

struct Order {
    launch: Launch,
    lab_id: Arc<str>,
    /// Held by the child until it has ended, so that the thread does not end before.
    hold: Sender<Order>,
    reply: oneshot::Sender<Result<Child, Error>>,
}

impl Spawner {
    /// A spawner for the lab of this id.
    pub fn new(lab_id: &str) -> Self {
        let (orders, received) = channel();
        let thread = std::thread::Builder::new().name("spawner".to_owned());
        if let Err(error) = thread.spawn(move || serve(&received)) {
            tracing::error!("no thread for starting processes: {error}");
        }
        Self {
            lab_id: lab_id.into(),
            orders,
        }
    }

    /// The id of the lab, which its processes carry.
    pub fn lab_id(&self) -> &str {
        &self.lab_id
    }

    /// Starts a process.
    ///
    /// # Errors
    /// When its log cannot be written, or when the operating system does not start it.
    pub async fn spawn(&self, launch: Launch) -> Result<Child, Error> {
        let (reply, started) = oneshot::channel();
        let program = launch.program.clone();
        let order = Order {
            launch,
            lab_id: Arc::clone(&self.lab_id),
            hold: self.orders.clone(),
            reply,
        };
        if self.orders.send(order).is_err() {
            return Err(Error::NoSpawner { program });
        }
        started.await.unwrap_or(Err(Error::NoSpawner { program }))
    }
}

fn serve(orders: &Receiver<Order>) {
    for order in orders {
        let started = start(&order.launch, &order.lab_id);
        let child = started.and_then(|process| Child::watch(process, order.launch.program, order.hold));
        if let Err(Ok(child)) = order.reply.send(child) {
            // whoever asked is gone, and nobody else knows of it
            child.kill();
        }
    }
}

fn start(launch: &Launch, lab_id: &str) -> Result<std::process::Child, Error> {
    let started = launch.command(lab_id)?.spawn();
    started.map_err(|source| Error::Spawn {
        program: launch.program.clone(),
        folder: launch.folder.clone(),
        source,
    })
}
