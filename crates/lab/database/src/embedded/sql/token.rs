//! Tokens of MySQL's dialect, and how SQLite writes them.

use crate::embedded::fault::Fault;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a plain name.
    Word,
    /// A name in backticks.
    Quoted,
    /// A string, without its quotes and escapes.
    Text,
    /// Bytes, as hexadecimal digits.
    Bytes,
    Number,
    /// The question mark with this number, from 1.
    Parameter(usize),
    /// `@@name` or `@name`.
    Variable,
    Symbol,
}

/// A token and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    /// One that stands nowhere: a word or symbols to add.
    pub(crate) fn word(text: &str) -> Token {
        Token {
            kind: Kind::Word,
            text: text.to_owned(),
            start: 0,
            end: 0,
        }
    }

    pub(crate) fn quoted(text: &str) -> Token {
        Token {
            kind: Kind::Quoted,
            ..Token::word(text)
        }
    }

    pub(crate) fn string(text: &str) -> Token {
        Token {
            kind: Kind::Text,
            ..Token::word(text)
        }
    }

    pub(crate) fn symbol(text: &str) -> Token {
        Token {
            kind: Kind::Symbol,
            ..Token::word(text)
        }
    }

    /// Whether it is this keyword (given in capitals).
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }

    /// As SQLite writes it.
    pub(crate) fn sqlite(&self) -> String {
        match self.kind {
            Kind::Word | Kind::Symbol | Kind::Variable => self.text.clone(),
            Kind::Number => number(&self.text),
            Kind::Quoted => quote_name(&self.text),
            Kind::Bytes => format!("X'{}'", self.text),
            Kind::Parameter(index) => format!("?{index}"),
            Kind::Text => quote_text(&self.text),
        }
    }
}

/// MySQL's way to say "all rows" is a limit that SQLite's integers do not hold.
fn number(text: &str) -> String {
    match text.parse::<u64>() {
        Ok(number) if i64::try_from(number).is_err() => i64::MAX.to_string(),
        _ => text.to_owned(),
    }
}

/// SQLite reads backticks too, and never takes them for a string, as it does unknown names in double quotes.
pub(crate) fn quote_name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

pub(crate) fn quote_text(text: &str) -> String {
    if text.contains('\0') {
        let digits: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        return format!("CAST(X'{digits}' AS TEXT)");
    }
    format!("'{}'", text.replace('\'', "''"))
}

pub(crate) fn render(tokens: &[Token]) -> String {
    tokens.iter().map(Token::sqlite).collect::<Vec<_>>().join(" ")
}

/// The index of the bracket that closes the one at `open`; the last index where none does.
pub(crate) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return index;
            }
        }
    }
    tokens.len().saturating_sub(1)
}

/// The parts between commas outside brackets.
pub(crate) fn split<'a>(tokens: &'a [Token], symbol: &str) -> Vec<&'a [Token]> {
    let mut depth = 0usize;
    tokens
        .split(|token| {
            match token.text.as_str() {
                "(" if token.kind == Kind::Symbol => depth += 1,
                ")" if token.kind == Kind::Symbol => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.is_symbol(symbol)
        })
        .collect()
}

/// Indexes of tokens outside brackets.
pub(crate) fn outside(tokens: &[Token]) -> impl Iterator<Item = usize> {
    let mut depth = 0usize;
    tokens.iter().enumerate().filter_map(move |(index, token)| {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
        }
        (depth == 0).then_some(index)
    })
}

/// Cuts a text into tokens; comments go, except that what `/*! … */` holds counts, as for MySQL.
pub(crate) fn tokens(sql: &str) -> Result<Vec<Token>, Fault> {
    let mut lexer = Lexer {
        sql,
        at: 0,
        parameters: 0,
        conditional: false,
    };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank()?;
        let start = lexer.at;
        let Some(first) = lexer.peek() else {
            return Ok(tokens);
        };
        let (kind, text) = lexer.token(first)?;
        tokens.push(Token {
            kind,
            text,
            start,
            end: lexer.at,
        });
    }
}

struct Lexer<'a> {
    sql: &'a str,
    at: usize,
    parameters: usize,
    conditional: bool,
}

