//! Makes the schema, once the database answers.
//!
//! sqlx's own migrations mark a file as begun, and refuse to start ever after when a replica dies half-way, since MySQL cannot
//! roll a schema back. Here each statement can be repeated instead (`IF NOT EXISTS`), all of them run at each start, and
//! replicas need no lock among themselves.

use std::time::Duration;

use tokio::time::sleep;
use tracing::{info, warn};

use super::database::{Database, DatabaseError};

/// In order. Each ends its statements with a semicolon at the end of a line.
const FILES: &[&str] = &[include_str!("../../migrations/0001_users_posts_comments.sql")];

const PAUSE: Duration = Duration::from_millis(250);

/// Tries until it succeeds; then the database is ready.
pub async fn run(database: Database) {
    let mut told = String::new();
    loop {
        match all(&database).await {
            Ok(()) => break,
            Err(cause) => {
                let cause = cause.to_string();
                if cause != told {
                    warn!(cause, "cannot make the schema yet; trying on");
                    told = cause;
                }
            }
        }
        sleep(PAUSE).await;
    }
    database.set_ready();
    info!("the schema is there");
}

async fn all(database: &Database) -> Result<(), DatabaseError> {
    for statement in FILES.iter().flat_map(|file| statements(file)) {
        database.define(statement).await?;
    }
    Ok(())
}

/// The statements of a file, without the comments between them.
fn statements(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.split(";\n")
        .map(without_remarks)
        .filter(|statement| !statement.is_empty())
}

fn without_remarks(mut text: &str) -> &str {
    loop {
        text = text.trim();
        match text.strip_prefix("--") {
            Some(rest) => text = rest.split_once('\n').map_or("", |(_, next)| next),
            None => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_statements_that_can_be_repeated() {
        let all: Vec<_> = FILES.iter().flat_map(|file| statements(file)).collect();
        assert_eq!(all.len(), 3);
        for statement in all {
            assert!(statement.starts_with("CREATE TABLE IF NOT EXISTS"), "{statement}");
        }
    }
}
