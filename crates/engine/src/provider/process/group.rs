//! The process group of a child, killed when nobody waits for it any more.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// Kills the group when dropped, unless it was released.
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group that the child leads.
    pub fn of(child: &Child) -> Self {
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        Self(pid.and_then(Pid::from_raw))
    }

    /// Lets the group be: what the child left running may go on.
    pub fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // fails only when all of it has already ended, or has taken another user's rights
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}
