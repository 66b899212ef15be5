//! One client's session: its transaction, its locks, its variables.
//!
//! A transaction reads what is committed and takes the turn to write with its first change, or with its first locking read; it
//! keeps the turn to its end. So transactions cannot deadlock with one another. (MySQL would show a transaction the rows
//! as they were at its first read; here it sees what others commit until it writes itself.)

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::fault::Fault;
use super::functions::{self, Facts, Shared};
use super::server::{Counted, Server, Turn};
use super::sql::{self, Context, Id, Kind, Locking, Plan, Query, Savepoint, Token};
use super::store::{self, Answer};
use super::types::Type;
use super::wire::reply::{AUTOCOMMIT, Column, Done, IN_TRANSACTION};

pub(crate) struct Session {
    server: Arc<Server>,
    id: u32,
    facts: Shared,
    /// Away while a statement runs, on a thread for blocking work.
    work: Option<Work>,
    in_transaction: bool,
    autocommit: bool,
    pipes: bool,
    locks: HashMap<String, (Turn, u32)>,
}

/// What a statement needs on its thread. It is dropped there too where the client has gone meanwhile: fields drop in order, so
/// an open transaction is rolled back before the next writer has its turn.
struct Work {
    connection: Connection,
    turn: Option<Turn>,
    id: u32,
    server: Arc<Server>,
    _counted: Counted,
}

impl Drop for Work {
    fn drop(&mut self) {
        self.server.work_ends(self.id);
    }
}

fn internal(message: &str) -> Fault {
    Fault::new(1105, "HY000", message)
}

fn shutting_down() -> Fault {
    Fault::new(1053, "08S01", "Server shutdown in progress")
}

