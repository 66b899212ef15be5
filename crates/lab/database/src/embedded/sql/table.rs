//! CREATE TABLE: its columns, keys and indexes, as one table, indexes and triggers of SQLite.

use super::Plan;
use super::rewrite::{self, Context, is_exact};
use super::token::{Kind, Token, closing, quote_name, quote_text, render, split};
use crate::embedded::fault::{Fault, TOO_LONG};

/// A column that counts up. SQLite wants it to be of the type INTEGER, so its own type is kept aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) declared: String,
}

/// A column for SQLite, and what comes with it.
#[derive(Debug, Default)]
pub(super) struct Column {
    pub(super) name: String,
    declared: String,
    exact: bool,
    required: bool,
    counts: bool,
    primary: bool,
    pub(super) unique: bool,
    rest: Vec<String>,
    /// The value that it gets when its row changes.
    on_update: Option<String>,
}

/// All of a table, while it is read.
struct Table<'a> {
    name: String,
    exact: bool,
    columns: Vec<Column>,
    parts: Vec<String>,
    primary: Option<Vec<String>>,
    indexes: Vec<String>,
    context: &'a Context<'a>,
}

pub(crate) fn create(tokens: &[Token], context: &Context<'_>) -> Result<Plan, Fault> {
    let temporary = tokens[1].is("TEMPORARY");
    let exists = tokens.iter().take(6).any(|token| token.is("EXISTS"));
    let at = 2 + usize::from(temporary) + 3 * usize::from(exists);
    let name = tokens
        .get(at)
        .filter(|token| token.is_name())
        .ok_or_else(|| Fault::syntax("a table's name is missing"))?;
    if !tokens.get(at + 1).is_some_and(|token| token.is_symbol("(")) {
        return Err(Fault::unsupported("CREATE TABLE from another table"));
    }
    let close = closing(tokens, at + 1);
    let mut table = Table {
        name: name.text.clone(),
        exact: exact_option(&tokens[close..]),
        columns: Vec::new(),
        parts: Vec::new(),
        primary: None,
        indexes: Vec::new(),
        context,
    };
    for element in split(tokens.get(at + 2..close).unwrap_or_default(), ",") {
        table.element(element)?;
    }
    Ok(table.finish(temporary, exists))
}

fn exact_option(options: &[Token]) -> bool {
    let collation = options.iter().position(|token| token.is("COLLATE"));
    let names = collation
        .map(|at| options.iter().skip(at + 1).take(2))
        .into_iter()
        .flatten();
    names
        .filter(|token| token.is_name())
        .any(|token| is_exact(&token.text))
}

