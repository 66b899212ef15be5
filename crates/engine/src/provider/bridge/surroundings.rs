//! Environment and working folder, kept equal on both sides of the link.

use std::path::PathBuf;

use crate::host::Host;
use crate::value::{Map, Value, map};

/// What the worker must be told for `known` to become `now`; `None` when they are equal.
pub(super) fn news(known: &Host, now: &Host) -> Option<Value> {
    if known.env == now.env && known.cwd == now.cwd {
        return None;
    }
    let changed = now
        .env
        .iter()
        .filter(|(name, value)| known.env.get(*name) != Some(value));
    let gone = known.env.keys().filter(|name| !now.env.contains_key(*name));
    let mut news = map([
        (
            "set",
            changed
                .map(|(name, value)| (name.clone(), value.as_str().into()))
                .collect::<Map>()
                .into(),
        ),
        ("unset", gone.map(String::as_str).collect::<Vec<_>>().into()),
    ]);
    if known.cwd != now.cwd {
        news.insert("cwd".to_owned(), now.cwd.display().to_string().into());
    }
    Some(news.into())
}

/// Makes the changes that the worker told of.
pub(super) fn apply(news: &Value, host: &mut Host) {
    let texts = news.get("unset").and_then(Value::as_list).unwrap_or_default();
    for name in texts.iter().filter_map(Value::as_str) {
        host.remove_var(name);
    }
    for (name, value) in news.get("set").and_then(Value::as_map).into_iter().flatten() {
        if let Some(value) = value.as_str() {
            host.set_var(name.clone(), value);
        }
    }
    if let Some(folder) = news.get("cwd").and_then(Value::as_str) {
        host.cwd = PathBuf::from(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(env: &[(&str, &str)], cwd: &str) -> Host {
        let env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Host {
            env: std::rc::Rc::new(env.collect()),
            cwd: cwd.into(),
        }
    }

    #[test]
    fn the_news_of_one_side_make_the_other_equal() {
        let mut known = host(&[("A", "1"), ("B", "2"), ("C", "3")], "/a");
        let now = host(&[("A", "1"), ("B", "new"), ("D", "")], "/b");
        apply(&news(&known, &now).unwrap(), &mut known);
        assert_eq!((&known.env, &known.cwd), (&now.env, &now.cwd));
        assert_eq!(news(&known, &now), None);
    }
}
