//! What the lab understands of scripts: a table of commands and their effects, never a shell.

use std::time::Duration;

use chaos_lab_processes::HogConfig;

/// A process that commands may kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// dockerd, and with it all tasks and the ECS agent of the instance.
    Docker,
    /// What burns CPU.
    Stress,
}

/// What a command does to its instance.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Kills a process. Without one it fails, unless `lenient`.
    Kill { victim: Victim, lenient: bool },
    /// `systemctl stop docker`: it stays stopped.
    StopDocker,
    /// `systemctl start docker`
    StartDocker,
    /// `systemctl restart docker`
    RestartDocker,
    /// Burns CPU until the time is over, as stress-ng does.
    Burn(HogConfig),
    /// Waits, in real time.
    Sleep(Duration),
    /// Writes a line.
    Say(String),
}

/// What is told when a script holds anything else.
pub const UNDERSTOOD: &str = "killing dockerd or stress-ng (`pkill NAME`, `killall NAME`, `kill -s KILL $(pidof NAME)`, \
    `pidof NAME | xargs kill`, or `for pid in $(pidof NAME); do kill -s KILL $pid || true; done`, with or without sudo), \
    `systemctl stop|start|restart docker`, `service docker stop|start|restart`, `stress-ng --cpu N --cpu-load P --timeout S`, \
    `sleep S`, `echo TEXT` and `true`";

/// Reads a script.
///
/// # Errors
/// The first statement that is not in the table.
pub fn read(script: &str) -> Result<Vec<Effect>, String> {
    let mut effects = Vec::new();
    let statements = statements(script);
    let mut rest = statements.as_slice();
    while let [first, after @ ..] = rest {
        rest = after;
        if first.starts_with("for ") {
            let end = after.iter().position(|statement| statement == "done");
            let (body, after) = after.split_at(end.ok_or_else(|| first.clone())?);
            effects.push(kill_loop(first, body).ok_or_else(|| first.clone())?);
            rest = &after[1..];
            continue;
        }
        effects.extend(effect(first)?);
    }
    Ok(effects)
}

/// The statements of a script without comments; `|| true` stays with its statement.
fn statements(script: &str) -> Vec<String> {
    let lines = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    let parts = lines.flat_map(|line| line.split("&&").flat_map(|part| part.split(';')));
    let clean = parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let clean = clean.map(|part| part.strip_prefix("do ").map(str::to_owned).unwrap_or(part));
    clean.filter(|part| !part.is_empty() && part != "do").collect()
}

fn without_quotes(text: &str) -> String {
    text.replace(['\'', '"'], "")
}

/// Splits `|| true` off.
fn lenient(statement: &str) -> (&str, bool) {
    let stripped = statement
        .strip_suffix("|| true")
        .or_else(|| statement.strip_suffix("|| :"));
    (stripped.unwrap_or(statement).trim(), stripped.is_some())
}

/// `for pid in $(pidof NAME)` with `kill … $pid` as its only statement. Over nothing it does nothing, and succeeds.
fn kill_loop(head: &str, body: &[String]) -> Option<Effect> {
    let head = without_quotes(head);
    let (variable, source) = head.strip_prefix("for ")?.split_once(" in ")?;
    let victim = found(source)?;
    let [only] = body else {
        return None;
    };
    let only = without_quotes(lenient(only).0);
    let target = killed(unprivileged(&only).strip_prefix("kill ")?)?;
    let is_variable = target == format!("${variable}") || target == format!("${{{variable}}}");
    is_variable.then_some(Effect::Kill {
        victim,
        lenient: true,
    })
}

fn unprivileged(statement: &str) -> &str {
    statement.strip_prefix("sudo ").unwrap_or(statement).trim()
}

/// The effect of one statement; none for what has none.
fn effect(statement: &str) -> Result<Option<Effect>, String> {
    let refused = || statement.to_owned();
    let (bare, lenient) = lenient(statement);
    let unquoted = without_quotes(unprivileged(bare));
    let (word, rest) = unquoted.split_once(' ').unwrap_or((&unquoted, ""));
    let of_docker = |verb: &str| match verb {
        "stop" => Some(Effect::StopDocker),
        "start" => Some(Effect::StartDocker),
        "restart" => Some(Effect::RestartDocker),
        _ => None,
    };
    let kill = |victim| Effect::Kill { victim, lenient };
    let effect = match word {
        "true" | ":" | "set" => return Ok(None),
        "exit" if rest.is_empty() || rest == "0" => return Ok(None),
        "echo" => Some(Effect::Say(rest.to_owned())).filter(|_| is_plain(rest)),
        "sleep" => seconds(rest).map(Effect::Sleep),
        "kill" => killed(rest).and_then(found).map(kill),
        "pkill" => killed(rest).and_then(victim).map(kill),
        "killall" => killed(rest).and_then(exact).map(kill),
        "pidof" | "pgrep" => piped(&unquoted).map(kill),
        "systemctl" => rest
            .split_once(' ')
            .and_then(|(verb, unit)| of_docker(verb).filter(|_| is_docker(unit))),
        "service" => rest
            .split_once(' ')
            .and_then(|(unit, verb)| of_docker(verb).filter(|_| is_docker(unit))),
        "stress-ng" => HogConfig::parse(rest).ok().map(Effect::Burn),
        _ => None,
    };
    effect.map(Some).ok_or_else(refused)
}

