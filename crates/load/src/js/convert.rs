//! Values of a script as JSON and texts.

use rquickjs::prelude::Coerced;
use rquickjs::{Ctx, FromJs, Function, Object, Result, Value};
use serde_json::{Map, Number, Value as Json};

use super::bytes;

/// Deeper values are refused.
const DEPTH: usize = 100;

/// What becomes of values that JSON does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Functions and `undefined` are left out of objects, as in `JSON.stringify`.
    Loose,
    /// Functions are refused, and `undefined` is `null`, as k6 does with what `setup()` returns.
    Strict,
}

/// A value as JSON.
///
/// # Errors
/// A sentence that names the place of a value that JSON cannot have: a number that is none (`NaN`, `Infinity`: JSON would make it
/// `null`, and a duration of `NaN` would be taken for one that was not given), an object inside itself.
pub fn to_json(value: &Value<'_>, path: &str, strictness: Strictness) -> std::result::Result<Json, String> {
    let mut reader = Reader {
        strictness,
        above: Vec::new(),
    };
    reader.convert(value, path)
}

struct Reader<'js> {
    strictness: Strictness,
    /// The objects that the value at hand is in.
    above: Vec<Value<'js>>,
}

impl<'js> Reader<'js> {
    fn convert(&mut self, value: &Value<'js>, path: &str) -> std::result::Result<Json, String> {
        if let Some(flag) = value.as_bool() {
            return Ok(Json::Bool(flag));
        }
        if let Some(number) = value.as_int() {
            return Ok(Json::from(number));
        }
        if let Some(number) = value.as_float() {
            return number_of(number, path);
        }
        if let Some(big) = value.as_big_int() {
            let number = big.clone().to_i64().map(Json::from);
            return number.map_err(|_| format!("{path} is a BigInt that is too big"));
        }
        if let Some(text) = value.as_string() {
            return text
                .to_string()
                .map(Json::String)
                .map_err(|error| format!("{path}: {error}"));
        }
        match value.as_object() {
            Some(_) if value.is_function() && self.strictness == Strictness::Strict => {
                Err(format!("{path} is a function, which cannot be passed on"))
            }
            Some(object) if !value.is_function() => self.inside(object, path),
            _ => Ok(Json::Null),
        }
    }

    fn inside(&mut self, object: &Object<'js>, path: &str) -> std::result::Result<Json, String> {
        let value = object.clone().into_value();
        if self.above.contains(&value) {
            return Err(format!("{path} is an object that contains itself"));
        }
        if self.above.len() > DEPTH {
            return Err(format!("an object is nested in more than {DEPTH} others"));
        }
        self.above.push(value);
        let result = self.object_of(object, path);
        self.above.pop();
        result
    }

    fn object_of(&mut self, object: &Object<'js>, path: &str) -> std::result::Result<Json, String> {
        let told = |error: rquickjs::Error| {
            let reason = crate::vu::ScriptError::caught(object.ctx(), error);
            format!("{path}: {reason}")
        };
        if let Ok(Some(own)) = object.get::<_, Option<Function<'js>>>("toJSON") {
            let value = own
                .call((rquickjs::prelude::This(object.clone()),))
                .map_err(told)?;
            return self.convert(&value, path);
        }
        if let Some(array) = object.as_array() {
            let items = array.iter::<Value<'js>>().enumerate();
            return items
                .map(|(index, item)| self.convert(&item.map_err(told)?, &format!("{path}[{index}]")))
                .collect::<std::result::Result<_, _>>()
                .map(Json::Array);
        }
        let mut members = Map::new();
        for entry in object.props::<String, Value<'js>>() {
            let (name, value) = entry.map_err(told)?;
            let none = value.is_undefined() || value.is_function();
            if !none || self.strictness == Strictness::Strict {
                let inner = self.convert(&value, &format!("{path}.{name}"))?;
                members.insert(name, inner);
            }
        }
        Ok(Json::Object(members))
    }
}

fn number_of(number: f64, path: &str) -> std::result::Result<Json, String> {
    if !number.is_finite() {
        return Err(format!("{path} is {number}, which is no number that can be used"));
    }
    // Whole numbers are whole in JSON, however the engine keeps them.
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Ok(Json::from(number as i64));
    }
    Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
}

/// Targets and their contents.
pub type Outputs = Vec<(String, Vec<u8>)>;

/// The object that `handleSummary` returned: targets and contents; none for `null`, which leaves the usual summary.
///
/// # Errors
/// Throws if it is no object, or a content is neither a string nor bytes.
pub fn files<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<Outputs>> {
    if value.is_null() {
        return Ok(None);
    }
    let Some(object) = value.as_object().filter(|_| !value.is_function()) else {
        return Err(bytes::throw(
            ctx,
            "handleSummary() should return an object whose members are files and their contents",
        ));
    };
    object
        .props::<String, Value<'js>>()
        .map(|entry| {
            let (name, content) = entry?;
            let content = bytes::bytes_of(ctx, Some(&content))?;
            Ok((name, content))
        })
        .collect::<Result<_>>()
        .map(Some)
}

/// A value as `String(value)` gives it.
///
/// # Errors
/// What the value's own `toString` threw.
pub fn text<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<String> {
    Coerced::<String>::from_js(ctx, value).map(|text| text.0)
}

/// Tags: an object's members as texts. What is no object has none, as in k6.
///
/// # Errors
/// Throws if a member is neither text, number nor boolean.
pub fn tags<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Vec<(String, String)>> {
    let Some(object) = value.as_object() else {
        return Ok(Vec::new());
    };
    object
        .props::<String, Value<'js>>()
        .map(|entry| {
            let (name, value) = entry?;
            Ok((name.clone(), tag(ctx, &name, value)?))
        })
        .collect()
}

/// One tag's value.
///
/// # Errors
/// Throws if it is neither text, number nor boolean.
pub fn tag<'js>(ctx: &Ctx<'js>, name: &str, value: Value<'js>) -> Result<String> {
    if value.is_string() || value.is_number() || value.is_bool() {
        return text(ctx, value);
    }
    Err(bytes::throw(
        ctx,
        &format!(
            "invalid value for metric tag '{name}': it is of type {}, but only texts, numbers and booleans can be tags",
            value.type_name()
        ),
    ))
}
