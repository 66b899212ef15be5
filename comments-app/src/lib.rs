//! The sample application: users, posts and threaded comments, in three services over a MySQL database.
//!
//! `comments-app web` is what people see, `comments-app api` keeps the data, `comments-app spamcheck` judges texts. Settings
//! come from the environment; README.md lists them.

mod api;
mod cli;
mod logs;
mod metrics;
mod problem;
mod server;
mod settings;
pub mod spamcheck;
mod upstream;
mod web;

pub use cli::main_with;
