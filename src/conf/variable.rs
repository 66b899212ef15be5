//! Variables given to a run: `name[:type]=value`, never shown where the name says that the value is a secret.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chaos_engine::document::variables::convert;
use serde::{Serialize, Serializer};

/// The types that a variable's value can be converted to, as `chaos run --var` knows them.
pub const TYPES: [&str; 9] = [
    "str", "string", "int", "integer", "float", "number", "bool", "bytes", "json",
];

/// What is shown instead of a secret.
const MASK: &str = "********";

/// Words in a variable's name that tell of a secret; compared in lower case with `_` for `-` and `.`.
const SECRET_WORDS: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credential",
    "authorization",
    "bearer",
    "cookie",
    "api_key",
    "apikey",
    "access_key",
    "accesskey",
    "private_key",
    "signing_key",
    "encryption_key",
];

/// Why a text is no variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableFault {
    /// The text itself is not shown: it may be a secret.
    #[error("there is no `=`; write `name=value` or `name:type=value`")]
    NoValue,
    #[error("the name before the `=` is missing")]
    NoName,
    #[error("variable '{name}' has the unknown type '{kind}'; known types: {}", TYPES.join(", "))]
    UnknownType { name: String, kind: String },
    /// The reason never shows the value.
    #[error("variable '{name}': {reason}")]
    NotOfType { name: String, reason: String },
}

/// One variable on top of an experiment's configuration. Its value may be a secret: `Debug` and serde mask it.
#[derive(Clone, PartialEq, Eq)]
pub struct VarOverride {
    name: String,
    kind: Option<String>,
    value: String,
}

impl VarOverride {
    /// Reads a line of `var_overrides`: `name[:type] = value`, with blanks wherever they please.
    ///
    /// # Errors
    /// When `=` or the name is missing, the type is unknown, or the value is not of it.
    pub fn from_line(line: &str) -> Result<Self, VariableFault> {
        let (name, value) = line.split_once('=').ok_or(VariableFault::NoValue)?;
        let (name, kind) = match name.rsplit_once(':') {
            Some((name, kind)) => (name, Some(kind.trim())),
            None => (name, None),
        };
        Self::new(name.trim(), kind, value.trim())
    }

    fn new(name: &str, kind: Option<&str>, value: &str) -> Result<Self, VariableFault> {
        if name.is_empty() {
            return Err(VariableFault::NoName);
        }
        if let Some(kind) = kind.filter(|kind| !TYPES.contains(kind)) {
            let (name, kind) = (name.to_owned(), kind.to_owned());
            return Err(VariableFault::UnknownType { name, kind });
        }
        convert(value, kind).map_err(|reason| VariableFault::NotOfType {
            name: name.to_owned(),
            reason: reason.to_string(),
        })?;
        Ok(Self {
            name: name.to_owned(),
            kind: kind.map(str::to_owned),
            value: value.to_owned(),
        })
    }

    /// The variable's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `name[:type]=value` with the true value, as `chaos run --var` takes it. Not for people's eyes.
    pub fn argument(&self) -> String {
        format!("{}={}", self.declaration(), self.value)
    }

    /// `name[:type]=value` for people's eyes: a value that looks secret is masked.
    pub fn masked(&self) -> String {
        format!("{}={}", self.declaration(), self.shown_value())
    }

    /// What of the value no log may show: all of it where the name says so, or the password of an address.
    pub fn secret(&self) -> Option<&str> {
        let is_text = !matches!(
            self.kind.as_deref(),
            Some("int" | "integer" | "float" | "number" | "bool")
        );
        match looks_secret(&self.name) && is_text {
            true => Some(&self.value),
            false => password(&self.value).map(|place| &self.value[place]),
        }
    }

    /// `name` or `name:type`.
    pub(super) fn declaration(&self) -> String {
        match &self.kind {
            Some(kind) => format!("{}:{kind}", self.name),
            None => self.name.clone(),
        }
    }

    pub(super) fn shown_value(&self) -> String {
        shown_value(&self.name, &self.value)
    }
}

