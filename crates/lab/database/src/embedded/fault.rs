//! Errors as MySQL reports them: a number, a state, a message.
//! <https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html>

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// An error that a client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: u16,
    pub(crate) state: &'static str,
    pub(crate) message: String,
}

/// The name of the check that holds a column to its length ends with the column.
pub(crate) const TOO_LONG: &str = "data too long:";

impl Fault {
    pub(crate) fn new(code: u16, state: &'static str, message: impl Into<String>) -> Fault {
        Fault {
            code,
            state,
            message: message.into(),
        }
    }

    pub(crate) fn unsupported(what: &str) -> Fault {
        Fault::new(
            1235,
            "42000",
            format!("The embedded database does not support {what}"),
        )
    }

    pub(crate) fn syntax(message: &str) -> Fault {
        Fault::new(
            1064,
            "42000",
            format!("You have an error in your SQL syntax: {message}"),
        )
    }

    pub(crate) fn access_denied(user: &str, password: bool) -> Fault {
        let used = if password { "YES" } else { "NO" };
        Fault::new(
            1045,
            "28000",
            format!("Access denied for user '{user}'@'localhost' (using password: {used})"),
        )
    }

    pub(crate) fn lock_timeout() -> Fault {
        Fault::new(
            1205,
            "HY000",
            "Lock wait timeout exceeded; try restarting transaction",
        )
    }

    /// From what SQLite said of a statement; `deletes` tells which side of a foreign key failed.
    pub(crate) fn from_sqlite(error: &rusqlite::Error, deletes: bool) -> Fault {
        match error {
            rusqlite::Error::SqliteFailure(code, message) => {
                failure(*code, message.as_deref().unwrap_or("unknown"), deletes)
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => failure(*error, msg, deletes),
            rusqlite::Error::InvalidParameterCount(given, needed) => Fault::new(
                1210,
                "HY000",
                format!("Incorrect arguments: {given} given, {needed} needed"),
            ),
            other => Fault::new(1105, "HY000", other.to_string()),
        }
    }
}

fn failure(error: ffi::Error, message: &str, deletes: bool) -> Fault {
    match error.code {
        ErrorCode::ConstraintViolation => constraint(error.extended_code, message, deletes),
        ErrorCode::DatabaseBusy if error.extended_code == ffi::SQLITE_BUSY_SNAPSHOT => Fault::new(
            1213,
            "40001",
            "Deadlock found when trying to get lock; try restarting transaction",
        ),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Fault::lock_timeout(),
        ErrorCode::OperationInterrupted => Fault::new(1317, "70100", "Query execution was interrupted"),
        ErrorCode::DiskFull => Fault::new(1021, "HY000", "Disk full"),
        ErrorCode::ReadOnly => Fault::new(1290, "HY000", "The server is running read-only"),
        ErrorCode::TooBig => Fault::new(
            1153,
            "08S01",
            "Got a packet bigger than 'max_allowed_packet' bytes",
        ),
        ErrorCode::Unknown => statement(message),
        _ => Fault::new(1030, "HY000", format!("Got error from storage engine: {message}")),
    }
}

fn constraint(extended: i32, message: &str, deletes: bool) -> Fault {
    let subject = message.split_once(": ").map_or(message, |(_, subject)| subject);
    let column = subject.rsplit('.').next().unwrap_or(subject);
    // ON DELETE RESTRICT is reported as a trigger's.
    let foreign = extended == ffi::SQLITE_CONSTRAINT_FOREIGNKEY || message.starts_with("FOREIGN KEY");
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            Fault::new(1062, "23000", format!("Duplicate entry for key '{subject}'"))
        }
        _ if foreign && deletes => Fault::new(
            1451,
            "23000",
            "Cannot delete or update a parent row: a foreign key constraint fails",
        ),
        _ if foreign => Fault::new(
            1452,
            "23000",
            "Cannot add or update a child row: a foreign key constraint fails",
        ),
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            Fault::new(1048, "23000", format!("Column '{column}' cannot be null"))
        }
        _ => match subject.strip_prefix(TOO_LONG) {
            Some(column) => Fault::new(
                1406,
                "22001",
                format!("Data too long for column '{column}' at row 1"),
            ),
            None => Fault::new(
                3819,
                "HY000",
                format!("Check constraint '{subject}' is violated."),
            ),
        },
    }
}

/// Beginnings of SQLite's messages about a statement, and what MySQL calls the same.
const STATEMENT: &[(&str, u16, &str, &str)] = &[
    ("no such table: ", 1146, "42S02", "Table doesn't exist"),
    ("no such column: ", 1054, "42S22", "Unknown column"),
    (
        "no such function: ",
        1305,
        "42000",
        "FUNCTION does not exist (or not in the embedded database)",
    ),
    (
        "no such index: ",
        1091,
        "42000",
        "Can't DROP; check that the index exists",
    ),
    ("ambiguous column name: ", 1052, "23000", "Column is ambiguous"),
    ("duplicate column name: ", 1060, "42S21", "Duplicate column name"),
    ("no such savepoint: ", 1305, "42000", "SAVEPOINT does not exist"),
    (
        "near ",
        1064,
        "42000",
        "You have an error in your SQL syntax; near",
    ),
    (
        "incomplete input",
        1064,
        "42000",
        "You have an error in your SQL syntax; incomplete",
    ),
    (
        "unrecognized token",
        1064,
        "42000",
        "You have an error in your SQL syntax; unrecognized",
    ),
    (
        "wrong number of arguments",
        1582,
        "42000",
        "Incorrect parameter count in the call",
    ),
];

fn statement(message: &str) -> Fault {
    for (start, code, state, said) in STATEMENT {
        if let Some(rest) = message.strip_prefix(start) {
            return Fault::new(*code, state, format!("{said}: {rest}"));
        }
    }
    let holds = |part: &str| message.contains(part);
    let (code, state) = match () {
        () if holds("index") && holds("already exists") => (1061, "42000"),
        () if holds("already exists") => (1050, "42S01"),
        () if holds("has no column named") => (1054, "42S22"),
        () if holds("values for") || holds("values were supplied") => (1136, "21S01"),
        () => (1105, "HY000"),
    };
    Fault::new(code, state, message)
}
