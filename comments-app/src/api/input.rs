//! Bodies: JSON objects whose members are checked one by one, so that each mistake has a message.

use serde_json::{Map, Value};

use super::identity;
use crate::problem::Problem;

/// The body of a request.
pub struct Input(Map<String, Value>);

impl Input {
    /// A JSON object; no content type is asked for. (A JSON string that holds JSON is no object.)
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_| Problem::bad_request("the body must be a JSON object"))
    }

    /// A text of at most so many characters, and not only of spaces.
    pub fn text(&self, name: &str, most: usize) -> Result<String, Problem> {
        let missing = || Problem::bad_request(format!("{name} is missing"));
        self.some_text(name, most)?.ok_or_else(missing)
    }

    /// The same, or nothing: it is missing or null.
    pub fn some_text(&self, name: &str, most: usize) -> Result<Option<String>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => checked(name, text, most).map(Some),
            Some(_) => Err(Problem::bad_request(format!("{name} must be a text"))),
        }
    }

    /// An id that must be there.
    pub fn id(&self, name: &str) -> Result<i64, Problem> {
        let missing = || Problem::bad_request(format!("{name} is missing"));
        self.some_id(name)?.ok_or_else(missing)
    }

    /// An id, or nothing: it is missing or null.
    pub fn some_id(&self, name: &str) -> Result<Option<i64>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_i64().filter(|id| (0..=identity::MOST).contains(id)) {
                Some(id) => Ok(Some(id)),
                None => Err(Problem::bad_request(format!(
                    "{name} must be a whole number from 0 to 2^53 - 1"
                ))),
            },
        }
    }
}

fn checked(name: &str, text: &str, most: usize) -> Result<String, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::bad_request(format!("{name} must not be empty")));
    }
    if text.chars().count() > most {
        return Err(Problem::bad_request(format!(
            "{name} must have at most {most} characters"
        )));
    }
    Ok(text.to_owned())
}

/// An id from a path. What is no number names nothing.
pub fn id(text: &str) -> Result<i64, Problem> {
    let number = text.bytes().all(|digit| digit.is_ascii_digit());
    let id = text.parse().ok().filter(|id| number && *id <= identity::MOST);
    id.ok_or_else(|| Problem::not_found("not found: ids are whole numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status<T>(result: Result<T, Problem>) -> u16 {
        result.map_or_else(|problem| problem.status.as_u16(), |_| 200)
    }

    #[test]
    fn only_objects() {
        for wrong in ["", "5", "[]", "null", r#""{\"content\":\"twice\"}""#, r#"{"a":"#] {
            assert_eq!(status(Input::parse(wrong.as_bytes())), 400, "{wrong}");
        }
    }

    #[test]
    fn members() {
        let input = Input::parse(
            br#"{"id":0,"n":null,"t":"\u00e9\u00e9","s":" ","f":1.5,"m":-1,"b":9007199254740992}"#,
        );
        let input = input.unwrap();
        assert_eq!(input.id("id").unwrap(), 0);
        assert_eq!(input.some_id("n").unwrap(), None);
        assert_eq!(input.text("t", 2).unwrap(), "\u{e9}\u{e9}");
        for wrong in ["f", "m", "b", "t", "n", "nothing"] {
            assert_eq!(status(input.id(wrong)), 400, "{wrong}");
        }
        for wrong in ["id", "s", "n", "nothing"] {
            assert_eq!(status(input.text(wrong, 9)), 400, "{wrong}");
        }
        assert_eq!(status(input.text("t", 1)), 400);
    }

    #[test]
    fn ids_of_paths() {
        assert_eq!(id("0").unwrap(), 0);
        for wrong in ["", "undefined", "-1", "+1", "1.0", "9007199254740992"] {
            assert_eq!(status(id(wrong)), 404, "{wrong}");
        }
    }
}
