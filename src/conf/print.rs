//! `--print-run`: the resolved run for people to read, and the `chaos run` command that does the same.

use std::path::Path;

use chaos_engine::run::plan::Schedule;

use super::request::{RunRequest, Source};

/// The run as text: one aligned line per property, then warnings, and as last line the equivalent shell command.
///
/// `cwd` is the caller's folder: the command changes to the run's working folder where the two differ. Secret
/// values are masked everywhere, so a command that needs one has to be given it again.
pub fn print_run(request: &RunRequest, cwd: &Path) -> String {
    let mut lines: Vec<String> = properties(request)
        .into_iter()
        .flat_map(|(name, values)| aligned(name, values))
        .collect();
    lines.extend(
        request
            .warnings
            .iter()
            .map(|warning| format!("Warning: {warning}")),
    );
    lines.push(String::new());
    lines.push(command(request, cwd));
    lines.join("\n") + "\n"
}

fn properties(request: &RunRequest) -> Vec<(&'static str, Vec<String>)> {
    let unset = || "as the experiment says".to_owned();
    let one = |value: String| vec![value];
    let default = Schedule::default();
    let number = |value: f64, unit: &str| format!("{value} {unit}");
    let paths = |paths: &[std::path::PathBuf]| paths.iter().map(|path| path.display().to_string()).collect();
    let strategy = request
        .hypothesis_strategy
        .map_or_else(unset, |choice| choice.name().to_owned());
    let dry = request.dry.map_or("no".to_owned(), |mode| mode.name().to_owned());
    let settings = request.settings.as_ref().map(|path| path.display().to_string());
    let variables = request.var_overrides.iter();
    vec![
        ("Configuration", one(request.config_file.display().to_string())),
        ("Context", one(request.context.clone())),
        (
            "Working folder",
            one(request.working_folder.display().to_string()),
        ),
        ("Experiment", one(request.experiment.to_string())),
        (
            "Rollback strategy",
            one(request.rollback_strategy.name().to_owned()),
        ),
        ("Hypothesis strategy", one(strategy)),
        (
            "Hypothesis frequency",
            one(number(
                request.hypothesis_frequency.unwrap_or(default.frequency),
                "s",
            )),
        ),
        (
            "Fail fast",
            one(yes_no(request.fail_fast.unwrap_or(default.fail_fast)).to_owned()),
        ),
        (
            "Fail-fast ratio",
            one(number(
                request.fail_fast_ratio.unwrap_or(default.fail_fast_ratio),
                "%",
            )),
        ),
        ("Dry", one(dry)),
        (
            "Settings",
            one(settings.unwrap_or_else(|| "the user's own".to_owned())),
        ),
        ("Variable files", paths(&request.var_files)),
        (
            "Variables",
            variables
                .map(|one| format!("{} = {}", one.declaration(), one.shown_value()))
                .collect(),
        ),
        ("Journal", one(request.journal_path.display().to_string())),
        ("Log", one(request.log_path.display().to_string())),
    ]
}

fn yes_no(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

/// `Name:   value`, further values below the first, `none` for no value.
fn aligned(name: &str, values: Vec<String>) -> Vec<String> {
    let values = if values.is_empty() {
        vec!["none".to_owned()]
    } else {
        values
    };
    let line = |(index, value): (usize, String)| {
        let head = if index == 0 {
            format!("{name}:")
        } else {
            String::new()
        };
        format!("{head:<22}{}", value.replace('\n', " "))
    };
    values.into_iter().enumerate().map(line).collect()
}

/// The command, quoted for a POSIX shell; paths inside the working folder are relative to it.
fn command(request: &RunRequest, cwd: &Path) -> String {
    let words: Vec<String> = words(request).iter().map(|word| quote(word)).collect();
    let command = words.join(" ");
    match cwd == request.working_folder {
        true => command,
        false => format!(
            "cd {} && {command}",
            quote(&request.working_folder.display().to_string())
        ),
    }
}

fn words(request: &RunRequest) -> Vec<String> {
    let path = |path: &Path| from_folder(path, &request.working_folder);
    let mut words = vec!["chaos".to_owned()];
    if let Some(settings) = &request.settings {
        words.extend(["--settings".to_owned(), path(settings)]);
    }
    words.push("run".to_owned());
    words.extend(
        options(request)
            .into_iter()
            .flat_map(|(name, value)| [name.to_owned(), value]),
    );
    if request.fail_fast == Some(true) {
        words.push("--fail-fast".to_owned());
    }
    words.push(match &request.experiment {
        Source::File(file) => path(file),
        Source::Url(url) => url.clone(),
    });
    words
}

fn options(request: &RunRequest) -> Vec<(&'static str, String)> {
    let path = |path: &Path| from_folder(path, &request.working_folder);
    let named = |name, value: Option<String>| value.map(|value| (name, value));
    let strategy = request.hypothesis_strategy.map(|choice| choice.name().to_owned());
    let frequency = request.hypothesis_frequency.map(|seconds| seconds.to_string());
    let ratio = request.fail_fast_ratio.map(|percent| percent.to_string());
    let dry = request.dry.map(|mode| mode.name().to_owned());
    let mut options = vec![("--rollback-strategy", request.rollback_strategy.name().to_owned())];
    options.extend(named("--hypothesis-strategy", strategy));
    options.extend(named("--hypothesis-frequency", frequency));
    options.extend(named("--fail-fast-percent", ratio));
    options.extend(named("--dry", dry));
    options.extend(request.var_files.iter().map(|file| ("--var-file", path(file))));
    options.extend(request.var_overrides.iter().map(|one| ("--var", one.masked())));
    options.push(("--journal-path", path(&request.journal_path)));
    options
}

/// `path` seen from `folder` if it is inside; never like an option.
fn from_folder(path: &Path, folder: &Path) -> String {
    let seen = path.strip_prefix(folder).unwrap_or(path).display().to_string();
    if seen.starts_with('-') {
        format!("./{seen}")
    } else {
        seen
    }
}

/// `word` such that a POSIX shell reads it as that one word; on one line, at the price of line ends at its end.
fn quote(word: &str) -> String {
    if let Some((first, rest)) = word.split_once('\n') {
        let lines: Vec<String> = [first].into_iter().chain(rest.split('\n')).map(quote).collect();
        let format = vec!["%s"; lines.len()].join("\\n");
        return format!("\"$(printf '{format}' {})\"", lines.join(" "));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
