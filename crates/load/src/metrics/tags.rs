use std::borrow::Cow;

use indexmap::IndexMap;

/// The tags of a sample. They are asked for only where a metric has sub-metrics, so that nobody needs to build a map of
/// tags for each sample.
pub trait Tags {
    /// The value of a tag, if the sample has it.
    fn tag(&self, name: &str) -> Option<Cow<'_, str>>;
}

/// A sample without tags.
pub struct NoTags;

impl Tags for NoTags {
    fn tag(&self, _name: &str) -> Option<Cow<'_, str>> {
        None
    }
}

impl Tags for IndexMap<String, String> {
    fn tag(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(|value| Cow::Borrowed(value.as_str()))
    }
}
