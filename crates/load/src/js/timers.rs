//! `k6/timers`, and the same functions as globals.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rquickjs::function::{Opt, Rest};
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::prelude::Coerced;
use rquickjs::{Ctx, Function, Object, Persistent, Result, Value};
use tokio::sync::Notify;

use super::{bytes, declare_all, export_all};
use crate::run::{Level, Test};
use crate::vu::{Callback, Vu, user};

const NAMES: [&str; 4] = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"];

/// The module `k6/timers`.
pub struct Timers;

impl ModuleDef for Timers {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        declare_all(module, &NAMES)
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let members = Object::new(ctx.clone())?;
        for name in NAMES {
            members.set(name, ctx.globals().get::<_, Value<'js>>(name)?)?;
        }
        export_all(exports, &members, &NAMES)
    }
}

/// So many stopped timers are told one by one.
const TOLD: usize = 10;

/// When a timer rings, and its number: timers of the same time ring in the order in which they were set.
type Due = (Instant, u32);

/// The timers of a user.
#[derive(Default)]
struct Pending {
    last: u32,
    queue: BTreeMap<Due, Timer>,
    /// Somebody waits for the first of them.
    watched: bool,
}

#[derive(Clone)]
struct Timer {
    /// For an interval its length.
    again: Option<Duration>,
    function: Persistent<Function<'static>>,
    arguments: Persistent<Vec<Value<'static>>>,
}

#[derive(Default)]
struct Clock {
    timers: RefCell<Pending>,
    /// The first timer is another one now.
    changed: Notify,
}

/// Defines the globals.
///
/// # Errors
/// There is not enough memory.
pub fn install(ctx: &Ctx<'_>) -> Result<()> {
    let clock = Rc::<Clock>::default();
    let globals = ctx.globals();
    for (set, clear, again) in [
        ("setTimeout", "clearTimeout", false),
        ("setInterval", "clearInterval", true),
    ] {
        let own = Rc::clone(&clock);
        let start = Function::new(ctx.clone(), move |ctx, callback, delay, rest| {
            start(&ctx, &own, callback, delay, rest, again)
        })?;
        globals.set(set, start.with_name(set)?)?;
        let own = Rc::clone(&clock);
        let stop = Function::new(ctx.clone(), move |id: Opt<Value<'_>>| {
            if let Some(id) = id.0.as_ref().and_then(Value::as_number) {
                own.stop(id as u32);
            }
        })?;
        globals.set(clear, stop.with_name(clear)?)?;
    }
    Ok(())
}

fn start<'js>(
    ctx: &Ctx<'js>,
    clock: &Rc<Clock>,
    callback: Value<'js>,
    delay: Opt<Coerced<f64>>,
    arguments: Rest<Value<'js>>,
    again: bool,
) -> Result<u32> {
    let Some(function) = callback.into_function() else {
        return Err(bytes::throw(ctx, "a timer needs a function to call"));
    };
    let milliseconds = delay.0.map_or(0.0, |delay| delay.0);
    let delay = Duration::try_from_secs_f64(milliseconds.clamp(0.0, 1e12) / 1000.0).unwrap_or_default();
    let timer = Timer {
        again: again.then_some(delay),
        function: Persistent::save(ctx, function),
        arguments: Persistent::save(ctx, arguments.0),
    };
    let now = Instant::now();
    let due = match now.checked_sub(Duration::from_secs(3600)) {
        // Before all others, as in k6.
        Some(before) if milliseconds.is_nan() => before,
        _ => now + delay,
    };
    let id = {
        let mut timers = clock.timers.borrow_mut();
        timers.last += 1;
        let id = timers.last;
        timers.queue.insert((due, id), timer);
        id
    };
    clock.watch(&*user(ctx)?);
    Ok(id)
}

impl Clock {
    /// Has the first timer waited for. A cleared one must not keep the iteration waiting.
    fn watch(self: &Rc<Self>, vu: &Vu) {
        self.changed.notify_one();
        if self.timers.borrow().queue.is_empty()
            || std::mem::replace(&mut self.timers.borrow_mut().watched, true)
        {
            return;
        }
        let watch = Watch {
            clock: Rc::clone(self),
            test: Arc::clone(&vu.test),
        };
        vu.event_loop.add(async move { watch.first().await });
    }

    fn stop(&self, id: u32) {
        self.timers
            .borrow_mut()
            .queue
            .retain(|(_, known), _| *known != id);
        self.changed.notify_one();
    }

    fn ring(self: &Rc<Self>, ctx: &Ctx<'_>) -> Result<()> {
        let timer = self.timers.borrow_mut().take_due();
        // Whatever comes of the call, the timers that are left are watched.
        self.watch(&*user(ctx)?);
        let Some(timer) = timer else {
            return Ok(());
        };
        let (function, arguments) = (timer.function.restore(ctx)?, timer.arguments.restore(ctx)?);
        function.call::<_, Value<'_>>((Rest(arguments),)).map(drop)
    }
}

impl Pending {
    /// The first timer, if it is due; an interval stays, for its next time.
    fn take_due(&mut self) -> Option<Timer> {
        let now = Instant::now();
        let first = self.queue.first_entry().filter(|first| first.key().0 <= now)?;
        let ((_, id), timer) = first.remove_entry();
        if let Some(length) = timer.again {
            self.queue.insert((now + length, id), timer.clone());
        }
        Some(timer)
    }
}

/// Waits for the first timer. When it is dropped before, the iteration has ended, and all timers with it: what they hold has to be
/// freed before the engine is.
struct Watch {
    clock: Rc<Clock>,
    test: Arc<Test>,
}

impl Watch {
    async fn first(self) -> Option<Callback> {
        loop {
            let first = self
                .clock
                .timers
                .borrow()
                .queue
                .first_key_value()
                .map(|(due, _)| due.0);
            let Some(due) = first else {
                break;
            };
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(due.into()) => break,
                () = self.clock.changed.notified() => {}
            }
        }
        let clock = Rc::clone(&self.clock);
        let mut timers = clock.timers.borrow_mut();
        timers.watched = false;
        let some = !timers.queue.is_empty();
        drop(timers);
        some.then(|| -> Callback { Box::new(move |ctx| clock.ring(ctx)) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut timers = self.clock.timers.borrow_mut();
        if !std::mem::take(&mut timers.watched) {
            return;
        }
        let stopped = std::mem::take(&mut timers.queue);
        let count = stopped.len();
        for ((_, id), timer) in stopped.into_iter().take(TOLD) {
            let kind = if timer.again.is_some() {
                "setInterval"
            } else {
                "setTimeout"
            };
            let text = format!("{kind} {id} was stopped because the iteration was interrupted");
            self.test.trouble(Level::Warning, text);
        }
        if count > TOLD {
            let text = format!("{} more timers were stopped as well", count - TOLD);
            self.test.trouble(Level::Warning, text);
        }
    }
}
