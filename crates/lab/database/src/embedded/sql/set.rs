//! SET, and system variables.

use super::token::{Kind, Token, split};
use crate::embedded::fault::Fault;
use crate::embedded::wire::handshake::VERSION;
use crate::embedded::wire::packet::MOST;

/// The names (in lower case, without their scope) and values of a SET.
pub(crate) fn assignments(tokens: &[Token]) -> Result<Vec<(String, Vec<Token>)>, Fault> {
    split(tokens, ",").into_iter().map(assignment).collect()
}

fn assignment(mut part: &[Token]) -> Result<(String, Vec<Token>), Fault> {
    while let [first, rest @ ..] = part
        && ["SESSION", "GLOBAL", "LOCAL", "PERSIST"]
            .iter()
            .any(|word| first.is(word))
    {
        part = rest;
    }
    match part {
        [first, rest @ ..] if first.is("NAMES") || first.is("CHARACTER") || first.is("CHARSET") => {
            Ok(("names".to_owned(), rest.to_vec()))
        }
        [first, rest @ ..] if first.is("TRANSACTION") => Ok(("transaction".to_owned(), rest.to_vec())),
        [name, equals, value @ ..]
            if (equals.is_symbol("=") || equals.is_symbol(":=")) && !value.is_empty() =>
        {
            let plain = plain_name(&name.text);
            if name.kind == Kind::Variable && !name.text.starts_with("@@") {
                return Err(Fault::unsupported("user variables"));
            }
            Ok((plain, value.to_vec()))
        }
        _ => Err(Fault::syntax("a variable and a value are needed after SET")),
    }
}

/// `@@session.sql_mode` as `sql_mode`.
pub(crate) fn plain_name(text: &str) -> String {
    let name = text.trim_start_matches('@').to_ascii_lowercase();
    name.rsplit('.').next().unwrap_or(&name).to_owned()
}

/// What clients ask for, and what they get. Numbers are numbers in results.
pub(crate) const VARIABLES: &[(&str, &str)] = &[
    ("auto_increment_increment", "1"),
    ("autocommit", "1"),
    ("character_set_client", "utf8mb4"),
    ("character_set_connection", "utf8mb4"),
    ("character_set_database", "utf8mb4"),
    ("character_set_results", "utf8mb4"),
    ("character_set_server", "utf8mb4"),
    ("collation_connection", "utf8mb4_general_ci"),
    ("collation_database", "utf8mb4_general_ci"),
    ("collation_server", "utf8mb4_general_ci"),
    ("default_storage_engine", "InnoDB"),
    ("have_ssl", "DISABLED"),
    ("init_connect", ""),
    ("innodb_lock_wait_timeout", "50"),
    ("interactive_timeout", "28800"),
    ("license", "Apache-2.0"),
    ("lower_case_table_names", "0"),
    ("net_write_timeout", "60"),
    ("performance_schema", "0"),
    ("read_only", "0"),
    ("sql_mode", "STRICT_TRANS_TABLES"),
    ("system_time_zone", "UTC"),
    ("time_zone", "+00:00"),
    ("transaction_isolation", "READ-COMMITTED"),
    ("transaction_read_only", "0"),
    ("tx_isolation", "READ-COMMITTED"),
    ("version_comment", "chaos-lab embedded database"),
    ("wait_timeout", "28800"),
];

/// A system variable as a literal.
pub(crate) fn variable(text: &str) -> Result<Token, Fault> {
    if !text.starts_with("@@") {
        return Err(Fault::unsupported("user variables"));
    }
    let name = plain_name(text);
    let most = MOST.to_string();
    let value = match name.as_str() {
        "version" => Some(VERSION),
        "max_allowed_packet" => Some(most.as_str()),
        _ => VARIABLES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value),
    };
    let value =
        value.ok_or_else(|| Fault::new(1193, "HY000", format!("Unknown system variable '{name}'")))?;
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let kind = if number { Kind::Number } else { Kind::Text };
    Ok(Token {
        kind,
        ..Token::word(value)
    })
}
