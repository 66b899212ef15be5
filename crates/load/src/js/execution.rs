//! `k6/execution`: what a script can ask of the test, its scenario and its user.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rquickjs::function::{Func, Opt};
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::object::{Accessor, Property};
use rquickjs::prelude::Coerced;
use rquickjs::{Ctx, Exception, Object, Result, Value};

use super::bytes::throw;
use super::{convert, declare_all, export_all};
use crate::run::{Abort, AbortedBy, Scenario};
use crate::vu::{Stage, Vu, user};

const NAMES: [&str; 4] = ["instance", "scenario", "test", "vu"];

/// They are not in the memory that the limit of a user counts.
const MOST_TAGS: usize = 1000;

/// Options of k6 that are not there, and that its scripts see as `null`.
const NOT_OURS: [&str; 5] = [
    "consoleOutput",
    "executionSegment",
    "executionSegmentSequence",
    "features",
    "localIPs",
];

/// The module `k6/execution`.
pub struct Execution;

impl ModuleDef for Execution {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        declare_all(module, &NAMES)
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let vu = user(ctx)?;
        let members = Object::new(ctx.clone())?;
        members.set("instance", instance(ctx, &vu)?)?;
        members.set("scenario", scenario(ctx, &vu)?)?;
        members.set("test", test(ctx, &vu)?)?;
        members.set("vu", virtual_user(ctx, &vu)?)?;
        export_all(exports, &members, &NAMES)
    }
}

fn getter<'js, T>(
    object: &Object<'js>,
    name: &str,
    get: impl Fn(Ctx<'js>) -> Result<T> + rquickjs::markers::ParallelSend + 'js,
) -> Result<()>
where
    T: rquickjs::IntoJs<'js> + 'js,
{
    object.prop(name, Accessor::new_get(get).enumerable().configurable())
}

fn not_in_init(ctx: &Ctx<'_>, vu: &Vu, what: &str) -> Result<()> {
    if vu.stage.get() == Stage::Init {
        return Err(throw(
            ctx,
            &format!("getting {what} is not possible in the init context"),
        ));
    }
    Ok(())
}

fn number<'js>(
    object: &Object<'js>,
    vu: &Rc<Vu>,
    name: &'static str,
    what: &'static str,
    get: impl Fn(&Vu) -> f64 + 'static,
) -> Result<()> {
    let vu = Rc::clone(vu);
    getter(object, name, move |ctx| {
        not_in_init(&ctx, &vu, what)?;
        Ok(get(&vu))
    })
}

fn count(of: &std::sync::atomic::AtomicU64) -> f64 {
    of.load(Ordering::Relaxed) as f64
}

fn instance<'js>(ctx: &Ctx<'js>, vu: &Rc<Vu>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let what = "instance information";
    number(&object, vu, "currentTestRunDuration", what, |vu| {
        vu.test.elapsed().as_secs_f64() * 1000.0
    })?;
    number(&object, vu, "iterationsCompleted", what, |vu| {
        count(&vu.test.complete_iterations)
    })?;
    number(&object, vu, "iterationsInterrupted", what, |vu| {
        count(&vu.test.interrupted_iterations)
    })?;
    number(&object, vu, "vusActive", what, |vu| count(&vu.test.active))?;
    number(&object, vu, "vusInitialized", what, |vu| count(&vu.test.users))?;
    Ok(object)
}

fn scenario<'js>(ctx: &Ctx<'js>, vu: &Rc<Vu>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    in_scenario(&object, vu, "name", |_, scenario| scenario.plan.name.clone())?;
    in_scenario(&object, vu, "executor", |_, scenario| {
        scenario.plan.executor.name().to_owned()
    })?;
    in_scenario(&object, vu, "startTime", |_, scenario| {
        let ago = scenario
            .started
            .get()
            .map(std::time::Instant::elapsed)
            .unwrap_or_default();
        (chrono::Utc::now().timestamp_millis() as f64) - ago.as_millis() as f64
    })?;
    in_scenario(&object, vu, "progress", |_, scenario| scenario.progress())?;
    in_scenario(&object, vu, "iterationInInstance", |vu, _| {
        vu.activity.borrow().iteration_in_test
    })?;
    in_scenario(&object, vu, "iterationInTest", |vu, _| {
        vu.activity.borrow().iteration_in_test
    })?;
    Ok(object)
}

fn in_scenario<'js, T: rquickjs::IntoJs<'js> + 'js>(
    object: &Object<'js>,
    vu: &Rc<Vu>,
    name: &'static str,
    get: impl Fn(&Vu, &Arc<Scenario>) -> T + 'static,
) -> Result<()> {
    let vu = Rc::clone(vu);
    getter(object, name, move |ctx| {
        let scenario = vu.activity.borrow().scenario.clone();
        match scenario.filter(|_| vu.stage.get() == Stage::Iteration) {
            Some(scenario) => Ok(get(&vu, &scenario)),
            None => Err(throw(
                &ctx,
                "getting scenario information outside of an iteration is not possible",
            )),
        }
    })
}