/// The form of the command line: split at the first `=`, the type after the last `:` before it, blanks kept.
impl FromStr for VarOverride {
    type Err = VariableFault;

    fn from_str(text: &str) -> Result<Self, VariableFault> {
        let (name, value) = text.split_once('=').ok_or(VariableFault::NoValue)?;
        match name.rsplit_once(':') {
            Some((name, kind)) => Self::new(name, Some(kind), value),
            None => Self::new(name, None, value),
        }
    }
}

impl fmt::Debug for VarOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for VarOverride {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

/// Whether a variable of this name likely holds a secret.
pub fn looks_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace(['-', '.'], "_");
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The value of a variable for people's eyes: masked where the name tells of a secret, or the password in it.
pub fn shown_value(name: &str, value: &str) -> String {
    match looks_secret(name) {
        true => MASK.to_owned(),
        false => without_password(value),
    }
}

/// `scheme://user:password@host` with the password masked; any other text as it is.
fn without_password(value: &str) -> String {
    let mut shown = value.to_owned();
    if let Some(place) = password(value) {
        shown.replace_range(place, MASK);
    }
    shown
}

/// Where the password of `scheme://user:password@host` is.
fn password(value: &str) -> Option<Range<usize>> {
    let start = value.find("://")? + "://".len();
    let rest = &value[start..];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let end = authority.rfind('@')?;
    let colon = authority[..end].find(':')?;
    Some(start + colon + 1..start + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_file_may_have_blanks_and_an_argument_keeps_them() {
        let line = VarOverride::from_line("  count : int =  3 ").unwrap();
        assert_eq!(line.argument(), "count:int=3");
        let argument: VarOverride = "greeting= a=b ".parse().unwrap();
        assert_eq!(argument.argument(), "greeting= a=b ");
    }

    #[test]
    fn the_last_colon_before_the_equals_sign_separates_the_type() {
        let variable: VarOverride = "a:b:str=1:2".parse().unwrap();
        assert_eq!(
            (variable.name(), variable.argument().as_str()),
            ("a:b", "a:b:str=1:2")
        );
        let fault = "a:number2=1".parse::<VarOverride>().unwrap_err();
        assert!(fault.to_string().contains("str, string, int"), "{fault}");
        let fault = VarOverride::from_line("pin:int = secret")
            .unwrap_err()
            .to_string();
        assert_eq!(
            fault,
            "variable 'pin': the value is not a whole number, as the type `int` requires"
        );
        assert_eq!(VarOverride::from_line("just words"), Err(VariableFault::NoValue));
        assert_eq!(VarOverride::from_line(" = 1"), Err(VariableFault::NoName));
    }

    #[test]
    fn secrets_are_masked_in_every_view_but_the_argument() {
        for name in ["db_password", "GITHUB-TOKEN", "aws.secret.value", "myApiKey"] {
            let variable: VarOverride = format!("{name}=hunter2").parse().unwrap();
            let views = format!("{variable:?} {}", serde_json::to_string(&variable).unwrap());
            assert!(!views.contains("hunter2"), "{views}");
            assert!(variable.argument().ends_with("=hunter2"));
        }
        assert!(!looks_secret("tag_key") && !looks_secret("region"));
    }

    #[test]
    fn a_password_inside_an_address_is_masked() {
        let shown = |value: &str| VarOverride::new("url", None, value).unwrap().shown_value();
        assert_eq!(
            shown("postgres://me:p@ss@db:5432/x?y=@"),
            "postgres://me:********@db:5432/x?y=@"
        );
        assert_eq!(shown("http://host/a:b@c"), "http://host/a:b@c");
        let secret = |text: &str| text.parse::<VarOverride>().unwrap().secret().map(str::to_owned);
        assert_eq!(secret("url=http://me:pw@h").as_deref(), Some("pw"));
        assert_eq!(secret("token=abc").as_deref(), Some("abc"));
        assert_eq!(secret("region=abc"), None);
    }
}
