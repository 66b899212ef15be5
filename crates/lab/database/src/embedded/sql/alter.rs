//! ALTER TABLE, CREATE INDEX, DROP INDEX and DROP TABLE.

use super::Plan;
use super::rewrite::Context;
use super::table::{column, create_index, index_name, key_columns};
use super::token::{Token, closing, quote_name, render, split};
use crate::embedded::fault::Fault;

fn missing(what: &str) -> Fault {
    Fault::syntax(&format!("{what} is missing"))
}

fn define(statements: Vec<String>) -> Plan {
    Plan::Define {
        statements,
        ids: Vec::new(),
    }
}

/// `CREATE [UNIQUE] INDEX [IF NOT EXISTS] a ON t (…)` and `DROP INDEX [IF EXISTS] a ON t`.
pub(crate) fn index(tokens: &[Token]) -> Result<Plan, Fault> {
    let on = tokens
        .iter()
        .position(|token| token.is("ON"))
        .ok_or_else(|| missing("ON"))?;
    let name = tokens
        .get(on.wrapping_sub(1))
        .ok_or_else(|| missing("the name of an index"))?;
    let table = tokens.get(on + 1).ok_or_else(|| missing("a table"))?;
    let exists = tokens[..on].iter().any(|token| token.is("EXISTS"));
    if tokens[0].is("DROP") {
        return Ok(define(vec![drop_index(&table.text, &name.text, exists)]));
    }
    let columns = columns(&tokens[on..])?;
    Ok(define(vec![create_index(
        &table.text,
        tokens[1].is("UNIQUE"),
        exists,
        &name.text,
        &columns,
    )]))
}

fn columns(tokens: &[Token]) -> Result<String, Fault> {
    let open = tokens
        .iter()
        .position(|token| token.is_symbol("("))
        .ok_or_else(|| missing("a list of columns"))?;
    Ok(key_columns(tokens.get(open + 1..closing(tokens, open)).unwrap_or_default()).join(", "))
}

fn drop_index(table: &str, name: &str, exists: bool) -> String {
    let exists = if exists { "IF EXISTS " } else { "" };
    format!("DROP INDEX {exists}{}", quote_name(&index_name(table, name)))
}

/// `DROP TABLE [IF EXISTS] a, b`.
pub(crate) fn drop(tokens: &[Token]) -> Result<Plan, Fault> {
    let exists = tokens.get(2).is_some_and(|token| token.is("IF"));
    let names = tokens
        .get(if exists { 4 } else { 2 }..)
        .filter(|names| !names.is_empty());
    let names = split(names.ok_or_else(|| missing("a table"))?, ",");
    let exists = if exists { "IF EXISTS " } else { "" };
    let statements = names
        .iter()
        .filter_map(|name| name.first())
        .map(|name| format!("DROP TABLE {exists}{}", name.sqlite()));
    Ok(define(statements.collect()))
}

/// `ALTER TABLE t …, …`, as far as SQLite can.
pub(crate) fn alter(tokens: &[Token], context: &Context<'_>) -> Result<Plan, Fault> {
    let table = tokens
        .get(2)
        .filter(|token| token.is_name())
        .ok_or_else(|| missing("a table"))?;
    let changes = split(&tokens[3..], ",");
    let mut statements = Vec::new();
    for change in changes {
        statements.extend(one(&table.text, change, context)?);
    }
    Ok(define(statements))
}

fn one(table: &str, change: &[Token], context: &Context<'_>) -> Result<Vec<String>, Fault> {
    let head = format!("ALTER TABLE {}", quote_name(table));
    let word = |index: usize| {
        change
            .get(index)
            .map(|token| token.text.to_ascii_uppercase())
            .unwrap_or_default()
    };
    let name = |index: usize| {
        change
            .get(index)
            .filter(|token| token.is_name())
            .ok_or_else(|| missing("a name"))
    };
    match (word(0).as_str(), word(1).as_str()) {
        ("ADD", "INDEX" | "KEY") => add_index(table, change, 2, false),
        ("ADD", "UNIQUE") => add_index(
            table,
            change,
            2 + usize::from(matches!(word(2).as_str(), "INDEX" | "KEY")),
            true,
        ),
        ("ADD", "CONSTRAINT") if word(3) == "UNIQUE" => add_index(table, change, 2, true),
        ("ADD", "PRIMARY" | "CONSTRAINT" | "FOREIGN" | "FULLTEXT" | "CHECK") => {
            Err(Fault::unsupported(&format!("ALTER TABLE ADD {}", word(1))))
        }
        ("ADD", second) => {
            let definition = column(&change[1 + usize::from(second == "COLUMN")..], context)?;
            let mut statements = vec![format!("{head} ADD COLUMN {}", definition.sqlite())];
            if definition.unique {
                statements.push(create_index(
                    table,
                    true,
                    false,
                    &definition.name,
                    &quote_name(&definition.name),
                ));
            }
            Ok(statements)
        }
        ("DROP", "INDEX" | "KEY") => Ok(vec![drop_index(table, &name(2)?.text, false)]),
        ("DROP", "COLUMN") => Ok(vec![format!("{head} DROP COLUMN {}", name(2)?.sqlite())]),
        ("RENAME", "COLUMN" | "TO") => Ok(vec![format!("{head} {}", render(change))]),
        ("ENGINE" | "DEFAULT" | "CONVERT" | "COMMENT", _) => Ok(Vec::new()),
        (other, _) => Err(Fault::unsupported(&format!("ALTER TABLE {other}"))),
    }
}

fn add_index(table: &str, change: &[Token], at: usize, unique: bool) -> Result<Vec<String>, Fault> {
    let columns = columns(change)?;
    let named = change
        .get(at)
        .filter(|token| token.is_name())
        .map(|token| token.text.clone());
    let name = named.unwrap_or_else(|| columns.replace(['`', ' '], "").replace(',', "_"));
    Ok(vec![create_index(table, unique, false, &name, &columns)])
}