impl Table<'_> {
    fn element(&mut self, tokens: &[Token]) -> Result<(), Fault> {
        let first = tokens
            .first()
            .ok_or_else(|| Fault::syntax("an empty part in CREATE TABLE"))?;
        let word = if first.kind == Kind::Word {
            first.text.to_ascii_uppercase()
        } else {
            String::new()
        };
        match word.as_str() {
            "CONSTRAINT" => {
                let named = tokens.get(1).is_some_and(|token| !is_key_word(token));
                let rest = &tokens[1 + usize::from(named)..];
                let name = tokens.get(1).filter(|_| named).map(|token| token.text.as_str());
                self.key(rest, name)
            }
            "PRIMARY" | "UNIQUE" | "KEY" | "INDEX" | "FOREIGN" | "CHECK" | "FULLTEXT" | "SPATIAL" => {
                self.key(tokens, None)
            }
            _ => {
                let mut column = column(tokens, self.context)?;
                column.exact |= self.exact;
                if column.unique {
                    self.index(true, &column.name, &quote_name(&column.name));
                }
                self.columns.push(column);
                Ok(())
            }
        }
    }

    fn key(&mut self, tokens: &[Token], name: Option<&str>) -> Result<(), Fault> {
        let open = tokens.iter().position(|token| token.is_symbol("("));
        let open = open.ok_or_else(|| Fault::syntax("brackets are missing after a key"))?;
        let close = closing(tokens, open);
        let columns = key_columns(tokens.get(open + 1..close).unwrap_or_default());
        let inner = tokens[..open]
            .iter()
            .skip(1)
            .find(|token| !is_key_word(token))
            .map(|token| token.text.as_str());
        let listed = columns.join(", ");
        let plain: Vec<String> = columns.iter().map(|column| bare(column)).collect();
        let joined = plain.join("_");
        match tokens[0].text.to_ascii_uppercase().as_str() {
            "PRIMARY" => self.primary = Some(plain),
            "UNIQUE" => self.index(true, name.or(inner).unwrap_or(&joined), &listed),
            "KEY" | "INDEX" => self.index(false, inner.unwrap_or(&joined), &listed),
            "FOREIGN" => {
                self.index(false, &format!("of_{joined}"), &listed);
                self.parts.push(format!(
                    "FOREIGN KEY ({listed}) {}",
                    render(tokens.get(close + 1..).unwrap_or_default())
                ));
            }
            "CHECK" => {
                let named = name
                    .map(|name| format!("CONSTRAINT {} ", quote_name(name)))
                    .unwrap_or_default();
                let check = render(&rewrite::rewrite(&tokens[open..=close], self.context)?);
                self.parts.push(format!("{named}CHECK {check}"));
            }
            other => return Err(Fault::unsupported(&format!("{other} keys"))),
        }
        Ok(())
    }

    fn index(&mut self, unique: bool, name: &str, columns: &str) {
        self.indexes
            .push(create_index(&self.name, unique, true, name, columns));
    }

    fn finish(mut self, temporary: bool, exists: bool) -> Plan {
        let counted = self
            .columns
            .iter()
            .find(|column| column.counts)
            .map(|column| column.name.clone());
        if let Some(primary) = self.primary.take() {
            for column in self
                .columns
                .iter_mut()
                .filter(|column| primary.contains(&column.name))
            {
                column.required = true;
            }
            let kind = if counted.is_some() {
                "UNIQUE"
            } else {
                "PRIMARY KEY"
            };
            let names: Vec<String> = primary.iter().map(|name| quote_name(name)).collect();
            if counted.is_none() || primary.len() > 1 || counted.as_ref() != primary.first() {
                self.parts.insert(0, format!("{kind} ({})", names.join(", ")));
            }
        }
        let columns = self.columns.iter().map(Column::sqlite);
        let parts: Vec<String> = columns.chain(self.parts).collect();
        let head = if temporary {
            "CREATE TEMPORARY TABLE"
        } else {
            "CREATE TABLE"
        };
        let exists = if exists { " IF NOT EXISTS" } else { "" };
        let table = format!("{head}{exists} {} ({})", quote_name(&self.name), parts.join(", "));
        let triggers = self
            .columns
            .iter()
            .filter_map(|column| column.trigger(&self.name));
        let statements = [table].into_iter().chain(self.indexes).chain(triggers).collect();
        let ids = self
            .columns
            .iter()
            .filter(|column| column.counts)
            .map(|column| Id {
                table: self.name.clone(),
                column: column.name.clone(),
                declared: column.declared.clone(),
            });
        Plan::Define {
            statements,
            ids: ids.collect(),
        }
    }
}

impl Column {
    pub(super) fn sqlite(&self) -> String {
        let name = quote_name(&self.name);
        if self.counts {
            return format!("{name} INTEGER PRIMARY KEY AUTOINCREMENT");
        }
        let mut parts = vec![name.clone(), self.declared.clone()];
        if self.primary {
            parts.push("PRIMARY KEY".to_owned());
        }
        if self.primary || self.required {
            parts.push("NOT NULL".to_owned());
        }
        parts.extend(self.rest.iter().cloned());
        let upper = self.declared.to_ascii_uppercase();
        if (upper.contains("CHAR") || upper.contains("TEXT")) && !self.exact {
            parts.push("COLLATE NOCASE".to_owned());
        }
        if let (true, Some((_, length))) = (upper.contains("CHAR"), upper.split_once('(')) {
            let length = length.trim_end_matches(')');
            let check = quote_name(&format!("{TOO_LONG}{}", self.name));
            parts.push(format!("CONSTRAINT {check} CHECK (length({name}) <= {length})"));
        }
        parts.join(" ")
    }

    fn trigger(&self, table: &str) -> Option<String> {
        let value = self.on_update.as_ref()?;
        let trigger = quote_name(&format!("{table}__{}__on_update", self.name));
        let (table, name) = (quote_name(table), quote_name(&self.name));
        Some(format!(
            "CREATE TRIGGER IF NOT EXISTS {trigger} AFTER UPDATE ON {table} FOR EACH ROW WHEN NEW.{name} IS OLD.{name} \
             BEGIN UPDATE {table} SET {name} = {value} WHERE rowid = NEW.rowid; END"
        ))
    }
}

