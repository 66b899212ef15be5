//! `k6`: check, fail, group, sleep, randomSeed.

use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::function::{Opt, This};
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::prelude::Coerced;
use rquickjs::{Ctx, Function, Object, Result, Value};

use super::bytes::{text_of, throw};
use super::{convert, declare_all, export_all, is_async, outside_init};
use crate::metrics::builtin;
use crate::vu::{Vu, user};

const NAMES: [&str; 5] = ["check", "fail", "group", "randomSeed", "sleep"];

/// The module `k6`.
pub struct K6;

impl ModuleDef for K6 {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        declare_all(module, &NAMES)
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let members = Object::new(ctx.clone())?;
        members.set("check", Function::new(ctx.clone(), check)?.with_name("check")?)?;
        members.set("fail", Function::new(ctx.clone(), fail)?.with_name("fail")?)?;
        members.set("group", Function::new(ctx.clone(), group)?.with_name("group")?)?;
        members.set(
            "randomSeed",
            Function::new(ctx.clone(), random_seed)?.with_name("randomSeed")?,
        )?;
        members.set("sleep", Function::new(ctx.clone(), sleep)?.with_name("sleep")?)?;
        export_all(exports, &members, &NAMES)
    }
}

fn fail(ctx: Ctx<'_>, reason: Opt<Coerced<String>>) -> Result<()> {
    let reason = reason.0.map(|reason| reason.0).unwrap_or_default();
    Err(throw(&ctx, &reason))
}

fn sleep(ctx: Ctx<'_>, seconds: Opt<Coerced<f64>>) -> Result<()> {
    let vu = user(&ctx)?;
    let seconds = seconds.0.map_or(0.0, |seconds| seconds.0);
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() => vu.wait_in(&ctx, tokio::time::sleep(time)),
        // Nothing, negative and NaN are no time at all, as in k6; infinity is the rest of the test.
        _ if seconds == f64::INFINITY => vu.wait_in(&ctx, std::future::pending()),
        _ => Ok(()),
    }
}

/// `Math.random` from a seed on, so that runs can be repeated.
fn random_seed(ctx: Ctx<'_>, seed: Opt<Coerced<f64>>) -> Result<()> {
    use rand::{RngExt as _, SeedableRng as _};
    let seed = seed.0.map_or(0.0, |seed| seed.0) as i64;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed.cast_unsigned());
    let function = Function::new(
        ctx.clone(),
        rquickjs::prelude::MutFn::new(move || random.random::<f64>()),
    )?;
    let math: Object<'_> = ctx.globals().get("Math")?;
    math.set("random", function.with_name("random")?)
}

fn group<'js>(ctx: Ctx<'js>, name: Opt<Value<'js>>, code: Opt<Value<'js>>) -> Result<Value<'js>> {
    let vu = user(&ctx)?;
    outside_init(&ctx, &vu, "group()")?;
    let Some(function) = code.0.and_then(Value::into_function) else {
        return Err(throw(&ctx, "group() needs a function as its second argument"));
    };
    if is_async(&function)? {
        return Err(throw(
            &ctx,
            "group() does not take async functions: the group would end before they do",
        ));
    }
    let name = text_of(&ctx, name.0)?;
    check_name(&ctx, &name)?;
    let outer = vu.group.borrow().clone();
    // A group without a name is the one it stands in, as in k6.
    let path = if name.is_empty() {
        outer.clone()
    } else {
        format!("{outer}::{name}")
    };
    vu.record(|shard| shard.group(&path));
    vu.group.replace(path);
    let began = Instant::now();
    let result = function.call::<_, Value<'js>>(());
    vu.add(builtin::GROUP_DURATION, began.elapsed().as_secs_f64() * 1000.0);
    vu.group.replace(outer);
    result
}

/// Paths of groups and checks are put together with `::`.
fn check_name(ctx: &Ctx<'_>, name: &str) -> Result<()> {
    if name.contains("::") {
        return Err(throw(ctx, "group and check names may not contain '::'"));
    }
    Ok(())
}

fn check<'js>(
    ctx: Ctx<'js>,
    value: Opt<Value<'js>>,
    checks: Opt<Value<'js>>,
    tags: Opt<Value<'js>>,
) -> Result<bool> {
    let vu = user(&ctx)?;
    outside_init(&ctx, &vu, "check()")?;
    let Some(checks) = checks
        .0
        .filter(|checks| !checks.is_undefined() && !checks.is_null())
    else {
        return Err(throw(&ctx, "check() was given no checks"));
    };
    // The members of a text are its letters; a number has none, and so nothing to check, as in k6.
    let checks = match checks.as_object() {
        Some(object) => object.clone(),
        None => {
            let members: Function<'js> = ctx.globals().get("Object")?;
            members.call((checks,))?
        }
    };
    let value = value.0.unwrap_or_else(|| Value::new_undefined(ctx.clone()));
    let mut own = match tags.0 {
        Some(tags) => convert::tags(&ctx, &tags)?,
        None => Vec::new(),
    };
    own.push(("check".to_owned(), String::new()));
    let mut all = true;
    for entry in checks.props::<String, Value<'js>>() {
        let (name, condition) = entry?;
        check_name(&ctx, &name)?;
        if condition
            .as_function()
            .map(is_async)
            .transpose()?
            .unwrap_or(false)
        {
            return Err(throw(
                &ctx,
                "check() does not support async functions: their result is not there in time",
            ));
        }
        if let Some(tag) = own.last_mut() {
            tag.1.clone_from(&name);
        }
        let outcome = holds(&ctx, condition, &value);
        let passed = matches!(outcome, Ok(true));
        record(&vu, &name, passed, &own);
        all &= passed;
        outcome?;
    }
    Ok(all)
}

/// A check that throws has failed, and throws on.
fn holds<'js>(ctx: &Ctx<'js>, condition: Value<'js>, value: &Value<'js>) -> Result<bool> {
    let outcome = match condition.as_function() {
        Some(function) => {
            function.call::<_, Value<'js>>((This(Value::new_undefined(ctx.clone())), value.clone()))?
        }
        None => condition,
    };
    Ok(truthy(ctx, outcome))
}

fn record(vu: &Rc<Vu>, name: &str, passed: bool, own: &[(String, String)]) {
    let group = vu.group.borrow().clone();
    vu.record(|shard| {
        shard.check(&group, name, passed);
        shard.add(builtin::CHECKS, f64::from(u8::from(passed)), &vu.sample_tags(own));
    });
}

fn truthy<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> bool {
    <Coerced<bool> as rquickjs::FromJs>::from_js(ctx, value).is_ok_and(|truth| truth.0)
}
