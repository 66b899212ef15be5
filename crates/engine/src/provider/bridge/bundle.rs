//! The Python side, which is compiled in and handed to the interpreter over the link: no files are left behind.

use crate::value::{Map, Value};

/// What `python3 -c` is given: it takes the modules off the link and starts the worker.
pub(super) const BOOTSTRAP: &str = include_str!("worker/bootstrap.py");

/// Each module's full name with its source. Those below `chaoslib` and `logzero` serve where no package of that
/// name is installed.
const MODULES: &[(&str, &str)] = &[
    ("_chaos_bridge_finder", include_str!("worker/finder.py")),
    ("_chaos_bridge", include_str!("worker/_chaos_bridge/__init__.py")),
    (
        "_chaos_bridge.controls",
        include_str!("worker/_chaos_bridge/controls.py"),
    ),
    (
        "_chaos_bridge.faults",
        include_str!("worker/_chaos_bridge/faults.py"),
    ),
    ("_chaos_bridge.live", include_str!("worker/_chaos_bridge/live.py")),
    ("_chaos_bridge.logs", include_str!("worker/_chaos_bridge/logs.py")),
    ("_chaos_bridge.loop", include_str!("worker/_chaos_bridge/loop.py")),
    (
        "_chaos_bridge.operations",
        include_str!("worker/_chaos_bridge/operations.py"),
    ),
    (
        "_chaos_bridge.surroundings",
        include_str!("worker/_chaos_bridge/surroundings.py"),
    ),
    ("_chaos_bridge.wire", include_str!("worker/_chaos_bridge/wire.py")),
    ("chaoslib", include_str!("worker/chaoslib/__init__.py")),
    ("chaoslib.activity", include_str!("worker/chaoslib/activity.py")),
    ("chaoslib.caching", include_str!("worker/chaoslib/caching.py")),
    (
        "chaoslib.configuration",
        include_str!("worker/chaoslib/configuration.py"),
    ),
    (
        "chaoslib.control",
        include_str!("worker/chaoslib/control/__init__.py"),
    ),
    (
        "chaoslib.discovery",
        include_str!("worker/chaoslib/discovery/__init__.py"),
    ),
    (
        "chaoslib.discovery.discover",
        include_str!("worker/chaoslib/discovery/discover.py"),
    ),
    (
        "chaoslib.discovery.package",
        include_str!("worker/chaoslib/discovery/package.py"),
    ),
    ("chaoslib.documents", include_str!("worker/chaoslib/documents.py")),
    (
        "chaoslib.exceptions",
        include_str!("worker/chaoslib/exceptions.py"),
    ),
    ("chaoslib.exit", include_str!("worker/chaoslib/exit.py")),
    ("chaoslib.extension", include_str!("worker/chaoslib/extension.py")),
    (
        "chaoslib.hypothesis",
        include_str!("worker/chaoslib/hypothesis.py"),
    ),
    ("chaoslib.loader", include_str!("worker/chaoslib/loader.py")),
    (
        "chaoslib.notification",
        include_str!("worker/chaoslib/notification.py"),
    ),
    ("chaoslib.run", include_str!("worker/chaoslib/run.py")),
    ("chaoslib.secret", include_str!("worker/chaoslib/secret.py")),
    ("chaoslib.settings", include_str!("worker/chaoslib/settings.py")),
    ("chaoslib.templates", include_str!("worker/chaoslib/templates.py")),
    ("chaoslib.types", include_str!("worker/chaoslib/types.py")),
    ("logzero", include_str!("worker/logzero.py")),
];

/// The modules as the bootstrap reads them: name -> source.
pub(super) fn modules() -> Value {
    let sources = MODULES.iter();
    Value::Map(
        sources
            .map(|(name, source)| ((*name).to_owned(), (*source).into()))
            .collect::<Map>(),
    )
}
