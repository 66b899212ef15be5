use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitCode, Stdio};

use crate::Error;
use crate::sweep::sweep_here;

/// The file by which a folder is known as a lab's own. A warden removes no other.
pub const MARKER: &str = ".chaos-lab";
/// What the lab says into the pipe when the warden is not needed any more.
const DISMISSED: u8 = b'.';
const REMOVE: &str = "--remove";
/// A process that is just being killed may still write into the folder.
const ATTEMPTS: usize = 5;

/// The lab's end of a pipe to a process that waits for the lab's death, whatever its cause, and then sweeps what is
/// left. Dropped without [`Warden::dismiss`], that begins at once.
#[derive(Debug)]
pub struct Warden {
    process: std::process::Child,
    pipe: ChildStdin,
}

impl Warden {
    /// Starts `own_program` as `warden LAB_ID [--remove FOLDER]`; it hands these arguments to [`warden`]. `remove` is
    /// the folder of the lab that goes with it, if it holds [`MARKER`].
    ///
    /// # Errors
    /// When the operating system does not start it.
    pub fn start(own_program: &Path, lab_id: &str, remove: Option<&Path>) -> Result<Self, Error> {
        let mut command = Command::new(own_program);
        command.arg("warden").arg(lab_id);
        if let Some(folder) = remove {
            command.arg(REMOVE).arg(folder);
        }
        // not in a folder that may be removed, and not in the process group that a terminal interrupts
        command
            .current_dir("/")
            .process_group(0)
            .env_remove(crate::LAB_ID);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let failed = |source| Error::Spawn {
            program: own_program.to_owned(),
            folder: "/".into(),
            source,
        };
        let mut process = command.spawn().map_err(failed)?;
        let pipe = process.stdin.take();
        let pipe = pipe.ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { process, pipe })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Lets it end without doing anything: the lab has cleaned up by itself.
    pub async fn dismiss(self) {
        let Self {
            mut process,
            mut pipe,
        } = self;
        // either fails only when it has ended already
        let _ = pipe.write_all(&[DISMISSED]);
        drop(pipe);
        let _ = tokio::task::spawn_blocking(move || process.wait()).await;
    }
}

/// What the process of a [`Warden`] does: waits for the end of the lab, kills what carries its id, and removes its
/// folder. `args` are those after `warden`. The exit code is a failure when the arguments cannot be used or the folder is still there.
pub fn warden(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Some((lab_id, folder)) = orders(args.into_iter()) else {
        tracing::error!("a warden needs: LAB_ID [{REMOVE} FOLDER]");
        return ExitCode::from(2);
    };
    let mut said = Vec::new();
    // an error ends the waiting as the end of the lab does
    let _ = io::stdin().lock().read_to_end(&mut said);
    if said.contains(&DISMISSED) {
        return ExitCode::SUCCESS;
    }
    sweep_here(&lab_id);
    match folder.map_or(Ok(()), |folder| remove(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the folder of the lab is left: {error}");
            ExitCode::FAILURE
        }
    }
}

fn orders(mut args: impl Iterator<Item = OsString>) -> Option<(String, Option<PathBuf>)> {
    let lab_id = args.next()?.into_string().ok().filter(|id| !id.is_empty())?;
    let folder = match args.next() {
        Some(option) if option == REMOVE => Some(PathBuf::from(args.next()?)),
        Some(_) => return None,
        None => None,
    };
    args.next().is_none().then_some((lab_id, folder))
}

/// Removes the folder of a lab, and nothing that is none.
fn remove(folder: &Path) -> io::Result<()> {
    if !folder
        .join(MARKER)
        .symlink_metadata()
        .is_ok_and(|marker| marker.is_file())
    {
        return Ok(());
    }
    let mut removed = Ok(());
    for _ in 0..ATTEMPTS {
        removed = std::fs::remove_dir_all(folder);
        if removed.is_ok() || !folder.exists() {
            return Ok(());
        }
    }
    removed
}
