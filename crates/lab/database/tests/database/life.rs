//! Starting, crashing and coming back, the same on both engines.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::common::{free_port, options, settings, start};
use chaos_lab_database::{Database, Engine, Error};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

crate::in_both_engines!(
    a_crash_cuts_and_keeps,
    no_acknowledged_row_is_lost,
    side_by_side,
    a_taken_address_is_an_error,
    data_outlive_the_database,
);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn a_crash_cuts_and_keeps(engine: Engine) {
    let lab = start(engine).await;
    let pool = lab.migrated().await;
    pool.execute("INSERT INTO authors (name) VALUES ('kept')")
        .await
        .unwrap();
    let mut client = options(lab.database.address()).connect().await.unwrap();
    let mut open = client.begin().await.unwrap();
    open.execute("INSERT INTO authors (name) VALUES ('not committed')")
        .await
        .unwrap();
    until("a counted connection", async || lab.database.connections() >= 1).await;
    assert_eq!(lab.database.process().is_some(), engine == Engine::MariaDb);

    lab.database.crash().await.unwrap();
    lab.database.crash().await.unwrap();
    assert!(
        TcpStream::connect(lab.database.address()).await.is_err(),
        "nothing listens"
    );
    assert_eq!((lab.database.connections(), lab.database.process()), (0, None));
    assert!(open.execute("SELECT 1").await.is_err(), "the client is cut");
    drop(open);

    lab.database.resume().await.unwrap();
    lab.database.resume().await.unwrap();
    assert!(client.ping().await.is_err(), "and stays cut");
    let mut again = options(lab.database.address()).connect().await.unwrap();
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM authors")
        .fetch_all(&mut again)
        .await
        .unwrap();
    assert_eq!(names, ["kept"]);
}

/// MariaDB only: the embedded server starts no program.
#[tokio::test]
async fn the_guard_starts_mariadb() {
    if !crate::common::available(Engine::MariaDb) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut guarded = settings(&folder, crate::common::free_address());
    guarded.guard = ["env", "CHAOS_LAB_ID=77"].map(Into::into).to_vec();
    let database = Database::start(Engine::MariaDb, guarded).await.unwrap();
    let environment = std::fs::read(format!("/proc/{}/environ", database.process().unwrap())).unwrap();
    assert!(
        String::from_utf8_lossy(&environment)
            .split('\0')
            .any(|one| one == "CHAOS_LAB_ID=77")
    );
}

/// MariaDB only.
#[tokio::test]
async fn a_failed_start_shows_the_log() {
    if !crate::common::available(Engine::MariaDb) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&folder, crate::common::free_address());
    let database = Database::start(Engine::MariaDb, settings.clone()).await.unwrap();
    database.shut_down().await;
    std::fs::write(settings.folder.join("data/ibdata1"), "no data").unwrap();
    let error = database.resume().await.unwrap_err();
    assert!(
        matches!(&error, Error::Server { lines, .. } if lines.contains("[ERROR]")),
        "{error}"
    );
    assert_eq!(database.process(), None);
}

/// Writes until it shall stop, over as many connections as that takes; answers what was acknowledged, and how many broke.
async fn write(client: usize, address: SocketAddr, stop: Arc<AtomicBool>) -> (Vec<String>, usize) {
    let (mut acknowledged, mut broken) = (Vec::new(), 0);
    let mut row = 0;
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut connection) = options(address).connect().await else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        while !stop.load(Ordering::Relaxed) {
            row += 1;
            let body = format!("{client}/{row}");
            let insert = sqlx::query("INSERT INTO notes (author, body) VALUES (1, ?)").bind(&body);
            if insert.execute(&mut connection).await.is_err() {
                broken += 1;
                break;
            }
            acknowledged.push(body);
        }
    }
    (acknowledged, broken)
}

