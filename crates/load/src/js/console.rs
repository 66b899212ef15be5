//! `console`.

use std::fmt::Write as _;
use std::rc::Rc;

use rquickjs::function::Rest;
use rquickjs::{Ctx, Function, Object, Result, Value};

use super::{bytes, convert};
use crate::run::Level;
use crate::vu::Vu;

const METHODS: [(&str, Level); 5] = [
    ("log", Level::Info),
    ("info", Level::Info),
    ("debug", Level::Debug),
    ("warn", Level::Warning),
    ("error", Level::Error),
];

/// Deeper values are shown in short, as circular ones are.
const DEPTH: usize = 32;

const NUMERIC_ARRAYS: [&str; 11] = [
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
];

/// Gives the runtime its `console`; lines become events of the test.
///
/// # Errors
/// There is not enough memory.
pub fn install(ctx: &Ctx<'_>, vu: &Rc<Vu>) -> Result<()> {
    let console = Object::new(ctx.clone())?;
    for (name, level) in METHODS {
        let vu = Rc::clone(vu);
        let method = Function::new(ctx.clone(), move |values: Rest<Value<'_>>| {
            let texts: Result<Vec<_>> = values.iter().map(text_of).collect();
            vu.test.console(level, texts?.join(" "));
            Ok::<_, rquickjs::Error>(())
        })?;
        console.set(name, method.with_name(name)?)?;
    }
    ctx.globals().set("console", console)
}

/// A value as k6's console shows it; what cannot be shown has a short form.
pub fn shown(value: &Value<'_>) -> String {
    text_of(value).unwrap_or_else(|_| {
        drop(value.ctx().catch());
        value.type_name().to_string()
    })
}

/// Texts are as they are; objects are in a form near to JavaScript's own: `{ a: 1, b: [ "x" ] }`.
fn text_of(value: &Value<'_>) -> Result<String> {
    if value.is_function() {
        return Ok("[object Function]".to_owned());
    }
    if !value.is_object() || value.is_error() {
        return primitive(value);
    }
    let mut out = String::new();
    traverse(&mut out, value, &mut Vec::new())?;
    Ok(out)
}

/// A symbol has no text of its own; its description is shown.
fn primitive(value: &Value<'_>) -> Result<String> {
    match value.as_symbol() {
        Some(symbol) => convert::text(value.ctx(), symbol.description()?),
        None => convert::text(value.ctx(), value.clone()),
    }
}

fn traverse<'js>(out: &mut String, value: &Value<'js>, above: &mut Vec<Value<'js>>) -> Result<()> {
    if value.is_null() || value.is_undefined() {
        out.push_str("null");
    } else if value.is_function() {
        out.push_str("[object Function]");
    } else if value.is_string() || value.is_symbol() {
        let _ = write!(out, "\"{}\"", primitive(value)?);
    } else if !value.is_object() || value.is_error() {
        out.push_str(&primitive(value)?);
    } else if above.len() > DEPTH || above.contains(value) {
        out.push_str("[Circular]");
    } else {
        above.push(value.clone());
        if let Some(object) = value.as_object() {
            object_of(out, object, above)?;
        }
        above.pop();
    }
    Ok(())
}

fn object_of<'js>(out: &mut String, object: &Object<'js>, above: &mut Vec<Value<'js>>) -> Result<()> {
    if let Some(array) = object.clone().into_array() {
        let items: Vec<Value<'js>> = array.iter().collect::<Result<_>>()?;
        return list(out, ["[", "]"], items, |out, item| traverse(out, &item, above));
    }
    if let Some(binary) = binary(object)? {
        out.push_str(&binary);
        return Ok(());
    }
    let members: Vec<(String, Value<'js>)> = match super::http::response_members(object)? {
        Some(members) => members,
        None => object.props().collect::<Result<_>>()?,
    };
    if members.is_empty()
        && let Some(date) = date(object)?
    {
        let _ = write!(out, "\"{date}\"");
        return Ok(());
    }
    list(out, ["{", "}"], members, |out, (name, value)| {
        let _ = write!(out, "{name}: ");
        traverse(out, &value, above)
    })
}

fn list<T>(
    out: &mut String,
    [open, close]: [&str; 2],
    items: Vec<T>,
    mut show: impl FnMut(&mut String, T) -> Result<()>,
) -> Result<()> {
    out.push_str(open);
    let some = !items.is_empty();
    for (index, item) in items.into_iter().enumerate() {
        out.push_str(if index == 0 { " " } else { ", " });
        show(out, item)?;
    }
    out.push_str(if some { " " } else { "" });
    out.push_str(close);
    Ok(())
}

fn class_name(object: &Object<'_>) -> Result<String> {
    let class: Option<Object<'_>> = object.get::<_, Value<'_>>("constructor")?.into_object();
    let name = class
        .map(|class| class.get::<_, Option<String>>("name"))
        .transpose()?;
    Ok(name.flatten().unwrap_or_default())
}

fn binary(object: &Object<'_>) -> Result<Option<String>> {
    let class = class_name(object).unwrap_or_default();
    if class == "ArrayBuffer" {
        let Some(content) = bytes::binary_of(object.ctx(), object)? else {
            return Ok(None);
        };
        let hex: Vec<_> = content.iter().map(|byte| format!("{byte:02x}")).collect();
        let length = content.len();
        return Ok(Some(format!(
            "ArrayBuffer {{ [Uint8Contents]: <{}>, byteLength: {length} }}",
            hex.join(" ")
        )));
    }
    if !NUMERIC_ARRAYS.contains(&class.as_str()) {
        return Ok(None);
    }
    let length: u32 = object.get("length")?;
    let items: Result<Vec<String>> = (0..length)
        .map(|index| convert::text(object.ctx(), object.get(index)?))
        .collect();
    let items = items?.join(", ");
    let list = if length == 0 {
        "[]".to_owned()
    } else {
        format!("[ {items} ]")
    };
    Ok(Some(format!("{class}({length}) {list}")))
}

fn date(object: &Object<'_>) -> Result<Option<String>> {
    if class_name(object).unwrap_or_default() != "Date" {
        return Ok(None);
    }
    let show: Function<'_> = object.get("toISOString")?;
    show.call((rquickjs::prelude::This(object.clone()),)).map(Some)
}
