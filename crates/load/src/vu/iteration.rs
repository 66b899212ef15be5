//! One iteration: the script's function is called, and what it started is seen to its end.

use std::rc::Rc;
use std::time::Instant;

use rquickjs::function::Args;
use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Function, Promise, Value};

use super::body::{Activation, Script};
use super::state::{Activity, Vu};
use super::{Interrupted, ScriptError};
use crate::executor::Start;
use crate::http::Jar;
use crate::metrics::builtin;
use crate::run::{Abort, Level};

/// Runs iterations until the executor has no more for this user.
pub fn run_scenario<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>, script: &Script<'js>, mut activation: Activation) {
    let scenario = &activation.scenario;
    let name = &scenario.plan.exec;
    let Some(function) = script.function(name) else {
        vu.test
            .abort(Abort::failure(format!("the script exports no function {name}")));
        return;
    };
    let iteration = vu.activity.borrow().iteration;
    vu.activity.replace(Activity {
        scenario: Some(scenario.clone()),
        iteration,
        ..Activity::default()
    });
    let data = match prepare(vu, ctx) {
        Ok(data) => data,
        Err(error) => {
            let error = ScriptError::caught(ctx, error);
            vu.test.abort(Abort::failure(error.to_string()));
            return;
        }
    };
    while let Some(start) = activation.pace.next(vu) {
        vu.interrupt.replace(start.interrupt.clone());
        iterate(vu, ctx, &function, &data, &start);
    }
    vu.interrupt.replace(vu.test.stop.clone());
}

/// Sets the scenario's environment, and reads what `setup` returned: each user has a copy of its own.
fn prepare<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
    crate::js::globals::set_environment(ctx, vu)?;
    match vu.test.setup_data.get().and_then(Option::as_ref) {
        Some(text) => ctx.json_parse(text.as_bytes()),
        None => Ok(Value::new_undefined(ctx.clone())),
    }
}

fn iterate<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>, function: &Function<'js>, data: &Value<'js>, start: &Start) {
    begin(vu, ctx, start);
    let began = Instant::now();
    let mut args = Args::new(ctx.clone(), 1);
    let result = args
        .push_arg(data.clone())
        .and_then(|()| call(vu, ctx, function, args))
        .map_err(|error| ScriptError::caught(ctx, error));
    vu.event_loop.clear();
    vu.group.borrow_mut().clear();
    // The iteration that ended the test has come to its own end.
    let interrupted = vu.interrupted() && !vu.aborted.get();
    let rejected = std::mem::take(&mut *vu.rejected.borrow_mut());
    match result {
        Err(error) => report(vu, &error, interrupted),
        Ok(_) if !interrupted => {
            for reason in rejected {
                vu.test
                    .trouble(Level::Error, format!("Uncaught (in promise) {reason}"));
            }
        }
        Ok(_) => {}
    }
    end(vu, start, began, interrupted);
}

fn begin(vu: &Rc<Vu>, ctx: &Ctx<'_>, start: &Start) {
    let iteration = {
        let mut activity = vu.activity.borrow_mut();
        activity.iteration_in_test = start.number;
        activity.late = start.late;
        activity.iteration
    };
    let _ = ctx.globals().set("__ITER", iteration);
    if !vu.test.options().no_cookies_reset.unwrap_or(false) {
        vu.jar.replace(Rc::new(Jar::new()));
    }
}

/// Counts the iteration. One that was cut off is told, but is no sample.
fn end(vu: &Rc<Vu>, start: &Start, began: Instant, interrupted: bool) {
    let took = began.elapsed();
    if interrupted {
        vu.test
            .interrupted_iterations
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    } else {
        let whole = (took + start.late).as_secs_f64() * 1000.0;
        vu.test
            .complete_iterations
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        vu.record(|shard| {
            let tags = vu.sample_tags(&[]);
            shard.add(builtin::ITERATION_DURATION, whole, &tags);
            shard.add(builtin::ITERATIONS, 1.0, &tags);
        });
    }
    {
        let mut activity = vu.activity.borrow_mut();
        activity.iteration += 1;
        activity.iteration_in_scenario += 1;
        activity.late = std::time::Duration::ZERO;
    }
    let options = vu.test.options();
    if options.no_vu_connection_reuse.unwrap_or(false) {
        vu.client()
            .into_iter()
            .for_each(crate::http::Client::close_connections);
    }
    if let Some(rest) = options
        .min_iteration_duration
        .and_then(|least| least.checked_sub(took))
        && !interrupted
    {
        let _ = vu.wait(tokio::time::sleep(rest));
    }
}

fn report(vu: &Rc<Vu>, error: &ScriptError, interrupted: bool) {
    if error.out_of_memory {
        vu.test
            .abort(Abort::failure(format!("virtual user {} ran {error}", vu.id)));
    } else if !interrupted && !vu.aborted.get() {
        vu.test.trouble(Level::Error, error.to_string());
    }
}

/// Calls a function and sees what it started to its end: its promise, timers, requests.
///
/// # Errors
/// What it threw, or its promise was rejected with, or an error for the interruption.
pub fn call<'js>(
    vu: &Rc<Vu>,
    ctx: &Ctx<'js>,
    function: &Function<'js>,
    args: Args<'js>,
) -> rquickjs::Result<Value<'js>> {
    let value = function.call_arg::<Value<'js>>(args)?;
    // Nothing asynchronous was used, as in most scripts.
    if vu.event_loop.is_empty() && value.as_promise().is_none() && !ctx.execute_pending_job() {
        return Ok(value);
    }
    settle(vu, ctx, value)
}

/// Runs callbacks until there are none; then the value, or what a promise was fulfilled with.
///
/// # Errors
/// As [`call`].
pub fn settle<'js>(vu: &Rc<Vu>, ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Value<'js>> {
    let promise = value.as_promise().cloned();
    loop {
        while ctx.execute_pending_job() {}
        if let Some(failed) = promise.as_ref().filter(|p| p.state() == PromiseState::Rejected) {
            return outcome(ctx, failed);
        }
        match vu.wait(vu.event_loop.next()) {
            Ok(Some(Some(callback))) => callback(ctx)?,
            Ok(Some(None)) => {}
            Ok(None) => break,
            Err(Interrupted) => return Err(vu.end_script(ctx)),
        }
    }
    match promise {
        Some(promise) => outcome(ctx, &promise),
        None => Ok(value),
    }
}

fn outcome<'js>(ctx: &Ctx<'js>, promise: &Promise<'js>) -> rquickjs::Result<Value<'js>> {
    match promise.result::<Value<'js>>() {
        Some(result) => result,
        None => Ok(Value::new_undefined(ctx.clone())),
    }
}
