//! The life of a virtual user: init code, then whatever it is told to run.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rquickjs::function::Args;
use rquickjs::{Context, Ctx, Function, Object, Runtime, Value};
use tokio::sync::{mpsc, oneshot};

use super::coroutine::SCRIPT_STACK_BYTES;
use super::modules::{ScriptLoader, ScriptResolver, as_module, declare, importer};
use super::state::{Stage, Vu, VuHandle};
use super::{ScriptError, iteration};
use crate::executor::Pace;
use crate::js;
use crate::js::convert::Strictness;
use crate::run::Scenario;

/// What a user is told.
pub enum Command {
    /// Run iterations of a scenario.
    Run(Activation),
    /// Call one of the lifecycle functions once.
    Call(Call),
}

/// A call of `setup`, `teardown` or `handleSummary`.
pub struct Call {
    /// The name of the function.
    pub function: &'static str,
    /// What it may do.
    pub stage: Stage,
    /// Its argument, as JSON; `undefined` if absent.
    pub argument: Option<Arc<str>>,
    /// How long it may take.
    pub limit: Option<std::time::Duration>,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<Reply, ScriptError>>,
}

/// What a lifecycle function returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// `undefined`.
    Nothing,
    /// A value, as JSON.
    Json(Arc<str>),
    /// The object of `handleSummary`: targets and their contents.
    Files(Vec<(String, Vec<u8>)>),
}

/// A scenario given to a user for a while.
pub struct Activation {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// When iterations begin.
    pub pace: Pace,
    /// Dropped when the user is free again.
    pub done: mpsc::UnboundedSender<()>,
}

/// What the script exports.
#[derive(Clone, Debug)]
pub struct Exports {
    /// `options`, `null` if absent; else why they are none.
    pub options: Result<serde_json::Value, String>,
    /// The names of the exported functions.
    pub functions: BTreeSet<String>,
}

/// Lives the life of a user, inside its coroutine.
pub fn live(
    vu: &Rc<Vu>,
    commands: mpsc::UnboundedReceiver<Command>,
    ready: oneshot::Sender<Result<Exports, ScriptError>>,
) {
    let engine = match engine(vu) {
        Ok(engine) => engine,
        Err(error) => {
            let _ = ready.send(Err(ScriptError::plain(format!(
                "cannot start the script engine: {error}"
            ))));
            return;
        }
    };
    engine.1.with(|ctx| match initialise(vu, &ctx) {
        Ok(script) => {
            let _ = ready.send(Ok(script.exports.clone()));
            serve(vu, &ctx, &script, commands);
            vu.event_loop.clear();
        }
        Err(error) => {
            // What is still to come holds functions of the engine, which ends now.
            vu.event_loop.clear();
            let _ = ready.send(Err(error));
        }
    });
}

fn engine(vu: &Rc<Vu>) -> rquickjs::Result<(Runtime, Context)> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(vu.test.limits.user_memory);
    runtime.set_max_stack_size(SCRIPT_STACK_BYTES);
    runtime.set_loader(
        ScriptResolver(Arc::clone(&vu.test)),
        ScriptLoader(Arc::clone(&vu.test)),
    );
    let pulse = Rc::clone(vu);
    runtime.set_interrupt_handler(Some(Box::new(move || pulse.heartbeat())));
    let noted = Rc::clone(vu);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(move |_, _, reason, handled| {
        note_rejection(&noted, &ScriptError::of_value(&reason), handled);
    })));
    let context = Context::full(&runtime)?;
    Ok((runtime, context))
}

fn note_rejection(vu: &Vu, reason: &ScriptError, handled: bool) {
    let text = reason.to_string();
    let mut rejected = vu.rejected.borrow_mut();
    match rejected.iter().position(|known| *known == text) {
        Some(known) if handled => drop(rejected.remove(known)),
        _ if !handled => rejected.push(text),
        _ => {}
    }
}

/// The script of one user, after its init code.
pub struct Script<'js> {
    namespace: Object<'js>,
    exports: Exports,
}

impl<'js> Script<'js> {
    /// An exported function.
    pub fn function(&self, name: &str) -> Option<Function<'js>> {
        self.namespace
            .get::<_, Option<Function<'js>>>(name)
            .ok()
            .flatten()
    }
}

fn initialise<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>) -> Result<Script<'js>, ScriptError> {
    vu.within(Some(vu.test.limits.init));
    let result = evaluate(vu, ctx).map_err(|error| {
        let mut error = ScriptError::caught(ctx, error);
        error.stack.extend(importer(&vu.test.files, &error.message));
        if vu.late() {
            error.message = format!(
                "the init code (the top level of the script) did not end within {} s",
                vu.test.limits.init.as_secs_f64()
            );
        }
        error
    });
    vu.within(None);
    vu.leave_init();
    let namespace = result?;
    let exports = exports(&namespace)?;
    Ok(Script { namespace, exports })
}

