//! One statement at a time, on a pool of connections that heals itself.
//!
//! Each statement of this application is committed by itself and may be repeated (see `statements`). So a statement whose
//! connection broke is sent again, on another connection, as long as its time lasts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prometheus::{IntCounterVec, IntGaugeVec};
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlPoolOptions, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::{MySql, MySqlPool, SqlStr};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{error, warn};

use crate::metrics::Metrics;
use crate::problem::Problem;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a connection may take to show that it can be used again.
const RETURN: Duration = Duration::from_secs(2);

/// What a database answers when the statement may succeed elsewhere or later: too many connections (1040, 1203), shutting down
/// or killed (1053, 1077, 1079, 1317, 1927, 3169), broken connections (1152, 1158 to 1161, 1184, 4031), lock conflicts
/// (1205, 1213), read-only after a failover (1290, 1836). From the error references of MySQL 8 and MariaDB.
const TRANSIENT: &[u16] = &[
    1040, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1213, 1290, 1317, 1836, 1927,
    3169, 4031,
];
/// No access, no such database: only a person can help, and it is no fault of the request.
const REFUSED: &[u16] = &[1044, 1045, 1049, 1130, 1227, 1698];

/// Why a statement gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database is away, or refuses us.
    #[error("the database is away: {0}")]
    Away(String),
    /// A row with this key is there.
    #[error("there is such a row")]
    Duplicate,
    /// The row that this one belongs to is not there.
    #[error("there is no such parent row")]
    Orphan,
    /// A fault of ours.
    #[error("{0}")]
    Fault(sqlx::Error),
}

impl From<DatabaseError> for Problem {
    fn from(cause: DatabaseError) -> Self {
        match cause {
            DatabaseError::Away(_) => {
                warn!(%cause, "no answer from the database");
                Self::unavailable("the database is away for the moment")
            }
            cause => {
                error!(%cause, "a statement failed");
                Self::internal()
            }
        }
    }
}

/// The pool. Clones share it.
#[derive(Clone)]
pub struct Database {
    pool: MySqlPool,
    timeout: Duration,
    ready: Arc<AtomicBool>,
    failures: IntCounterVec,
    connections: IntGaugeVec,
}

