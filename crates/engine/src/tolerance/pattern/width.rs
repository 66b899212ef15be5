//! How many characters a node takes: a look-behind must know.

use super::ast::Node;

/// The least and the most.
pub(super) type Width = (u64, u64);

/// `groups` has the widths of the capturing groups so far, from number 1; open ones have none.
pub(super) fn width(node: &Node, groups: &[Option<Width>]) -> Width {
    match node {
        Node::Set(_) | Node::Any { .. } => (1, 1),
        Node::At(_) | Node::Look { .. } => (0, 0),
        Node::Capture(inner) | Node::Atomic(inner) => width(inner, groups),
        Node::Sequence(items) => items.iter().fold((0, 0), |sum, item| {
            let (least, most) = width(item, groups);
            (
                u64::saturating_add(sum.0, least),
                u64::saturating_add(sum.1, most),
            )
        }),
        Node::Alternatives(items) => items
            .iter()
            .map(|item| width(item, groups))
            .reduce(either)
            .unwrap_or((0, 0)),
        Node::Repeat(repeat) => {
            let (least, most) = width(&repeat.inner, groups);
            let times = repeat.most.map_or(u64::MAX, u64::from);
            (
                least.saturating_mul(u64::from(repeat.least)),
                most.saturating_mul(times),
            )
        }
        Node::Back { group, .. } => groups.get(group - 1).copied().flatten().unwrap_or((0, u64::MAX)),
        Node::Conditional { yes, no, .. } => either(width(yes, groups), width(no, groups)),
    }
}

fn either(a: Width, b: Width) -> Width {
    (a.0.min(b.0), a.1.max(b.1))
}
