//! Words, operators and functions that SQLite has otherwise.

use super::token::{Kind, Token, closing, split};
use super::variable;
use crate::embedded::fault::Fault;

/// What a statement's meaning depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) schema: &'a str,
    /// `||` joins text (PIPES_AS_CONCAT).
    pub(crate) pipes: bool,
}

/// Takes `FOR UPDATE`, `FOR SHARE` and `LOCK IN SHARE MODE` away, and says whether one was there.
pub(crate) fn without_locks(tokens: Vec<Token>) -> (Vec<Token>, bool) {
    let mut out = Vec::with_capacity(tokens.len());
    let mut locks = false;
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        let next = |index: usize, words: &[&str]| {
            after
                .get(index)
                .is_some_and(|token| words.iter().any(|word| token.is(word)))
        };
        let taken = match () {
            () if token.is("FOR") && next(0, &["UPDATE", "SHARE"]) => {
                1 + usize::from(next(1, &["NOWAIT"])) + 2 * usize::from(next(1, &["SKIP"]))
            }
            () if token.is("LOCK") && next(0, &["IN"]) && next(1, &["SHARE"]) => 3,
            () => {
                out.push(token.clone());
                rest = after;
                continue;
            }
        };
        locks = true;
        rest = after.get(taken..).unwrap_or_default();
    }
    (out, locks)
}

/// Rewrites all of a statement.
pub(crate) fn rewrite(tokens: &[Token], context: &Context<'_>) -> Result<Vec<Token>, Fault> {
    Rewriter {
        context,
        duplicate: false,
        out: Vec::with_capacity(tokens.len()),
    }
    .all(tokens)
}

struct Rewriter<'a> {
    context: &'a Context<'a>,
    /// In the part after ON DUPLICATE KEY UPDATE.
    duplicate: bool,
    out: Vec<Token>,
}

/// Functions by the name that they have in SQLite, or under which this crate adds them to it.
const FUNCTIONS: &[(&str, &str)] = &[
    ("IF", "iif"),
    ("LEFT", "mysql_left"),
    ("RIGHT", "mysql_right"),
    ("GREATEST", "max"),
    ("LEAST", "min"),
    ("CHAR_LENGTH", "length"),
    ("CHARACTER_LENGTH", "length"),
    ("LENGTH", "octet_length"),
    ("OCTET_LENGTH", "octet_length"),
    ("SUBSTRING", "substr"),
    ("LCASE", "lower"),
    ("UCASE", "upper"),
    ("CURRENT_TIMESTAMP", "now"),
    ("LOCALTIMESTAMP", "now"),
    ("LOCALTIME", "now"),
    ("SYSDATE", "now"),
    ("UTC_TIMESTAMP", "now"),
    ("CURRENT_DATE", "curdate"),
    ("UTC_DATE", "curdate"),
    ("SCHEMA", "database"),
    ("SESSION_USER", "user"),
    ("SYSTEM_USER", "user"),
    ("CURRENT_USER", "user"),
    ("MOD", "mod"),
    ("ADDDATE", "date_add"),
    ("SUBDATE", "date_sub"),
];

/// Words that have a meaning without brackets.
const BARE: &[&str] = &[
    "CURRENT_TIMESTAMP",
    "LOCALTIMESTAMP",
    "LOCALTIME",
    "UTC_TIMESTAMP",
    "CURRENT_DATE",
    "UTC_DATE",
    "CURRENT_USER",
];

/// Hints that change no result.
const HINTS: &[&str] = &[
    "SQL_CALC_FOUND_ROWS",
    "SQL_NO_CACHE",
    "SQL_BUFFER_RESULT",
    "HIGH_PRIORITY",
    "LOW_PRIORITY",
    "DELAYED",
];

/// Names that only SQLite reserves.
const RESERVED: &[&str] = &[
    "AUTOINCREMENT",
    "COMMIT",
    "DEFERRABLE",
    "INDEXED",
    "NOTHING",
    "NOTNULL",
    "TRANSACTION",
];

const CHARSETS: &[&str] = &["_utf8", "_utf8mb3", "_utf8mb4", "_latin1", "_ascii", "_binary"];

