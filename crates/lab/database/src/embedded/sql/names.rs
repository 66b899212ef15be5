//! Names: of schemas before tables, and of the columns of a result.

use super::rewrite::Context;
use super::token::{Kind, Token, closing, outside, split};

/// Words after which a table's name stands.
const BEFORE_TABLE: &[&str] = &[
    "FROM",
    "JOIN",
    "INTO",
    "UPDATE",
    "TABLE",
    "REFERENCES",
    "ON",
    "EXISTS",
    "IGNORE",
];

/// Takes the schema from before tables, and makes one name of `information_schema.x`.
pub(crate) fn unqualified(tokens: &[Token], context: &Context<'_>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let dot = |at: usize| tokens.get(at).is_some_and(|token| token.is_symbol("."));
        let next = tokens
            .get(index + 2)
            .filter(|next| dot(index + 1) && token.is_name() && next.is_name());
        let start = !out.last().is_some_and(|last| last.is_symbol("."));
        let place = out
            .last()
            .is_some_and(|last| BEFORE_TABLE.iter().any(|word| last.is(word)));
        match next {
            Some(next) if token.text.eq_ignore_ascii_case("information_schema") => {
                out.push(Token::word(&format!(
                    "information_schema_{}",
                    next.text.to_ascii_lowercase()
                )));
                index += 3;
            }
            // The schema's name may be a table's too; then it is the schema only before a table and a column.
            Some(_)
                if start && token.text.eq_ignore_ascii_case(context.schema) && (place || dot(index + 3)) =>
            {
                index += 2;
            }
            _ => {
                out.push(token.clone());
                index += 1;
            }
        }
    }
    out
}

/// The items that a SELECT gives: where each begins and ends.
fn items(tokens: &[Token]) -> Vec<(usize, usize)> {
    const BEFORE: &[&str] = &[
        "SELECT",
        "DISTINCT",
        "ALL",
        "SQL_CALC_FOUND_ROWS",
        "SQL_NO_CACHE",
        "HIGH_PRIORITY",
    ];
    const AFTER: &[&str] = &[
        "FROM", "WHERE", "ORDER", "LIMIT", "UNION", "HAVING", "GROUP", "INTO", "FOR", "EXCEPT",
    ];
    let start = tokens
        .iter()
        .take_while(|token| BEFORE.iter().any(|word| token.is(word)))
        .count();
    let end = outside(&tokens[start..]).map(|index| index + start);
    let end = end
        .into_iter()
        .find(|index| AFTER.iter().any(|word| tokens[*index].is(word)));
    let end = end.unwrap_or(tokens.len());
    let mut at = start;
    let parts = split(&tokens[start..end], ",");
    let mut found = Vec::new();
    for part in parts {
        found.push((at, at + part.len()));
        at += part.len() + 1;
    }
    found
}

/// Names the items as MySQL does, by their text; SQLite would name them by what they are rewritten to.
pub(crate) fn with_aliases(sql: &str, mut tokens: Vec<Token>) -> Vec<Token> {
    for (start, end) in items(&tokens).into_iter().rev() {
        let item = &tokens[start..end];
        if let (false, Some(first), Some(last)) = (has_name(item), item.first(), item.last()) {
            let text = sql.get(first.start..last.end).unwrap_or_default();
            let name = Token::quoted(if item.len() == 1 && first.kind == Kind::Text {
                &first.text
            } else {
                text
            });
            tokens.splice(end..end, [Token::word("AS"), name]);
        }
    }
    tokens
}

/// A column, a star, or something with a name of its own.
fn has_name(item: &[Token]) -> bool {
    let plain = item.iter().enumerate().all(|(index, token)| match index % 2 {
        0 => (token.is_name() && !is_value(token)) || token.is_symbol("*"),
        _ => token.is_symbol("."),
    });
    let named = outside(item).any(|index| item[index].is("AS"));
    let trailing = match item {
        [.., before, last] if last.is_name() && !is_value(last) && !last.is("END") => {
            before.is_symbol(")")
                || !matches!(before.kind, Kind::Symbol | Kind::Word)
                || before.is("END")
                || item.len() == 2
        }
        _ => false,
    };
    plain || named || (trailing && !item[0].is("NOT"))
}

fn is_value(token: &Token) -> bool {
    const VALUES: &[&str] = &[
        "NULL",
        "TRUE",
        "FALSE",
        "CURRENT_TIMESTAMP",
        "CURRENT_DATE",
        "UTC_TIMESTAMP",
        "CURRENT_USER",
    ];
    VALUES.iter().any(|word| token.is(word))
}

/// The items (by number) that are `CAST(… AS UNSIGNED)`.
pub(crate) fn unsigned(tokens: &[Token]) -> Vec<usize> {
    let cast = |item: &[Token]| {
        let close = closing(item, 1);
        item.first().is_some_and(|token| token.is("CAST"))
            && item[..=close.min(item.len() - 1)]
                .iter()
                .rev()
                .skip(1)
                .take(2)
                .any(|token| token.is("UNSIGNED"))
    };
    let items = items(tokens);
    items
        .iter()
        .enumerate()
        .filter(|(_, (start, end))| cast(&tokens[*start..*end]))
        .map(|(index, _)| index)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::token::{render, tokens};
    use super::*;

    #[test]
    fn a_schema_goes_and_a_table_of_the_same_name_stays() {
        let context = Context {
            schema: "comments",
            pipes: false,
        };
        let plain = |sql: &str| render(&unqualified(&tokens(sql).unwrap(), &context));
        assert_eq!(
            plain("SELECT comments.id FROM comments.comments"),
            "SELECT comments . id FROM comments"
        );
        assert_eq!(
            plain("SELECT comments.a.b FROM `comments`.`a`"),
            "SELECT a . b FROM `a`"
        );
        assert_eq!(
            plain("SELECT 1 FROM INFORMATION_SCHEMA.TABLES"),
            "SELECT 1 FROM information_schema_tables"
        );
    }

    #[test]
    fn results_are_named_by_their_text() {
        let named = |sql: &str| render(&with_aliases(sql, tokens(sql).unwrap()));
        assert_eq!(
            named("SELECT COUNT(*), a, t.b FROM t"),
            "SELECT COUNT ( * ) AS `COUNT(*)` , a , t . b FROM t"
        );
        assert_eq!(
            named("SELECT a+1 x, max(b) y, 'hi'"),
            "SELECT a + 1 x , max ( b ) y , 'hi' AS `hi`"
        );
        assert_eq!(
            named("SELECT a IS NULL, ? AS p"),
            "SELECT a IS NULL AS `a IS NULL` , ?1 AS p"
        );
    }
}
