//! What the server saw.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Counters of one server. Paths are without their query.
#[derive(Default)]
pub struct Counts {
    requests: Mutex<BTreeMap<String, u64>>,
    answers: Mutex<BTreeMap<String, BTreeMap<u16, u64>>>,
    accepted: AtomicU64,
    closed: AtomicU64,
    handshakes: AtomicU64,
}

impl Counts {
    /// Requests that arrived, answered or not.
    pub fn requests(&self) -> u64 {
        self.requests.lock().unwrap().values().sum()
    }

    /// Requests that arrived for `path`.
    pub fn requests_for(&self, path: &str) -> u64 {
        self.requests.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    /// Answers to `path` with `status`.
    pub fn answers(&self, path: &str, status: u16) -> u64 {
        self.answers
            .lock()
            .unwrap()
            .get(path)
            .and_then(|by| by.get(&status))
            .copied()
            .unwrap_or(0)
    }

    /// Answers with `status`, whatever the path.
    pub fn answers_with(&self, status: u16) -> u64 {
        self.answers
            .lock()
            .unwrap()
            .values()
            .filter_map(|by| by.get(&status))
            .sum()
    }

    /// Every answer: path, status, how many.
    pub fn all_answers(&self) -> Vec<(String, u16, u64)> {
        let answers = self.answers.lock().unwrap();
        answers
            .iter()
            .flat_map(|(path, by)| by.iter().map(move |(status, n)| (path.clone(), *status, *n)))
            .collect()
    }

    /// TCP connections accepted.
    pub fn connections(&self) -> u64 {
        self.accepted.load(SeqCst)
    }

    /// TCP connections that are open.
    pub fn open_connections(&self) -> u64 {
        self.accepted.load(SeqCst) - self.closed.load(SeqCst)
    }

    /// TLS handshakes that came to a good end.
    pub fn handshakes(&self) -> u64 {
        self.handshakes.load(SeqCst)
    }

    pub(super) fn request(&self, path: &str) {
        let mut requests = self.requests.lock().unwrap();
        match requests.get_mut(path) {
            Some(count) => *count += 1,
            None => drop(requests.insert(path.to_string(), 1)),
        }
    }

    pub(super) fn answer(&self, path: &str, status: u16) {
        let mut answers = self.answers.lock().unwrap();
        if !answers.contains_key(path) {
            answers.insert(path.to_string(), BTreeMap::new());
        }
        *answers.get_mut(path).unwrap().entry(status).or_default() += 1;
    }

    pub(super) fn handshake(&self) {
        self.handshakes.fetch_add(1, SeqCst);
    }

    pub(super) fn accept(&self) {
        self.accepted.fetch_add(1, SeqCst);
    }

    pub(super) fn close(&self) {
        self.closed.fetch_add(1, SeqCst);
    }
}
