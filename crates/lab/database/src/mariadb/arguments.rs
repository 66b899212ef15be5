//! How `mariadbd` is called.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::mariadb::files;
use crate::{Error, Settings};

/// The server as it runs: small memory, durable commits, no network but its address.
/// <https://mariadb.com/docs/server/server-management/starting-and-stopping-mariadb/mariadbd-options>
const SERVER: &[&str] = &[
    "--skip-name-resolve",
    "--skip-ssl",
    "--skip-log-bin",
    "--skip-external-locking",
    // A client that looks whether the server is up must not be shut out after some looks.
    "--max-connect-errors=4294967295",
    "--max-connections=100",
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-buffer-pool-dump-at-shutdown=OFF",
    "--innodb-buffer-pool-load-at-startup=OFF",
    "--table-open-cache=64",
    "--thread-cache-size=4",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--default-time-zone=+00:00",
];

/// For the server and for the making of its data alike; the size of the log must not differ.
const ALWAYS: &[&str] = &[
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=8M",
    "--innodb-use-native-aio=OFF",
    "--aria-pagecache-buffer-size=1M",
    "--key-buffer-size=64K",
];

pub(super) fn server(settings: &Settings, program: &Path) -> Result<Command, Error> {
    let folder = &settings.folder;
    let mut command = base(settings, program, &folder.join("data"))?;
    command.args(SERVER);
    command.arg(option("--socket", &files::socket(folder)));
    command.arg(option("--pid-file", &folder.join("mariadb.pid")));
    command.arg(option("--init-file", &folder.join("init.sql")));
    command.arg(format!("--bind-address={}", settings.address.ip()));
    command.arg(format!("--port={}", settings.address.port()));
    command.stdin(Stdio::null());
    Ok(command)
}

/// Reads SQL from standard input, without network and grants, and ends.
pub(super) fn bootstrap(
    settings: &Settings,
    program: &Path,
    data: &Path,
    script: File,
) -> Result<Command, Error> {
    let mut command = base(settings, program, data)?;
    command.args(["--bootstrap", "--skip-log-bin", "--loose-skip-ssl"]);
    command.stdin(script);
    Ok(command)
}

fn base(settings: &Settings, program: &Path, data: &Path) -> Result<Command, Error> {
    let mut command = match settings.guard.split_first() {
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
        None => Command::new(program),
    };
    command.arg("--no-defaults").args(ALWAYS);
    command
        .arg(option("--datadir", data))
        .arg(option("--tmpdir", &settings.folder.join("tmp")));
    if rustix::process::geteuid().is_root() {
        command.arg("--user=root");
    }
    let log = log_file(&files::log(&settings.folder))?;
    let output = log
        .try_clone()
        .map_err(|source| files::folder_error(&settings.folder, source))?;
    command.current_dir(&settings.folder).stdout(output).stderr(log);
    Ok(command)
}

fn log_file(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options
        .open(path)
        .map_err(|source| files::folder_error(path, source))
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push("=");
    option.push(path);
    option
}
