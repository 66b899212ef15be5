use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, getpid, getppid, kill_process, set_parent_process_death_signal};

use crate::{Error, LAB_ID, LAB_PARENT};

/// Makes the kernel kill this process when the lab that started it dies. The first thing that a child of the lab does,
/// on its main thread.
///
/// When the lab is gone already, no signal comes any more; then this process kills itself.
///
/// # Errors
/// When no lab started this process, or when the kernel does not know the request.
pub fn tie_to_parent() -> Result<(), Error> {
    let parent = std::env::var(LAB_PARENT).ok();
    tie_to(parent.and_then(|parent| parent.parse().ok()))
}

fn tie_to(parent: Option<i32>) -> Result<(), Error> {
    // `from_raw` panics below 0
    let parent = parent.filter(|parent| *parent > 0).and_then(Pid::from_raw);
    let parent = parent.ok_or(Error::NoParent)?;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| Error::Tie(error.into()))?;
    if getppid() == Some(parent) {
        return Ok(());
    }
    // ends here, as the death signal would have ended it
    let _ = kill_process(getpid(), Signal::KILL);
    Err(Error::ParentGone)
}

/// Ties this process to the lab and then becomes a foreign program, which stays tied (unless it is set-user-ID, see
/// `PR_SET_PDEATHSIG` in prctl(2)) and carries the lab's id. `args` are those that [`guard_command`] gives after `guard`, then the
/// program and its arguments. Returns only when that fails.
pub fn guard(args: impl IntoIterator<Item = OsString>) -> Error {
    let Err(error) = exec(args.into_iter());
    error
}

fn exec(mut args: impl Iterator<Item = OsString>) -> Result<Infallible, Error> {
    let mut word = || args.next().and_then(|word| word.into_string().ok());
    let (parent, lab_id) = (word(), word().ok_or(Error::NoProgram)?);
    let mut args = args.peekable();
    args.next_if(|first| first == "--");
    let program = args.next().ok_or(Error::NoProgram)?;
    let parent = parent.and_then(|parent| parent.parse::<i32>().ok());
    tie_to(parent)?;
    let marks = [
        (LAB_ID, lab_id),
        (LAB_PARENT, parent.unwrap_or_default().to_string()),
    ];
    let source = Command::new(&program).args(args).envs(marks).exec();
    Err(Error::Spawn {
        program: program.into(),
        folder: std::env::current_dir().unwrap_or_default(),
        source,
    })
}

/// What goes in front of a foreign program and its arguments, for a process that this one starts by itself. The lab's own program hands
/// what follows `guard` to [`guard`].
pub fn guard_command(own_program: &Path, lab_id: &str) -> Vec<OsString> {
    let parent = std::process::id().to_string();
    vec![
        own_program.into(),
        "guard".into(),
        parent.into(),
        lab_id.into(),
        "--".into(),
    ]
}
