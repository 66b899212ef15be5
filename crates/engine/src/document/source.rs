//! Where an experiment comes from, and what its text holds (SPEC 2). The fetch itself is done elsewhere.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use url::Url;

use super::yaml::{self, YamlError};
use crate::host::Host;
use crate::value::json::{self, JsonError};
use crate::value::{Map, Value, python};

/// Value of the `Accept` header with which an experiment is fetched.
pub const ACCEPT: &str = "application/json, application/x-yaml";

/// The variable that holds a bearer token for fetching experiments.
const TOKEN_VARIABLE: &str = "CHAOSTOOLKIT_LOADER_AUTH_BEARER_TOKEN";

/// Where an experiment is to be read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// A file that exists.
    File(PathBuf),
    /// An address with scheme http or https.
    Url(Url),
}

/// Why an experiment could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Neither a file nor a URL.
    #[error("the experiment {0} does not exist; give the path of a file, or a http(s) URL")]
    NotFound(String),
    /// A URL with another scheme than http and https.
    #[error(
        "cannot load {from}: the scheme `{scheme}` is not supported; use http or https, or the path of a file that exists"
    )]
    UnsupportedScheme {
        /// The URL.
        from: String,
        /// Its scheme.
        scheme: String,
    },
    /// A URL that does not parse.
    #[error("cannot load {from}: {reason}")]
    InvalidUrl {
        /// The URL.
        from: String,
        /// What is wrong with it.
        reason: url::ParseError,
    },
    /// A folder instead of a file.
    #[error("cannot load {}: it is a folder; name a file in it", .0.display())]
    Directory(PathBuf),
    /// The system refuses to open or read it.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Bytes that are not UTF-8.
    #[error("cannot read {}: line {line} is not UTF-8; save the file in that encoding", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// First line is 1.
        line: usize,
    },
    /// An extension that names no format.
    #[error("cannot load {}: only files that end in .json, .yaml or .yml are experiments", .0.display())]
    UnsupportedExtension(PathBuf),
    /// YAML that does not parse.
    #[error("{from} is not valid YAML: {reason}")]
    Yaml {
        /// The file or URL.
        from: String,
        /// Where and why.
        reason: YamlError,
    },
    /// JSON that does not parse.
    #[error("{from} is not valid JSON: {reason}")]
    Json {
        /// The file or URL.
        from: String,
        /// Where and why.
        reason: JsonError,
    },
    /// Plain text that is neither JSON nor YAML.
    #[error("{from} is neither JSON ({json}) nor YAML ({yaml})")]
    Neither {
        /// The URL.
        from: String,
        /// Why it is not JSON.
        json: JsonError,
        /// Why it is not YAML.
        yaml: YamlError,
    },
    /// Credentials in the settings that are only half there.
    #[error("the entry `{host}` of `auths` in the settings has no `{key}`; it needs a `type` and a `value`")]
    IncompleteAuth {
        /// Name of the entry.
        host: String,
        /// What it lacks.
        key: &'static str,
    },
    /// An answer of another type.
    #[error(
        "cannot load {from}: its content type is `{content_type}`; it must be application/json, \
         application/x-yaml, text/yaml or text/plain"
    )]
    UnsupportedContentType {
        /// The URL.
        from: String,
        /// What the server said.
        content_type: String,
    },
}

/// Tells a file from a URL: what exists is a file.
///
/// # Errors
/// When `source` is neither, or has a scheme other than http and https.
pub fn locate(source: &str, host: &Host) -> Result<Origin, LoadError> {
    let path = host.resolve(source);
    if !source.is_empty() && path.exists() {
        return Ok(Origin::File(path));
    }
    let scheme = scheme(source).ok_or_else(|| LoadError::NotFound(source.to_owned()))?;
    if !matches!(scheme.as_str(), "http" | "https") {
        let from = source.to_owned();
        return Err(LoadError::UnsupportedScheme { from, scheme });
    }
    let url = Url::parse(source).map_err(|error| LoadError::InvalidUrl {
        from: source.to_owned(),
        reason: error,
    })?;
    Ok(Origin::Url(url))
}

/// What precedes the first colon, in lower case, if it can be the scheme of a URL.
fn scheme(source: &str) -> Option<String> {
    let (scheme, _) = source.trim_start().split_once(':')?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(allowed);
    fits.then(|| scheme.to_ascii_lowercase())
}

