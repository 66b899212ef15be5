//! Python's grammar of patterns.

use std::collections::HashMap;

use super::PatternError;
use super::ast::{At, Flags, Node, Repeat, RepeatKind, Set, SetItem};
use super::class;
use super::escape::{self, Escape};
use super::token::{Token, Tokens};
use super::width::Width;

/// How deep groups may nest; the translation adds levels of its own and `fancy-regex` stops at 64.
const DEEPEST: usize = 60;

pub(super) type Parsed<T> = Result<T, PatternError>;

pub(super) fn parse(pattern: &str) -> Parsed<Node> {
    let mut parser = Parser {
        tokens: Tokens::of(pattern)?,
        global: Flags::default(),
        global_letters: String::new(),
        groups: Vec::new(),
        names: HashMap::new(),
        behind: None,
        conditions: Vec::new(),
        depth: 0,
    };
    let node = parser.whole()?;
    if parser.tokens.next().is_some() {
        let problem = "no group is open here; for a parenthesis itself write \\)";
        return Err(parser.tokens.error(parser.tokens.mark(), problem));
    }
    parser.check_conditions()?;
    Ok(node)
}

pub(super) struct Parser {
    pub(super) tokens: Tokens,
    /// What `(?ims)` at the start turned on.
    pub(super) global: Flags,
    /// The same as letters.
    pub(super) global_letters: String,
    /// The widths of the capturing groups; those still open have none.
    pub(super) groups: Vec<Option<Width>>,
    pub(super) names: HashMap<String, usize>,
    /// Inside a look-behind: how many groups there were before it.
    pub(super) behind: Option<usize>,
    /// Numbers that `(?(1)…)` named, with their places.
    pub(super) conditions: Vec<(usize, usize)>,
    depth: usize,
}

impl Parser {
    fn whole(&mut self) -> Parsed<Node> {
        self.global_flags()?;
        self.alternatives(self.global)
    }

    /// `a|b|c`, up to a closing parenthesis or the end.
    pub(super) fn alternatives(&mut self, flags: Flags) -> Parsed<Node> {
        let mut all = vec![self.sequence(flags)?];
        while self.tokens.eat('|') {
            all.push(self.sequence(flags)?);
        }
        match all.len() {
            1 => Ok(all.remove(0)),
            _ => Ok(Node::Alternatives(all)),
        }
    }