/// An index; its name holds the table's, as SQLite's indexes share one space of names.
pub(super) fn create_index(table: &str, unique: bool, exists: bool, name: &str, columns: &str) -> String {
    let unique = if unique { "UNIQUE " } else { "" };
    let exists = if exists { "IF NOT EXISTS " } else { "" };
    let (index, table) = (quote_name(&index_name(table, name)), quote_name(table));
    format!("CREATE {unique}INDEX {exists}{index} ON {table} ({columns})")
}

pub(super) fn index_name(table: &str, name: &str) -> String {
    format!("{table}__{name}").to_ascii_lowercase()
}

fn is_key_word(token: &Token) -> bool {
    [
        "PRIMARY", "UNIQUE", "KEY", "INDEX", "FOREIGN", "CHECK", "USING", "BTREE", "HASH",
    ]
    .iter()
    .any(|word| token.is(word))
}

/// The columns of a key, without the lengths of prefixes.
pub(super) fn key_columns(tokens: &[Token]) -> Vec<String> {
    let column = |part: &[Token]| {
        let order = part
            .last()
            .filter(|token| token.is("DESC"))
            .map_or("", |_| " DESC");
        part.first()
            .map(|name| quote_name(&name.text) + order)
            .unwrap_or_default()
    };
    split(tokens, ",").into_iter().map(column).collect()
}

fn bare(column: &str) -> String {
    column
        .trim_end_matches(" DESC")
        .trim_matches('`')
        .replace("``", "`")
}

/// Reads one column's definition.
pub(super) fn column(tokens: &[Token], context: &Context<'_>) -> Result<Column, Fault> {
    let [name, kind, rest @ ..] = tokens else {
        return Err(Fault::syntax("a column needs a name and a type"));
    };
    if !name.is_name() || !kind.is_name() {
        return Err(Fault::syntax("a column needs a name and a type"));
    }
    let mut column = Column {
        name: name.text.clone(),
        ..Column::default()
    };
    let mut rest = rest;
    let mut arguments = String::new();
    if rest.first().is_some_and(|token| token.is_symbol("(")) {
        let close = closing(rest, 0);
        arguments = rest
            .get(1..close)
            .unwrap_or_default()
            .iter()
            .map(Token::sqlite)
            .collect();
        rest = rest.get(close + 1..).unwrap_or_default();
    }
    column.declared = declared(&kind.text, &arguments);
    while !rest.is_empty() {
        let used = column.attribute(rest, context)?;
        rest = rest.get(used.max(1)..).unwrap_or_default();
    }
    Ok(column)
}

/// The type's name in SQLite: one by which it chooses the right affinity, and by which we know MySQL's type again.
/// <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>
fn declared(kind: &str, arguments: &str) -> String {
    let upper = kind.to_ascii_uppercase();
    match upper.as_str() {
        "INTEGER" => "INT".to_owned(),
        "ENUM" | "SET" => format!("{upper}_TEXT"),
        "JSON" => "JSON_TEXT".to_owned(),
        "BINARY" | "VARBINARY" if !arguments.is_empty() => format!("{upper}_BLOB({arguments})"),
        _ if arguments.is_empty() => upper,
        _ => format!("{upper}({arguments})"),
    }
}

impl Column {
    /// Reads one attribute, and answers how many tokens that took.
    fn attribute(&mut self, tokens: &[Token], context: &Context<'_>) -> Result<usize, Fault> {
        let next = |index: usize, word: &str| tokens.get(index).is_some_and(|token| token.is(word));
        let first = tokens[0].text.to_ascii_uppercase();
        match first.as_str() {
            "UNSIGNED" => self.declared += " UNSIGNED",
            "SIGNED" | "ZEROFILL" | "NULL" | "PRECISION" | "INVISIBLE" => {}
            "NOT" if next(1, "NULL") => {
                self.required = true;
                return Ok(2);
            }
            "CHARACTER" => return Ok(3),
            "CHARSET" | "COMMENT" | "COLUMN_FORMAT" | "STORAGE" => return Ok(2),
            "COLLATE" => {
                self.exact = tokens.get(1).is_some_and(|name| is_exact(&name.text));
                return Ok(2);
            }
            "AUTO_INCREMENT" => self.counts = true,
            "PRIMARY" if next(1, "KEY") => {
                self.primary = true;
                return Ok(2);
            }
            "KEY" => self.primary = true,
            "UNIQUE" => {
                self.unique = true;
                return Ok(1 + usize::from(next(1, "KEY")));
            }
            "DEFAULT" => {
                let (value, used) = value(&tokens[1..], context)?;
                self.rest.push(format!("DEFAULT {value}"));
                return Ok(1 + used);
            }
            "ON" if next(1, "UPDATE") => {
                let (value, used) = value(&tokens[2..], context)?;
                self.on_update = Some(value);
                return Ok(2 + used);
            }
            "REFERENCES" => {
                self.rest.push(render(tokens));
                return Ok(tokens.len());
            }
            "CHECK" | "GENERATED" | "AS" => {
                self.rest.push(render(&rewrite::rewrite(tokens, context)?));
                return Ok(tokens.len());
            }
            other => return Err(Fault::syntax(&format!("near {} in a column", quote_text(other)))),
        }
        Ok(1)
    }
}