/// Whether a text says nothing to a shell: a substitution or redirection would have effects that the lab does not have.
fn is_plain(text: &str) -> bool {
    !text.contains(['$', '`', '|', '>', '<', '&'])
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.strip_suffix('s').unwrap_or(text).parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn is_docker(unit: &str) -> bool {
    unit.split(' ')
        .all(|unit| ["docker", "docker.service", "docker.socket"].contains(&unit))
}

/// `pidof NAME | xargs kill -9`
fn piped(statement: &str) -> Option<Victim> {
    let (source, sink) = statement.split_once('|')?;
    let sink = sink.trim().strip_prefix("xargs ")?.trim_start_matches("-r ");
    let target = killed(unprivileged(sink).strip_prefix("kill")?.trim())?;
    target.is_empty().then(|| found(source.trim())).flatten()
}

/// What follows the options of kill, pkill or killall, if the signal is one that ends a process.
fn killed(rest: &str) -> Option<&str> {
    let mut rest = rest.trim();
    while let Some(option) = rest.split(' ').next().filter(|word| word.starts_with('-')) {
        rest = rest[option.len()..].trim_start();
        let signal = match option {
            "-s" | "-n" | "--signal" => {
                let name = rest.split(' ').next()?;
                rest = rest[name.len()..].trim_start();
                name
            }
            "-f" | "-x" | "-e" | "-q" | "-w" | "--" => continue,
            option => option
                .strip_prefix("--signal=")
                .unwrap_or(option)
                .trim_start_matches('-'),
        };
        if !["KILL", "9", "TERM", "15", "INT", "2", "QUIT", "3"].contains(&signal.trim_start_matches("SIG")) {
            return None;
        }
    }
    Some(rest)
}

/// The process of `$(pidof NAME)`, `` `pgrep NAME` `` or the bare call.
fn found(source: &str) -> Option<Victim> {
    let source = source.trim();
    let inside = source.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    let inside = inside.or_else(|| source.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')));
    let (finder, name) = inside.unwrap_or(source).trim().split_once(' ')?;
    match finder {
        "pidof" => exact(name),
        "pgrep" => victim(name.trim_start_matches("-x ").trim_start_matches("-f ")),
        _ => None,
    }
}

/// A process by its name.
fn exact(name: &str) -> Option<Victim> {
    match name {
        "dockerd" | "/usr/bin/dockerd" => Some(Victim::Docker),
        "stress-ng" => Some(Victim::Stress),
        _ => None,
    }
}

/// A process by a pattern, as pkill and pgrep take it.
fn victim(pattern: &str) -> Option<Victim> {
    match pattern {
        "docker" => Some(Victim::Docker),
        "stress" | "stress-ng-cpu" => Some(Victim::Stress),
        name => exact(name),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Effect, Victim, read};

    fn kills(victim: Victim, lenient: bool) -> Result<Vec<Effect>, String> {
        Ok(vec![Effect::Kill { victim, lenient }])
    }

    #[test]
    fn killing_has_many_spellings() {
        for name in ["dockerd", "stress-ng"] {
            let victim = if name == "dockerd" {
                Victim::Docker
            } else {
                Victim::Stress
            };
            for (written, lenient) in [
                (
                    "for pid in $(pidof 'NAME'); do kill -s KILL $pid || true; done",
                    true,
                ),
                ("for p in `pgrep -x NAME`\ndo\n  kill -9 ${p}\ndone", true),
                ("kill -9 $(pidof NAME)", false),
                ("#!/bin/bash\nsudo pkill -9 NAME", false),
                ("pkill -f \"NAME\" || true", true),
                ("pkill --signal KILL NAME", false),
                ("killall -s SIGKILL NAME", false),
                ("pidof NAME | xargs kill -9", false),
                ("pgrep NAME | xargs -r sudo kill", false),
                ("# a comment; rm -rf /\n\nset -e\nkillall NAME\nexit 0", false),
            ] {
                assert_eq!(
                    read(&written.replace("NAME", name)),
                    kills(victim, lenient),
                    "{written}"
                );
            }
        }
    }

    #[test]
    fn other_commands_have_their_effects() {
        let read = |script| read(script).unwrap();
        assert_eq!(
            read("sudo systemctl stop docker.socket docker"),
            [Effect::StopDocker]
        );
        assert_eq!(read("service docker restart"), [Effect::RestartDocker]);
        assert_eq!(
            read("echo 'going to sleep' && sleep 1.5; systemctl start docker"),
            [
                Effect::Say("going to sleep".to_owned()),
                Effect::Sleep(Duration::from_millis(1500)),
                Effect::StartDocker
            ]
        );
        assert!(
            matches!(&read("stress-ng --cpu 2 --timeout 5s")[..], [Effect::Burn(config)] if config.cpus == 2)
        );
    }

    #[test]
    fn anything_else_is_refused_as_a_whole() {
        for (script, named) in [
            ("pkill dockerd; rm -rf /tmp/x", "rm -rf /tmp/x"),
            ("echo $(reboot)", "echo $(reboot)"),
            ("echo x > /etc/passwd", "echo x > /etc/passwd"),
            ("kill -HUP $(pidof dockerd)", "kill -HUP $(pidof dockerd)"),
            (
                "for pid in $(pidof dockerd); do reboot; done",
                "for pid in $(pidof dockerd)",
            ),
            (
                "for pid in $(pidof dockerd); do kill $pid",
                "for pid in $(pidof dockerd)",
            ),
            ("systemctl stop sshd", "systemctl stop sshd"),
            ("pkill init", "pkill init"),
            ("sleep forever", "sleep forever"),
            ("pkill -v stress-ng", "pkill -v stress-ng"),
            ("pkill stress-ng & reboot", "pkill stress-ng & reboot"),
            ("kill", "kill"),
            ("| x", "| x"),
            ("stress-ng --vm 2", "stress-ng --vm 2"),
        ] {
            assert_eq!(read(script).unwrap_err(), named, "{script}");
        }
    }
}
