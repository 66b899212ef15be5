//! Names that RDS accepts, from the constraints in the API reference of CreateDBInstance and CreateDBCluster.

use serde_json::Value;

use super::errors;
use crate::input;
use crate::wire::ApiError;

/// The identifier in a member that must be there: lower case, without the front of an ARN.
///
/// # Errors
/// `ValidationError` where it is missing.
pub fn identifier(input: &Value, member: &str) -> Result<String, ApiError> {
    input::required(input, member).map(bare)
}

/// The identifier of what an identifier or ARN means. RDS keeps identifiers in lower case.
pub fn bare(written: &str) -> String {
    match written.starts_with("arn:") {
        true => written.rsplit(':').next().unwrap_or_default(),
        false => written,
    }
    .to_ascii_lowercase()
}

/// An identifier for something new.
///
/// # Errors
/// `InvalidParameterValue`.
pub fn new_identifier(input: &Value, member: &str) -> Result<String, ApiError> {
    let written = input::required(input, member)?;
    let starts_well = written.starts_with(|first: char| first.is_ascii_alphabetic());
    let allowed = written
        .chars()
        .all(|one| one.is_ascii_alphanumeric() || one == '-');
    if starts_well && allowed && !written.ends_with('-') && !written.contains("--") && written.len() <= 63 {
        return Ok(written.to_ascii_lowercase());
    }
    Err(errors::value(format!(
        "The parameter {member} is not a valid identifier. Identifiers begin with a letter, contain only ASCII letters, digits \
         and hyphens, do not end with a hyphen, have no two hyphens in a row, and have at most 63 characters."
    )))
}

/// Who may log in to a new server, and to which database.
pub struct Login {
    /// `MasterUsername`
    pub user: String,
    /// `MasterUserPassword`
    pub password: String,
    /// `DBName` or `DatabaseName`, where one is given.
    pub schema: Option<String>,
}

/// Reads `MasterUsername`, `MasterUserPassword` and the database's name, from the member `schema`.
///
/// # Errors
/// `InvalidParameterValue` and `InvalidParameterCombination` for what MySQL on RDS does not take.
pub fn login(input: &Value, schema: &str) -> Result<Login, ApiError> {
    if input::flag(input, "ManageMasterUserPassword") == Some(true) {
        return Err(errors::combination(
            "chaos-lab has no Secrets Manager: give MasterUserPassword instead of ManageMasterUserPassword.",
        ));
    }
    let user = input::required(input, "MasterUsername")?;
    word(user, 1, 16).ok_or_else(|| errors::value(format!("The parameter MasterUsername is not valid: {user:?} is no letter followed by at most 15 letters, digits or underscores.")))?;
    let password = input::required(input, "MasterUserPassword")?;
    if !(8..=41).contains(&password.len())
        || !password
            .bytes()
            .all(|one| one.is_ascii_graphic() && !b"/@\"".contains(&one))
    {
        let rule = "It has 8 to 41 printable ASCII characters besides '/', '@', '\"' and the space.";
        return Err(errors::value(format!(
            "The parameter MasterUserPassword is not a valid password. {rule}"
        )));
    }
    let name = input::text(input, schema);
    if let Some(name) = name {
        word(name, 1, 64).ok_or_else(|| errors::value(format!("The parameter {schema} is not valid: {name:?} is no letter followed by at most 63 letters, digits or underscores.")))?;
    }
    Ok(Login {
        user: user.to_owned(),
        password: password.to_owned(),
        schema: name.map(str::to_owned),
    })
}

fn word(text: &str, shortest: usize, longest: usize) -> Option<()> {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let allowed = text.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'_');
    (starts_well && allowed && (shortest..=longest).contains(&text.len())).then_some(())
}
