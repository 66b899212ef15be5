//! The JavaScript modules that a script imports, and the globals that it finds.

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::module::Declared;
use rquickjs::prelude::Coerced;
use rquickjs::{Ctx, Function, JsLifetime, Module, Object, Result};

use crate::vu::{Stage, Vu};

pub mod bytes;
pub mod console;
pub mod convert;
pub mod crypto;
pub mod data;
pub mod encoding;
pub mod execution;
pub mod globals;
pub mod http;
pub mod k6;
pub mod metrics;
#[cfg(test)]
mod testing;
pub mod timers;
pub mod web;

/// Whether the script is in its init context: true while its top level runs, false in `setup`, iterations, `teardown`
/// and `handleSummary`. Kept as userdata of a user's runtime; whoever runs the script turns it off.
#[derive(Clone, Debug, JsLifetime)]
pub struct InitFlag(pub Rc<Cell<bool>>);

/// The modules that there are.
pub const BUILTIN: [&str; 8] = [
    "k6",
    "k6/crypto",
    "k6/data",
    "k6/encoding",
    "k6/execution",
    "k6/http",
    "k6/metrics",
    "k6/timers",
];

/// Whether a name is that of one of k6's modules.
pub fn is_builtin(name: &str) -> bool {
    BUILTIN.contains(&name)
}

/// The module of that name; none if it is not one of k6's.
pub fn declare<'js>(ctx: &Ctx<'js>, name: &str) -> Option<Result<Module<'js, Declared>>> {
    let ctx = ctx.clone();
    Some(match name {
        "k6" => Module::declare_def::<k6::K6, _>(ctx, name),
        "k6/crypto" => Module::declare_def::<crypto::Crypto, _>(ctx, name),
        "k6/data" => Module::declare_def::<data::Data, _>(ctx, name),
        "k6/encoding" => Module::declare_def::<encoding::Encoding, _>(ctx, name),
        "k6/execution" => Module::declare_def::<execution::Execution, _>(ctx, name),
        "k6/http" => Module::declare_def::<http::Http, _>(ctx, name),
        "k6/metrics" => Module::declare_def::<metrics::Metrics, _>(ctx, name),
        "k6/timers" => Module::declare_def::<timers::Timers, _>(ctx, name),
        _ => return None,
    })
}

/// Prepares a runtime for a user: what modules look up, and the globals.
///
/// # Errors
/// There is not enough memory.
pub fn install(ctx: &Ctx<'_>, vu: &Rc<Vu>) -> Result<()> {
    // Only fails when such data is being looked at.
    let stored = ctx.store_userdata(InitFlag(vu.in_init())).is_ok()
        && ctx.store_userdata(vu.test.shared_data.clone()).is_ok();
    if !stored {
        return Err(rquickjs::Error::Unknown);
    }
    globals::install(ctx, vu)?;
    console::install(ctx, vu)?;
    web::install(ctx)?;
    timers::install(ctx)
}

/// Whether requests, checks and the like are possible: not while the top level runs.
///
/// # Errors
/// Throws an error that names the function.
pub fn outside_init(ctx: &Ctx<'_>, vu: &Vu, what: &str) -> Result<()> {
    if vu.stage.get() == Stage::Init {
        return Err(bytes::throw(
            ctx,
            &format!(
                "{what} is not possible in the init context (the top level of the script); use it in setup() or in the default function"
            ),
        ));
    }
    Ok(())
}

/// Whether a function is `async`: what it returns is not there when it has been called.
///
/// # Errors
/// What its `constructor` threw when it was read.
pub fn is_async(function: &Function<'_>) -> Result<bool> {
    let class: Option<Object<'_>> = function.get("constructor")?;
    let name: Option<Coerced<String>> = class.map(|class| class.get("name")).transpose()?;
    Ok(name.is_some_and(|name| name.0 == "AsyncFunction"))
}

/// Defines the exports of a native module: each member by its name, and all of them as `default`.
///
/// # Errors
/// There is not enough memory.
pub fn export_all<'js>(
    exports: &rquickjs::module::Exports<'js>,
    members: &Object<'js>,
    names: &[&str],
) -> Result<()> {
    for name in names {
        exports.export(*name, members.get::<_, rquickjs::Value<'js>>(*name)?)?;
    }
    exports.export("default", members.clone())?;
    Ok(())
}

/// Declares the exports that [`export_all`] defines.
///
/// # Errors
/// There is not enough memory.
pub fn declare_all(module: &rquickjs::module::Declarations<'_>, names: &[&str]) -> Result<()> {
    for name in names {
        module.declare(*name)?;
    }
    module.declare("default").map(drop)
}