const SYMBOLS: &[&str] = &[
    "<=>", "->>", "<<", ">>", "<=", ">=", "<>", "!=", ":=", "&&", "||", "->",
];

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.sql[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blank(&mut self) -> Result<(), Fault> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            let line = rest.starts_with('#')
                || (rest.starts_with("--") && !rest[2..].starts_with(|c: char| c > ' '));
            if blank > 0 {
                self.at += blank;
            } else if line {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(inner) = rest.strip_prefix("/*!") {
                let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                self.at += 3 + digits;
                self.conditional = true;
            } else if self.conditional && rest.starts_with("*/") {
                self.at += 2;
                self.conditional = false;
            } else if rest.starts_with("/*") {
                let end = rest
                    .find("*/")
                    .ok_or_else(|| Fault::syntax("a comment does not end"))?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self, first: char) -> Result<(Kind, String), Fault> {
        match first {
            '\'' | '"' => Ok((Kind::Text, self.string(first)?)),
            '`' => Ok((Kind::Quoted, self.name()?)),
            '?' => {
                self.at += 1;
                self.parameters += 1;
                Ok((Kind::Parameter(self.parameters), "?".to_owned()))
            }
            '@' => Ok((Kind::Variable, self.run(|c| is_word(c) || matches!(c, '@' | '.')))),
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            c if is_word(c) => self.word(),
            _ => Ok((Kind::Symbol, self.symbol(first))),
        }
    }

    fn run(&mut self, fits: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let text = rest[..rest.find(|c| !fits(c)).unwrap_or(rest.len())].to_owned();
        self.at += text.len();
        text
    }

    fn symbol(&mut self, first: char) -> String {
        let rest = self.rest();
        let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        let text = symbol.map_or_else(|| first.to_string(), |symbol| (*symbol).to_owned());
        self.at += text.len();
        text
    }

    fn word(&mut self) -> Result<(Kind, String), Fault> {
        let word = self.run(is_word);
        let quote = self.peek() == Some('\'');
        match word.as_str() {
            "x" | "X" if quote => Ok((Kind::Bytes, self.string('\'')?)).and_then(hexadecimal),
            "n" | "N" if quote => Ok((Kind::Text, self.string('\'')?)),
            "b" | "B" if quote => {
                let bits = self.string('\'')?;
                let number = u64::from_str_radix(&bits, 2).map_err(|_| Fault::syntax("not a bit value"))?;
                Ok((Kind::Number, number.to_string()))
            }
            _ => Ok((Kind::Word, word)),
        }
    }

    fn number(&mut self) -> Result<(Kind, String), Fault> {
        if self.rest().starts_with("0x") {
            self.at += 2;
            return hexadecimal((Kind::Bytes, self.run(|c| c.is_ascii_hexdigit())));
        }
        let mut text = self.run(|c| c.is_ascii_digit() || c == '.');
        let rest = self.rest();
        let length = exponent(rest);
        text += &rest[..length];
        self.at += length;
        Ok((Kind::Number, text))
    }

    fn name(&mut self) -> Result<String, Fault> {
        let mut name = String::new();
        let mut chars = self.sql[self.at + 1..].char_indices().peekable();
        while let Some((index, c)) = chars.next() {
            if c != '`' {
                name.push(c);
            } else if chars.next_if(|(_, next)| *next == '`').is_some() {
                name.push('`');
            } else {
                self.at += index + 2;
                return Ok(name);
            }
        }
        Err(Fault::syntax("a name in backticks does not end"))
    }

    /// <https://dev.mysql.com/doc/refman/8.0/en/string-literals.html>
    fn string(&mut self, quote: char) -> Result<String, Fault> {
        let mut text = String::new();
        let mut chars = self.sql[self.at + 1..].char_indices().peekable();
        while let Some((index, c)) = chars.next() {
            if c == '\\' {
                let (_, escaped) = chars
                    .next()
                    .ok_or_else(|| Fault::syntax("a string does not end"))?;
                text.push_str(&unescape(escaped));
            } else if c != quote {
                text.push(c);
            } else if chars.next_if(|(_, next)| *next == quote).is_some() {
                text.push(quote);
            } else {
                self.at += index + 2;
                return Ok(text);
            }
        }
        Err(Fault::syntax("a string does not end"))
    }
}

/// How long the exponent is that the text begins with, such as `e-3`.
fn exponent(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else {
        return 0;
    };
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < digits.len() {
        text.len() - rest.len()
    } else {
        0
    }
}

fn unescape(c: char) -> String {
    match c {
        '0' => "\0".to_owned(),
        'b' => "\u{8}".to_owned(),
        'n' => "\n".to_owned(),
        'r' => "\r".to_owned(),
        't' => "\t".to_owned(),
        'Z' => "\u{1A}".to_owned(),
        // They keep their backslash, for LIKE.
        '%' | '_' => format!("\\{c}"),
        other => other.to_string(),
    }
}

fn hexadecimal((kind, digits): (Kind, String)) -> Result<(Kind, String), Fault> {
    if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(Fault::syntax("not a hexadecimal value"));
    }
    let even = if digits.len() % 2 == 0 {
        digits
    } else {
        format!("0{digits}")
    };
    Ok((kind, even))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_names_and_comments() {
        let tokens = tokens(
            r#"SELECT `a``b`, "it's \"q\" \n\%" /* c */ -- x
            , 'a''b', 0xABC, 1.5e-3, ?, ? /*!40101 , 2 */ # end"#,
        );
        let texts: Vec<String> = tokens.unwrap().iter().map(Token::sqlite).collect();
        let expected = [
            "SELECT",
            "`a``b`",
            ",",
            "'it''s \"q\" \n\\%'",
            ",",
            "'a''b'",
            ",",
            "X'0ABC'",
            ",",
            "1.5e-3",
            ",",
            "?1",
            ",",
            "?2",
            ",",
            "2",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn what_does_not_end_is_an_error() {
        for sql in ["'a", "\"a\\", "`a", "/* a", "x'zz'", "b'3'"] {
            assert_eq!(tokens(sql).unwrap_err().code, 1064, "{sql}");
        }
    }

    #[test]
    fn any_text_gives_tokens_or_an_error() {
        for sql in [
            ".", "1e", "1e+", "@", "é", "--", "-", "/*!", "*/", "\u{0}", "0x", "1..2", "a.b.c", ".",
        ] {
            let _ = tokens(sql);
        }
    }
}