    pub(super) fn sequence(&mut self, flags: Flags) -> Parsed<Node> {
        if self.depth > DEEPEST {
            let problem = format!("groups are nested more than {DEEPEST} deep");
            return Err(self.tokens.error(self.tokens.mark(), problem));
        }
        self.depth += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space(flags);
            if matches!(self.tokens.next(), None | Some(Token::Plain('|' | ')'))) {
                break;
            }
            self.item(flags, &mut items)?;
        }
        self.depth -= 1;
        Ok(Node::Sequence(items))
    }

    /// White space and `# comments` mean nothing with the flag `x`.
    pub(super) fn skip_space(&mut self, flags: Flags) {
        if !flags.verbose {
            return;
        }
        loop {
            match self.tokens.next() {
                Some(Token::Plain(' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')) => {
                    self.tokens.take();
                }
                Some(Token::Plain('#')) => {
                    self.tokens.take_until('\n');
                }
                _ => return,
            }
        }
    }

    fn item(&mut self, flags: Flags, items: &mut Vec<Node>) -> Parsed<()> {
        let at = self.tokens.mark();
        let node = match self.tokens.take() {
            None => return Ok(()),
            Some(Token::Escaped(c)) => self.escape(c, at, flags)?,
            Some(Token::Plain('[')) => Node::Set(class::parse(&mut self.tokens, at, flags)?),
            Some(Token::Plain('(')) => match self.group(at, flags)? {
                Some(node) => node,
                None => return Ok(()),
            },
            Some(Token::Plain('.')) => Node::Any {
                dot_all: flags.dot_all,
            },
            Some(Token::Plain('^')) => Node::At(At::Start {
                every_line: flags.multi_line,
            }),
            Some(Token::Plain('$')) => Node::At(At::End {
                every_line: flags.multi_line,
            }),
            Some(Token::Plain(c @ ('*' | '+' | '?' | '{'))) => match self.times(c, at)? {
                Some(times) => return self.repeat(times, at, items),
                None => literal(u32::from(c), flags),
            },
            Some(Token::Plain(c)) => literal(u32::from(c), flags),
        };
        items.push(node);
        Ok(())
    }

    fn escape(&mut self, c: char, at: usize, flags: Flags) -> Parsed<Node> {
        let boundary = |negated| At::Boundary {
            negated,
            ascii: flags.ascii,
        };
        match c {
            'A' => Ok(Node::At(At::Start { every_line: false })),
            'Z' => Ok(Node::At(At::TextEnd)),
            'b' => Ok(Node::At(boundary(false))),
            'B' => Ok(Node::At(boundary(true))),
            '0' => {
                let digits = format!("0{}", self.tokens.take_while(2, is_octal));
                Ok(literal(escape::octal(&self.tokens, &digits, at)?, flags))
            }
            '1'..='9' => self.octal_or_group(c, at, flags),
            _ => Ok(match escape::shared(&mut self.tokens, c, at)? {
                Escape::Char(code) => literal(code, flags),
                Escape::Category(category) => Node::Set(Set::of(SetItem::Category(category), flags)),
            }),
        }
    }

    /// Three octal digits are a character, anything else the number of a group.
    fn octal_or_group(&mut self, first: char, at: usize, flags: Flags) -> Parsed<Node> {
        let mut digits = first.to_string() + &self.tokens.take_while(1, |c| c.is_ascii_digit());
        if digits.len() == 2 && digits.chars().all(is_octal) {
            digits += &self.tokens.take_while(1, is_octal);
        }
        match (digits.len(), digits.parse()) {
            (3, _) => Ok(literal(escape::octal(&self.tokens, &digits, at)?, flags)),
            (_, Ok(group)) if (1..=self.groups.len()).contains(&group) => self.back(group, at, flags),
            _ => Err(self
                .tokens
                .error(at, format!("there is no group {digits} before this"))),
        }
    }

    /// A reference to what a group found.
    pub(super) fn back(&mut self, group: usize, at: usize, flags: Flags) -> Parsed<Node> {
        if self.groups[group - 1].is_none() {
            return Err(self.tokens.error(at, format!("group {group} is still open here")));
        }
        self.check_behind(group, at)?;
        Ok(Node::Back {
            group,
            ignore_case: flags.ignore_case,
        })
    }

    /// How often, if the quantifier `c` (just taken) is one: a `{` that does not start one is a character.
    fn times(&mut self, c: char, at: usize) -> Parsed<Option<(u32, Option<u32>)>> {
        match c {
            '*' => return Ok(Some((0, None))),
            '+' => return Ok(Some((1, None))),
            '?' => return Ok(Some((0, Some(1)))),
            _ => {}
        }
        let start = self.tokens.mark();
        let digits = |tokens: &mut Tokens| tokens.take_while(usize::MAX, |c| c.is_ascii_digit());
        let least = digits(&mut self.tokens);
        let most = match self.tokens.eat(',') {
            true => digits(&mut self.tokens),
            false => least.clone(),
        };
        let empty = self.tokens.mark() == start;
        if empty || !self.tokens.eat('}') {
            self.tokens.go_back(start);
            return Ok(None);
        }
        let least = self.number(&least, at)?.unwrap_or(0);
        let most = self.number(&most, at)?;
        if most.is_some_and(|most| most < least) {
            return Err(self
                .tokens
                .error(at, "the most is below the least; swap the two numbers"));
        }
        Ok(Some((least, most)))
    }

    fn number(&self, digits: &str, at: usize) -> Parsed<Option<u32>> {
        match digits.parse() {
            _ if digits.is_empty() => Ok(None),
            Ok(number) if number < u32::MAX => Ok(Some(number)),
            _ => Err(self
                .tokens
                .error(at, format!("{digits} repetitions are too many"))),
        }
    }

    fn repeat(&mut self, (least, most): (u32, Option<u32>), at: usize, items: &mut Vec<Node>) -> Parsed<()> {
        let inner = match items.pop() {
            Some(Node::Repeat(_)) => {
                let problem = "this is repeated already; put it in a group (?:…) to repeat it again";
                return Err(self.tokens.error(at, problem));
            }
            None | Some(Node::At(_)) => {
                let problem = "there is nothing to repeat before this; for the character itself put a backslash \
                    before it";
                return Err(self.tokens.error(at, problem));
            }
            Some(inner) => inner,
        };
        let kind = match (self.tokens.eat('?'), self.tokens.next_is('+')) {
            (true, _) => RepeatKind::Lazy,
            (false, true) => RepeatKind::Possessive,
            (false, false) => RepeatKind::Greedy,
        };
        if kind == RepeatKind::Possessive {
            self.tokens.take();
        }
        items.push(Node::Repeat(Repeat {
            inner: Box::new(inner),
            least,
            most,
            kind,
        }));
        Ok(())
    }
}

fn literal(code: u32, flags: Flags) -> Node {
    Node::Set(Set::of(SetItem::Range(code, code), flags))
}

fn is_octal(c: char) -> bool {
    matches!(c, '0'..='7')
}
