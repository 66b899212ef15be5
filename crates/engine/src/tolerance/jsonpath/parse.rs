//! Builds a [`Path`] from tokens.

use super::token::{Token, tokens};
use super::{Comparison, Condition, Function, Operand, Path, PathError, Query, Selector, Slice, Step, slice};
use crate::value::{Map, Value, python};

/// How many brackets, parentheses and literals may stand inside one another.
const DEEPEST: usize = 64;

const COMPARISONS: [(&str, Comparison); 6] = [
    ("=", Comparison::Equal),
    ("!=", Comparison::Different),
    ("<", Comparison::Less),
    ("<=", Comparison::AtMost),
    (">", Comparison::Greater),
    (">=", Comparison::AtLeast),
];

/// Reads a path.
///
/// # Errors
/// With the position of the first character that does not fit.
pub fn parse(path: &str) -> Result<Path, PathError> {
    let mut parser = Parser {
        tokens: tokens(path)?,
        at: 0,
        depth: 0,
    };
    parser.expect("$", "a path starts with `$`")?;
    let steps = parser.steps()?;
    match parser.next() {
        Token::End => Ok(Path(Query {
            from_root: true,
            steps,
        })),
        _ => Err(parser.error("a step starts with `.`, `..` or `[`")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, PathError>;

impl Parser {
    /// The next token, which stays in place; after the last one it is the last one again.
    fn next(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)].1
    }

    fn error(&self, problem: impl Into<String>) -> PathError {
        PathError {
            position: self.tokens[self.at.min(self.tokens.len() - 1)].0,
            problem: problem.into(),
        }
    }

    fn take(&mut self, mark: &'static str) -> bool {
        let found = *self.next() == Token::Mark(mark);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &'static str, otherwise: &str) -> Parsed<()> {
        if self.take(mark) {
            Ok(())
        } else {
            Err(self.error(otherwise))
        }
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEEPEST {
            return Err(self.error(format!("more than {DEEPEST} levels stand inside one another")));
        }
        self.depth += 1;
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    fn separated<T>(&mut self, one: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.take(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn steps(&mut self) -> Parsed<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            let descend = self.take("..");
            let selectors = if self.take("[") {
                self.brackets()?
            } else if descend || self.take(".") {
                vec![self.bare_word()?]
            } else {
                return Ok(steps);
            };
            steps.push(Step { descend, selectors });
        }
    }

    fn brackets(&mut self) -> Parsed<Vec<Selector>> {
        self.nested(|parser| {
            let selectors = parser.separated(Self::selector)?;
            parser.expect("]", "expected `,` or `]`")?;
            Ok(selectors)
        })
    }

    fn bare_word(&mut self) -> Parsed<Selector> {
        if self.take("*") {
            return Ok(Selector::All);
        }
        let Token::Name(name) = self.next().clone() else {
            let problem = "expected a name of letters, digits and underscores, or `*`; any other name, and \
                `and`, `or`, `not`, `true`, `false`, `null`, is written [\"…\"]";
            return Err(self.error(problem));
        };
        self.at += 1;
        match self.next() {
            Token::Mark("(") => self.call(&name),
            _ => Ok(Selector::Name(name)),
        }
    }

    /// The name has just been read.
    fn call(&mut self, name: &str) -> Parsed<Selector> {
        let Some(function) = Function::named(name) else {
            self.at -= 1;
            return Err(self.error(format!(
                "there is no function `{name}`, only {}",
                Function::names()
            )));
        };
        self.expect("(", "expected `(` after the name of a function")?;
        if self.take(")") {
            return Ok(Selector::Call(function, Vec::new()));
        }
        let arguments = self.nested(|parser| parser.separated(Self::operand))?;
        self.expect(")", "expected `,` or `)`")?;
        Ok(Selector::Call(function, arguments))
    }

    fn selector(&mut self) -> Parsed<Selector> {
        match self.next().clone() {
            Token::Text(name) => {
                self.at += 1;
                Ok(Selector::Name(name))
            }
            Token::Number(_) => self.index_or_slice(),
            Token::Mark(":") => self.slice(None),
            Token::Mark("*") => {
                self.at += 1;
                Ok(Selector::All)
            }
            Token::Mark("?") => self.filter(),
            Token::Mark("$" | "@") => Ok(Selector::Computed(self.query()?)),
            Token::Name(name) => {
                self.at += 1;
                match self.next() {
                    Token::Mark("(") => self.call(&name),
                    _ => Err(self.error(format!(
                        "a name between brackets stands in double quotes: [\"{name}\"]"
                    ))),
                }
            }
            _ => Err(self.error("expected a \"name\", an index, a slice, `*` or a filter `?(…)`")),
        }
    }

    fn index_or_slice(&mut self) -> Parsed<Selector> {
        let index = self.whole_number()?;
        match (self.next(), index) {
            (Token::Mark(":"), start) => self.slice(start),
            (_, Some(index)) => Ok(Selector::Index(index)),
            (_, None) => Err(self.error("expected an index")),
        }
    }

    fn slice(&mut self, start: Option<i64>) -> Parsed<Selector> {
        self.expect(":", "expected `:`")?;
        let end = self.whole_number()?;
        let step = match self.take(":") {
            true => self.whole_number()?,
            false => None,
        };
        Ok(Selector::Slice(Slice { start, end, step }))
    }

    /// `None` when the next token is no number. Too large ones are cut: no list is that long.
    fn whole_number(&mut self) -> Parsed<Option<i64>> {
        let Token::Number(text) = self.next() else {
            return Ok(None);
        };
        match python::parse_int(text) {
            None => Err(self.error("an index is a whole number")),
            Some(number) => {
                self.at += 1;
                Ok(Some(slice::saturated(&number)))
            }
        }
    }

    fn filter(&mut self) -> Parsed<Selector> {
        self.expect("?", "expected `?`")?;
        self.expect("(", "a filter is written ?(…)")?;
        let condition = self.condition()?;
        self.expect(
            ")",
            "expected the `)` that closes the filter, `and`, `or`, or one of = != < <= > >=",
        )?;
        Ok(Selector::Filter(condition))
    }

    /// `and` joins what `or` has joined: in this dialect, `or` binds tighter.
    fn condition(&mut self) -> Parsed<Condition> {
        self.nested(|parser| {
            let mut all = vec![parser.either()?];
            while parser.take("and") {
                all.push(parser.either()?);
            }
            Ok(single_or(all, Condition::And))
        })
    }

    fn either(&mut self) -> Parsed<Condition> {
        let mut any = vec![self.term()?];
        while self.take("or") {
            any.push(self.term()?);
        }
        Ok(single_or(any, Condition::Or))
    }

    fn term(&mut self) -> Parsed<Condition> {
        if self.take("not") {
            return self.nested(|parser| Ok(Condition::Not(Box::new(parser.term()?))));
        }
        if self.take("(") {
            let condition = self.condition()?;
            self.expect(")", "expected `)`, `and` or `or`")?;
            return Ok(condition);
        }
        let left = self.operand()?;
        match COMPARISONS.into_iter().find(|(mark, _)| self.take(mark)) {
            None => Ok(Condition::Holds(left)),
            Some((mark, comparison)) => {
                if mark == "=" && *self.next() == Token::Mark("=") {
                    return Err(self.error("comparison is written with a single `=`"));
                }
                Ok(Condition::Compare(left, comparison, self.operand()?))
            }
        }
    }

    fn operand(&mut self) -> Parsed<Operand> {
        match self.next() {
            Token::Mark("$" | "@") => Ok(Operand::Query(self.query()?)),
            _ => Ok(Operand::Literal(self.literal()?)),
        }
    }

    fn query(&mut self) -> Parsed<Query> {
        let from_root = self.take("$");
        if !from_root {
            self.expect("@", "expected a path that starts with `@` or `$`")?;
        }
        let steps = self.steps()?;
        Ok(Query { from_root, steps })
    }

    fn literal(&mut self) -> Parsed<Value> {
        let value = match self.next().clone() {
            Token::Text(text) => Value::Text(text),
            Token::Number(text) => number(&text),
            Token::Mark("true") => Value::Bool(true),
            Token::Mark("false") => Value::Bool(false),
            Token::Mark("null") => Value::Null,
            Token::Mark("[") => return self.nested(Self::list),
            Token::Mark("{") => return self.nested(Self::mapping),
            _ => return Err(self.error("expected a path that starts with `@` or `$`, or a JSON value")),
        };
        self.at += 1;
        Ok(value)
    }

    fn list(&mut self) -> Parsed<Value> {
        self.expect("[", "expected `[`")?;
        if self.take("]") {
            return Ok(Value::List(Vec::new()));
        }
        let items = self.separated(Self::literal)?;
        self.expect("]", "expected `,` or `]`")?;
        Ok(Value::List(items))
    }

    fn mapping(&mut self) -> Parsed<Value> {
        self.expect("{", "expected `{`")?;
        if self.take("}") {
            return Ok(Value::Map(Map::new()));
        }
        let entries = self.separated(Self::entry)?;
        self.expect("}", "expected `,` or `}`")?;
        Ok(Value::Map(entries.into_iter().collect()))
    }

    fn entry(&mut self) -> Parsed<(String, Value)> {
        let Token::Text(key) = self.next().clone() else {
            return Err(self.error("expected a key in double quotes"));
        };
        self.at += 1;
        self.expect(":", "expected `:` after the key")?;
        Ok((key, self.literal()?))
    }
}

fn single_or(mut conditions: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.len() {
        1 => conditions.remove(0),
        _ => join(conditions),
    }
}

fn number(text: &str) -> Value {
    match python::parse_int(text) {
        Some(whole) => whole,
        // the token has the form of a JSON number, which is always a float
        None => Value::Float(python::parse_float(text).unwrap_or(f64::NAN)),
    }
}
