//! Writes a tree in the grammar of `fancy-regex`, using only what means the same there at any place: flags are
//! written where they apply, characters as code points.

use super::ast::{At, Category, CategoryKind, Node, Repeat, RepeatKind, Set, SetItem};
use super::width;

/// What is known of the text to be searched.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) ascii: bool,
    /// In bytes.
    pub(super) length: usize,
}

/// `str.isalnum()` or an underscore.
const WORD: &str = r"\p{L}\p{N}_";
const ASCII_WORD: &str = "0-9A-Za-z_";

/// `str.isspace()`
const SPACE: &str =
    r"\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}";
const ASCII_SPACE: &str = r"\x{9}-\x{d}\x{20}";

/// Python lowers and compares, so these four are the same letter when case is ignored; Unicode's folding keeps
/// the last two apart.
const DOTTED_AND_DOTLESS: [u32; 4] = [0x69, 0x49, 0x130, 0x131];

pub(super) fn emit(node: &Node, target: Target) -> String {
    let mut writer = Writer {
        out: String::new(),
        target,
    };
    writer.node(node);
    writer.out
}

struct Writer {
    out: String,
    target: Target,
}

impl Writer {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Set(set) => self.set(set),
            Node::Any { dot_all: true } => self.out.push_str("(?s:.)"),
            Node::Any { dot_all: false } => self.out.push_str(r"[^\x{a}]"),
            Node::At(at) => self.at(*at),
            Node::Sequence(items) => items.iter().for_each(|item| self.part(item)),
            Node::Alternatives(items) => self.alternatives(items),
            Node::Capture(inner) => self.wrapped("(", inner),
            Node::Atomic(inner) => self.wrapped("(?>", inner),
            Node::Repeat(repeat) => self.repeat(repeat),
            Node::Look {
                behind,
                negated,
                inner,
            } => {
                let open = match (behind, negated) {
                    (false, false) => "(?=",
                    (false, true) => "(?!",
                    (true, false) => "(?<=",
                    (true, true) => "(?<!",
                };
                self.wrapped(open, inner);
            }
            Node::Back { group, ignore_case } => {
                let flag = if *ignore_case { "i" } else { "" };
                self.out.push_str(&format!(r"(?{flag}:\{group})"));
            }
            Node::Conditional { group, yes, no } => self.conditional(*group, yes, no),
        }
    }

    /// Left out when both branches are empty, which `fancy-regex` takes for what never matches.
    fn conditional(&mut self, group: usize, yes: &Node, no: &Node) {
        let (yes, no) = (emit(yes, self.target), emit(no, self.target));
        if !(yes.is_empty() && no.is_empty()) {
            self.out.push_str(&format!("(?({group})(?:{yes})|(?:{no}))"));
        }
    }

    /// One of a sequence.
    fn part(&mut self, node: &Node) {
        match node {
            Node::Alternatives(_) => self.wrapped("(?:", node),
            other => self.node(other),
        }
    }

    fn alternatives(&mut self, items: &[Node]) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push('|');
            }
            self.node(item);
        }
    }

    fn wrapped(&mut self, open: &str, inner: &Node) {
        self.out.push_str(open);
        self.node(inner);
        self.out.push(')');
    }

    fn repeat(&mut self, repeat: &Repeat) {
        let (least_width, most_width) = width::width(&repeat.inner, &[]);
        if most_width == 0 {
            return self.repeat_nothing(repeat);
        }
        let length = self.target.length as u64;
        // more than the text can hold: not worth an automaton that counts so far
        if least_width.saturating_mul(u64::from(repeat.least)) > length {
            // kept after what never matches, for the groups to keep their numbers
            self.out.push_str("(?:(?!)");
            self.atom(&repeat.inner);
            return self.out.push(')');
        }
        let most = repeat
            .most
            .filter(|most| least_width.saturating_mul(u64::from(*most)) <= length);
        if repeat.kind == RepeatKind::Possessive {
            self.out.push_str("(?>");
        }
        self.atom(&repeat.inner);
        self.out.push_str(&times(repeat.least, most));
        match repeat.kind {
            RepeatKind::Greedy => {}
            RepeatKind::Lazy => self.out.push('?'),
            RepeatKind::Possessive => self.out.push(')'),
        }
    }

    /// What has no width holds the second time when it holds the first time.
    fn repeat_nothing(&mut self, repeat: &Repeat) {
        let (open, close) = match (repeat.least, repeat.most, repeat.kind) {
            (0, Some(0), _) => ("(?:|(?!)", ")"),
            (0, _, RepeatKind::Lazy) => ("(?:|", ")"),
            (0, _, RepeatKind::Greedy) => ("(?:", "|)"),
            (0, _, RepeatKind::Possessive) => ("(?>", "|)"),
            (_, _, RepeatKind::Possessive) => ("(?>", ")"),
            _ => ("(?:", ")"),
        };
        self.out.push_str(open);
        self.atom(&repeat.inner);
        self.out.push_str(close);
    }

    /// Something that a quantifier may follow.
    fn atom(&mut self, node: &Node) {
        match node {
            Node::Set(_) | Node::Any { .. } | Node::Capture(_) | Node::Atomic(_) => self.node(node),
            other => self.wrapped("(?:", other),
        }
    }

    fn at(&mut self, at: At) {
        match at {
            At::Start { every_line: false } => self.out.push_str(r"\A"),
            At::Start { every_line: true } => self.out.push_str("(?m:^)"),
            At::End { every_line: false } => self.out.push_str(r"(?=\x{a}?\z)"),
            At::End { every_line: true } => self.out.push_str("(?m:$)"),
            At::TextEnd => self.out.push_str(r"\z"),
            At::Boundary { negated, ascii } => self.boundary(negated, ascii),
        }
    }

    /// Python finds neither kind of boundary in an empty text.
    fn boundary(&mut self, negated: bool, ascii: bool) {
        let word = if ascii { ASCII_WORD } else { WORD };
        let text = match (self.target.ascii, negated) {
            (true, false) => r"\b".to_owned(),
            (true, true) => r"(?:\B(?!\A\z))".to_owned(),
            (false, false) => format!("(?:(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}]))"),
            (false, true) => format!(r"(?:(?<=[{word}])(?=[{word}])|(?<![{word}])(?![{word}])(?!\A\z))"),
        };
        self.out.push_str(&text);
    }

    fn set(&mut self, set: &Set) {
        let mut ranges: Vec<(u32, u32)> = set.items.iter().filter_map(range).collect();
        let categories: String = set
            .items
            .iter()
            .filter_map(|item| self.category(item, set.ascii))
            .collect();
        let fold = set.ignore_case && with_cases(&mut ranges, set.ascii);
        let ranges: String = ranges.into_iter().map(written).collect();
        let not = if set.negated { "^" } else { "" };
        // folding must not reach the categories: a mark that folds to a letter is no letter
        let text = match (fold, set.negated) {
            _ if ranges.is_empty() && categories.is_empty() => {
                let not = if set.negated { "" } else { "^" };
                format!(r"[{not}\x{{0}}-\x{{10ffff}}]")
            }
            (false, _) => format!("[{not}{ranges}{categories}]"),
            (true, _) if categories.is_empty() => format!("(?i:[{not}{ranges}])"),
            (true, false) => format!("(?:(?i:[{ranges}])|[{categories}])"),
            (true, true) => format!("(?:(?!(?i:[{ranges}]))[^{categories}])"),
        };
        self.out.push_str(&text);
    }

    fn category(&self, item: &SetItem, ascii: bool) -> Option<String> {
        let SetItem::Category(Category { kind, negated }) = item else {
            return None;
        };
        // fewer states where the difference cannot be seen
        let body = match (kind, ascii, self.target.ascii) {
            (CategoryKind::Digit, false, false) => r"\p{Nd}",
            (CategoryKind::Digit, ..) => "0-9",
            (CategoryKind::Space, false, _) => SPACE,
            (CategoryKind::Space, ..) => ASCII_SPACE,
            (CategoryKind::Word, false, false) => WORD,
            (CategoryKind::Word, ..) => ASCII_WORD,
        };
        Some(match negated {
            true => format!("[^{body}]"),
            false => body.to_owned(),
        })
    }
}