impl Rewriter<'_> {
    fn all(mut self, tokens: &[Token]) -> Result<Vec<Token>, Fault> {
        let mut rest = tokens;
        while let [token, after @ ..] = rest {
            let used = self.one(token, after)?;
            rest = after.get(used..).unwrap_or_default();
        }
        Ok(self.out)
    }

    fn inner(&self, tokens: &[Token]) -> Result<Vec<Token>, Fault> {
        Rewriter {
            context: self.context,
            duplicate: self.duplicate,
            out: Vec::new(),
        }
        .all(tokens)
    }

    fn push(&mut self, words: &[&str]) {
        let token = |word: &&str| match word.starts_with(|c: char| c.is_alphanumeric()) {
            true => Token::word(word),
            false => Token::symbol(word),
        };
        self.out.extend(words.iter().map(token));
    }

    /// Writes what stands for the token, and answers how many of those after it that took.
    fn one(&mut self, token: &Token, after: &[Token]) -> Result<usize, Fault> {
        let bracket = after.first().is_some_and(|next| next.is_symbol("("));
        match token.kind {
            Kind::Variable => self.out.push(variable(&token.text)?),
            Kind::Symbol => return self.symbol(token, after),
            Kind::Word if bracket && !self.after_dot() => return self.function(token, after),
            Kind::Word => return self.word(token, after),
            _ => self.out.push(token.clone()),
        }
        Ok(0)
    }

    fn after_dot(&self) -> bool {
        self.out.last().is_some_and(|last| last.is_symbol("."))
    }

    fn symbol(&mut self, token: &Token, after: &[Token]) -> Result<usize, Fault> {
        match token.text.as_str() {
            "&&" => self.push(&["AND"]),
            "||" if !self.context.pipes => self.push(&["OR"]),
            "<=>" => self.push(&["IS"]),
            "!" => self.push(&["NOT"]),
            // MySQL divides integers to fractions.
            "/" => self.push(&["*", "1.0", "/"]),
            ":=" => return Err(Fault::unsupported("user variables")),
            "-" | "+" if after.first().is_some_and(|next| next.is("INTERVAL")) => {
                return self.interval(token.text == "-", after);
            }
            _ => self.out.push(token.clone()),
        }
        Ok(0)
    }

    fn word(&mut self, token: &Token, after: &[Token]) -> Result<usize, Fault> {
        let next = |words: &[&str]| {
            words
                .iter()
                .enumerate()
                .all(|(index, word)| after.get(index).is_some_and(|token| token.is(word)))
        };
        let index_hint = ["FORCE", "USE", "IGNORE"].iter().any(|word| token.is(word))
            && (next(&["INDEX"]) || next(&["KEY"]))
            && after.get(1).is_some_and(|token| token.is_symbol("("));
        match () {
            () if self.after_dot() => self.out.push(token.clone()),
            () if BARE.iter().any(|word| token.is(word)) => {
                let name = renamed(&token.text);
                self.push(&[name, "(", ")"]);
            }
            () if HINTS.iter().any(|word| token.is(word)) => {}
            () if index_hint => return Ok(closing(after, 1) + 1),
            () if CHARSETS.iter().any(|word| token.is(word)) && is_literal(after.first()) => {}
            () if token.is("FROM") && next(&["DUAL"]) => return Ok(1),
            () if RESERVED.iter().any(|word| token.is(word)) => self.out.push(Token::quoted(&token.text)),
            () if token.is("STRAIGHT_JOIN") => self.push(&["JOIN"]),
            () if token.is("DIV") => self.push(&["/"]),
            () if token.is("MOD") => self.push(&["%"]),
            () if token.is("RLIKE") => self.push(&["REGEXP"]),
            () if token.is("IGNORE") && self.out.len() == 1 => self.push(&["OR", "IGNORE"]),
            () if token.is("ON") && next(&["DUPLICATE", "KEY", "UPDATE"]) => {
                self.duplicate = true;
                self.push(&["ON", "CONFLICT", "DO", "UPDATE", "SET"]);
                return Ok(3);
            }
            () if token.is("LIKE") => return self.like(after),
            () if token.is("COLLATE") => return Ok(self.collate(after)),
            () => self.out.push(token.clone()),
        }
        Ok(0)
    }

    /// MySQL's patterns have a backslash as escape, SQLite's have none unless told.
    fn like(&mut self, after: &[Token]) -> Result<usize, Fault> {
        let bracket = after.get(1).is_some_and(|token| token.is_symbol("("));
        let end = match after.first() {
            Some(first) if first.is_symbol("(") => closing(after, 0) + 1,
            Some(first) if first.kind == Kind::Word && bracket => closing(after, 1) + 1,
            Some(_) => 1,
            None => return Err(Fault::syntax("a pattern is missing after LIKE")),
        };
        let pattern = self.inner(&after[..end.min(after.len())])?;
        self.push(&["LIKE"]);
        self.out.extend(pattern);
        if !after.get(end).is_some_and(|token| token.is("ESCAPE")) {
            self.out.extend([Token::word("ESCAPE"), Token::string("\\")]);
        }
        Ok(end)
    }

    fn collate(&mut self, after: &[Token]) -> usize {
        let exact = after.first().is_some_and(|name| is_exact(&name.text));
        self.push(&["COLLATE", if exact { "BINARY" } else { "NOCASE" }]);
        1
    }

    fn function(&mut self, token: &Token, after: &[Token]) -> Result<usize, Fault> {
        let close = closing(after, 0);
        let arguments = after.get(1..close).unwrap_or_default();
        let name = token.text.to_ascii_uppercase();
        match name.as_str() {
            "VALUES" if self.duplicate => {
                self.push(&["excluded", "."]);
                self.out.extend_from_slice(arguments);
            }
            // INSERT INTO t () VALUES ()
            "VALUES"
                if arguments.is_empty()
                    && matches!(self.out.as_slice(), [.., a, b] if a.is_symbol("(") && b.is_symbol(")")) =>
            {
                self.out.truncate(self.out.len().saturating_sub(2));
                self.push(&["DEFAULT", "VALUES"]);
            }
            "CAST" => return self.cast(arguments).map(|()| close + 1),
            "GROUP_CONCAT" => self.group_concat(token, arguments)?,
            "TIMESTAMPDIFF" => {
                let mut arguments = arguments.to_vec();
                if let Some(unit) = arguments.first_mut() {
                    unit.kind = Kind::Text;
                }
                self.call("timestampdiff", &arguments)?;
            }
            "DATE_ADD" | "DATE_SUB" | "ADDDATE" | "SUBDATE" => {
                self.call(renamed(&token.text), &plain_interval(arguments)?)?;
            }
            _ if FUNCTIONS.iter().any(|(from, _)| *from == name) => {
                self.call(renamed(&token.text), arguments)?
            }
            // Not a call we know, such as IN (…): what is in the brackets is rewritten in turn.
            _ => {
                return self.word(token, after);
            }
        }
        Ok(close + 1)
    }

    fn call(&mut self, name: &str, arguments: &[Token]) -> Result<(), Fault> {
        let arguments = self.inner(arguments)?;
        self.push(&[name, "("]);
        self.out.extend(arguments);
        self.out.push(Token::symbol(")"));
        Ok(())
    }

    fn cast(&mut self, arguments: &[Token]) -> Result<(), Fault> {
        let at = super::token::outside(arguments)
            .filter(|index| arguments[*index].is("AS"))
            .last();
        let at = at.ok_or_else(|| Fault::syntax("CAST without AS"))?;
        let value = self.inner(&arguments[..at])?;
        let target = arguments
            .get(at + 1)
            .map(|token| token.text.to_ascii_uppercase())
            .unwrap_or_default();
        let into = match target.as_str() {
            "SIGNED" | "UNSIGNED" | "INT" | "INTEGER" => "INTEGER",
            "CHAR" | "NCHAR" | "VARCHAR" | "JSON" | "DATETIME" | "DATE" | "TIME" => "TEXT",
            "BINARY" => "BLOB",
            "DECIMAL" | "DOUBLE" | "FLOAT" | "REAL" => "REAL",
            other => return Err(Fault::unsupported(&format!("CAST AS {other}"))),
        };
        self.push(&["CAST", "("]);
        self.out.extend(value);
        self.push(&["AS", into, ")"]);
        Ok(())
    }

    /// The separator is an argument in SQLite.
    fn group_concat(&mut self, name: &Token, arguments: &[Token]) -> Result<(), Fault> {
        let at = arguments.iter().position(|token| token.is("SEPARATOR"));
        let Some(at) = at else {
            return self.call(&name.text, arguments);
        };
        let order = arguments
            .iter()
            .position(|token| token.is("ORDER"))
            .unwrap_or(at)
            .min(at);
        let separator = [&[Token::symbol(",")], &arguments[at + 1..]].concat();
        self.call(
            &name.text,
            &[&arguments[..order], &separator, &arguments[order..at]].concat(),
        )
    }

    /// `x - INTERVAL n UNIT`: the value before it goes into a call.
    fn interval(&mut self, minus: bool, after: &[Token]) -> Result<usize, Fault> {
        let start = primary(&self.out).ok_or_else(|| Fault::syntax("nothing before an interval"))?;
        let value = self.out.split_off(start);
        let end = after
            .iter()
            .position(unit)
            .ok_or_else(|| Fault::syntax("an interval without unit"))?;
        let amount = self.inner(&after[1..end.max(1)])?;
        self.push(&[if minus { "date_sub" } else { "date_add" }, "("]);
        self.out.extend(value);
        self.push(&[","]);
        self.out.extend(amount);
        self.push(&[","]);
        self.out
            .extend([Token::string(&after[end].text), Token::symbol(")")]);
        Ok(end + 1)
    }
}