fn evaluate<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    ctx.store_userdata(VuHandle(Rc::clone(vu)))
        .map_err(|_| rquickjs::Error::Unknown)?;
    js::install(ctx, vu)?;
    let path = &vu.test.script;
    let bytes = vu
        .test
        .files
        .bytes(path)
        .map_err(|reason| rquickjs::Exception::throw_message(ctx, &reason))?;
    let text = String::from_utf8_lossy(&bytes);
    let text = as_module(&text);
    let module = declare(ctx, &path.to_string_lossy(), &text)?;
    let (module, promise) = module.eval()?;
    iteration::settle(vu, ctx, promise.into_value())?;
    let namespace = module.namespace()?;
    // A file in the style of Node exports one object.
    match namespace.get::<_, Option<Object<'js>>>("default")? {
        Some(inner) if inner.as_function().is_none() && inner.contains_key("default")? => Ok(inner),
        _ => Ok(namespace),
    }
}

fn exports(namespace: &Object<'_>) -> Result<Exports, ScriptError> {
    let caught = |error| ScriptError::caught(namespace.ctx(), error);
    let mut exports = Exports {
        options: Ok(serde_json::Value::Null),
        functions: BTreeSet::new(),
    };
    for name in namespace.keys::<String>() {
        let name = name.map_err(caught)?;
        let value: Value<'_> = namespace.get(&name).map_err(caught)?;
        if value.is_function() {
            exports.functions.insert(name);
        } else if name == "options" {
            exports.options = js::convert::to_json(&value, "options", Strictness::Loose);
        }
    }
    Ok(exports)
}

fn serve<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>, script: &Script<'js>, commands: mpsc::UnboundedReceiver<Command>) {
    let commands = Rc::new(RefCell::new(commands));
    loop {
        let queue = Rc::clone(&commands);
        let next = vu
            .waiter
            .wait(poll_fn(move |context| queue.borrow_mut().poll_recv(context)));
        match next.flatten() {
            None => return,
            Some(Command::Run(activation)) => {
                vu.test.active.fetch_add(1, Ordering::Relaxed);
                iteration::run_scenario(vu, ctx, script, activation);
                vu.test.active.fetch_sub(1, Ordering::Relaxed);
            }
            Some(Command::Call(call)) => answer(vu, ctx, script, call),
        }
    }
}

fn answer<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>, script: &Script<'js>, call: Call) {
    vu.stage.set(call.stage);
    // What they check and measure is in a group of their name, as in k6.
    match call.stage {
        Stage::Setup | Stage::Teardown => *vu.group.borrow_mut() = format!("::{}", call.function),
        _ => vu.group.borrow_mut().clear(),
    }
    let group = vu.group.borrow().clone();
    if !group.is_empty() {
        vu.record(|shard| shard.group(&group));
    }
    vu.within(call.limit);
    let result = called(vu, ctx, script, &call).map_err(|error| {
        let mut error = ScriptError::caught(ctx, error);
        if let (true, Some(limit)) = (vu.late(), call.limit) {
            error.timed_out = true;
            error.message = format!(
                "{}() execution timed out after {} seconds",
                call.function,
                limit.as_secs_f64()
            );
        }
        error
    });
    vu.event_loop.clear();
    vu.within(None);
    vu.stage.set(Stage::Iteration);
    let _ = call.reply.send(result);
}

fn called<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>, script: &Script<'js>, call: &Call) -> rquickjs::Result<Reply> {
    let Some(function) = script.function(call.function) else {
        return Ok(Reply::Nothing);
    };
    let mut args = Args::new_unsized(ctx.clone());
    if let Some(argument) = &call.argument {
        args.push_arg(ctx.json_parse(argument.as_bytes())?)?;
    }
    let value = iteration::call(vu, ctx, &function, args)?;
    if value.is_undefined() || call.stage == Stage::Teardown {
        return Ok(Reply::Nothing);
    }
    if call.stage == Stage::Summary {
        let files = js::convert::files(ctx, &value)?;
        return Ok(files.map_or(Reply::Nothing, Reply::Files));
    }
    match js::convert::to_json(&value, "what setup() returned", Strictness::Strict) {
        Ok(json) => Ok(Reply::Json(json.to_string().into())),
        Err(reason) => Err(rquickjs::Exception::throw_type(ctx, &reason)),
    }
}
