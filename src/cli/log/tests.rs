use std::io;
use std::sync::{Arc, Mutex};

use chaos_engine::value::json;

use super::*;

/// A console that can be read back.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Logged {
    console: String,
    file: String,
}

fn options() -> LogOptions {
    LogOptions {
        file: None,
        console: Box::new(io::sink()),
        format: LogFormat::String,
        verbose: false,
        colour: false,
        context_id: "c-1".to_owned(),
        scrubber: Scrubber::default(),
    }
}

fn logged(level: LogLevel, options: LogOptions, emit: impl FnOnce()) -> Logged {
    let folder = tempfile::tempdir().unwrap();
    let file = open_file(Path::new("x.log"), folder.path()).unwrap();
    let screen = Screen::default();
    let options = LogOptions {
        file: Some((file, level)),
        console: Box::new(screen.clone()),
        ..options
    };
    tracing::subscriber::with_default(subscriber(options), emit);
    let console = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
    let file = std::fs::read_to_string(folder.path().join("x.log")).unwrap();
    Logged { console, file }
}

/// Lines with their time cut: `INFO] message`.
fn untimed(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| {
            line.get("[2024-02-29 10:11:12 ".len()..)
                .unwrap_or(line)
                .to_owned()
        })
        .collect()
}

#[test]
fn console_and_file_have_their_own_levels_and_places() {
    let place = line!() + 2;
    let Logged { console, file } = logged(LogLevel::Warning, options(), || {
        tracing::debug!("hidden");
        tracing::info!("Running experiment: {}", "x");
        tracing::warn!("careful");
        tracing::error!("broken");
        crate::critical!("over: {}", 1);
    });
    let lines = [
        "INFO] Running experiment: x",
        "WARNING] careful",
        "ERROR] broken",
        "CRITICAL] over: 1",
    ];
    assert_eq!(untimed(&console), lines);
    let (warn, error, critical) = (place + 2, place + 3, place + 4);
    let lines = [
        format!("WARNING] [tests:{warn}] careful"),
        format!("ERROR] [tests:{error}] broken"),
        format!("CRITICAL] [tests:{critical}] over: 1"),
    ];
    assert_eq!(untimed(&file), lines);
}

#[test]
fn a_line_starts_with_the_local_time() {
    let Logged { file, .. } = logged(LogLevel::Debug, options(), || tracing::info!("x"));
    let time = file.get(1..20).unwrap();
    let time = chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S").unwrap();
    let age = chrono::Local::now().naive_local() - time;
    assert!((-60..3600).contains(&age.num_seconds()), "{file}");
}

#[test]
fn verbose_shows_debug_lines_with_their_place() {
    let verbose = LogOptions {
        verbose: true,
        ..options()
    };
    let Logged { console, file } = logged(LogLevel::Debug, verbose, || tracing::debug!("why"));
    assert!(untimed(&console)[0].starts_with("DEBUG] [tests:"), "{console}");
    assert_eq!(console, file);
}

#[test]
fn only_our_own_events_are_shown() {
    let Logged { console, file } = logged(LogLevel::Debug, options(), || {
        tracing::info!(target: "hyper::client", "connect");
        tracing::info!(target: "chaotic", "no");
        tracing::info!(target: "start_chaos", "yes");
        tracing::trace!("never");
    });
    assert_eq!(untimed(&console), ["INFO] yes"]);
    assert_eq!(file.lines().count(), 1);
}

#[test]
fn python_events_name_their_own_place() {
    let (module, line) = ("my.probes", 42_u64);
    let Logged { file, .. } = logged(LogLevel::Debug, options(), || {
        tracing::warn!(module, line, "from python");
        tracing::error!(module, line, critical = true, "at its worst");
        tracing::info!(module = %module, line = 7_i64, status = 500, "and more");
    });
    let lines = [
        "WARNING] [my.probes:42] from python",
        "CRITICAL] [my.probes:42] at its worst",
        "INFO] [my.probes:7] and more status=500",
    ];
    assert_eq!(untimed(&file), lines);
}

#[test]
fn later_lines_of_a_message_are_indented() {
    let Logged { console, .. } = logged(LogLevel::Debug, options(), || tracing::info!("one\ntwo\n  three"));
    assert_eq!(untimed(&console)[0], "INFO] one");
    assert!(console.ends_with("\n    two\n      three\n"), "{console}");
}

#[test]
fn json_lines_hold_the_documented_keys() {
    let json_console = LogOptions {
        format: LogFormat::Json,
        verbose: true,
        colour: true,
        ..options()
    };
    let Logged { console, file } = logged(LogLevel::Debug, json_console, || crate::critical!("a \"b\"\nc"));
    assert_eq!(console.lines().count(), 1);
    let record = json::parse(&console).unwrap();
    let mut keys: Vec<_> = record.as_map().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected = [
        "asctime",
        "context_id",
        "levelname",
        "lineno",
        "message",
        "module",
        "process",
        "timestamp",
    ];
    assert_eq!(keys, expected);
    assert_eq!(record.get("message").unwrap().as_str(), Some("a \"b\"\nc"));
    assert_eq!(record.get("levelname").unwrap().as_str(), Some("CRITICAL"));
    assert_eq!(record.get("context_id").unwrap().as_str(), Some("c-1"));
    let timestamp = record.get("timestamp").unwrap().as_str().unwrap();
    assert!(timestamp.ends_with("+00:00") && chrono::DateTime::parse_from_rfc3339(timestamp).is_ok());
    assert!(file.starts_with('['), "the file stays text: {file}");
}

#[test]
fn only_a_console_in_colour_has_escapes() {
    let colour = LogOptions {
        colour: true,
        ..options()
    };
    let Logged { console, file } = logged(LogLevel::Debug, colour, || tracing::info!("x"));
    assert!(
        console.starts_with("\u{1b}[32m[") && console.ends_with("INFO]\u{1b}[39m x\n"),
        "{console:?}"
    );
    assert!(!file.contains('\u{1b}'));
    assert!(wants_colour(true, Some(""), Some("xterm")));
    assert!(!wants_colour(true, Some("1"), None));
    assert!(!wants_colour(false, None, None));
    assert!(!wants_colour(true, None, Some("dumb")));
}

#[test]
fn secrets_added_later_are_hidden_in_every_sink() {
    let scrubber = Scrubber::default();
    let with_scrubber = LogOptions {
        scrubber: scrubber.clone(),
        ..options()
    };
    let Logged { console, file } = logged(LogLevel::Debug, with_scrubber, || {
        tracing::info!("start");
        scrubber.add("hunter22");
        tracing::info!(token = "hunter22", "sent hunter22");
    });
    assert!(!console.contains("hunter22") && !file.contains("hunter22"));
    assert_eq!(untimed(&console)[1], "INFO] sent *** token=***");
}

#[test]
fn a_file_is_appended_to_and_a_bad_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.log");
    std::fs::write(&path, "before\n").unwrap();
    writeln!(open_file(Path::new("x.log"), folder.path()).unwrap(), "after").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before\nafter\n");
    let error = open_file(Path::new("no/such/x.log"), folder.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no/such/x.log") && error.contains("--log-file"),
        "{error}"
    );
}
