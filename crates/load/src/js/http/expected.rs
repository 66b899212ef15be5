//! Which responses are expected: `http.expectedStatuses` and `http.setResponseCallback`.

use std::rc::Rc;

use rquickjs::class::Trace;
use rquickjs::function::Rest;
use rquickjs::{Class, Ctx, JsLifetime, Result, Value};

use crate::js::bytes::throw;
use crate::vu::user;

/// Ranges of statuses, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected(Vec<(u16, u16)>);

impl Default for Expected {
    /// 200 to 399, as in k6.
    fn default() -> Self {
        Self(vec![(200, 399)])
    }
}

impl Expected {
    /// Whether a status is expected. A request that failed has the status 0.
    pub fn matches(&self, status: u16) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&status))
    }
}

/// What `http.expectedStatuses` returns.
#[derive(Trace, JsLifetime)]
#[rquickjs::class(rename = "ExpectedStatuses")]
pub struct ExpectedStatuses {
    #[qjs(skip_trace)]
    pub expected: Rc<Expected>,
}

/// `http.expectedStatuses(200, {min: 300, max: 399})`.
pub fn expected_statuses<'js>(
    ctx: Ctx<'js>,
    values: Rest<Value<'js>>,
) -> Result<Class<'js, ExpectedStatuses>> {
    if values.is_empty() {
        return Err(throw(&ctx, "expectedStatuses() needs at least one status"));
    }
    let ranges = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            range(value).ok_or_else(|| {
                let number = index + 1;
                throw(&ctx, &format!("argument number {number} to expectedStatuses() is neither a whole number nor an object like {{min: 100, max: 329}} of whole numbers"))
            })
        })
        .collect::<Result<_>>()?;
    Class::instance(
        ctx,
        ExpectedStatuses {
            expected: Rc::new(Expected(ranges)),
        },
    )
}

fn range(value: &Value<'_>) -> Option<(u16, u16)> {
    if let Some(status) = whole(value) {
        return Some((status, status));
    }
    let object = value.as_object()?;
    let end = |name: &str| whole(&object.get::<_, Value<'_>>(name).ok()?);
    Some((end("min")?, end("max")?))
}

fn whole(value: &Value<'_>) -> Option<u16> {
    let number = value.as_number().filter(|number| number.fract() == 0.0)?;
    Some(number.clamp(0.0, f64::from(u16::MAX)) as u16)
}

/// What a `responseCallback` stands for; none for `null`, which turns the question off.
pub fn callback<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<Rc<Expected>>> {
    if value.is_null() || value.is_undefined() {
        return Ok(None);
    }
    match Class::<ExpectedStatuses>::from_value(value) {
        Ok(class) => Ok(Some(Rc::clone(&class.borrow().expected))),
        Err(_) => Err(throw(
            ctx,
            "a response callback has to be what http.expectedStatuses() returns, or null",
        )),
    }
}

/// `http.setResponseCallback(callback)`.
pub fn set_response_callback<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<()> {
    let expected = callback(&ctx, &value)?;
    user(&ctx)?.expected.replace(expected);
    Ok(())
}
