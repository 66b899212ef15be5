//! The files of a MariaDB server: its program, its data folder, its log.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::arguments;
use super::keeper::Keeper;
use crate::{Error, Settings};

/// Folders of servers that are often not on PATH.
const PLACES: &[&str] = &[
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/libexec",
    "/usr/bin",
    "/usr/local/bin",
];
/// A path of a Unix socket may have 107 bytes (unix(7)).
const SOCKET: usize = 107;

/// `mariadbd`, or a `mysqld` that says it is MariaDB's.
pub(crate) fn find_program() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path)
        .chain(PLACES.iter().map(PathBuf::from))
        .collect();
    let find = |name: &str| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| is_program(path))
    };
    find("mariadbd").or_else(|| find("mysqld").filter(|path| is_mariadb(path)))
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

fn is_mariadb(program: &Path) -> bool {
    let output = Command::new(program)
        .args(["--no-defaults", "--version"])
        .output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("MariaDB"))
}

pub(super) fn folder_error(path: &Path, source: io::Error) -> Error {
    Error::Folder {
        path: path.to_owned(),
        source,
    }
}

/// Makes the folder, and answers its whole path: the server changes its own working directory.
pub(super) fn prepare(folder: &Path) -> Result<PathBuf, Error> {
    for path in [folder.to_owned(), folder.join("tmp")] {
        private_folder(&path)?;
    }
    folder
        .canonicalize()
        .map_err(|source| folder_error(folder, source))
}

fn private_folder(path: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| folder_error(path, source))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|source| folder_error(path, source))
}

/// In the folder, where its path is short enough. Elsewhere is not allowed, so a long path goes without the part that
/// makes it whole: the server runs in the folder.
pub(super) fn socket(folder: &Path) -> PathBuf {
    let path = folder.join("mariadb.sock");
    if path.as_os_str().len() <= SOCKET {
        path
    } else {
        PathBuf::from("../mariadb.sock")
    }
}

pub(super) fn log(folder: &Path) -> PathBuf {
    folder.join("mariadb.log")
}

/// The error that holds the end of the server's log.
pub(super) fn failure(settings: &Settings, what: String) -> Error {
    let log = log(&settings.folder);
    let text = fs::read(&log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let lines = lines[lines.len().saturating_sub(15)..].join("\n");
    Error::Server { what, log, lines }
}

/// Says early, and without MariaDB's log, that the address is taken. Otherwise another server that listens there would be
/// taken for this one.
pub(super) fn check_address(address: SocketAddr) -> Result<(), Error> {
    TcpListener::bind(address)
        .map(drop)
        .map_err(|source| Error::Listen { address, source })
}

/// Makes the system tables, as mariadb-install-db does. They are made aside and moved, so that data are whole or not there.
pub(super) async fn create_data(settings: &Settings, program: &Path, keeper: &Keeper) -> Result<(), Error> {
    let (data, aside) = (settings.folder.join("data"), settings.folder.join("data.new"));
    if data.exists() {
        return Ok(());
    }
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(|source| folder_error(&aside, source))?;
    }
    private_folder(&aside)?;
    let script = write_script(settings, program)?;
    let mut child = keeper
        .spawn(arguments::bootstrap(settings, program, &aside, script)?, program)
        .await?;
    while child.ended().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    if !child.succeeded() {
        return Err(failure(settings, "could not make its system tables".to_owned()));
    }
    fs::rename(&aside, &data).map_err(|source| folder_error(&data, source))
}

fn write_script(settings: &Settings, program: &Path) -> Result<File, Error> {
    let path = settings.folder.join("bootstrap.sql");
    let mut text = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n".to_owned();
    for name in ["system_tables.sql", "system_tables_data.sql"] {
        text += &fs::read_to_string(script(name, program)?).map_err(|source| folder_error(&path, source))?;
    }
    // No name but root's at the socket, which lies in a private folder.
    text += "\nDELETE FROM global_priv WHERE User='' OR (User='root' AND Host<>'localhost');\n";
    write_private(&path, &text)?;
    File::open(&path).map_err(|source| folder_error(&path, source))
}

/// MariaDB 11 names its files `mariadb_…`, earlier ones `mysql_…`.
fn script(name: &'static str, program: &Path) -> Result<PathBuf, Error> {
    let program = program.canonicalize().unwrap_or_else(|_| program.to_owned());
    let beside = program
        .parent()
        .and_then(Path::parent)
        .map(|root| root.join("share"));
    let roots = beside
        .into_iter()
        .chain([PathBuf::from("/usr/share"), PathBuf::from("/usr/local/share")]);
    let folders: Vec<PathBuf> = roots
        .flat_map(|root| [root.join("mariadb"), root.join("mysql"), root])
        .collect();
    let names = [format!("mariadb_{name}"), format!("mysql_{name}")];
    let paths = folders
        .iter()
        .flat_map(|folder| names.iter().map(|name| folder.join(name)));
    let listed = || {
        folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    paths
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| Error::Scripts {
            name,
            folders: listed(),
        })
}

/// What the server runs at each start, before it takes connections: the schema, and the one user on it.
pub(super) fn write_init(settings: &Settings) -> Result<(), Error> {
    let user = quoted(&settings.user);
    let password = quoted(&settings.password);
    let schema = settings.schema.replace('`', "``");
    // In a grant, `_` and `%` of a schema's name are wildcards.
    let pattern = schema
        .replace('\\', "\\\\")
        .replace('_', "\\_")
        .replace('%', "\\%");
    let mut text = format!("CREATE DATABASE IF NOT EXISTS `{schema}`;\n");
    for host in ["127.%", "::1"] {
        text += &format!("CREATE OR REPLACE USER '{user}'@'{host}' IDENTIFIED BY '{password}';\n");
        text += &format!("GRANT ALL ON `{pattern}`.* TO '{user}'@'{host}';\n");
    }
    write_private(&settings.folder.join("init.sql"), &text)
}

/// The text between the quotes of an SQL string on one line (a line of the init file is a statement).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n")
}

fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| folder_error(path, source))
}

/// Established TCP connections at the address, from the kernel's list (proc(5), /proc/net/tcp: state 01).
pub(super) fn established(address: SocketAddr) -> usize {
    let (list, ip) = match address.ip() {
        IpAddr::V4(ip) => (
            "/proc/net/tcp",
            format!("{:08X}", u32::from_ne_bytes(ip.octets())),
        ),
        IpAddr::V6(ip) => {
            let words = ip.octets();
            let words = words
                .chunks_exact(4)
                .map(|word| word.iter().rev().map(|byte| format!("{byte:02X}")).collect());
            ("/proc/net/tcp6", words.collect::<Vec<String>>().concat())
        }
    };
    let local = format!("{ip}:{:04X}", address.port());
    let listed = fs::read_to_string(list).unwrap_or_default();
    let open = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        fields.next() == Some(local.as_str()) && fields.nth(1) == Some("01")
    };
    listed.lines().filter(open).count()
}
