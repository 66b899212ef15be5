//! Questions and answers, line by line.

use std::io::{self, BufRead, Write};

use chaos_engine::value::{Map, Value, json, map};

use super::InitError;
use crate::discovery::{Activity, Argument};

/// Asks on `out` and reads from `input`, which may be a terminal or a pipe.
pub struct Dialogue<'a> {
    input: &'a mut dyn BufRead,
    out: &'a mut dyn Write,
}

impl<'a> Dialogue<'a> {
    pub fn new(input: &'a mut dyn BufRead, out: &'a mut dyn Write) -> Self {
        Self { input, out }
    }

    /// Prints a line.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// One answer without the spaces around it; may be empty.
    fn ask(&mut self, question: &str) -> Result<String, InitError> {
        write!(self.out, "{question}: ")?;
        self.out.flush()?;
        let mut line = Vec::new();
        if self.input.read_until(b'\n', &mut line)? == 0 {
            self.say("")?;
            return Err(InitError::Ended);
        }
        Ok(String::from_utf8_lossy(&line).trim().to_owned())
    }

    /// An answer that is not empty.
    pub fn text(&mut self, question: &str) -> Result<String, InitError> {
        loop {
            let answer = self.ask(question)?;
            if !answer.is_empty() {
                return Ok(answer);
            }
            self.say("Please give an answer.")?;
        }
    }

    /// Yes or no; an empty answer is no.
    pub fn confirm(&mut self, question: &str) -> Result<bool, InitError> {
        loop {
            match self.ask(&format!("{question} [y/N]"))?.to_lowercase().as_str() {
                "y" | "yes" => return Ok(true),
                "n" | "no" | "" => return Ok(false),
                _ => self.say("Please answer y or n.")?,
            }
        }
    }

    /// As many activities as the user wants, ready for an experiment; each with a tolerance if asked for.
    pub fn activities(&mut self, offered: &[&Activity], tolerance: bool) -> Result<Vec<Value>, InitError> {
        let mut chosen = Vec::new();
        if offered.is_empty() {
            self.say("There is nothing to choose from.")?;
            return Ok(chosen);
        }
        while let Some(activity) = self.choose(offered)? {
            if let Some(doc) = &activity.doc {
                self.say(&format!("\n{doc}"))?;
            }
            if self.confirm(&format!("Use this {}?", activity.kind.as_str()))? {
                chosen.push(self.fill(activity, tolerance)?);
            }
            if !self.confirm("Choose another activity?")? {
                break;
            }
        }
        Ok(chosen)
    }