impl Database {
    /// Connects when it is first needed. Each statement has `timeout`, tries and waiting for a connection included.
    pub fn new(
        options: MySqlConnectOptions,
        size: u32,
        timeout: Duration,
        metrics: &Metrics,
    ) -> Result<Self, prometheus::Error> {
        let pool = MySqlPoolOptions::new()
            .max_connections(size)
            .acquire_timeout(timeout)
            // a connection that broke while it was idle is found by its first statement, which is then sent again
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            timeout,
            ready: Arc::default(),
            failures: metrics.counter("database_failures_total", "Statements that failed, by why", "why")?,
            connections: metrics.gauge("database_connections", "Connections, by what they do", "state")?,
        })
    }

    /// Whether the schema was seen, so that requests make sense.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// From now on requests make sense.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    /// The rows that a statement gives.
    pub async fn rows(
        &self,
        sql: &'static str,
        arguments: MySqlArguments,
    ) -> Result<Vec<MySqlRow>, DatabaseError> {
        let (rows, _) = self.tried(Statement::Prepared(sql, arguments)).await?;
        Ok(rows)
    }

    /// How many rows a statement met.
    pub async fn execute(&self, sql: &'static str, arguments: MySqlArguments) -> Result<u64, DatabaseError> {
        let (_, met) = self.tried(Statement::Change(sql, arguments)).await?;
        Ok(met)
    }

    /// A statement of the schema.
    pub async fn define(&self, sql: &'static str) -> Result<(), DatabaseError> {
        self.tried(Statement::Plain(sql)).await.map(|_| ())
    }

    async fn tried(&self, statement: Statement) -> Result<(Vec<MySqlRow>, u64), DatabaseError> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let failure = match timeout_at(deadline, self.once(&statement)).await {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(failure)) => classify(failure),
                Err(_) => DatabaseError::Away(format!("no answer within {:?}", self.timeout)),
            };
            let again = matches!(failure, DatabaseError::Away(_)) && Instant::now() + PAUSE < deadline;
            self.failures.with_label_values(&[failure.label()]).inc();
            if !again {
                return Err(failure);
            }
            sleep(PAUSE).await;
        }
    }

    async fn once(&self, statement: &Statement) -> Result<(Vec<MySqlRow>, u64), sqlx::Error> {
        let mut lent = Lent(Some(self.pool.acquire().await?));
        self.count_connections();
        let Some(connection) = lent.0.as_deref_mut() else {
            return Err(sqlx::Error::PoolClosed);
        };
        let done = match statement {
            Statement::Prepared(sql, arguments) => {
                let query = sqlx::query_with::<MySql, _>(*sql, arguments.clone());
                query.fetch_all(connection).await.map(|rows| (rows, 0))
            }
            Statement::Change(sql, arguments) => {
                let query = sqlx::query_with::<MySql, _>(*sql, arguments.clone());
                let done = query.execute(connection).await;
                done.map(|done| (Vec::new(), done.rows_affected()))
            }
            Statement::Plain(sql) => {
                let done = sqlx::raw_sql(SqlStr::from_static(sql)).execute(connection).await;
                done.map(|done| (Vec::new(), done.rows_affected()))
            }
        };
        if !done.as_ref().is_err_and(breaks) {
            lent.give_back();
        }
        done
    }

    fn count_connections(&self) {
        let idle = i64::try_from(self.pool.num_idle()).unwrap_or(i64::MAX);
        self.connections.with_label_values(&["idle"]).set(idle);
        let busy = i64::from(self.pool.size()).saturating_sub(idle);
        self.connections.with_label_values(&["busy"]).set(busy);
    }
}

enum Statement {
    Prepared(&'static str, MySqlArguments),
    Change(&'static str, MySqlArguments),
    Plain(&'static str),
}

/// A connection that leaves the pool unless it is given back: one whose statement was cut short, by a client that went away or
/// by the deadline, may still have an answer on its way.
struct Lent(Option<PoolConnection<MySql>>);

impl Lent {
    fn give_back(&mut self) {
        if let Some(mut connection) = self.0.take() {
            // the pool's own way back asks the server without a deadline, and holds the place meanwhile
            let back = connection.return_to_pool();
            tokio::spawn(timeout(RETURN, back));
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

impl DatabaseError {
    fn label(&self) -> &'static str {
        match self {
            Self::Away(_) => "away",
            Self::Duplicate => "duplicate",
            Self::Orphan => "orphan",
            Self::Fault(_) => "fault",
        }
    }
}

/// The number of a MySQL error.
fn code(failure: &sqlx::Error) -> Option<u16> {
    let error = failure.as_database_error()?;
    let error = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()?;
    Some(error.number())
}

/// Whether the connection is of no more use.
fn breaks(failure: &sqlx::Error) -> bool {
    match failure {
        sqlx::Error::Database(_) => code(failure).is_some_and(|code| TRANSIENT.contains(&code)),
        sqlx::Error::RowNotFound | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => false,
        _ => true,
    }
}

fn classify(failure: sqlx::Error) -> DatabaseError {
    match failure {
        sqlx::Error::Database(ref error) => match code(&failure) {
            _ if error.is_unique_violation() => DatabaseError::Duplicate,
            _ if error.is_foreign_key_violation() => DatabaseError::Orphan,
            Some(code) if TRANSIENT.contains(&code) || REFUSED.contains(&code) => {
                DatabaseError::Away(failure.to_string())
            }
            _ => DatabaseError::Fault(failure),
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => DatabaseError::Away(failure.to_string()),
        _ => DatabaseError::Fault(failure),
    }
}
