//! The SQLite file, and running statements on it.

use std::path::Path;
use std::time::Duration;

use rusqlite::hooks::Action;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Statement, params_from_iter};

use super::fault::Fault;
use super::functions::{self, Shared};
use super::moment::Moment;
use super::sql::Query;
use super::types::Type;
use super::wire::reply::{Column, Done};

/// Types of columns that count up, by table and column.
const CATALOG: &str = "CREATE TABLE IF NOT EXISTS _chaos_lab_ids \
    (tbl TEXT NOT NULL COLLATE NOCASE, col TEXT NOT NULL COLLATE NOCASE, declared TEXT NOT NULL, PRIMARY KEY (tbl, col))";

/// As much of the information schema as tools ask for.
const VIEWS: &str = "
    CREATE TEMP VIEW information_schema_tables AS
      SELECT 'def' AS TABLE_CATALOG, (SELECT name FROM _chaos_lab_schema) AS TABLE_SCHEMA, name AS TABLE_NAME,
             'BASE TABLE' AS TABLE_TYPE, 'InnoDB' AS ENGINE
      FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_chaos\\_lab%' ESCAPE '\\';
    CREATE TEMP VIEW information_schema_columns AS
      SELECT t.TABLE_SCHEMA, t.TABLE_NAME, c.name AS COLUMN_NAME, c.cid + 1 AS ORDINAL_POSITION,
             lower(c.type) AS COLUMN_TYPE, iif(c.\"notnull\", 'NO', 'YES') AS IS_NULLABLE
      FROM information_schema_tables t, pragma_table_info(t.TABLE_NAME) c;
    CREATE TEMP VIEW information_schema_schemata AS
      SELECT 'def' AS CATALOG_NAME, name AS SCHEMA_NAME FROM _chaos_lab_schema;";

/// What a statement gave.
pub(crate) enum Answer {
    Done(Done),
    Rows {
        columns: Vec<Column>,
        rows: Vec<Vec<Value>>,
    },
}

/// Opens the file so that committed data outlive a loss of power.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // Writers take turns before they reach SQLite; this is for checkpoints and for programs outside.
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

/// Makes what this server itself needs in the file.
pub(crate) fn prepare(path: &Path) -> rusqlite::Result<()> {
    open(path)?.execute_batch(CATALOG)
}

/// A connection for one client.
pub(crate) fn for_client(path: &Path, schema: &str, facts: &Shared) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    functions::register(&connection, facts)?;
    connection.execute_batch("CREATE TEMP TABLE _chaos_lab_schema (name TEXT COLLATE NOCASE);")?;
    connection.execute("INSERT INTO _chaos_lab_schema VALUES (?)", [schema])?;
    connection.execute_batch(VIEWS)?;
    let facts = facts.clone();
    connection.update_hook(Some(move |action, _: &str, table: &str, row: i64| {
        if action == Action::SQLITE_INSERT {
            functions::with(&facts, |facts| {
                facts.inserted.get_or_insert_with(|| (table.to_owned(), row)).1
            });
        }
    }))?;
    Ok(connection)
}

/// Runs one statement to its end.
pub(crate) fn run(
    connection: &Connection,
    facts: &Shared,
    query: &Query,
    values: &[Value],
) -> Result<Answer, Fault> {
    let fault = |error: rusqlite::Error| Fault::from_sqlite(&error, query.deletes);
    functions::with(facts, |facts| {
        facts.now = Moment::now();
        facts.inserted = None;
    });
    let mut statement = connection.prepare_cached(&query.sql).map_err(fault)?;
    if statement.column_count() > 0 {
        let rows = rows(&mut statement, values).map_err(fault)?;
        let columns = columns(connection, &statement, query, &rows);
        functions::with(facts, |facts| facts.row_count = -1);
        return Ok(Answer::Rows { columns, rows });
    }
    let affected = statement.execute(params_from_iter(values)).map_err(fault)? as u64;
    let affected = if query.writes { affected } else { 0 };
    Ok(Answer::Done(Done {
        affected,
        insert_id: insert_id(connection, facts, query, affected),
    }))
}

fn rows(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<Vec<Vec<Value>>> {
    let count = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..count).map(|index| row.get(index)).collect();
    statement.query_map(params_from_iter(values), row)?.collect()
}

/// The first id that the statement drew, where its table has a column that counts up (as LAST_INSERT_ID says).
fn insert_id(connection: &Connection, facts: &Shared, query: &Query, affected: u64) -> u64 {
    let (inserted, said) = functions::with(facts, |facts| {
        facts.row_count = affected.cast_signed();
        (facts.inserted.take(), facts.insert_id)
    });
    let Some(target) = &query.inserts else { return 0 };
    match inserted {
        Some((table, row))
            if table.eq_ignore_ascii_case(target) && counts(connection, &table, None).is_some() =>
        {
            functions::with(facts, |facts| facts.insert_id = row.cast_unsigned());
            row.cast_unsigned()
        }
        // ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)
        None if query.sql.to_ascii_lowercase().contains("last_insert_id") => said,
        _ => 0,
    }
}

/// The declared type of a table's column that counts up.
fn counts(connection: &Connection, table: &str, column: Option<&str>) -> Option<String> {
    let sql = "SELECT declared FROM _chaos_lab_ids WHERE tbl = ?1 AND (?2 IS NULL OR col = ?2)";
    let mut statement = connection.prepare_cached(sql).ok()?;
    statement
        .query_row((table, column), |row| row.get(0))
        .optional()
        .ok()?
}

/// What a statement will give, for a client that prepares it.
pub(crate) fn describe(connection: &Connection, query: &Query) -> Result<Vec<Column>, Fault> {
    let statement = connection
        .prepare_cached(&query.sql)
        .map_err(|error| Fault::from_sqlite(&error, query.deletes))?;
    Ok(columns(connection, &statement, query, &[]))
}

fn columns(
    connection: &Connection,
    statement: &Statement<'_>,
    query: &Query,
    rows: &[Vec<Value>],
) -> Vec<Column> {
    let declared: Vec<Option<String>> = statement
        .columns()
        .iter()
        .map(|column| column.decl_type().map(str::to_owned))
        .collect();
    let known = statement.columns_with_metadata();
    let columns = known.iter().zip(declared).enumerate();
    let column = |(index, (known, declared)): (usize, (&rusqlite::ColumnMetadata<'_>, Option<String>))| {
        let table = known.table_name().unwrap_or_default();
        let own = match (declared, known.origin_name()) {
            (Some(declared), Some(origin)) if declared == "INTEGER" => {
                Some(counts(connection, table, Some(origin)).unwrap_or(declared))
            }
            (declared, _) => declared,
        };
        let of = own.and_then(|declared| Type::declared(&declared));
        let mut of = of.unwrap_or_else(|| Type::of_values(rows.iter().filter_map(|row| row.get(index))));
        of.unsigned |= query.unsigned.contains(&index);
        Column {
            name: known.name().to_owned(),
            table: table.to_owned(),
            of,
        }
    };
    columns.map(column).collect()
}