/// The text of a file, without a byte order mark, and its value: YAML for `.yaml` and `.yml`, JSON for `.json`.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, has another extension, or does not parse.
pub fn read_file(path: &Path) -> Result<(String, Value), LoadError> {
    let bytes = std::fs::read(path).map_err(|reason| match reason.kind() {
        ErrorKind::IsADirectory => LoadError::Directory(path.to_owned()),
        ErrorKind::NotFound => LoadError::NotFound(path.display().to_string()),
        _ => LoadError::Unreadable {
            path: path.to_owned(),
            reason,
        },
    })?;
    let text = decode(path, bytes)?;
    let from = path.display().to_string();
    let value = match path.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => from_yaml(&text, from)?,
        Some("json") => from_json(&text, from)?,
        _ => return Err(LoadError::UnsupportedExtension(path.to_owned())),
    };
    Ok((text, value))
}

fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, LoadError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        LoadError::NotUtf8 {
            path: path.to_owned(),
            line: valid.iter().filter(|byte| **byte == b'\n').count() + 1,
        }
    })?;
    Ok(without_mark(&text).to_owned())
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The value of an answer of that content type, whose parameters do not matter.
///
/// # Errors
/// When the type is not one of an experiment, or the body does not parse.
pub fn parse_fetched(content_type: &str, body: &str, url: &Url) -> Result<Value, LoadError> {
    let body = without_mark(body);
    let from = shown(url);
    let kind = content_type.to_ascii_lowercase();
    if kind.contains("application/json") {
        from_json(body, from)
    } else if kind.contains("application/x-yaml") || kind.contains("text/yaml") {
        from_yaml(body, from)
    } else if kind.contains("text/plain") {
        json::parse(body)
            .or_else(|json| yaml::parse(body).map_err(|yaml| LoadError::Neither { from, json, yaml }))
    } else {
        let content_type = content_type.to_owned();
        Err(LoadError::UnsupportedContentType { from, content_type })
    }
}

/// The URL without the password that it may hold.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.password().is_some() {
        // a URL with a password has a host, and so can lose it
        let _ = url.set_password(None);
    }
    url.into()
}

fn from_yaml(text: &str, from: String) -> Result<Value, LoadError> {
    yaml::parse(text).map_err(|reason| LoadError::Yaml { from, reason })
}

fn from_json(text: &str, from: String) -> Result<Value, LoadError> {
    json::parse(text).map_err(|reason| LoadError::Json { from, reason })
}

/// The `Authorization` header for fetching from that URL: the token of the environment, else the entry of `auths` in
/// the settings whose key is the URL's `host` or `host:port`.
///
/// # Errors
/// When that entry lacks its `type` or its `value`.
pub fn authorization(url: &Url, host: &Host, settings: &Map) -> Result<Option<String>, LoadError> {
    let token = host
        .var(TOKEN_VARIABLE)
        .map(str::trim)
        .filter(|token| !token.is_empty());
    if let Some(token) = token {
        return Ok(Some(format!("bearer {token}")));
    }
    let Some((name, auth)) = auth_of(url, settings) else {
        return Ok(None);
    };
    let part = |key: &'static str| {
        let part = auth.get(key).map(python::text);
        part.ok_or_else(|| LoadError::IncompleteAuth {
            host: name.to_owned(),
            key,
        })
    };
    Ok(Some(format!("{} {}", part("type")?, part("value")?)))
}

/// The entry of `auths` that is for that URL, with its name.
fn auth_of<'a>(url: &Url, settings: &'a Map) -> Option<(&'a str, &'a Value)> {
    let auths = settings.get("auths")?.as_map()?;
    let name = url.host_str()?;
    let wanted: Vec<String> = match url.port() {
        Some(port) => vec![format!("{name}:{port}")],
        // the port of the scheme is lost in the URL, written or not
        None => url
            .port_or_known_default()
            .map(|port| format!("{name}:{port}"))
            .into_iter()
            .chain([name.to_owned()])
            .collect(),
    };
    let matches = |key: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(key));
    let (name, auth) = auths.iter().find(|(key, _)| matches(key))?;
    Some((name, auth))
}

#[cfg(test)]
mod tests;
