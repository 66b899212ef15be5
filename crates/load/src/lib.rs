//! User load: k6 scripts, run in-process on an embedded JavaScript engine (QuickJS).
//!
//! A script is loaded (`vu`, `js`), its options become scenarios (`options`), executors let virtual users run
//! iterations (`executor`), their requests go through `http`, what they measure goes to `metrics`, and the end of the
//! test is told by `summary`.

pub mod activity;
pub mod executor;
pub mod external;
pub mod http;
pub mod js;
pub mod metrics;
pub mod options;
pub mod run;
pub mod summary;
pub mod vu;