/// A default value: a literal, or an expression in brackets.
fn value(tokens: &[Token], context: &Context<'_>) -> Result<(String, usize), Fault> {
    let first = tokens
        .first()
        .ok_or_else(|| Fault::syntax("a value is missing after DEFAULT"))?;
    let bracket = |index: usize| tokens.get(index).is_some_and(|token| token.is_symbol("("));
    let used = match () {
        () if bracket(0) => closing(tokens, 0) + 1,
        () if first.is_symbol("-") || first.is_symbol("+") => 2,
        () if first.kind == Kind::Word && bracket(1) => closing(tokens, 1) + 1,
        () => 1,
    };
    let text = render(&rewrite::rewrite(&tokens[..used.min(tokens.len())], context)?);
    let literal = first.kind != Kind::Word || first.is("NULL") || first.is("TRUE") || first.is("FALSE");
    Ok((if literal { text } else { format!("({text})") }, used))
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn created(sql: &str) -> (Vec<String>, Vec<Id>) {
        let context = Context {
            schema: "lab",
            pipes: false,
        };
        match create(&tokens(sql).unwrap(), &context).unwrap() {
            Plan::Define { statements, ids } => (statements, ids),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn columns_keys_and_options() {
        let (statements, ids) = created(
            "CREATE TABLE IF NOT EXISTS `posts` (
               id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
               title VARCHAR(20) NOT NULL DEFAULT '',
               code VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin UNIQUE,
               at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'when',
               author BIGINT,
               PRIMARY KEY (id), KEY by_title (title(10), at DESC),
               CONSTRAINT of_author FOREIGN KEY (author) REFERENCES users (id) ON DELETE CASCADE
             ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
        );
        let expected = [
            "CREATE TABLE IF NOT EXISTS `posts` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, \
             `title` VARCHAR(20) NOT NULL DEFAULT '' COLLATE NOCASE CONSTRAINT `data too long:title` CHECK (length(`title`) <= 20), \
             `code` VARCHAR(9) CONSTRAINT `data too long:code` CHECK (length(`code`) <= 9), \
             `at` DATETIME(6) NOT NULL DEFAULT (now ( 6 )), `author` BIGINT, \
             FOREIGN KEY (`author`) REFERENCES users ( id ) ON DELETE CASCADE)",
            "CREATE UNIQUE INDEX IF NOT EXISTS `posts__code` ON `posts` (`code`)",
            "CREATE INDEX IF NOT EXISTS `posts__by_title` ON `posts` (`title`, `at` DESC)",
            "CREATE INDEX IF NOT EXISTS `posts__of_author` ON `posts` (`author`)",
            "CREATE TRIGGER IF NOT EXISTS `posts__at__on_update` AFTER UPDATE ON `posts` FOR EACH ROW WHEN NEW.`at` IS OLD.`at` \
             BEGIN UPDATE `posts` SET `at` = (now ( 6 )) WHERE rowid = NEW.rowid; END",
        ];
        assert_eq!(statements, expected);
        let id = Id {
            table: "posts".into(),
            column: "id".into(),
            declared: "BIGINT UNSIGNED".into(),
        };
        assert_eq!(ids, [id]);
    }

    #[test]
    fn what_is_no_table_is_an_error() {
        let context = Context {
            schema: "lab",
            pipes: false,
        };
        for sql in [
            "CREATE TABLE",
            "CREATE TABLE a",
            "CREATE TABLE a (",
            "CREATE TABLE a ()",
            "CREATE TABLE a (b)",
            "CREATE TABLE a (b INT WHAT)",
            "CREATE TABLE a (KEY)",
            "CREATE TABLE a (b INT DEFAULT)",
            "CREATE TABLE a LIKE b",
            "CREATE TABLE a (CONSTRAINT)",
            "CREATE TABLE a (b INT DEFAULT -)",
            "CREATE TABLE a (UNIQUE KEY (",
            "CREATE TABLE a (b INT CHECK",
        ] {
            let _ = create(&tokens(sql).unwrap(), &context).map_err(|fault| assert!(fault.code > 0));
        }
    }
}
