//! From MySQL's dialect to SQLite's.
//!
//! A statement is cut into tokens, and the parts that differ are rewritten; what is the same in both passes as it is. So what
//! neither knows comes back as a syntax error of SQLite, which [`super::fault`] turns into MySQL's.

mod alter;
mod limits;
mod names;
pub(crate) mod plan;
mod rewrite;
mod set;
mod show;
mod table;
pub(crate) mod token;

pub(crate) use plan::{Locking, Plan, Query, Savepoint, plans};
pub(crate) use rewrite::Context;
pub(crate) use set::variable;
pub(crate) use table::Id;
pub(crate) use token::{Kind, Token};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PIECES: &[&str] = &[
        "SELECT",
        "INSERT",
        "INTO",
        "UPDATE",
        "DELETE",
        "FROM",
        "CREATE",
        "TABLE",
        "ALTER",
        "DROP",
        "INDEX",
        "UNIQUE",
        "SET",
        "SHOW",
        "SAVEPOINT",
        "ROLLBACK",
        "TO",
        "GET_LOCK",
        "ADD",
        "COLUMN",
        "KEY",
        "PRIMARY",
        "CONSTRAINT",
        "FOREIGN",
        "DEFAULT",
        "CHECK",
        "ON",
        "DUPLICATE",
        "VALUES",
        "CAST",
        "AS",
        "UNSIGNED",
        "LIKE",
        "INTERVAL",
        "HOUR",
        "DATE_ADD",
        "GROUP_CONCAT",
        "SEPARATOR",
        "LIMIT",
        "WHERE",
        "FOR",
        "LOCK",
        "IN",
        "USE",
        "FORCE",
        "NAMES",
        "EXISTS",
        "IF",
        "NOT",
        "INT",
        "VARCHAR",
        "COLLATE",
        "DATABASE",
        "a",
        "lab",
        "`b`",
        "'c'",
        "1",
        "?",
        "@@version",
        "@x",
        "(",
        ")",
        ",",
        ".",
        "=",
        "-",
        "*",
        "/",
        "||",
        ";",
    ];

    proptest! {
        #[test]
        fn any_mix_of_words_is_a_plan_or_an_error(
            words in prop::collection::vec(prop::sample::select(PIECES), 0..14)
        ) {
            let _ = plans(&words.join(" "), &Context { schema: "lab", pipes: false });
        }

        #[test]
        fn any_text_is_a_plan_or_an_error(text in "\\PC{0,40}") {
            let _ = plans(&text, &Context { schema: "lab", pipes: true });
        }
    }
}
