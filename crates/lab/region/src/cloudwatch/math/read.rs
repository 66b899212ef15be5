//! From text to an expression.

use super::refuse;
use crate::wire::ApiError;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cloudwatch) enum Expression {
    Number(f64),
    Id(String),
    List(Vec<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
}

/// An operator between two values. Comparisons give 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cloudwatch) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

impl Operator {
    pub(super) fn apply(self, a: f64, b: f64) -> f64 {
        let truth = |is: bool| f64::from(u8::from(is));
        match self {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            Operator::Power => a.powf(b),
            Operator::Less => truth(a < b),
            Operator::LessOrEqual => truth(a <= b),
            Operator::Greater => truth(a > b),
            Operator::GreaterOrEqual => truth(a >= b),
            Operator::Equal => truth(a == b),
            Operator::NotEqual => truth(a != b),
            Operator::And => truth(a != 0.0 && b != 0.0),
            Operator::Or => truth(a != 0.0 || b != 0.0),
        }
    }
}

/// By how tightly they bind, loosest first; longer signs before their beginnings.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("||", Operator::Or), ("&&", Operator::And)],
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
    &[("^", Operator::Power)],
];

/// The place of `^` among the levels.
const POWERS: usize = 4;

/// Deeper expressions are refused, so that no text exhausts the stack.
const DEEPEST: usize = 50;

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// `ValidationError` with the place that is not understood.
    pub(in crate::cloudwatch) fn read(written: &str) -> Result<Expression, ApiError> {
        let mut reader = Reader {
            rest: written.trim(),
            depth: 0,
        };
        let expression = reader.level(0)?;
        match reader.rest.is_empty() {
            true => Ok(expression),
            false => Err(refuse(format!("'{}' is not understood", reader.rest))),
        }
    }
}

fn negated(expression: Expression) -> Expression {
    Expression::Binary(
        Operator::Subtract,
        Box::new(Expression::Number(0.0)),
        Box::new(expression),
    )
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, ApiError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.single();
        };
        if level == POWERS && self.eat("-") {
            // a sign is for the whole power: -2^2 is -4
            return self.deeper(|reader| reader.level(POWERS)).map(negated);
        }
        let mut left = self.level(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.eat(sign)) {
            let right = self.level(level + 1)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Expression, ApiError>,
    ) -> Result<Expression, ApiError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(refuse("it is nested too deeply"));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn single(&mut self) -> Result<Expression, ApiError> {
        if self.eat("-") {
            return self.deeper(Reader::single).map(negated);
        }
        if self.eat("(") {
            let inner = self.deeper(|reader| reader.level(0))?;
            return self.closed(")", inner);
        }
        if self.eat("[") {
            return self.items("]").map(Expression::List);
        }
        self.word()
    }

    fn closed(&mut self, sign: &str, inner: Expression) -> Result<Expression, ApiError> {
        match self.eat(sign) {
            true => Ok(inner),
            false => Err(refuse(format!("'{sign}' is missing before '{}'", self.rest))),
        }
    }

    fn items(&mut self, end: &str) -> Result<Vec<Expression>, ApiError> {
        let mut items = Vec::new();
        while !self.eat(end) {
            if !items.is_empty() && !self.eat(",") {
                return Err(refuse(format!(
                    "',' or '{end}' is missing before '{}'",
                    self.rest
                )));
            }
            items.push(self.deeper(|reader| reader.level(0))?);
        }
        Ok(items)
    }

    /// A number, an id or a call.
    fn word(&mut self) -> Result<Expression, ApiError> {
        let end = self
            .rest
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '.'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if word.is_empty() {
            return Err(refuse(format!("'{}' is not understood", self.rest)));
        }
        self.rest = rest.trim_start();
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            return word
                .parse()
                .map(Expression::Number)
                .map_err(|_| refuse(format!("'{word}' is no number")));
        }
        match self.eat("(") {
            true => Ok(Expression::Call(word.to_owned(), self.items(")")?)),
            false => Ok(Expression::Id(word.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let number = |value| Box::new(Expression::Number(value));
        let product = Expression::Binary(Operator::Multiply, number(2.0), number(3.0));
        let sum = Expression::Binary(Operator::Add, number(1.0), Box::new(product));
        assert_eq!(Expression::read("1 + 2*3").unwrap(), sum);
        assert_eq!(Expression::read("(1+(2 * 3))").unwrap(), sum);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for wrong in ["1 +", "(m1", "m1 m2", "SUM([m1, )", "é", "1.2.3", ""] {
            assert!(Expression::read(wrong).is_err(), "{wrong}");
        }
        assert!(Expression::read(&"(".repeat(10_000)).is_err());
        assert!(Expression::read(&"-".repeat(10_000)).is_err());
    }
}