/// Where the value begins that the tokens end with.
fn primary(tokens: &[Token]) -> Option<usize> {
    let mut start = tokens.len().checked_sub(1)?;
    if tokens[start].is_symbol(")") {
        let opens = (0..start)
            .rev()
            .find(|open| tokens[*open].is_symbol("(") && closing(tokens, *open) == start);
        start = opens?;
        let call = start > 0 && tokens[start - 1].kind == Kind::Word;
        return Some(start - usize::from(call));
    }
    while start >= 2 && tokens[start - 1].is_symbol(".") {
        start -= 2;
    }
    Some(start)
}

const UNITS: &[&str] = &[
    "MICROSECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
];

fn unit(token: &Token) -> bool {
    UNITS.iter().any(|unit| token.is(unit))
}

/// `x, INTERVAL n UNIT` as `x, n, 'UNIT'`; `x, n` counts days.
fn plain_interval(arguments: &[Token]) -> Result<Vec<Token>, Fault> {
    let parts = split(arguments, ",");
    let [value, interval] = parts.as_slice() else {
        return Err(Fault::syntax("a date and an interval are needed"));
    };
    let comma = [Token::symbol(",")];
    let (amount, unit) = match interval {
        [first, amount @ .., last] if first.is("INTERVAL") && unit(last) => (amount, last.text.as_str()),
        days => (*days, "DAY"),
    };
    Ok([value, comma.as_slice(), amount, &comma, &[Token::string(unit)]].concat())
}

