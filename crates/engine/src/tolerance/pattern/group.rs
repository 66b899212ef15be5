//! `(…)` and everything that starts with `(?`.

use super::ast::{Flags, Node};
use super::parse::{Parsed, Parser};
use super::token::Token;
use super::width;
use crate::value::{Value, python};

const KINDS: &str =
    "after `(?` comes `:`, `P<name>`, `P=name`, `=`, `!`, `<=`, `<!`, `>`, `#`, `(` or a flag";

impl Parser {
    /// The opening parenthesis at `open` has just been taken. `None` for a comment.
    pub(super) fn group(&mut self, open: usize, flags: Flags) -> Parsed<Option<Node>> {
        if !self.tokens.eat('?') {
            return self.capture(open, None, flags).map(Some);
        }
        if self.comment(open)? {
            return Ok(None);
        }
        let kind = self.tokens.mark();
        let node = match self.tokens.take() {
            Some(Token::Plain('P')) => self.python_group(open, flags),
            Some(Token::Plain(':')) => self.body(open, flags),
            Some(Token::Plain('>')) => self.body(open, flags).map(|inner| Node::Atomic(Box::new(inner))),
            Some(Token::Plain('=')) => self.look_ahead(open, false, flags),
            Some(Token::Plain('!')) => self.look_ahead(open, true, flags),
            Some(Token::Plain('<')) => self.look_behind(open, flags),
            Some(Token::Plain('(')) => self.conditional(open, flags),
            Some(Token::Plain(c)) if c == '-' || c.is_ascii_alphabetic() => {
                self.tokens.go_back(kind);
                self.flag_group(open, flags)
            }
            _ => Err(self.tokens.error(open, KINDS)),
        };
        node.map(Some)
    }

    /// True, and past it, when `#…)` is next.
    fn comment(&mut self, open: usize) -> Parsed<bool> {
        if !self.tokens.eat('#') {
            return Ok(false);
        }
        match self.tokens.take_until(')') {
            Some(_) => Ok(true),
            None => Err(self.tokens.error(open, "this comment has no `)` at its end")),
        }
    }

    /// Comments and `(?ims)` at the start: flags that hold for the whole pattern.
    pub(super) fn global_flags(&mut self) -> Parsed<()> {
        loop {
            self.skip_space(self.global);
            let start = self.tokens.mark();
            let group = self.tokens.eat('(') && self.tokens.eat('?');
            if !(group && (self.comment(start)? || self.flags_for_all(start)?)) {
                self.tokens.go_back(start);
                return Ok(());
            }
        }
    }

    fn flags_for_all(&mut self, open: usize) -> Parsed<bool> {
        let on = self.flag_letters();
        if on.is_empty() || !self.tokens.eat(')') {
            return Ok(false);
        }
        self.global_letters += &on;
        self.check_kinds(&self.global_letters, open)?;
        self.global = self.global.with(&on, true);
        Ok(true)
    }

    fn flag_letters(&mut self) -> String {
        self.tokens.take_while(usize::MAX, |c| "imsxau".contains(c))
    }

    fn check_kinds(&self, on: &str, open: usize) -> Parsed<()> {
        if on.contains('a') && on.contains('u') {
            return Err(self.tokens.error(open, "the flags a and u exclude one another"));
        }
        Ok(())
    }

    /// `(?i-s:…)`
    fn flag_group(&mut self, open: usize, flags: Flags) -> Parsed<Node> {
        let on = self.flag_letters();
        let minus = self.tokens.eat('-');
        let off = if minus { self.flag_letters() } else { String::new() };
        self.check_kinds(&on, open)?;
        if self.tokens.next_is(')') && !minus && !on.is_empty() {
            let problem = format!("flags for the whole pattern come first; for a part of it write (?{on}:…)");
            return Err(self.tokens.error(open, problem));
        }
        if !self.tokens.eat(':') || (minus && off.is_empty()) {
            let problem = "the flags are i, m, s, x, a and u, then `:`; a `-` turns off those that follow it";
            return Err(self.tokens.error(self.tokens.mark(), problem));
        }
        if off.contains(['a', 'u']) {
            return Err(self.tokens.error(
                open,
                "the flags a and u cannot be turned off; turn the other one on",
            ));
        }
        if on.chars().any(|c| off.contains(c)) {
            return Err(self.tokens.error(open, "a flag is turned on and off at once"));
        }
        self.body(open, flags.with(&on, true).with(&off, false))
    }

    /// Up to the closing parenthesis, which is taken.
    fn body(&mut self, open: usize, flags: Flags) -> Parsed<Node> {
        let node = self.alternatives(flags)?;
        self.close(open)?;
        // kept as a group of its own, so that a repetition inside can be repeated
        Ok(Node::Sequence(vec![node]))
    }

    fn close(&mut self, open: usize) -> Parsed<()> {
        if self.tokens.eat(')') {
            return Ok(());
        }
        let problem = "this group is not closed; for a parenthesis itself write \\(";
        Err(self.tokens.error(open, problem))
    }

