//! `k6/data`.

mod array;
mod shared;
#[cfg(test)]
mod tests;

pub use shared::{BuildError, Elements, SharedData};

use rquickjs::function::Opt;
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::prelude::This;
use rquickjs::{Ctx, Exception, Function, Object, Result, Value};

use super::bytes::{text_of, throw};
use super::{InitFlag, is_async};

/// The module `k6/data`: `new SharedArray(name, function)`.
///
/// The function is called once per test and name, in whichever user comes first; the elements of the array it returns
/// are kept once for all users, as JSON. Each access gives a fresh, deeply frozen copy of an element; the array itself
/// cannot be changed. Only in the init context. The runtime's userdata must hold a [`SharedData`]; without an
/// [`InitFlag`] every place counts as init.
pub struct Data;

impl ModuleDef for Data {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        module.declare("default")?.declare("SharedArray")?;
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let class = Function::new(ctx.clone(), shared_array)?
            .with_name("SharedArray")?
            .with_constructor(true);
        // so that `instanceof SharedArray` is false, as k6 has it, and no error
        class.set("prototype", Object::new(ctx.clone())?)?;
        let default = Object::new(ctx.clone())?;
        default.set("SharedArray", class.clone())?;
        exports.export("SharedArray", class)?.export("default", default)?;
        Ok(())
    }
}

fn shared_array<'js>(ctx: Ctx<'js>, name: Opt<Value<'js>>, function: Opt<Value<'js>>) -> Result<Value<'js>> {
    if ctx.userdata::<InitFlag>().is_some_and(|init| !init.0.get()) {
        return Err(throw(&ctx, "new SharedArray must be called in the init context"));
    }
    let name = text(&ctx, name.0)?;
    if name.is_empty() {
        return Err(throw(&ctx, "a SharedArray needs a name that is not empty"));
    }
    let function = builder(&ctx, function.0)?;
    let Some(shared) = ctx.userdata::<SharedData>().map(|shared| shared.clone()) else {
        return Err(throw(&ctx, "this runtime has no place for a SharedArray"));
    };
    match shared.get_or_build(&name, || elements(&ctx, &function)) {
        Ok(elements) => array::array(&ctx, &elements),
        Err(BuildError::Failed(error)) => Err(error),
        Err(itself) => Err(throw(&ctx, &itself.to_string())),
    }
}

/// Here `undefined` and `null` are names as any other.
fn text<'js>(ctx: &Ctx<'js>, name: Option<Value<'js>>) -> Result<String> {
    match name {
        Some(name) if name.is_null() => Ok(String::from("null")),
        None => Ok(String::from("undefined")),
        Some(name) if name.is_undefined() => Ok(String::from("undefined")),
        name => text_of(ctx, name),
    }
}

fn builder<'js>(ctx: &Ctx<'js>, value: Option<Value<'js>>) -> Result<Function<'js>> {
    let Some(function) = value.and_then(Value::into_function) else {
        return Err(throw(
            ctx,
            "a SharedArray needs a function as its second argument",
        ));
    };
    if is_async(&function)? {
        return Err(throw(ctx, "the function of a SharedArray cannot be async"));
    }
    Ok(function)
}

fn elements<'js>(ctx: &Ctx<'js>, function: &Function<'js>) -> Result<Elements> {
    let value: Value = function.call((This(Value::new_undefined(ctx.clone())),))?;
    if value.is_undefined() || value.is_null() {
        return Err(Exception::throw_type(
            ctx,
            "the function of a SharedArray returned no array",
        ));
    }
    let is_array: Function = ctx.globals().get::<_, Object>("Array")?.get("isArray")?;
    let Some(array) = value
        .into_object()
        .filter(|array| matches!(is_array.call((array.clone(),)), Ok(true)))
    else {
        return Err(throw(ctx, "only arrays can be made into a SharedArray"));
    };
    let length: usize = array.get("length")?;
    (0..length)
        .map(|index| json(ctx, array.get(index as u32)?))
        .collect()
}

/// What JSON has no text for (undefined, a function) is an error when it is read, as in k6.
fn json<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Box<str>> {
    match ctx.json_stringify(value)? {
        Some(text) => Ok(text.to_string()?.into_boxed_str()),
        None => Ok(Box::from("undefined")),
    }
}
