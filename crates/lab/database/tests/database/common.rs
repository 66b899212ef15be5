//! What the tests of both engines share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use chaos_lab_database::{Database, Engine, Settings};
use sqlx::MySqlPool;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};

/// A test in one engine: its own folder, and an address of its own.
pub struct Lab {
    pub database: Database,
    _folder: tempfile::TempDir,
}

/// Whether the engine can run here.
pub fn available(engine: Engine) -> bool {
    let there = engine == Engine::Embedded || Engine::choose() == Engine::MariaDb;
    if !there {
        println!("skipped: mariadbd is not installed");
    }
    there
}

pub fn free_port(ip: [u8; 4]) -> SocketAddr {
    std::net::TcpListener::bind(SocketAddr::from((ip, 0)))
        .unwrap()
        .local_addr()
        .unwrap()
}

/// Tests of one process run at once; each has an address that no other uses.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let process = std::process::id() % 250 + 1;
    free_port([127, 99, process as u8, NEXT.fetch_add(1, Ordering::Relaxed)])
}

pub fn settings(folder: &tempfile::TempDir, address: SocketAddr) -> Settings {
    Settings {
        folder: folder.path().join("db"),
        address,
        schema: "lab_data".to_owned(),
        user: "app".to_owned(),
        password: "it's a \\ secret".to_owned(),
        guard: Vec::new(),
    }
}

pub async fn start(engine: Engine) -> Lab {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::start(engine, settings(&folder, free_address()))
        .await
        .unwrap();
    Lab {
        database,
        _folder: folder,
    }
}

pub fn options(address: SocketAddr) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .host(&address.ip().to_string())
        .port(address.port())
        .username("app")
        .password("it's a \\ secret")
        .database("lab_data")
        .ssl_mode(sqlx::mysql::MySqlSslMode::Disabled)
}

impl Lab {
    pub async fn pool(&self) -> MySqlPool {
        let options = options(self.database.address());
        MySqlPoolOptions::new()
            .max_connections(25)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(options)
            .await
            .unwrap()
    }

    /// With the tables of the migrations.
    pub async fn migrated(&self) -> MySqlPool {
        let pool = self.pool().await;
        sqlx::migrate!("tests/migrations").run(&pool).await.unwrap();
        pool
    }
}

/// The number of the error that the database answered.
pub fn code<T: std::fmt::Debug>(result: Result<T, sqlx::Error>) -> u16 {
    let error = result.unwrap_err().into_database_error().unwrap();
    error.downcast_ref::<sqlx::mysql::MySqlDatabaseError>().number()
}

/// Each test function in both engines.
#[macro_export]
macro_rules! in_both_engines {
    ($($name:ident),* $(,)?) => {
        mod mariadb { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            if $crate::common::available(chaos_lab_database::Engine::MariaDb) {
                super::$name(chaos_lab_database::Engine::MariaDb).await;
            }
        })* }
        mod embedded { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(chaos_lab_database::Engine::Embedded).await;
        })* }
    };
}