fn renamed(name: &str) -> &str {
    FUNCTIONS
        .iter()
        .find(|(from, _)| from.eq_ignore_ascii_case(name))
        .map_or(name, |(_, to)| to)
}

fn is_literal(token: Option<&Token>) -> bool {
    token.is_some_and(|token| matches!(token.kind, Kind::Text | Kind::Bytes))
}

/// Collations that tell capitals from small letters.
pub(crate) fn is_exact(collation: &str) -> bool {
    let name = collation.to_ascii_lowercase();
    name == "binary" || name.ends_with("_bin") || name.ends_with("_cs")
}

#[cfg(test)]
mod tests {
    use super::super::token::{render, tokens};
    use super::*;

    fn rewritten(sql: &str) -> String {
        let context = Context {
            schema: "lab",
            pipes: false,
        };
        let (tokens, _) = without_locks(tokens(sql).unwrap());
        render(&rewrite(&tokens, &context).unwrap())
    }

    #[test]
    fn operators_and_words() {
        assert_eq!(rewritten("a && b || c <=> 1/2"), "a AND b OR c IS 1 * 1.0 / 2");
        assert_eq!(rewritten("SELECT 1 FROM DUAL"), "SELECT 1");
        assert_eq!(
            rewritten("SELECT 1 FROM t FOR UPDATE SKIP LOCKED"),
            "SELECT 1 FROM t"
        );
        assert_eq!(
            rewritten("a LIKE CONCAT('%', ?) AND b"),
            "a LIKE CONCAT ( '%' , ?1 ) ESCAPE '\\' AND b"
        );
        assert_eq!(rewritten("t.IF = 1"), "t . IF = 1");
    }

    #[test]
    fn functions() {
        assert_eq!(
            rewritten("IF(a, LEFT(b, 2), NOW(6))"),
            "iif ( a , mysql_left ( b , 2 ) , NOW ( 6 ) )"
        );
        assert_eq!(
            rewritten("CURRENT_TIMESTAMP(6), CURRENT_TIMESTAMP"),
            "now ( 6 ) , now ( )"
        );
        assert_eq!(rewritten("CAST(a AS UNSIGNED)"), "CAST ( a AS INTEGER )");
        assert_eq!(
            rewritten("DATE_SUB(NOW(), INTERVAL ? HOUR)"),
            "DATE_SUB ( NOW ( ) , ?1 , 'HOUR' )"
        );
        assert_eq!(
            rewritten("a > now() - INTERVAL 5 MINUTE"),
            "a > date_sub ( now ( ) , 5 , 'MINUTE' )"
        );
        assert_eq!(
            rewritten("GROUP_CONCAT(a SEPARATOR '-')"),
            "GROUP_CONCAT ( a , '-' )"
        );
    }

    #[test]
    fn inserts() {
        assert_eq!(
            rewritten("INSERT INTO t (a) VALUES (?) ON DUPLICATE KEY UPDATE a = VALUES(a)"),
            "INSERT INTO t ( a ) VALUES ( ?1 ) ON CONFLICT DO UPDATE SET a = excluded . a"
        );
        assert_eq!(
            rewritten("INSERT IGNORE INTO t () VALUES ()"),
            "INSERT OR IGNORE INTO t DEFAULT VALUES"
        );
    }
}
