//! `http.batch`: several requests at the same time.

use std::collections::HashMap;
use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::stream;
use rquickjs::function::Rest;
use rquickjs::{Array, Ctx, Object, Result, Value};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::request::{Prepared, prepare};
use super::{finish, finished, send, sent};
use crate::js::bytes::throw;
use crate::js::outside_init;
use crate::vu::{Vu, user};

/// How many requests of a batch are under way at the same time where the script does not say, as in k6.
const AT_ONCE: usize = 20;

/// The same for each host.
const PER_HOST: i64 = 6;

/// `http.batch(requests)`: an array of responses for an array, an object for an object.
pub fn batch<'js>(ctx: Ctx<'js>, arguments: Rest<Value<'js>>) -> Result<Value<'js>> {
    let vu = user(&ctx)?;
    outside_init(&ctx, &vu, "http.batch()")?;
    let [requests] = arguments.as_slice() else {
        return Err(throw(
            &ctx,
            "http.batch() takes one argument: an array or an object of requests",
        ));
    };
    let Some(object) = requests.as_object().filter(|_| !requests.is_function()) else {
        return Err(throw(
            &ctx,
            &format!(
                "http.batch() takes an array or an object of requests, not {}",
                requests.type_name()
            ),
        ));
    };
    if let Some(array) = object.as_array() {
        let items: Vec<Value<'js>> = array.iter().collect::<Result<_>>()?;
        let keys = (0..items.len()).map(|index| index.to_string());
        let responses = Array::new(ctx.clone())?;
        for (index, response) in all(&ctx, &vu, keys.zip(items).collect())?.into_iter().enumerate() {
            responses.set(index, response)?;
        }
        return Ok(responses.into_value());
    }
    let items: Vec<(String, Value<'js>)> = object.props().collect::<Result<_>>()?;
    let keys: Vec<String> = items.iter().map(|(key, _)| key.clone()).collect();
    let responses = Object::new(ctx.clone())?;
    for (key, response) in keys.into_iter().zip(all(&ctx, &vu, items)?) {
        responses.set(key, response)?;
    }
    Ok(responses.into_value())
}

fn all<'js>(ctx: &Ctx<'js>, vu: &Rc<Vu>, items: Vec<(String, Value<'js>)>) -> Result<Vec<Value<'js>>> {
    let mut prepared = Vec::with_capacity(items.len());
    for (key, item) in items {
        match one(ctx, &key, item) {
            Ok(request) => prepared.push(Rc::new(request)),
            Err(error) if vu.test.options().throw.unwrap_or(false) => return Err(error),
            Err(error) => {
                let reason = super::reason_of(ctx, error);
                vu.test.trouble(
                    crate::run::Level::Warning,
                    format!("a batch request failed: {reason}"),
                );
                return prepared
                    .iter()
                    .map(|request| finished(ctx, super::not_sent(String::new()), sent(&request.request)))
                    .chain(std::iter::once(finished(
                        ctx,
                        super::not_sent(reason),
                        super::response::Sent::nothing(),
                    )))
                    .collect();
            }
        }
    }
    let at_once = vu
        .test
        .options()
        .batch
        .map_or(AT_ONCE, |most| usize::try_from(most).unwrap_or(AT_ONCE))
        .max(1);
    let requests: Vec<_> = prepared.iter().map(Rc::clone).collect();
    let gates = Rc::new(Gates::of(vu, &requests));
    let sender = Rc::clone(vu);
    let outcomes = vu.wait_in(ctx, async move {
        let sends = requests.into_iter().map(|request| {
            let (sender, gates) = (Rc::clone(&sender), Rc::clone(&gates));
            async move {
                let _held = gates.enter(&request).await;
                send(sender, request).await
            }
        });
        stream::iter(sends).buffered(at_once).collect::<Vec<_>>().await
    })?;
    // All have been sent: each is recorded, even if one of them throws.
    let results: Vec<_> = prepared
        .iter()
        .zip(outcomes)
        .map(|(request, outcome)| finish(ctx, vu, request, outcome))
        .collect();
    results.into_iter().collect()
}

/// How many requests of a batch may be under way to each host (`batchPerHost`).
struct Gates(HashMap<String, Semaphore>);

impl Gates {
    fn of(vu: &Vu, requests: &[Rc<Prepared>]) -> Self {
        let most = vu.test.options().batch_per_host.unwrap_or(PER_HOST);
        let Ok(most @ 1..) = usize::try_from(most) else {
            return Self(HashMap::new());
        };
        let hosts = requests
            .iter()
            .map(|request| (host(request), Semaphore::new(most)));
        Self(hosts.collect())
    }

    async fn enter(&self, request: &Prepared) -> Option<SemaphorePermit<'_>> {
        self.0.get(&host(request))?.acquire().await.ok()
    }
}

fn host(request: &Prepared) -> String {
    let url = &request.request.url;
    format!(
        "{}:{}",
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or_default()
    )
}

fn one<'js>(ctx: &Ctx<'js>, key: &str, item: Value<'js>) -> Result<Prepared> {
    if let Some(parts) = item.as_array() {
        if parts.len() < 2 {
            return Err(throw(
                ctx,
                &format!("the batch request {key} needs at least a method and an address"),
            ));
        }
        let method: Value<'js> = parts.get(0)?;
        return prepare(
            ctx,
            &verb(ctx, &method)?,
            &parts.get::<Value<'js>>(1)?,
            parts.get(2)?,
            parts.get(3)?,
        );
    }
    let is_template = super::template::is_template(&item);
    let Some(object) = item.as_object().filter(|_| !is_template) else {
        return prepare(ctx, "GET", &item, None, None);
    };
    let url: Value<'js> = object.get("url")?;
    if url.is_undefined() {
        return Err(throw(ctx, &format!("batch request {key} doesn't have a url key")));
    }
    let method: Value<'js> = object.get("method")?;
    let method = if method.is_undefined() {
        "GET".to_owned()
    } else {
        verb(ctx, &method)?.to_uppercase()
    };
    let body = if method == "GET" || method == "HEAD" {
        None
    } else {
        Some(object.get("body")?)
    };
    prepare(ctx, &method, &url, body, Some(object.get("params")?))
}

fn verb(ctx: &Ctx<'_>, method: &Value<'_>) -> Result<String> {
    match method.as_string() {
        Some(method) => method.to_string(),
        None => Err(throw(ctx, "the method of a batch request has to be a text")),
    }
}
