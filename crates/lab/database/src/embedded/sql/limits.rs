//! DELETE and UPDATE with ORDER BY and LIMIT, which SQLite does only through a selection of rows.

use super::token::{Token, outside};
use crate::embedded::fault::Fault;

/// Rewrites the statement where it has a limit.
pub(crate) fn rewrite(tokens: Vec<Token>) -> Result<Vec<Token>, Fault> {
    let find =
        |words: &[&str]| outside(&tokens).find(|index| words.iter().any(|word| tokens[*index].is(word)));
    let limited = find(&["LIMIT"]).is_some();
    if tokens[0].is("DELETE") && !tokens.get(1).is_some_and(|token| token.is("FROM")) {
        return Err(Fault::unsupported("DELETE from more than one table"));
    }
    let (head, table) = match () {
        () if !limited => return Ok(without_order(tokens)),
        () if tokens[0].is("DELETE") => (3, tokens.get(2).cloned()),
        () if tokens[0].is("UPDATE") => {
            let end = find(&["WHERE", "ORDER", "LIMIT"]).unwrap_or(tokens.len());
            (end, tokens.get(1).cloned())
        }
        () => return Ok(tokens),
    };
    let table = table.ok_or_else(|| Fault::syntax("a table is missing"))?;
    let (head, rest) = tokens.split_at(head.min(tokens.len()));
    let selection = ["WHERE", "rowid", "IN", "(", "SELECT", "rowid", "FROM"].map(Token::word);
    Ok([head, &selection, &[table], rest, &[Token::symbol(")")]].concat())
}

/// Without a limit, an order changes nothing.
fn without_order(mut tokens: Vec<Token>) -> Vec<Token> {
    if tokens[0].is("DELETE") || tokens[0].is("UPDATE") {
        let order = outside(&tokens).find(|index| tokens[*index].is("ORDER"));
        tokens.truncate(order.unwrap_or(tokens.len()));
    }
    tokens
}