/// Twenty clients write what they can while the server crashes three times.
async fn no_acknowledged_row_is_lost(engine: Engine) {
    let lab = start(engine).await;
    let pool = lab.migrated().await;
    pool.execute("INSERT INTO authors (name) VALUES ('a')")
        .await
        .unwrap();
    pool.close().await;
    let (stop, address) = (Arc::<AtomicBool>::default(), lab.database.address());
    let mut clients = JoinSet::new();
    for client in 0..20 {
        clients.spawn(write(client, address, stop.clone()));
    }
    let rows = async || -> usize {
        let mut connection = options(address).connect().await.unwrap();
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notes")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        count as usize
    };
    for _ in 0..3 {
        let before = rows().await;
        until("writes", async || rows().await >= before + 40).await;
        lab.database.crash().await.unwrap();
        lab.database.resume().await.unwrap();
    }
    let before = rows().await;
    until("writes after all", async || rows().await >= before + 40).await;
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut broken) = (Vec::new(), 0);
    for (rows, breaks) in clients.join_all().await {
        acknowledged.extend(rows);
        broken += breaks;
    }
    assert!(broken >= 3, "each crash cut somebody");
    let mut connection = options(address).connect().await.unwrap();
    let present: Vec<String> = sqlx::query_scalar("SELECT body FROM notes")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let present: HashSet<String> = present.into_iter().collect();
    let lost: Vec<&String> = acknowledged
        .iter()
        .filter(|body| !present.contains(*body))
        .collect();
    assert_eq!(lost, Vec::<&String>::new());
    // One that was written but not acknowledged per broken connection, at most.
    assert!(present.len() - acknowledged.len() <= broken);
    println!(
        "{engine:?}: {} acknowledged, {} present",
        acknowledged.len(),
        present.len()
    );
}

async fn side_by_side(engine: Engine) {
    let lab = start(engine).await;
    let other = SocketAddr::from((
        [
            127,
            98,
            (std::process::id() % 250) as u8,
            1 + u8::from(engine == Engine::MariaDb),
        ],
        lab.database.address().port(),
    ));
    let folder = tempfile::tempdir().unwrap();
    let second = Database::start(engine, settings(&folder, other)).await.unwrap();
    lab.pool()
        .await
        .execute("CREATE TABLE only_here (id INT)")
        .await
        .unwrap();
    let mut there = options(second.address()).connect().await.unwrap();
    assert_eq!(
        crate::common::code(there.execute("SELECT * FROM only_here").await),
        1146
    );
    lab.database.crash().await.unwrap();
    assert!(there.ping().await.is_ok());
    second.shut_down().await;
    assert!(TcpStream::connect(other).await.is_err());
}

async fn a_taken_address_is_an_error(engine: Engine) {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let started = Database::start(engine, settings(&folder, taken.local_addr().unwrap())).await;
    assert!(matches!(started, Err(Error::Listen { .. })));
}

async fn data_outlive_the_database(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let address = free_port([127, 0, 0, 1]);
    let first = Database::start(engine, settings(&folder, address)).await.unwrap();
    let mut client = options(address).connect().await.unwrap();
    client
        .execute("CREATE TABLE t (id INT PRIMARY KEY)")
        .await
        .unwrap();
    client.execute("INSERT INTO t VALUES (1)").await.unwrap();
    let process = first.process();
    drop(first);
    if let Some(process) = process {
        assert!(
            !std::path::Path::new(&format!("/proc/{process}")).exists(),
            "it ends with its owner"
        );
    }
    let mut changed = settings(&folder, address);
    changed.password = "another".to_owned();
    let second = Database::start(engine, changed).await.unwrap();
    assert!(
        options(address).connect().await.is_err(),
        "the new password counts"
    );
    let mut client = options(address).password("another").connect().await.unwrap();
    let ids: Vec<i32> = sqlx::query_scalar("SELECT id FROM t")
        .fetch_all(&mut client)
        .await
        .unwrap();
    assert_eq!(ids, [1]);
    second.shut_down().await;
}
