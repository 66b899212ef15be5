//! What a statement asks the server to do.

use super::rewrite::{self, Context};
use super::token::{Kind, Token, render, split, tokens};
use super::{alter, limits, names, set, show, table};
use crate::embedded::fault::Fault;

/// What is to be done for one statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plan {
    /// Nothing, successfully.
    Nothing,
    Begin,
    Commit,
    Rollback,
    Savepoint(Savepoint),
    /// Names in lower case and the tokens of their values.
    Set(Vec<(String, Vec<Token>)>),
    Use(String),
    Locking(Locking),
    /// A statement for SQLite.
    Query(Query),
    /// Statements for SQLite that change the schema, and what the columns' types are where SQLite cannot say.
    Define {
        statements: Vec<String>,
        ids: Vec<table::Id>,
    },
}

/// SAVEPOINT, and what goes back to one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Savepoint {
    pub(crate) sql: String,
    /// It makes one, rather than to use one.
    pub(crate) makes: bool,
}

/// `SELECT GET_LOCK(…)` and its like.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Locking {
    pub(crate) function: &'static str,
    pub(crate) arguments: Vec<Token>,
    pub(crate) column: String,
}

/// A statement for SQLite.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) sql: String,
    /// It writes, or locks what it reads.
    pub(crate) writes: bool,
    pub(crate) deletes: bool,
    /// The table that it inserts into.
    pub(crate) inserts: Option<String>,
    /// Columns (by number) that are cast to an unsigned integer.
    pub(crate) unsigned: Vec<usize>,
}

/// The plans of a text with one or more statements, and how many parameters it has.
pub(crate) fn plans(sql: &str, context: &Context<'_>) -> Result<(Vec<Plan>, usize), Fault> {
    let tokens = tokens(sql)?;
    let parameters = tokens
        .iter()
        .filter(|token| matches!(token.kind, Kind::Parameter(_)))
        .count();
    let statements = split(&tokens, ";").into_iter().filter(|part| !part.is_empty());
    let plans = statements
        .map(|part| plan(sql, part, context))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((plans, parameters))
}

fn plan(sql: &str, tokens: &[Token], context: &Context<'_>) -> Result<Plan, Fault> {
    let word = |index: usize| tokens.get(index).filter(|token| token.kind == Kind::Word);
    let text = |index| {
        word(index)
            .map(|token| token.text.to_ascii_uppercase())
            .unwrap_or_default()
    };
    let (first, second) = (text(0), text(1));
    match (first.as_str(), second.as_str()) {
        ("BEGIN", _) | ("START", "TRANSACTION") => Ok(Plan::Begin),
        ("COMMIT", _) => Ok(Plan::Commit),
        ("ROLLBACK", "TO") | ("RELEASE", _) => Ok(savepoint(tokens, false)),
        ("SAVEPOINT", _) => Ok(savepoint(tokens, true)),
        ("ROLLBACK", _) => Ok(Plan::Rollback),
        ("SET", _) => set::assignments(&tokens[1..]).map(Plan::Set),
        ("USE", _) => Ok(Plan::Use(
            tokens.get(1).map(|token| token.text.clone()).unwrap_or_default(),
        )),
        ("SHOW" | "DESCRIBE" | "DESC", _) => show::plan(tokens, context),
        ("CREATE" | "DROP", "DATABASE" | "SCHEMA") => schema(tokens, context),
        ("CREATE", "TABLE" | "TEMPORARY") => table::create(&names::unqualified(tokens, context), context),
        ("CREATE" | "DROP", "INDEX" | "UNIQUE") => alter::index(&names::unqualified(tokens, context)),
        ("ALTER", "TABLE") => alter::alter(&names::unqualified(tokens, context), context),
        ("DROP", "TABLE") => alter::drop(&names::unqualified(tokens, context)),
        ("TRUNCATE", _) => Ok(truncate(&names::unqualified(tokens, context))),
        ("LOCK" | "UNLOCK", "TABLES") => Err(Fault::unsupported("LOCK TABLES")),
        ("SELECT", function) if second_is_lock(function) => Ok(Plan::Locking(locking(sql, tokens)?)),
        ("SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "WITH" | "VALUES" | "", _) => {
            query(sql, tokens, context).map(Plan::Query)
        }
        (other, _) => Err(Fault::unsupported(other)),
    }
}

fn savepoint(tokens: &[Token], makes: bool) -> Plan {
    Plan::Savepoint(Savepoint {
        sql: render(tokens),
        makes,
    })
}

