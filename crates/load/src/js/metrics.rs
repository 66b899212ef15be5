//! `k6/metrics`: Counter, Gauge, Rate, Trend.

use rquickjs::function::{Constructor, Opt, This};
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::prelude::Coerced;
use rquickjs::{Ctx, FromJs, Function, Object, Result, Value};

use super::bytes::{text_of, throw};
use super::{convert, declare_all, export_all};
use crate::metrics::{Contains, Kind, MetricId};
use crate::run::Level;
use crate::vu::{Stage, user};

const CLASSES: [(&str, Kind); 4] = [
    ("Counter", Kind::Counter),
    ("Gauge", Kind::Gauge),
    ("Rate", Kind::Rate),
    ("Trend", Kind::Trend),
];
const NAMES: [&str; 4] = ["Counter", "Gauge", "Rate", "Trend"];

/// The module `k6/metrics`.
pub struct Metrics;

impl ModuleDef for Metrics {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        declare_all(module, &NAMES)
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let members = Object::new(ctx.clone())?;
        for (name, kind) in CLASSES {
            let make = move |ctx: Ctx<'js>, this: This<Value<'js>>, name, is_time| {
                define(&ctx, &this.0, name, is_time, kind)
            };
            let class = Constructor::new_prototype(ctx, Object::new(ctx.clone())?, make)?;
            class.set("name", name).ok();
            members.set(name, class)?;
        }
        export_all(exports, &members, &NAMES)
    }
}

fn define<'js>(
    ctx: &Ctx<'js>,
    class: &Value<'js>,
    name: Opt<Value<'js>>,
    is_time: Opt<Coerced<bool>>,
    kind: Kind,
) -> Result<Object<'js>> {
    let vu = user(ctx)?;
    if vu.stage.get() != Stage::Init {
        return Err(throw(
            ctx,
            "metrics must be declared in the init context (the top level of the script)",
        ));
    }
    let name = text_of(ctx, name.0)?;
    let contains = if is_time.0.is_some_and(|time| time.0) {
        Contains::Time
    } else {
        Contains::Default
    };
    let id = vu
        .test
        .registry
        .define(&name, kind, contains)
        .map_err(|error| throw(ctx, &error.to_string()))?;
    let prototype = class
        .as_object()
        .and_then(|class| class.get::<_, Option<Object<'js>>>("prototype").ok().flatten());
    let metric = Object::new_proto(ctx.clone(), prototype.as_ref())?;
    metric.set("name", name.as_str())?;
    let add = Function::new(
        ctx.clone(),
        move |ctx: Ctx<'js>, value: Opt<Value<'js>>, tags: Opt<Value<'js>>| {
            add(&ctx, id, &name, value.0, tags.0)
        },
    )?;
    metric.set("add", add.with_name("add")?)?;
    Ok(metric)
}

/// What JavaScript makes of a value where a number is needed; whatever is true counts at least as `true` does, as in k6.
fn number<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<f64> {
    let number = Coerced::<f64>::from_js(ctx, value.clone())?.0;
    let counts = number == 0.0 && Coerced::<bool>::from_js(ctx, value.clone())?.0;
    Ok(if counts { 1.0 } else { number })
}

/// False, with a warning, for what is no number; an error where the test is to throw.
fn add<'js>(
    ctx: &Ctx<'js>,
    id: MetricId,
    name: &str,
    value: Option<Value<'js>>,
    tags: Option<Value<'js>>,
) -> Result<bool> {
    let vu = user(ctx)?;
    if vu.stage.get() == Stage::Init {
        return Err(throw(
            ctx,
            "samples cannot be added in the init context (the top level of the script)",
        ));
    }
    let number = match &value {
        Some(value) if !value.is_null() => Some(number(ctx, value)?),
        _ => None,
    };
    let Some(number) = number.filter(|number| number.is_finite()) else {
        let shown = value.map_or_else(|| "undefined".to_owned(), |value| super::console::shown(&value));
        let text =
            format!("'{shown}' is an invalid value for metric '{name}': a number or a boolean is needed");
        if vu.test.options().throw.unwrap_or(false) {
            return Err(throw(ctx, &text));
        }
        vu.test.trouble(Level::Warning, text);
        return Ok(false);
    };
    let tags = match tags {
        Some(tags) => convert::tags(ctx, &tags)?,
        None => Vec::new(),
    };
    vu.record(|shard| shard.add(id, number, &vu.sample_tags(&tags)));
    Ok(true)
}
