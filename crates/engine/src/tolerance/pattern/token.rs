//! Splits a pattern into characters and escaped characters.

use super::PatternError;

/// A character, or a backslash with the character after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Plain(char),
    Escaped(char),
}

/// The tokens of a pattern, and the place of the next one.
pub(super) struct Tokens {
    all: Vec<(usize, Token)>,
    at: usize,
    end: usize,
}

impl Tokens {
    pub(super) fn of(pattern: &str) -> Result<Self, PatternError> {
        let mut all = Vec::new();
        let mut chars = (1..).zip(pattern.chars());
        let mut end = 1;
        while let Some((position, c)) = chars.next() {
            let token = match c {
                '\\' => Token::Escaped(chars.next().ok_or_else(|| trailing_backslash(position))?.1),
                c => Token::Plain(c),
            };
            end = position + if c == '\\' { 2 } else { 1 };
            all.push((position, token));
        }
        Ok(Self { all, at: 0, end })
    }

    pub(super) fn next(&self) -> Option<Token> {
        self.all.get(self.at).map(|(_, token)| *token)
    }

    pub(super) fn take(&mut self) -> Option<Token> {
        let token = self.next();
        self.at += usize::from(token.is_some());
        token
    }

    /// True, and past it, when that plain character is next.
    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.next_is(c);
        self.at += usize::from(found);
        found
    }

    pub(super) fn next_is(&self, c: char) -> bool {
        self.next() == Some(Token::Plain(c))
    }

    /// The plain characters that `fits` accepts, at most `most` of them.
    pub(super) fn take_while(&mut self, most: usize, fits: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(Token::Plain(c)) = self.next()
            && taken.len() < most
            && fits(c)
        {
            taken.push(c);
            self.at += 1;
        }
        taken
    }

    /// What stands before the next plain `last`, which is passed; `None` when there is none.
    pub(super) fn take_until(&mut self, last: char) -> Option<String> {
        let mut taken = String::new();
        loop {
            match self.take()? {
                Token::Plain(c) if c == last => return Some(taken),
                Token::Plain(c) => taken.push(c),
                Token::Escaped(c) => taken.extend(['\\', c]),
            }
        }
    }

    /// A place to go back to.
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    pub(super) fn go_back(&mut self, mark: usize) {
        self.at = mark;
    }

    /// The position of the character of a mark; the first one is 1.
    pub(super) fn position(&self, mark: usize) -> usize {
        self.all.get(mark).map_or(self.end, |(position, _)| *position)
    }

    pub(super) fn error(&self, mark: usize, problem: impl Into<String>) -> PatternError {
        PatternError {
            position: self.position(mark),
            problem: problem.into(),
        }
    }
}

fn trailing_backslash(position: usize) -> PatternError {
    PatternError {
        position,
        problem: "a backslash needs a character after it; for a backslash itself write \\\\".to_owned(),
    }
}
