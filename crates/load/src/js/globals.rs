//! `__ENV`, `__VU`, `__ITER`, `open` and `require`.

use std::path::Path;
use std::rc::Rc;

use rquickjs::function::Opt;
use rquickjs::{ArrayBuffer, Ctx, Function, IntoJs, Module, Object, Result, Value};

use super::{bytes, convert};
use crate::vu::{Stage, Vu, absolute, resolve, user};

/// Defines them.
///
/// # Errors
/// There is not enough memory.
pub fn install(ctx: &Ctx<'_>, vu: &Rc<Vu>) -> Result<()> {
    let globals = ctx.globals();
    globals.set("__VU", vu.id)?;
    globals.set("__ITER", Value::new_undefined(ctx.clone()))?;
    set_environment(ctx, vu)?;
    globals.set("open", Function::new(ctx.clone(), open)?.with_name("open")?)?;
    globals.set(
        "require",
        Function::new(ctx.clone(), require)?.with_name("require")?,
    )?;
    globals.set("global", globals.clone())
}

/// Gives `__ENV` the test's variables, and those of the scenario that the user is in.
///
/// # Errors
/// There is not enough memory.
pub fn set_environment(ctx: &Ctx<'_>, vu: &Vu) -> Result<()> {
    let activity = vu.activity.borrow();
    let own = activity.scenario.as_ref().map(|scenario| &scenario.plan.env);
    let globals = ctx.globals();
    let environment = Object::new(ctx.clone())?;
    for (name, value) in vu.test.env.iter().chain(own.into_iter().flatten()) {
        environment.set(name.as_str(), value.as_str())?;
    }
    globals.set("__ENV", environment)
}

/// The file that the calling code is in.
fn caller(ctx: &Ctx<'_>, vu: &Vu) -> String {
    (0..3)
        .filter_map(|level| ctx.script_or_module_name(level))
        .filter_map(|atom| atom.to_string().ok())
        .find(|name| name.starts_with('/'))
        .unwrap_or_else(|| vu.test.script.to_string_lossy().into_owned())
}

fn open<'js>(ctx: Ctx<'js>, name: Opt<Value<'js>>, mode: Opt<Value<'js>>) -> Result<Value<'js>> {
    let vu = user(&ctx)?;
    if vu.stage.get() != Stage::Init {
        return Err(bytes::throw(
            &ctx,
            "open() is only possible in the init context (the top level of the script), so that every user has the file before the load begins",
        ));
    }
    let name = bytes::text_of(&ctx, name.0)?;
    if name.is_empty() {
        return Err(bytes::throw(&ctx, "open() needs the path of a file"));
    }
    let path = name.strip_prefix("file://").unwrap_or(&name);
    let path = absolute(&caller(&ctx, &vu), path);
    let content = vu
        .test
        .files
        .bytes(&path)
        .map_err(|reason| bytes::throw(&ctx, &format!("open(): {reason}")))?;
    let binary = match mode.0 {
        Some(mode) => convert::text(&ctx, mode)? == "b",
        None => false,
    };
    if binary {
        return ArrayBuffer::new(ctx.clone(), content.to_vec())?.into_js(&ctx);
    }
    String::from_utf8_lossy(&content).into_js(&ctx)
}

fn require<'js>(ctx: Ctx<'js>, name: String) -> Result<Value<'js>> {
    let vu = user(&ctx)?;
    if vu.stage.get() != Stage::Init {
        return Err(bytes::throw(
            &ctx,
            "require() is only possible in the init context (the top level of the script)",
        ));
    }
    let path =
        resolve(&vu.test.files, &caller(&ctx, &vu), &name).map_err(|reason| bytes::throw(&ctx, &reason))?;
    let namespace: Object<'js> = Module::import(&ctx, path.as_str())?.finish()?;
    let common = Path::new(&path).is_absolute()
        && vu.test.files.bytes(Path::new(&path)).is_ok_and(|text| {
            matches!(
                crate::vu::as_module(&String::from_utf8_lossy(&text)),
                std::borrow::Cow::Owned(_)
            )
        });
    // A module of k6 is its default export with the others as members; a file in the style of Node is what it exports.
    if common || !Path::new(&path).is_absolute() {
        return namespace.get("default");
    }
    Ok(namespace.into_value())
}