fn schema(tokens: &[Token], context: &Context<'_>) -> Result<Plan, Fault> {
    let creates = tokens[0].is("CREATE");
    let exists = tokens.iter().any(|token| token.is("EXISTS"));
    let skip = match (exists, creates) {
        (true, true) => 5,
        (true, false) => 4,
        (false, _) => 2,
    };
    let name = tokens
        .get(skip)
        .map(|token| token.text.as_str())
        .unwrap_or_default();
    let same = name.eq_ignore_ascii_case(context.schema);
    match (creates, same, exists) {
        (true, true, true) => Ok(Plan::Nothing),
        (true, true, false) => Err(Fault::new(
            1007,
            "HY000",
            format!("Can't create database '{name}'; database exists"),
        )),
        _ => Err(Fault::new(
            1044,
            "42000",
            format!("Access denied for user to database '{name}'"),
        )),
    }
}

fn truncate(tokens: &[Token]) -> Plan {
    let name = tokens.iter().skip(1).find(|token| !token.is("TABLE"));
    let table = name.map(Token::sqlite).unwrap_or_default();
    Plan::Define {
        statements: vec![format!("DELETE FROM {table}")],
        ids: Vec::new(),
    }
}

const LOCKS: [&str; 5] = [
    "GET_LOCK",
    "RELEASE_LOCK",
    "RELEASE_ALL_LOCKS",
    "IS_FREE_LOCK",
    "IS_USED_LOCK",
];

fn second_is_lock(function: &str) -> bool {
    LOCKS.contains(&function)
}

/// The functions of locks wait, so they are done outside SQLite, and stand alone.
fn locking(sql: &str, tokens: &[Token]) -> Result<Locking, Fault> {
    let function = LOCKS
        .into_iter()
        .find(|function| tokens[1].is(function))
        .unwrap_or_default();
    let open = tokens.get(2).is_some_and(|token| token.is_symbol("("));
    let close = super::token::closing(tokens, 2);
    if !open || !tokens[close].is_symbol(")") {
        return Err(Fault::syntax("brackets around a lock's name"));
    }
    let arguments = split(&tokens[3..close], ",")
        .into_iter()
        .filter(|part| !part.is_empty());
    let arguments = arguments.map(value).collect::<Result<_, _>>()?;
    let column = match &tokens[close + 1..] {
        [] => sql[tokens[1].start..tokens[close].end].to_owned(),
        [name] | [_, name] if name.is_name() => name.text.clone(),
        _ => {
            return Err(Fault::unsupported(
                "functions of locks together with other things",
            ));
        }
    };
    Ok(Locking {
        function,
        arguments,
        column,
    })
}

/// A single value, with its sign.
fn value(part: &[Token]) -> Result<Token, Fault> {
    match part {
        [one] => Ok(one.clone()),
        [minus, number] if minus.is_symbol("-") => Ok(Token {
            text: format!("-{}", number.text),
            ..number.clone()
        }),
        _ => Err(Fault::unsupported("expressions as the name of a lock")),
    }
}

fn query(sql: &str, tokens: &[Token], context: &Context<'_>) -> Result<Query, Fault> {
    let tokens = names::unqualified(tokens, context);
    let selects = tokens[0].is("SELECT");
    let unsigned = if selects {
        names::unsigned(&tokens)
    } else {
        Vec::new()
    };
    let named = if selects {
        names::with_aliases(sql, tokens)
    } else {
        limits::rewrite(tokens)?
    };
    let (named, locks) = rewrite::without_locks(named);
    let verb = named.iter().find(|token| VERBS.iter().any(|verb| token.is(verb)));
    let verb = verb
        .map(|token| token.text.to_ascii_uppercase())
        .unwrap_or_default();
    let inserts = matches!(verb.as_str(), "INSERT" | "REPLACE")
        .then(|| insert_target(&named))
        .flatten();
    let sql = render(&rewrite::rewrite(&named, context)?);
    let with_write = !matches!(verb.as_str(), "SELECT" | "");
    Ok(Query {
        sql,
        writes: locks || with_write,
        deletes: verb == "DELETE",
        inserts,
        unsigned,
    })
}

const VERBS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE"];

fn insert_target(tokens: &[Token]) -> Option<String> {
    let into = tokens.iter().position(|token| token.is("INTO"))?;
    tokens.get(into + 1).map(|token| token.text.clone())
}