    fn capture(&mut self, open: usize, name: Option<String>, flags: Flags) -> Parsed<Node> {
        self.groups.push(None);
        let group = self.groups.len();
        if let Some(name) = name
            && let Some(other) = self.names.insert(name, group)
        {
            return Err(self
                .tokens
                .error(open, format!("group {other} has this name already")));
        }
        let node = self.alternatives(flags)?;
        self.close(open)?;
        self.groups[group - 1] = Some(width::width(&node, &self.groups));
        Ok(Node::Capture(Box::new(node)))
    }

    fn python_group(&mut self, open: usize, flags: Flags) -> Parsed<Node> {
        if self.tokens.eat('<') {
            let name = self.name(open, '>')?;
            return self.capture(open, Some(name), flags);
        }
        if self.tokens.eat('=') {
            let name = self.name(open, ')')?;
            let group = self.named(&name, open)?;
            return self.back(group, open, flags);
        }
        Err(self.tokens.error(open, "after `(?P` comes `<name>` or `=name`"))
    }

    fn name(&mut self, open: usize, last: char) -> Parsed<String> {
        self.tokens
            .take_until(last)
            .filter(|name| is_identifier(name))
            .ok_or_else(|| {
                let problem =
                    format!("the name of a group is letters, digits and underscores, then `{last}`");
                self.tokens.error(open, problem)
            })
    }

    fn named(&self, name: &str, open: usize) -> Parsed<usize> {
        self.names.get(name).copied().ok_or_else(|| {
            let problem = format!("there is no group named {name} before this");
            self.tokens.error(open, problem)
        })
    }

    fn look_ahead(&mut self, open: usize, negated: bool, flags: Flags) -> Parsed<Node> {
        Ok(Node::Look {
            behind: false,
            negated,
            inner: Box::new(self.body(open, flags)?),
        })
    }

    fn look_behind(&mut self, open: usize, flags: Flags) -> Parsed<Node> {
        let negated = self.tokens.eat('!');
        if !negated && !self.tokens.eat('=') {
            let problem = "after `(?<` comes `=` or `!`; a named group is written (?P<name>…)";
            return Err(self.tokens.error(open, problem));
        }
        let outer = self.behind;
        self.behind = outer.or(Some(self.groups.len()));
        let inner = self.body(open, flags)?;
        self.behind = outer;
        let (least, most) = width::width(&inner, &self.groups);
        if least != most {
            let problem = "a look-behind needs a fixed number of characters: no *, +, ? and alternatives of one \
                length";
            return Err(self.tokens.error(open, problem));
        }
        Ok(Node::Look {
            behind: true,
            negated,
            inner: Box::new(inner),
        })
    }

    /// Inside a look-behind only what was found before it can be referred to.
    pub(super) fn check_behind(&self, group: usize, at: usize) -> Parsed<()> {
        let closed = self.groups.get(group - 1).is_some_and(Option::is_some);
        match self.behind {
            Some(before) if !closed || group > before => {
                let problem =
                    format!("a look-behind cannot refer to group {group}, which is not complete before it");
                Err(self.tokens.error(at, problem))
            }
            _ => Ok(()),
        }
    }

    fn conditional(&mut self, open: usize, flags: Flags) -> Parsed<Node> {
        let group = self.condition(open)?;
        self.check_behind(group, open)?;
        let yes = self.sequence(flags)?;
        let no = match self.tokens.eat('|') {
            true => self.sequence(flags)?,
            false => Node::Sequence(Vec::new()),
        };
        if self.tokens.next_is('|') {
            let problem = "a condition has two branches at most; put alternatives in a group (?:…)";
            return Err(self.tokens.error(self.tokens.mark(), problem));
        }
        self.close(open)?;
        Ok(Node::Conditional {
            group,
            yes: Box::new(yes),
            no: Box::new(no),
        })
    }

    /// A name, or a number, whose group may also come later.
    fn condition(&mut self, open: usize) -> Parsed<usize> {
        let text = self.tokens.take_until(')').unwrap_or_default();
        if is_identifier(&text) {
            return self.named(&text, open);
        }
        let Some(Value::Int(number @ 1..)) = python::parse_int(&text) else {
            return Err(self
                .tokens
                .error(open, "a condition is the name or the number of a group, then `)`"));
        };
        let group = usize::try_from(number).unwrap_or(usize::MAX);
        self.conditions.push((group, open));
        Ok(group)
    }

    pub(super) fn check_conditions(&self) -> Parsed<()> {
        match self
            .conditions
            .iter()
            .find(|(group, _)| *group > self.groups.len())
        {
            Some((group, at)) => Err(self.tokens.error(*at, format!("there is no group {group}"))),
            None => Ok(()),
        }
    }
}

impl Flags {
    fn with(mut self, letters: &str, value: bool) -> Self {
        for letter in letters.chars() {
            match letter {
                'i' => self.ignore_case = value,
                'm' => self.multi_line = value,
                's' => self.dot_all = value,
                'x' => self.verbose = value,
                'a' => self.ascii = true,
                _ => self.ascii = false,
            }
        }
        self
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c == '_' || c.is_alphabetic())
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}
