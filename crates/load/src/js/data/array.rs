//! The array that a script sees: a Proxy over an empty array, answered from the shared elements.

use std::sync::Arc;

use rquickjs::class::{Class, JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, This};
use rquickjs::proxy::{Proxy, ProxyHandler};
use rquickjs::{Array, Ctx, Error, Exception, Function, IntoJs as _, JsLifetime, Object, Result, Value};

use super::shared::Elements;

/// The handler of one array's Proxy. Its traps are on the prototype, once for all arrays of a runtime.
#[derive(JsLifetime)]
struct Handler(Elements);

impl<'js> Trace<'js> for Handler {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for Handler {
    const NAME: &'static str = "SharedArrayHandler";
    type Mutable = Readable;

    fn prototype(ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        let traps = Object::new(ctx.clone())?;
        traps.set("get", Function::new(ctx.clone(), get)?)?;
        traps.set("has", Function::new(ctx.clone(), has)?)?;
        traps.set("ownKeys", Function::new(ctx.clone(), own_keys)?)?;
        traps.set("getOwnPropertyDescriptor", Function::new(ctx.clone(), describe)?)?;
        traps.set("deleteProperty", Function::new(ctx.clone(), delete)?)?;
        let refuse = Function::new(ctx.clone(), refuse)?;
        for trap in ["set", "defineProperty", "preventExtensions"] {
            traps.set(trap, refuse.clone())?;
        }
        Ok(Some(traps))
    }

    fn constructor(_: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// The array of a script for these elements.
pub(super) fn array<'js>(ctx: &Ctx<'js>, elements: &Elements) -> Result<Value<'js>> {
    let handler = Class::instance(ctx.clone(), Handler(Arc::clone(elements)))?;
    let handler = ProxyHandler::from_object(handler.into_inner())?;
    Proxy::new(ctx.clone(), Array::new(ctx.clone())?, handler)?.into_js(ctx)
}

type Me<'js> = This<Class<'js, Handler>>;

/// What a trap is asked for.
enum Key {
    Index(usize),
    Length,
    Other,
}

fn key(property: &Value<'_>) -> Result<Key> {
    let Some(name) = property.as_string() else {
        return Ok(Key::Other);
    };
    let name = match name.to_string() {
        Err(Error::Utf8(_)) => return Ok(Key::Other),
        name => name?,
    };
    if name == "length" {
        return Ok(Key::Length);
    }
    let index = name
        .parse()
        .ok()
        .filter(|index: &usize| index.to_string() == name);
    Ok(index.map_or(Key::Other, Key::Index))
}

fn get<'js>(ctx: Ctx<'js>, me: Me<'js>, target: Object<'js>, property: Value<'js>) -> Result<Value<'js>> {
    let handler = me.0.borrow();
    match key(&property)? {
        Key::Index(index) => element(&ctx, &handler.0, index),
        Key::Length => handler.0.len().into_js(&ctx),
        Key::Other => target.get(property),
    }
}

fn has<'js>(me: Me<'js>, target: Object<'js>, property: Value<'js>) -> Result<bool> {
    match key(&property)? {
        Key::Index(index) => Ok(index < me.0.borrow().0.len()),
        Key::Length => Ok(true),
        Key::Other => target.contains_key(property),
    }
}

fn own_keys<'js>(me: Me<'js>) -> Vec<String> {
    let indices = 0..me.0.borrow().0.len();
    indices
        .map(|index| index.to_string())
        .chain([String::from("length")])
        .collect()
}

fn describe<'js>(
    ctx: Ctx<'js>,
    me: Me<'js>,
    _target: Object<'js>,
    property: Value<'js>,
) -> Result<Value<'js>> {
    let handler = me.0.borrow();
    let (value, element) = match key(&property)? {
        Key::Index(index) if index < handler.0.len() => (element(&ctx, &handler.0, index)?, true),
        Key::Length => (handler.0.len().into_js(&ctx)?, false),
        _ => return Ok(Value::new_undefined(ctx)),
    };
    let descriptor = Object::new(ctx)?;
    descriptor.set("value", value)?;
    // a Proxy may not call a property read-only that its target does not have; writing is refused all the same
    descriptor.set("writable", true)?;
    descriptor.set("enumerable", element)?;
    descriptor.set("configurable", element)?;
    Ok(descriptor.into_value())
}

fn delete<'js>(ctx: Ctx<'js>, me: Me<'js>, _target: Object<'js>, property: Value<'js>) -> Result<bool> {
    match key(&property)? {
        Key::Index(index) if index < me.0.borrow().0.len() => refuse(ctx),
        Key::Length => Ok(false),
        _ => Ok(true),
    }
}

fn refuse(ctx: Ctx<'_>) -> Result<bool> {
    Err(Exception::throw_type(&ctx, "SharedArray is immutable"))
}

/// A fresh copy of an element, frozen to its leaves; undefined where there is none.
fn element<'js>(ctx: &Ctx<'js>, elements: &Elements, index: usize) -> Result<Value<'js>> {
    let Some(json) = elements.get(index) else {
        return Ok(Value::new_undefined(ctx.clone()));
    };
    let value = ctx.json_parse(json.as_bytes())?;
    if let Some(object) = value.as_object() {
        let freeze: Function = ctx.globals().get::<_, Object>("Object")?.get("freeze")?;
        freeze_all(object, &freeze)?;
    }
    Ok(value)
}

fn freeze_all<'js>(root: &Object<'js>, freeze: &Function<'js>) -> Result<()> {
    // a list, not a recursion: JSON may be nested deeper than a user's stack
    let mut waiting = vec![root.clone()];
    while let Some(object) = waiting.pop() {
        freeze.call::<_, ()>((object.clone(),))?;
        for value in object.values::<Value>() {
            waiting.extend(value?.into_object());
        }
    }
    Ok(())
}
