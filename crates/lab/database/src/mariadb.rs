//! The engine MariaDB: a child process `mariadbd` on a data folder of its own.

mod arguments;
mod files;
mod keeper;

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::{Error, Settings};
pub(crate) use files::find_program;
use keeper::{Keeper, Running};

/// How long a start may take; a machine under load starts MariaDB in seconds, recovery after a crash included.
const START: Duration = Duration::from_secs(60);
/// How long a clean end may take before the process is killed.
const STOP: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

pub(crate) struct MariaDb {
    settings: Settings,
    program: PathBuf,
    /// Spawns all processes: the guard's death signal is tied to the thread that spawned.
    keeper: Keeper,
    child: Mutex<Option<Running>>,
    /// Held while the server is started or ended, so that two calls at once do not cross.
    change: tokio::sync::Mutex<()>,
}

impl MariaDb {
    pub(crate) async fn start(settings: &Settings) -> Result<MariaDb, Error> {
        let program = find_program().ok_or(Error::Missing)?;
        let settings = Settings {
            folder: files::prepare(&settings.folder)?,
            ..settings.clone()
        };
        let keeper = Keeper::new();
        files::create_data(&settings, &program, &keeper).await?;
        let server = MariaDb {
            settings,
            program,
            keeper,
            child: Mutex::new(None),
            change: tokio::sync::Mutex::new(()),
        };
        server.resume().await?;
        Ok(server)
    }

    pub(crate) async fn resume(&self) -> Result<(), Error> {
        let _change = self.change.lock().await;
        if self.child().is_some() {
            return Ok(());
        }
        files::check_address(self.settings.address)?;
        files::write_init(&self.settings)?;
        let command = arguments::server(&self.settings, &self.program)?;
        let child = self.keeper.spawn(command, &self.program).await?;
        *self.child() = Some(child);
        self.until_ready().await
    }

    /// The server is ready when it greets; it opens its port after recovery and after its init file.
    async fn until_ready(&self) -> Result<(), Error> {
        let deadline = Instant::now() + START;
        loop {
            if self.greets().await {
                return Ok(());
            }
            if let Some(status) = self.ended() {
                self.child().take();
                return Err(files::failure(
                    &self.settings,
                    format!("ended at its start ({status})"),
                ));
            }
            if Instant::now() > deadline {
                self.kill().await?;
                return Err(files::failure(
                    &self.settings,
                    format!("did not answer in {} s", START.as_secs()),
                ));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn greets(&self) -> bool {
        let greeting = async {
            let mut stream = TcpStream::connect(self.settings.address).await?;
            let mut head = [0; 5];
            stream.read_exact(&mut head).await?;
            io::Result::Ok(head[4] == 10)
        };
        matches!(
            tokio::time::timeout(Duration::from_secs(2), greeting).await,
            Ok(Ok(true))
        )
    }

    pub(crate) async fn crash(&self) -> Result<(), Error> {
        let _change = self.change.lock().await;
        self.kill().await
    }

    /// The kernel closes the sockets of a process before its parent can reap it, so nothing listens after this.
    async fn kill(&self) -> Result<(), Error> {
        if let Some(running) = self.child().as_mut() {
            running.kill()?;
        }
        self.until_ended(None).await;
        Ok(())
    }

    pub(crate) async fn shut_down(&self) {
        let _change = self.change.lock().await;
        if let Some(process) = self
            .process()
            .and_then(|process| Pid::from_raw(process.cast_signed()))
        {
            // A process that ended by itself is not reaped yet, so its id cannot be another's.
            let _ = kill_process(process, Signal::TERM);
        }
        if !self.until_ended(Some(STOP)).await {
            tracing::warn!("MariaDB does not end; it is killed");
            if let Err(error) = self.kill().await {
                tracing::error!("{error}");
            }
        }
    }

    /// Waits for the process and forgets it. False where the time was not enough.
    async fn until_ended(&self, limit: Option<Duration>) -> bool {
        let deadline = limit.map(|limit| Instant::now() + limit);
        while self.child().is_some() && self.ended().is_none() {
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
        self.child().take();
        true
    }

    fn ended(&self) -> Option<String> {
        self.child().as_mut().and_then(Running::ended)
    }

    pub(crate) fn process(&self) -> Option<u32> {
        self.child()
            .as_mut()
            .and_then(|running| running.ended().is_none().then(|| running.process()))
    }

    pub(crate) fn connections(&self) -> usize {
        files::established(self.settings.address)
    }

    fn child(&self) -> MutexGuard<'_, Option<Running>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
