//! Ctrl-C while jobs are submitted or followed: what becomes of them is asked.

use std::io::{self, IsTerminal, Write};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What is to become of the jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// End them, and see them to their end.
    Cancel,
    /// Look on.
    GoOn,
    /// Leave them alone.
    Leave,
}

/// SIGINT and SIGTERM.
pub(super) struct Interrupts {
    signals: Vec<Signal>,
    cancels: bool,
    count: u32,
}

impl Interrupts {
    /// Takes them from here on; with `cancels` the first ends the jobs.
    pub fn listen(cancels: bool) -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self {
            signals: kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect(),
            cancels,
            count: 0,
        }
    }

    /// Waits for the next one.
    pub async fn came(&mut self) {
        std::future::poll_fn(|context| {
            let mut any = self.signals.iter_mut();
            match any.any(|signal| signal.poll_recv(context).is_ready()) {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
        self.count += 1;
    }

    /// What the one that came wants. A person is asked, if there is one; the second in a row always leaves.
    pub async fn wish(&mut self, jobs: usize) -> Wish {
        if self.cancels {
            return if self.count == 1 {
                Wish::Cancel
            } else {
                Wish::Leave
            };
        }
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Wish::Leave;
        }
        let question = format!(
            "\nEnd {jobs} {} (their rollbacks are played)? [y] yes, [n] leave {} running and go, [c] go on looking: ",
            if jobs == 1 { "job" } else { "jobs" },
            if jobs == 1 { "it" } else { "them" },
        );
        let _ = io::stderr().write_all(question.as_bytes());
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        let answered = tokio::select! {
            answer = answer => answer.ok().and_then(Result::ok),
            () = self.came() => None,
        };
        match answered.as_deref().map(str::trim) {
            Some("y" | "Y" | "yes") => Wish::Cancel,
            Some("c" | "C") => Wish::GoOn,
            _ => Wish::Leave,
        }
    }
}
