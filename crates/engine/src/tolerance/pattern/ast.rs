//! A pattern as a tree. Flags are resolved: every node carries those that matter to it.

/// The flags in force at one place of a pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `i`
    pub(super) ignore_case: bool,
    /// `m`
    pub(super) multi_line: bool,
    /// `s`
    pub(super) dot_all: bool,
    /// `x`
    pub(super) verbose: bool,
    /// `a`; the opposite is `u`.
    pub(super) ascii: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// One character of a set; a literal is a set of one.
    Set(Set),
    /// `.`
    Any {
        dot_all: bool,
    },
    /// `^`, `$`, `\A`, `\Z`, `\b`, `\B`: they cannot be repeated directly.
    At(At),
    /// A non-capturing group or the whole pattern.
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    /// A capturing group; they are numbered by their order, so the number is not kept.
    Capture(Box<Node>),
    Atomic(Box<Node>),
    Repeat(Repeat),
    Look {
        behind: bool,
        negated: bool,
        inner: Box<Node>,
    },
    Back {
        group: usize,
        ignore_case: bool,
    },
    /// `(?(group)yes|no)`
    Conditional {
        group: usize,
        yes: Box<Node>,
        no: Box<Node>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Start { every_line: bool },
    End { every_line: bool },
    TextEnd,
    Boundary { negated: bool, ascii: bool },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Repeat {
    pub(super) inner: Box<Node>,
    pub(super) least: u32,
    /// `None`: without end.
    pub(super) most: Option<u32>,
    pub(super) kind: RepeatKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RepeatKind {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Set {
    pub(super) negated: bool,
    pub(super) items: Vec<SetItem>,
    pub(super) ignore_case: bool,
    /// `\d`, `\s`, `\w` and the case of letters are those of ASCII.
    pub(super) ascii: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SetItem {
    /// Code points, both ends included. Surrogates may be named but never match.
    Range(u32, u32),
    Category(Category),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) kind: CategoryKind,
    /// True for `\D`, `\S`, `\W`.
    pub(super) negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CategoryKind {
    Digit,
    Space,
    Word,
}

impl Set {
    pub(super) fn of(item: SetItem, flags: Flags) -> Self {
        Self {
            negated: false,
            items: vec![item],
            ignore_case: flags.ignore_case,
            ascii: flags.ascii,
        }
    }
}
