//! Pages: `count` things a page, and `more`, which the page before gave.

use serde_json::{Value, json};

use super::things::Thing;
use crate::problem::Problem;

const DEFAULT_COUNT: i64 = 10;
/// More than these are never read at once, however many are asked for.
const MOST: i64 = 100;
/// There is no next page.
const END: i64 = -1;

/// A page that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many things, from 1 to 100.
    pub count: i64,
    /// 0 for the first page, else what the page before gave; below 0 there is nothing.
    pub more: i64,
}

/// The things of a page, and what the next one begins with.
pub struct Listed<T> {
    things: Vec<T>,
    more: i64,
    count: i64,
}

impl Page {
    /// From `count=…&more=…`; other parameters are not looked at.
    pub fn from_query(query: Option<&str>) -> Result<Self, Problem> {
        let mut page = Self {
            count: DEFAULT_COUNT,
            more: 0,
        };
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "count" => page.count = number("count", &value)?,
                "more" => page.more = number("more", &value)?,
                _ => {}
            }
        }
        if page.count < 1 {
            return Err(Problem::bad_request("count must be at least 1"));
        }
        page.count = page.count.min(MOST);
        Ok(page)
    }

    /// How many rows to ask for: one more than is shown tells whether there is a next page.
    pub fn limit(self) -> i64 {
        self.count + 1
    }

    /// A page of these rows; `next` says where the page after the one that ends with this thing begins.
    pub fn listed<T>(self, mut things: Vec<T>, next: impl Fn(&T) -> i64) -> Listed<T> {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        let is_last = things.len() <= count;
        things.truncate(count);
        let more = match things.last() {
            Some(last) if !is_last => next(last),
            _ => END,
        };
        Listed {
            things,
            more,
            count: self.count,
        }
    }
}

impl<T: Thing> Listed<T> {
    /// As `{"users": […], "paginationInfo": {"count": 10, "more": -1}}`.
    pub fn to_json(&self) -> Value {
        json!({
            T::PLURAL: self.things,
            "paginationInfo": { "count": self.count, "more": self.more },
        })
    }
}

fn number(name: &str, value: &str) -> Result<i64, Problem> {
    value
        .parse()
        .map_err(|_| Problem::bad_request(format!("{name} must be a whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let page = |query| Page::from_query(Some(query)).map_err(|problem| problem.status.as_u16());
        assert_eq!(page("count=5&more=7&x=y"), Ok(Page { count: 5, more: 7 }));
        assert_eq!(page(""), Ok(Page { count: 10, more: 0 }));
        assert_eq!(page("count=1000"), Ok(Page { count: 100, more: 0 }));
        for wrong in [
            "count=0",
            "count=-3",
            "count=ten",
            "more=undefined",
            "more=99999999999999999999",
        ] {
            assert_eq!(page(wrong), Err(400), "{wrong}");
        }
    }

    #[test]
    fn the_last_page_says_so() {
        let page = Page { count: 2, more: 0 };
        let listed = |things: Vec<i64>| {
            let listed = page.listed(things, |id| id + 1);
            (listed.things, listed.more)
        };
        assert_eq!(listed(vec![]), (vec![], -1));
        assert_eq!(listed(vec![4, 5]), (vec![4, 5], -1));
        assert_eq!(listed(vec![4, 5, 9]), (vec![4, 5], 6));
    }
}
