//! What a path finds.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Comparison, Condition, Operand, Query, Selector, Step, slice};
use crate::value::{Value, python};

/// A value of the document, or one that a function made.
type Node<'v> = Cow<'v, Value>;

type Found<'v> = Vec<Node<'v>>;

pub(super) fn query<'v>(query: &Query, root: &'v Value, current: Node<'v>) -> Found<'v> {
    let start = if query.from_root {
        Cow::Borrowed(root)
    } else {
        current
    };
    query
        .steps
        .iter()
        .fold(vec![start], |found, step| apply(step, root, found))
}

fn apply<'v>(step: &Step, root: &'v Value, values: Found<'v>) -> Found<'v> {
    let mut found = Vec::new();
    for value in values {
        if step.descend {
            descend(step, root, value, &mut found);
        } else {
            pick_all(step, root, &value, &mut found);
        }
    }
    found
}

/// The value itself, then what is below it, depth first.
fn descend<'v>(step: &Step, root: &'v Value, value: Node<'v>, found: &mut Found<'v>) {
    pick_all(step, root, &value, found);
    for child in children(&value) {
        descend(step, root, child, found);
    }
}

fn pick_all<'v>(step: &Step, root: &'v Value, value: &Node<'v>, found: &mut Found<'v>) {
    for selector in &step.selectors {
        pick(selector, root, value, found);
    }
}

fn pick<'v>(selector: &Selector, root: &'v Value, value: &Node<'v>, found: &mut Found<'v>) {
    match selector {
        Selector::Name(name) => found.extend(part(value, |v| v.get(name))),
        Selector::Index(index) => found.extend(item(value, *index)),
        Selector::Slice(slice) => {
            let length = value.as_list().map_or(0, <[Value]>::len);
            let indices = slice.indices(length).into_iter();
            found.extend(indices.filter_map(|index| part(value, |v| v.as_list()?.get(index))));
        }
        Selector::All => found.extend(children(value)),
        Selector::Filter(condition) if holds(condition, root, value) => found.push(value.clone()),
        Selector::Filter(_) => {}
        Selector::Computed(inner) => {
            for key in query(inner, root, value.clone()) {
                found.extend(looked_up(value, &key));
            }
        }
        Selector::Call(function, arguments) => {
            let choices = choices(arguments, root, value);
            found.extend(
                choices
                    .iter()
                    .filter_map(|list| function.call(value, list))
                    .map(Cow::Owned),
            );
        }
    }
}

/// A part of a value, borrowed for as long as the value itself is.
fn part<'v>(value: &Node<'v>, choose: impl for<'a> Fn(&'a Value) -> Option<&'a Value>) -> Option<Node<'v>> {
    match value {
        Cow::Borrowed(value) => choose(value).map(Cow::Borrowed),
        Cow::Owned(value) => choose(value).cloned().map(Cow::Owned),
    }
}

fn item<'v>(value: &Node<'v>, index: i64) -> Option<Node<'v>> {
    let position = slice::within(index, value.as_list()?.len())?;
    part(value, |v| v.as_list()?.get(position))
}

fn children<'v>(value: &Node<'v>) -> Found<'v> {
    let length = match value.as_ref() {
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        _ => 0,
    };
    (0..length)
        .filter_map(|index| part(value, |v| child(v, index)))
        .collect()
}

fn child(value: &Value, index: usize) -> Option<&Value> {
    match value {
        Value::List(items) => items.get(index),
        Value::Map(map) => map.get_index(index).map(|(_, value)| value),
        _ => None,
    }
}

fn looked_up<'v>(value: &Node<'v>, key: &Value) -> Option<Node<'v>> {
    match key {
        Value::Text(name) => part(value, |v| v.get(name)),
        Value::Bool(_) | Value::Int(_) => item(value, python::as_index(key)?),
        _ => None,
    }
}

/// Every list of arguments: a path among them stands for each of the values it finds.
fn choices(arguments: &[Operand], root: &Value, value: &Value) -> Vec<Vec<Value>> {
    arguments.iter().fold(vec![Vec::new()], |lists, argument| {
        let values = operand(argument, root, value);
        let longer = |list: &Vec<Value>| {
            let list = list.clone();
            values
                .iter()
                .map(move |v| [list.as_slice(), &[v.as_ref().clone()]].concat())
        };
        lists.iter().flat_map(longer).collect()
    })
}

fn operand<'v>(operand: &'v Operand, root: &'v Value, value: &'v Value) -> Found<'v> {
    match operand {
        Operand::Query(inner) => query(inner, root, Cow::Borrowed(value)),
        Operand::Literal(literal) => vec![Cow::Borrowed(literal)],
    }
}

fn holds(condition: &Condition, root: &Value, value: &Value) -> bool {
    match condition {
        Condition::And(all) => all.iter().all(|one| holds(one, root, value)),
        Condition::Or(any) => any.iter().any(|one| holds(one, root, value)),
        Condition::Not(one) => !holds(one, root, value),
        Condition::Holds(Operand::Literal(literal)) => python::truthy(literal),
        Condition::Holds(path) => !operand(path, root, value).is_empty(),
        Condition::Compare(left, comparison, right) => {
            let rights = operand(right, root, value);
            operand(left, root, value)
                .iter()
                .any(|left| rights.iter().any(|right| comparison.holds(left, right)))
        }
    }
}

impl Comparison {
    /// `=` and `!=` take anything, the others numbers only.
    fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Self::Equal => python::equal(left, right),
            Self::Different => !python::equal(left, right),
            _ => numeric(left, right).is_some_and(|order| self.accepts(order)),
        }
    }

    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Different => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

fn numeric(left: &Value, right: &Value) -> Option<Ordering> {
    let number = |value: &Value| matches!(value, Value::Bool(_)) || value.as_f64().is_some();
    if number(left) && number(right) {
        python::compare(left, right)
    } else {
        None
    }
}
