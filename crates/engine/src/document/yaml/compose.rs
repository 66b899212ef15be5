//! From parser events to a tree of nodes in which an alias is the very node that it names.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag as EventTag};

use super::construct::MAX_DEPTH;
use super::layout::Layout;
use super::resolve::{Tag, implicit};
use super::{Place, YamlError};

/// Index of a node in its [`Tree`].
pub type NodeId = usize;

/// A document before its values are built.
#[derive(Debug, Default)]
pub struct Tree {
    pub nodes: Vec<Node>,
    /// `None` for an empty document.
    pub root: Option<NodeId>,
}

/// A scalar or a collection with the tag that it has or resolves to.
#[derive(Debug)]
pub struct Node {
    pub tag: Tag,
    pub content: Content,
    pub place: Place,
}

#[derive(Debug)]
pub enum Content {
    Scalar(String),
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
}

/// Reads the events of one document.
pub fn compose(text: &str) -> Result<Tree, YamlError> {
    let mut layout = Layout::new(text);
    loop {
        let text = layout.text();
        match Composer::new(&text, &layout).read() {
            Ok(tree) => return Ok(tree),
            Err(Problem::Document(error)) => return Err(error),
            Err(Problem::Syntax(error)) => {
                if !layout.adapt(&error) {
                    return Err(layout.error(&error));
                }
            }
        }
    }
}

/// Why a reading ended early.
enum Problem {
    Syntax(ScanError),
    Document(YamlError),
}

impl From<ScanError> for Problem {
    fn from(error: ScanError) -> Self {
        Self::Syntax(error)
    }
}

impl From<YamlError> for Problem {
    fn from(error: YamlError) -> Self {
        Self::Document(error)
    }
}

struct Composer<'a> {
    text: &'a str,
    /// Characters of the text.
    length: usize,
    layout: &'a Layout<'a>,
    tree: Tree,
    /// Collections under way, each with the key that waits for its value.
    open: Vec<(NodeId, Option<NodeId>)>,
    /// The node of each anchor number.
    anchors: HashMap<usize, NodeId>,
    names: AnchorNames<'a>,
    documents: usize,
}

impl<'a> Composer<'a> {
    fn new(text: &'a str, layout: &'a Layout<'a>) -> Self {
        Self {
            text,
            length: text.chars().count(),
            layout,
            tree: Tree::default(),
            open: Vec::new(),
            anchors: HashMap::new(),
            names: AnchorNames::new(text),
            documents: 0,
        }
    }

    fn read(mut self) -> Result<Tree, Problem> {
        for event in Parser::new_from_str(self.text) {
            let (event, span) = event?;
            self.event(event, span)?;
        }
        Ok(self.tree)
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart(_) => self.document(span)?,
            Event::Scalar(text, style, anchor, tag) => {
                let tag = scalar_tag(tag.as_deref(), &text, style);
                let text = self.without_added_break(text.into_owned(), style, span);
                let id = self.node(tag, Content::Scalar(text), anchor, span)?;
                self.attach(id);
            }
            Event::SequenceStart(anchor, tag) => {
                let tag = explicit(tag.as_deref()).unwrap_or(Tag::Seq);
                self.start(tag, Content::Sequence(Vec::new()), anchor, span)?;
            }
            Event::MappingStart(anchor, tag) => {
                let tag = explicit(tag.as_deref()).unwrap_or(Tag::Map);
                self.start(tag, Content::Mapping(Vec::new()), anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn document(&mut self, span: Span) -> Result<(), YamlError> {
        self.documents += 1;
        if self.documents > 1 {
            let message =
                "only one document is expected, but a second starts here; remove this `---` or what is above";
            return Err(YamlError::at(self.layout.place(span.start), message));
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag, content: Content, anchor: usize, span: Span) -> Result<(), YamlError> {
        // here as well as in the construction: the parser takes time for each level that it is in
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(YamlError::at(self.layout.place(span.start), message));
        }
        let id = self.node(tag, content, anchor, span)?;
        self.open.push((id, None));
        Ok(())
    }

    fn end(&mut self) {
        if let Some((id, _)) = self.open.pop() {
            self.attach(id);
        }
    }

    fn node(&mut self, tag: Tag, content: Content, anchor: usize, span: Span) -> Result<NodeId, YamlError> {
        let id = self.tree.nodes.len();
        let place = self.layout.place(span.start);
        self.tree.nodes.push(Node { tag, content, place });
        if anchor > 0 {
            self.names.register(span.start.index(), place)?;
            self.anchors.insert(anchor, id);
        }
        Ok(id)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), YamlError> {
        let id = self.anchors.get(&anchor).copied().ok_or_else(|| {
            let message = "this alias has no anchor before it";
            YamlError::at(self.layout.place(span.start), message)
        })?;
        self.attach(id);
        Ok(())
    }

    /// Puts a complete node where it belongs in the innermost collection under way.
    fn attach(&mut self, id: NodeId) {
        let Some((parent, key)) = self.open.last_mut() else {
            self.tree.root = Some(id);
            return;
        };
        match (&mut self.tree.nodes[*parent].content, key.take()) {
            (Content::Sequence(items), _) => items.push(id),
            (Content::Mapping(entries), Some(key)) => entries.push((key, id)),
            (_, None) => *key = Some(id),
            (Content::Scalar(_), Some(_)) => {}
        }
    }

    /// The parser ends a block of text with a line break even when the file ends without one.
    fn without_added_break(&self, mut block: String, style: ScalarStyle, span: Span) -> String {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if is_block && block.ends_with('\n') && self.ends_the_text(span) {
            block.pop();
        }
        block
    }

    /// True when the last line of the text belongs to the span, and has no line break.
    fn ends_the_text(&self, span: Span) -> bool {
        let last = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
        !last.trim().is_empty() && span.end.index() >= self.length
    }
}

/// The tag of a scalar: its own, or what its text looks like. The tag `!` asks for the latter even in quotes.
fn scalar_tag(tag: Option<&EventTag>, text: &str, style: ScalarStyle) -> Tag {
    let by_text = tag.is_some() || style == ScalarStyle::Plain;
    explicit(tag).unwrap_or_else(|| if by_text { implicit(text) } else { Tag::Str })
}

/// The tag that is written out; `None` when there is none, or only a `!`.
fn explicit(tag: Option<&EventTag>) -> Option<Tag> {
    let full = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix))?;
    (full != "!").then(|| Tag::named(&full))
}

/// Refuses an anchor name that is given twice, as PyYAML does: the parser tells numbers only, so that the name is
/// read from the text.
struct AnchorNames<'a> {
    rest: &'a str,
    /// Characters before `rest`.
    index: usize,
    lines: HashMap<&'a str, usize>,
}

impl<'a> AnchorNames<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            index: 0,
            lines: HashMap::new(),
        }
    }

    /// Notes the anchor of the node whose properties start at character `index`.
    fn register(&mut self, index: usize, place: Place) -> Result<(), YamlError> {
        let ahead = index.saturating_sub(self.index);
        let byte = self
            .rest
            .char_indices()
            .nth(ahead)
            .map_or(self.rest.len(), |(byte, _)| byte);
        self.rest = &self.rest[byte..];
        self.index += ahead;
        // at most a tag precedes the anchor
        let properties = self.rest.split_whitespace().take(2);
        let Some(name) = properties.filter_map(|word| word.strip_prefix('&')).next() else {
            return Ok(());
        };
        match self.lines.insert(name, place.line) {
            None => Ok(()),
            Some(first) => Err(YamlError::at(
                place,
                format!("the anchor `&{name}` is already on line {first}; give one of them another name"),
            )),
        }
    }
}
