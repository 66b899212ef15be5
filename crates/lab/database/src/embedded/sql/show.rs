//! SHOW and DESCRIBE, as queries of SQLite's own tables.

use super::rewrite::Context;
use super::set::VARIABLES;
use super::token::{Kind, Token, quote_name, quote_text};
use super::{Plan, Query};
use crate::embedded::fault::Fault;
use crate::embedded::wire::handshake::VERSION;

pub(crate) fn plan(tokens: &[Token], context: &Context<'_>) -> Result<Plan, Fault> {
    const SCOPES: [&str; 4] = ["FULL", "SESSION", "GLOBAL", "EXTENDED"];
    let words: Vec<&Token> = tokens
        .iter()
        .filter(|token| !SCOPES.iter().any(|scope| token.is(scope)))
        .collect();
    let what = words
        .get(1)
        .map(|token| token.text.to_ascii_uppercase())
        .unwrap_or_default();
    let pattern = words
        .windows(2)
        .find(|pair| pair[0].is("LIKE"))
        .map(|pair| pair[1].text.as_str());
    let after_from = words
        .iter()
        .position(|token| token.is("FROM") || token.is("IN"))
        .and_then(|at| words.get(at + 1));
    let schema = context.schema;
    let sql = match (words[0].is("SHOW"), what.as_str()) {
        (false, _) => words
            .get(1)
            .filter(|token| token.is_name())
            .map(|table| columns(&table.text)),
        (_, "TABLES") => Some(tables(schema, pattern)),
        (_, "DATABASES" | "SCHEMAS") => Some(format!("SELECT {} AS `Database`", quote_text(schema))),
        (_, "VARIABLES") => Some(variables(pattern)),
        (_, "STATUS") => Some("SELECT '' AS Variable_name, '' AS Value WHERE 0".to_owned()),
        (_, "WARNINGS" | "ERRORS") => Some("SELECT '' AS Level, 0 AS Code, '' AS Message WHERE 0".to_owned()),
        (_, "COLUMNS" | "FIELDS") => after_from.map(|table| columns(&table.text)),
        (_, "CREATE") => words.get(3).map(|table| definition(&table.text)),
        _ => None,
    };
    let sql = sql.ok_or_else(|| Fault::unsupported(&format!("SHOW {what}")))?;
    Ok(Plan::Query(Query {
        sql,
        writes: false,
        deletes: false,
        inserts: None,
        unsigned: Vec::new(),
    }))
}

fn like(column: &str, pattern: Option<&str>) -> String {
    pattern
        .map(|pattern| format!(" AND {column} LIKE {} ESCAPE '\\'", quote_text(pattern)))
        .unwrap_or_default()
}

fn tables(schema: &str, pattern: Option<&str>) -> String {
    let column = quote_name(&format!("Tables_in_{schema}"));
    let like = like("table_name", pattern);
    format!("SELECT table_name AS {column} FROM information_schema_tables WHERE 1{like} ORDER BY 1")
}

fn columns(table: &str) -> String {
    format!(
        "SELECT name AS `Field`, type AS `Type`, iif(\"notnull\", 'NO', 'YES') AS `Null`, iif(pk, 'PRI', '') AS `Key`, \
         dflt_value AS `Default`, '' AS `Extra` FROM pragma_table_info({})",
        quote_text(table)
    )
}

fn definition(table: &str) -> String {
    let table = quote_text(table);
    format!(
        "SELECT name AS `Table`, sql AS `Create Table` FROM sqlite_schema WHERE type = 'table' AND name = {table}"
    )
}

fn variables(pattern: Option<&str>) -> String {
    let row = |(name, value): &(&str, &str)| {
        let value = Token {
            kind: Kind::Text,
            ..Token::word(value)
        };
        format!("({}, {})", quote_text(name), value.sqlite())
    };
    let rows: Vec<String> = VARIABLES.iter().chain(&[("version", VERSION)]).map(row).collect();
    let like = like("column1", pattern);
    format!(
        "SELECT column1 AS Variable_name, column2 AS Value FROM (VALUES {}) WHERE 1{like} ORDER BY 1",
        rows.join(", ")
    )
}