fn virtual_user<'js>(ctx: &Ctx<'js>, vu: &Rc<Vu>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let what = "information on the virtual user";
    number(&object, vu, "idInInstance", what, |vu| vu.id as f64)?;
    number(&object, vu, "idInTest", what, |vu| vu.id as f64)?;
    number(&object, vu, "iterationInInstance", what, |vu| {
        vu.activity.borrow().iteration as f64
    })?;
    number(&object, vu, "iterationInScenario", what, |vu| {
        vu.activity.borrow().iteration_in_scenario as f64
    })?;
    let tags = tags(ctx, vu)?;
    outside(&object, vu, "tags", tags.clone())?;
    let metrics = Object::new(ctx.clone())?;
    metrics.prop("tags", Property::from(tags).enumerable())?;
    metrics.prop("metadata", Property::from(metadata(ctx)?).enumerable())?;
    outside(&object, vu, "metrics", metrics.into_value())?;
    Ok(object)
}

/// A member that is not there in the init context. The engine keeps the value, so that it can free it.
fn outside<'js>(object: &Object<'js>, vu: &Rc<Vu>, name: &str, value: Value<'js>) -> Result<()> {
    let vu = Rc::clone(vu);
    let check = Func::from(move |ctx: Ctx<'js>| not_in_init(&ctx, &vu, "information on the virtual user"));
    let define: rquickjs::Function<'js> = object.ctx().eval(
        "(object, name, value, check) => Object.defineProperty(object, name, {
            enumerable: true, get() { check(); return value; },
        })",
    )?;
    define.call((object.clone(), name, value, check))
}

/// What a script notes for outputs; there are none, so that it can only be read again.
fn metadata<'js>(ctx: &Ctx<'js>) -> Result<Value<'js>> {
    let handler = Object::new(ctx.clone())?;
    handler.set(
        "set",
        Func::from(
            |ctx: Ctx<'js>, target: Object<'js>, name: String, value: Value<'js>| -> Result<bool> {
                target.set(&name, plain(&ctx, "metadata", &name, value)?)?;
                Ok(true)
            },
        ),
    )?;
    let proxy: rquickjs::function::Constructor<'js> = ctx.globals().get("Proxy")?;
    proxy.construct((Object::new(ctx.clone())?, handler))
}

/// An object whose members are the user's tags. Only a proxy sees members come and go.
fn tags<'js>(ctx: &Ctx<'js>, vu: &Rc<Vu>) -> Result<Value<'js>> {
    let handler = Object::new(ctx.clone())?;
    let user = Rc::clone(vu);
    handler.set(
        "get",
        Func::from(move |_target: Value<'js>, name: Value<'js>| {
            let name = name.as_string()?.to_string().ok()?;
            current_tag(&user, &name)
        }),
    )?;
    let user = Rc::clone(vu);
    handler.set(
        "set",
        Func::from(
            move |ctx: Ctx<'js>, _target: Value<'js>, name: String, value: Value<'js>| {
                set_tag(&ctx, &user, name, value)
            },
        ),
    )?;
    let user = Rc::clone(vu);
    handler.set(
        "deleteProperty",
        Func::from(move |_target: Value<'js>, name: String| {
            user.tags.borrow_mut().shift_remove(&name);
            true
        }),
    )?;
    let user = Rc::clone(vu);
    handler.set(
        "has",
        Func::from(move |_target: Value<'js>, name: String| current_tag(&user, &name).is_some()),
    )?;
    let user = Rc::clone(vu);
    handler.set("ownKeys", Func::from(move |_target: Value<'js>| tag_names(&user)))?;
    let user = Rc::clone(vu);
    handler.set(
        "getOwnPropertyDescriptor",
        Func::from(move |ctx: Ctx<'js>, _target: Value<'js>, name: String| {
            descriptor(&ctx, current_tag(&user, &name))
        }),
    )?;
    let proxy: rquickjs::function::Constructor<'js> = ctx.globals().get("Proxy")?;
    proxy.construct((Object::new(ctx.clone())?, handler))
}

fn descriptor<'js>(ctx: &Ctx<'js>, value: Option<String>) -> Result<Value<'js>> {
    let Some(value) = value else {
        return Ok(Value::new_undefined(ctx.clone()));
    };
    let object = Object::new(ctx.clone())?;
    object.set("value", value)?;
    for flag in ["writable", "enumerable", "configurable"] {
        object.set(flag, true)?;
    }
    Ok(object.into_value())
}