    /// One of `offered` by its number or name; `None` for 0. Any other text narrows the list down.
    fn choose<'b>(&mut self, offered: &[&'b Activity]) -> Result<Option<&'b Activity>, InitError> {
        self.list(offered, "")?;
        loop {
            let answer = self.text("Activity: a number, part of a name to search for, or 0 to go on")?;
            if answer == "0" {
                return Ok(None);
            }
            let number = answer.parse::<usize>().ok();
            let named: Vec<_> = offered
                .iter()
                .filter(|activity| activity.name == answer)
                .collect();
            match (
                number.and_then(|number| offered.get(number.checked_sub(1)?)),
                &named[..],
            ) {
                (Some(activity), _) => return Ok(Some(activity)),
                (None, [activity]) => return Ok(Some(activity)),
                (None, _) if number.is_some() => {
                    self.say(&format!(
                        "Please give a number from 1 to {}, or 0.",
                        offered.len()
                    ))?;
                }
                _ => self.list(offered, &answer)?,
            }
        }
    }

    /// The activities whose name or module contains `part`, under their numbers.
    fn list(&mut self, offered: &[&Activity], part: &str) -> io::Result<()> {
        let mut found = false;
        for (index, activity) in offered.iter().enumerate() {
            if activity.name.contains(part) || activity.module.contains(part) {
                self.say(&format!("{}) {} ({})", index + 1, activity.name, activity.module))?;
                found = true;
            }
        }
        if !found {
            self.say(&format!("Nothing has '{part}' in its name."))?;
        }
        Ok(())
    }

    fn fill(&mut self, activity: &Activity, tolerance: bool) -> Result<Value, InitError> {
        let mut filled = map([
            ("type", activity.kind.as_str().into()),
            ("name", activity.name.as_str().into()),
        ]);
        if tolerance {
            let answer =
                self.text("Tolerance: what the probe must return, such as true, 200, [1, 5] or a text")?;
            filled.insert("tolerance".to_owned(), json_or_text(&answer));
        }
        let mut arguments = Map::new();
        let asked = |argument: &&Argument| !matches!(argument.name.as_str(), "configuration" | "secrets");
        for argument in activity.arguments.iter().filter(asked) {
            if let Some(value) = self.argument(argument)? {
                arguments.insert(argument.name.clone(), value);
            }
        }
        let provider = map([
            ("type", "python".into()),
            ("module", activity.module.as_str().into()),
            ("func", activity.name.as_str().into()),
            ("arguments", arguments.into()),
        ]);
        filled.insert("provider".to_owned(), provider.into());
        Ok(Value::Map(filled))
    }

    /// The value of one argument; `None` leaves it out.
    fn argument(&mut self, argument: &Argument) -> Result<Option<Value>, InitError> {
        let kind = argument.type_name.as_deref().unwrap_or("object");
        let hint = match &argument.default {
            None => format!(" ({kind})"),
            Some(Value::Null) => format!(" ({kind}, empty to leave it out)"),
            Some(default) => format!(" ({kind}) [{}]", json::compact(default)),
        };
        loop {
            let answer = self.ask(&format!("Argument {}{hint}", argument.name))?;
            match (answer.is_empty(), &argument.default) {
                (true, Some(default)) => return Ok(Some(default.clone()).filter(|value| !value.is_null())),
                (true, None) => self.say("This argument has no default: please give a value.")?,
                (false, _) => match read(kind, &answer) {
                    Ok(value) => return Ok(Some(value)),
                    Err(expected) => self.say(&format!(
                        "Please give {expected}, or a variable such as ${{name}}."
                    ))?,
                },
            }
        }
    }
}

fn json_or_text(answer: &str) -> Value {
    json::parse(answer).unwrap_or_else(|_| answer.into())
}

/// An answer as a value of the portable type `kind`; a variable fits all types.
fn read(kind: &str, answer: &str) -> Result<Value, &'static str> {
    if answer.starts_with("${") && answer.ends_with('}') {
        return Ok(answer.into());
    }
    let value = json::parse(answer).ok();
    match (kind, value) {
        ("string" | "byte", _) => Ok(answer.into()),
        ("integer", Some(value @ (Value::Int(_) | Value::BigInt(_)))) => Ok(value),
        ("integer", _) => Err("a whole number"),
        ("number", Some(value)) if value.as_f64().is_some() => Ok(value),
        ("number", _) => Err("a number"),
        ("boolean", _) => match answer.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true.into()),
            "false" | "f" | "no" | "n" | "off" | "0" => Ok(false.into()),
            _ => Err("yes or no"),
        },
        ("list" | "set" | "tuple", Some(value @ Value::List(_))) => Ok(value),
        ("list" | "set" | "tuple", _) if answer.starts_with('[') => {
            Err("a list in JSON, or items parted by commas")
        }
        ("list" | "set" | "tuple", _) => Ok(Value::List(
            answer.split(',').map(|item| json_or_text(item.trim())).collect(),
        )),
        ("mapping", Some(value @ Value::Map(_))) => Ok(value),
        ("mapping", _) => Err("a mapping in JSON, such as {\"key\": \"value\"}"),
        (_, Some(value)) => Ok(value),
        (_, None) => Ok(answer.into()),
    }
}