impl Session {
    /// Opens the file for this client.
    pub(crate) async fn open(server: Arc<Server>, id: u32) -> Result<Session, Fault> {
        let facts = Facts {
            user: server.user.clone(),
            connection: id,
            ..Facts::default()
        };
        let facts = Shared::new(facts.into());
        let (shared, of) = (server.clone(), facts.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let connection = store::for_client(&shared.path, &shared.schema, &of)?;
            let counted = shared.work(id, connection.get_interrupt_handle());
            rusqlite::Result::Ok(Work {
                connection,
                turn: None,
                id,
                server: shared,
                _counted: counted,
            })
        });
        let opened = opened.await.map_err(|_| shutting_down())?;
        let work = opened.map_err(|error| Fault::from_sqlite(&error, false))?;
        Ok(Session {
            server,
            id,
            facts,
            work: Some(work),
            in_transaction: false,
            autocommit: true,
            pipes: false,
            locks: HashMap::new(),
        })
    }

    /// The status that goes with an answer.
    pub(crate) fn status(&self) -> u16 {
        (u16::from(self.autocommit) * AUTOCOMMIT) | (u16::from(self.in_transaction) * IN_TRANSACTION)
    }

    pub(crate) fn plans(&self, sql: &str) -> Result<(Vec<Plan>, usize), Fault> {
        sql::plans(
            sql,
            &Context {
                schema: &self.server.schema,
                pipes: self.pipes,
            },
        )
    }

    /// Makes this schema the present one.
    pub(crate) fn choose(&mut self, schema: &str) -> Result<(), Fault> {
        let known = [self.server.schema.as_str(), "information_schema"];
        if !known.iter().any(|known| known.eq_ignore_ascii_case(schema)) {
            return Err(Fault::new(1049, "42000", format!("Unknown database '{schema}'")));
        }
        functions::with(&self.facts, |facts| facts.schema = Some(schema.to_owned()));
        Ok(())
    }

    /// Does what one statement asks.
    pub(crate) async fn run(&mut self, plan: &Plan, values: &[Value]) -> Result<Answer, Fault> {
        match plan {
            Plan::Nothing => {}
            Plan::Begin => {
                self.finish("COMMIT").await?;
                self.in_transaction = true;
            }
            Plan::Commit => self.finish("COMMIT").await?,
            Plan::Rollback => self.finish("ROLLBACK").await?,
            Plan::Savepoint(savepoint) => self.savepoint(savepoint).await?,
            Plan::Set(assignments) => self.set(assignments).await?,
            Plan::Use(schema) => self.choose(schema)?,
            Plan::Locking(locking) => return self.locking(locking, values).await,
            Plan::Query(query) => return self.query(query, values).await,
            Plan::Define { statements, ids } => self.define(statements, ids).await?,
        }
        Ok(Answer::Done(Done::default()))
    }

    /// What a prepared statement will give.
    pub(crate) async fn describe(&mut self, plan: &Plan) -> Result<Vec<Column>, Fault> {
        match plan {
            Plan::Query(query) => {
                let query = query.clone();
                self.blocking(move |work| store::describe(&work.connection, &query))
                    .await
            }
            Plan::Locking(locking) => Ok(vec![number(&locking.column)]),
            _ => Ok(Vec::new()),
        }
    }

    /// Forgets transaction, locks and variables, as COM_RESET_CONNECTION asks.
    pub(crate) async fn reset(&mut self) -> Result<(), Fault> {
        self.finish("ROLLBACK").await?;
        self.locks.clear();
        (self.autocommit, self.pipes) = (true, false);
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Work) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let mut work = self
            .work
            .take()
            .ok_or_else(|| internal("a statement before this one failed"))?;
        let done = tokio::task::spawn_blocking(move || {
            let result = if work.server.has_ended() {
                Err(shutting_down())
            } else {
                act(&mut work)
            };
            (work, result)
        });
        let (work, result) = done
            .await
            .map_err(|_| internal("the statement ended without an answer"))?;
        self.work = Some(work);
        result
    }

    async fn execute(&mut self, sql: &str) -> Result<(), Fault> {
        let sql = sql.to_owned();
        let run = move |work: &mut Work| {
            work.connection
                .execute_batch(&sql)
                .map_err(|error| Fault::from_sqlite(&error, false))
        };
        self.blocking(run).await
    }

    fn work(&mut self) -> Result<&mut Work, Fault> {
        self.work
            .as_mut()
            .ok_or_else(|| internal("a statement before this one failed"))
    }

    /// Takes the turn to write, and begins the transaction in SQLite where the client is in one.
    async fn prepare_to_write(&mut self) -> Result<(), Fault> {
        if self.work()?.turn.is_none() {
            let turn = self.server.turn().await?;
            self.work()?.turn = Some(turn);
        }
        if self.in_transaction && self.work()?.connection.is_autocommit() {
            let begun = self.execute("BEGIN IMMEDIATE").await;
            if begun.is_err() {
                self.give_back();
            }
            return begun;
        }
        Ok(())
    }

    /// Lets others write, unless a transaction is open in SQLite.
    fn give_back(&mut self) {
        if let Some(work) = &mut self.work
            && work.connection.is_autocommit()
        {
            work.turn = None;
        }
    }

    async fn query(&mut self, query: &Query, values: &[Value]) -> Result<Answer, Fault> {
        self.in_transaction |= !self.autocommit;
        if query.writes {
            self.prepare_to_write().await?;
        }
        let (facts, query, values) = (self.facts.clone(), query.clone(), values.to_vec());
        let answer = self
            .blocking(move |work| store::run(&work.connection, &facts, &query, &values))
            .await;
        self.after_failure(answer.is_err());
        self.give_back();
        answer
    }

    /// A full disk, for one, makes SQLite roll the transaction back by itself.
    fn after_failure(&mut self, failed: bool) {
        let lost = self
            .work
            .as_ref()
            .is_some_and(|work| work.turn.is_some() && work.connection.is_autocommit());
        if failed && lost {
            self.in_transaction = false;
        }
    }

    async fn finish(&mut self, how: &str) -> Result<(), Fault> {
        self.in_transaction = false;
        if self.work()?.connection.is_autocommit() {
            return Ok(());
        }
        let finished = self.execute(how).await;
        if finished.is_err() && how == "COMMIT" {
            let _ = self.execute("ROLLBACK").await;
        }
        self.give_back();
        finished
    }

    async fn savepoint(&mut self, savepoint: &Savepoint) -> Result<(), Fault> {
        if savepoint.makes && self.in_transaction {
            self.prepare_to_write().await?;
        }
        let outside = self.work()?.connection.is_autocommit();
        match (outside, savepoint.makes) {
            (true, true) => Ok(()),
            (true, false) => Err(Fault::new(1305, "42000", "SAVEPOINT does not exist")),
            (false, _) => self.execute(&savepoint.sql).await,
        }
    }

    /// Changes of the schema commit what was before them, as in MySQL, and are whole or not there.
    async fn define(&mut self, statements: &[String], ids: &[Id]) -> Result<(), Fault> {
        self.finish("COMMIT").await?;
        self.prepare_to_write().await?;
        let (statements, ids) = (statements.to_vec(), ids.to_vec());
        let done = self.blocking(move |work| {
            let define = |connection: &mut Connection| {
                let transaction = connection.transaction()?;
                for statement in &statements {
                    transaction.execute_batch(statement)?;
                }
                for Id {
                    table,
                    column,
                    declared,
                } in &ids
                {
                    let sql = "INSERT OR IGNORE INTO _chaos_lab_ids VALUES (?, ?, ?)";
                    transaction.execute(sql, (table, column, declared))?;
                }
                transaction.execute(FORGET, [])?;
                transaction.commit()
            };
            define(&mut work.connection).map_err(|error| Fault::from_sqlite(&error, true))
        });
        let done = done.await;
        self.give_back();
        done
    }

    async fn set(&mut self, assignments: &[(String, Vec<Token>)]) -> Result<(), Fault> {
        for (name, value) in assignments {
            let text = value
                .iter()
                .map(|token| token.text.to_ascii_uppercase())
                .collect::<Vec<_>>()
                .join(" ");
            match name.as_str() {
                "autocommit" => {
                    self.autocommit = !matches!(text.as_str(), "0" | "OFF" | "FALSE");
                    if self.autocommit {
                        self.finish("COMMIT").await?;
                    }
                }
                "sql_mode" => self.pipes = text.contains("PIPES_AS_CONCAT") || text.contains("ANSI"),
                _ => {}
            }
        }
        Ok(())
    }

    async fn locking(&mut self, locking: &Locking, values: &[Value]) -> Result<Answer, Fault> {
        let argument = |index: usize| locking.arguments.get(index).map(|token| value_of(token, values));
        let name = match argument(0) {
            Some(Value::Text(name)) if !name.is_empty() => name.to_lowercase(),
            Some(Value::Integer(number)) => number.to_string(),
            None if locking.function == "RELEASE_ALL_LOCKS" => String::new(),
            _ => return Err(Fault::new(3057, "42000", "Incorrect user-level lock name")),
        };
        let held = self.locks.contains_key(&name);
        let result = match locking.function {
            "GET_LOCK" => Some(self.get_lock(name, argument(1)).await),
            "RELEASE_LOCK" if held => Some(self.release(&name)),
            "RELEASE_LOCK" if self.server.is_free(&name) => None,
            "RELEASE_LOCK" => Some(0),
            "RELEASE_ALL_LOCKS" => Some(self.locks.drain().count() as i64),
            "IS_FREE_LOCK" => Some(i64::from(!held && self.server.is_free(&name))),
            _ => (held || !self.server.is_free(&name)).then_some(self.id.into()),
        };
        let rows = vec![vec![result.map_or(Value::Null, Value::Integer)]];
        Ok(Answer::Rows {
            columns: vec![number(&locking.column)],
            rows,
        })
    }

    async fn get_lock(&mut self, name: String, limit: Option<Value>) -> i64 {
        if let Some((_, times)) = self.locks.get_mut(&name) {
            *times += 1;
            return 1;
        }
        let seconds = match limit {
            Some(Value::Integer(seconds)) => seconds as f64,
            Some(Value::Real(seconds)) => seconds,
            _ => 0.0,
        };
        // A negative limit is none.
        let limit = Duration::try_from_secs_f64(seconds).ok();
        let turn = self.server.named(&name, limit).await;
        let got = turn.map(|turn| self.locks.insert(name, (turn, 1)));
        i64::from(got.is_some())
    }

    fn release(&mut self, name: &str) -> i64 {
        if let Some((_, times)) = self.locks.get_mut(name) {
            *times -= 1;
            if *times == 0 {
                self.locks.remove(name);
            }
        }
        1
    }
}

/// Ids of tables that are gone.
const FORGET: &str = "DELETE FROM _chaos_lab_ids WHERE tbl NOT IN (SELECT name COLLATE NOCASE FROM sqlite_schema WHERE type = 'table')";

fn number(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        table: String::new(),
        of: Type::of_values([Value::Integer(0)].iter()),
    }
}

fn value_of(token: &Token, values: &[Value]) -> Value {
    match token.kind {
        Kind::Parameter(index) => values.get(index - 1).cloned().unwrap_or(Value::Null),
        Kind::Number => token.text.parse().map_or(Value::Null, Value::Real),
        Kind::Text => Value::Text(token.text.clone()),
        _ => Value::Null,
    }
}