fn current_tag(vu: &Vu, name: &str) -> Option<String> {
    use crate::metrics::Tags as _;
    vu.sample_tags(&[]).tag(name).map(std::borrow::Cow::into_owned)
}

fn tag_names(vu: &Vu) -> Vec<String> {
    let mut names: Vec<String> = vec!["group".to_owned(), "scenario".to_owned()];
    names.extend(
        vu.test
            .options()
            .tags
            .iter()
            .flatten()
            .map(|(name, _)| name.clone()),
    );
    let activity = vu.activity.borrow();
    names.extend(
        activity
            .scenario
            .iter()
            .flat_map(|scenario| scenario.plan.tags.keys().cloned()),
    );
    names.extend(vu.tags.borrow().keys().cloned());
    names.sort();
    names.dedup();
    names
}

fn set_tag<'js>(ctx: &Ctx<'js>, vu: &Vu, name: String, value: Value<'js>) -> Result<bool> {
    let text = plain(ctx, "tag", &name, value)?;
    let mut tags = vu.tags.borrow_mut();
    if tags.len() >= MOST_TAGS && !tags.contains_key(&name) {
        let text = format!("a virtual user can have at most {MOST_TAGS} tags");
        return Err(Exception::throw_range(ctx, &text));
    }
    tags.insert(name, text);
    Ok(true)
}

/// The text of a tag or of metadata.
fn plain<'js>(ctx: &Ctx<'js>, what: &str, name: &str, value: Value<'js>) -> Result<String> {
    if value.is_string() || value.is_number() || value.is_bool() {
        return convert::text(ctx, value);
    }
    let text =
        format!("invalid value for metric {what} '{name}': only texts, numbers and booleans can be given");
    Err(Exception::throw_type(ctx, &text))
}

fn test<'js>(ctx: &Ctx<'js>, vu: &Rc<Vu>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let caller = Rc::clone(vu);
    object.set(
        "abort",
        Func::from(move |ctx: Ctx<'js>, reason: Opt<Value<'js>>| abort(&ctx, &caller, reason.0)),
    )?;
    let caller = Rc::clone(vu);
    object.set(
        "fail",
        Func::from(move |ctx: Ctx<'js>, reason: Opt<Coerced<String>>| {
            not_in_init(&ctx, &caller, "the test to fail")?;
            let reason = reason.0.map(|reason| reason.0).unwrap_or_default();
            caller.test.fail(&reason);
            Ok::<_, rquickjs::Error>(())
        }),
    )?;
    let caller = Rc::clone(vu);
    getter(&object, "options", move |ctx| {
        not_in_init(&ctx, &caller, "the test's options")?;
        let json = caller
            .test
            .options()
            .to_json()
            .map_err(|error| throw(&ctx, &error.to_string()))?;
        frozen(&ctx, json)
    })?;
    Ok(object)
}

/// Options as an object that cannot be changed. Those of the load that were not given are not there, as in k6, which has
/// them as scenarios.
fn frozen<'js>(ctx: &Ctx<'js>, mut options: serde_json::Value) -> Result<Value<'js>> {
    if let Some(members) = options.as_object_mut() {
        let of_the_load = ["vus", "duration", "iterations", "stages", "cloud"];
        members.retain(|name, value| !value.is_null() || !of_the_load.contains(&name.as_str()));
        for name in NOT_OURS {
            members.insert(name.to_owned(), serde_json::Value::Null);
        }
    }
    let freeze: rquickjs::Function<'js> = ctx.eval(
        "(function freeze(value) {
            if (value && typeof value === 'object') Object.values(Object.freeze(value)).forEach(freeze);
            return value;
        })",
    )?;
    freeze.call((ctx.json_parse(options.to_string())?,))
}

/// Where the script is just now.
fn place(ctx: &Ctx<'_>) -> Option<String> {
    let here = Exception::from_message(ctx.clone(), "").ok()?;
    let frames = crate::vu::ScriptError::of_value(here.as_object().as_value()).stack;
    frames.into_iter().next()
}

/// Ends the test: the scenarios of all users at once; in the init code, before it began.
fn abort<'js>(ctx: &Ctx<'js>, vu: &Vu, reason: Option<Value<'js>>) -> Result<()> {
    let text = match reason.filter(|reason| !reason.is_null() && !reason.is_undefined()) {
        Some(reason) => format!("test aborted: {}", convert::text(ctx, reason)?),
        None => "test aborted".to_owned(),
    };
    let text = match place(ctx) {
        Some(place) => format!("{text} at {place}"),
        None => text,
    };
    vu.test.abort(Abort {
        reason: text.clone(),
        by: AbortedBy::Script,
    });
    vu.aborted.set(true);
    vu.interrupt.borrow().cancel();
    Err(vu.end_script(ctx))
}
