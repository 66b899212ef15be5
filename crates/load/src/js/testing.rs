//! A runtime with the modules of this folder, for their tests.

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::loader::{BuiltinResolver, ModuleLoader};
use rquickjs::prelude::Coerced;
use rquickjs::{CatchResultExt as _, CaughtError, Context, Ctx, Module, Runtime, Value};

use super::InitFlag;
use super::crypto::Crypto;
use super::data::{Data, SharedData};
use super::encoding::Encoding;

/// The default export of a script, as a string.
pub fn eval(script: &str) -> String {
    User::new(&SharedData::default()).run(script).unwrap()
}

/// The error of a script that fails, as a string.
pub fn failure(script: &str) -> String {
    User::new(&SharedData::default()).run(script).unwrap_err()
}

/// A runtime of one user.
pub struct User {
    pub context: Context,
    pub init: InitFlag,
}

impl User {
    pub fn new(shared: &SharedData) -> Self {
        let runtime = Runtime::new().unwrap();
        let resolver = BuiltinResolver::default()
            .with_module("k6/crypto")
            .with_module("k6/data")
            .with_module("k6/encoding");
        let loader = ModuleLoader::default()
            .with_module("k6/crypto", Crypto)
            .with_module("k6/data", Data)
            .with_module("k6/encoding", Encoding);
        runtime.set_loader(resolver, loader);
        let context = Context::full(&runtime).unwrap();
        let init = InitFlag(Rc::new(Cell::new(true)));
        context.with(|ctx| {
            ctx.store_userdata(shared.clone()).unwrap();
            ctx.store_userdata(init.clone()).unwrap();
        });
        Self { context, init }
    }

    /// The default export of a script; called, when it is a function, after the init context.
    pub fn run(&self, script: &str) -> Result<String, String> {
        self.context
            .with(|ctx| self.value(&ctx, script).catch(&ctx).map_err(|error| told(&error)))
    }

    fn value<'js>(&self, ctx: &Ctx<'js>, script: &str) -> rquickjs::Result<String> {
        self.init.0.set(true);
        let (module, done) = Module::declare(ctx.clone(), "script", script)?.eval()?;
        done.finish::<()>()?;
        self.init.0.set(false);
        let value: Value = module.get("default")?;
        let value = match value.as_function() {
            Some(function) => function.call(())?,
            None => value,
        };
        value.get::<Coerced<String>>().map(|text| text.0)
    }
}

fn told(error: &CaughtError<'_>) -> String {
    match error {
        CaughtError::Exception(exception) => {
            let name: String = exception.as_object().get("name").unwrap();
            format!("{name}: {}", exception.message().unwrap_or_default())
        }
        CaughtError::Value(value) => format!("thrown: {}", value.get::<Coerced<String>>().unwrap().0),
        CaughtError::Error(error) => error.to_string(),
    }
}
