//! `[…]`

use super::PatternError;
use super::ast::{Flags, Set, SetItem};
use super::escape::{self, Escape};
use super::token::{Token, Tokens};

/// The opening bracket has just been taken; `open` is its place.
pub(super) fn parse(tokens: &mut Tokens, open: usize, flags: Flags) -> Result<Set, PatternError> {
    let negated = tokens.eat('^');
    let mut items = Vec::new();
    // a closing bracket that comes first is an item
    while items.is_empty() || !tokens.eat(']') {
        items.extend(item_or_range(tokens, open)?);
    }
    Ok(Set {
        negated,
        items,
        ignore_case: flags.ignore_case,
        ascii: flags.ascii,
    })
}

fn item_or_range(tokens: &mut Tokens, open: usize) -> Result<Vec<SetItem>, PatternError> {
    let start = tokens.mark();
    let first = item(tokens, open)?;
    let dash = tokens.mark();
    if !tokens.eat('-') {
        return Ok(vec![first]);
    }
    if tokens.next_is(']') {
        // the dash is an item of its own
        tokens.go_back(dash);
        return Ok(vec![first]);
    }
    match (first, item(tokens, open)?) {
        (SetItem::Range(low, _), SetItem::Range(high, _)) if low <= high => {
            Ok(vec![SetItem::Range(low, high)])
        }
        (SetItem::Range(..), SetItem::Range(..)) => {
            Err(tokens.error(start, "the range ends before it starts; swap its ends"))
        }
        _ => {
            let problem = "a range goes from one character to another; put a `-` that is meant as such last";
            Err(tokens.error(start, problem))
        }
    }
}

fn item(tokens: &mut Tokens, open: usize) -> Result<SetItem, PatternError> {
    let at = tokens.mark();
    let one = |code| SetItem::Range(code, code);
    match tokens.take() {
        None => Err(tokens.error(open, "this bracket is not closed; for a bracket itself write \\[")),
        Some(Token::Plain(c)) => Ok(one(u32::from(c))),
        Some(Token::Escaped('b')) => Ok(one(0x08)),
        Some(Token::Escaped(c @ '0'..='7')) => {
            let digits = format!("{c}{}", tokens.take_while(2, |c| matches!(c, '0'..='7')));
            escape::octal(tokens, &digits, at).map(one)
        }
        Some(Token::Escaped('8' | '9')) => {
            Err(tokens.error(at, "\\8 and \\9 have no meaning between brackets"))
        }
        Some(Token::Escaped(c)) => Ok(match escape::shared(tokens, c, at)? {
            Escape::Char(code) => one(code),
            Escape::Category(category) => SetItem::Category(category),
        }),
    }
}
