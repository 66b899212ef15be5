//! A small lab and the children that it starts, for the tests: `actor lab ID FOLDER [--bare]`, and what that starts.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use chaos_lab_processes::{
    CpuLimit, Error, HogConfig, Launch, Spawner, Warden, guard, guard_command, hog, tie_to_parent, warden,
};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let role = args.next().unwrap_or_default();
    match act(&role.to_string_lossy(), args.collect()) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn act(role: &str, args: Vec<OsString>) -> Result<ExitCode, Error> {
    match role {
        "lab" => lab(&args),
        "guard" => return Err(guard(args)),
        "warden" => return Ok(warden(args)),
        "tied" => tie_to_parent().map(|()| ready())?,
        "family" => family()?,
        "hog" => {
            tie_to_parent()?;
            let cores = args.first().and_then(|cores| cores.to_str()?.parse().ok());
            hog(
                &HogConfig::from_environment()?,
                CpuLimit::cores(cores.unwrap_or(1.0)),
            )?;
        }
        _ => return Ok(ExitCode::from(2)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Says so, and stays until it is killed.
fn ready() {
    let _ = writeln!(std::io::stdout(), "ready");
    loop {
        std::thread::sleep(Duration::from_secs(1000));
    }
}

/// A child whose own children are out of reach for the death signal, and for signals to its process group.
fn family() -> Result<(), Error> {
    tie_to_parent()?;
    for _ in 0..2 {
        let _ = Command::new("sleep").arg("1000").process_group(0).spawn();
    }
    ready();
    Ok(())
}

/// Starts children without an end, and ends some of them.
fn lab(args: &[OsString]) {
    let (Some(id), Some(folder)) = (args.first(), args.get(1)) else {
        return;
    };
    let (id, folder) = (id.to_string_lossy().into_owned(), PathBuf::from(folder));
    let own = std::env::current_exe().unwrap_or_default();
    let bare = args.get(2).is_some();
    let warden = (!bare).then(|| Warden::start(&own, &id, Some(&folder)));
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() {
        runtime.block_on(start_children(
            &id,
            &own,
            &folder,
            if bare { "tied" } else { "family" },
        ));
    }
    ready();
    drop(warden);
}

async fn start_children(id: &str, own: &Path, folder: &Path, role: &str) {
    let spawner = Spawner::new(id);
    for round in 0..6 {
        let mut guarded = guard_command(own, id).into_iter();
        let foreign = Launch {
            program: guarded.next().map(PathBuf::from).unwrap_or_default(),
            args: guarded.chain(["sleep".into(), "1000".into()]).collect(),
            ..launch(folder)
        };
        let own_child = Launch {
            program: own.into(),
            args: vec![role.into()],
            ..launch(folder)
        };
        let children = [spawner.spawn(foreign).await, spawner.spawn(own_child).await];
        if round % 3 == 2 {
            children
                .iter()
                .flatten()
                .for_each(chaos_lab_processes::Child::kill);
        }
    }
}

fn launch(folder: &Path) -> Launch {
    Launch {
        folder: folder.into(),
        log: folder.join("log"),
        ..Launch::default()
    }
}