fn times(least: u32, most: Option<u32>) -> String {
    match (least, most) {
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (least, None) => format!("{{{least},}}"),
        (least, Some(most)) => format!("{{{least},{most}}}"),
    }
}

fn range(item: &SetItem) -> Option<(u32, u32)> {
    match item {
        SetItem::Range(low, high) => Some((*low, *high)),
        SetItem::Category(_) => None,
    }
}

/// `\x{61}-\x{7a}`, without the surrogates, which no text holds.
fn written((low, high): (u32, u32)) -> String {
    [(low, high.min(0xd7ff)), (low.max(0xe000), high)]
        .into_iter()
        .filter(|(low, high)| low <= high)
        .map(|(low, high)| format!(r"\x{{{low:x}}}-\x{{{high:x}}}"))
        .collect()
}

/// Adds what equals the ranges when case is ignored; true when Unicode's folding has to add the rest.
fn with_cases(ranges: &mut Vec<(u32, u32)>, ascii: bool) -> bool {
    if ascii {
        let other = |&(low, high): &(u32, u32)| {
            [(0x41, 0x5a, 32), (0x61, 0x7a, -32)].map(|(first, last, shift): (u32, u32, i32)| {
                let (low, high) = (low.max(first), high.min(last));
                (low <= high).then(|| (low.wrapping_add_signed(shift), high.wrapping_add_signed(shift)))
            })
        };
        let others: Vec<_> = ranges.iter().flat_map(other).flatten().collect();
        ranges.extend(others);
        return false;
    }
    let has = |code: &u32| ranges.iter().any(|(low, high)| (low..=high).contains(&code));
    if DOTTED_AND_DOTLESS.iter().any(has) {
        ranges.extend(DOTTED_AND_DOTLESS.map(|code| (code, code)));
    }
    ranges
        .iter()
        .any(|(low, high)| high - low > 0x100 || (*low..=*high).filter_map(char::from_u32).any(has_cases))
}

fn has_cases(c: char) -> bool {
    !c.to_lowercase().eq([c]) || !c.to_uppercase().eq([c])
}
