//! Where the database is: an address as Spring has it, or a plain one.

use sqlx::ConnectOptions as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use url::Url;

use crate::settings::{Environment, SettingError};

const NAME: &str = "SPRING_DATASOURCE_URL";
const WANTED: &str = "an address like jdbc:mysql://host:3306/comments or mysql://host/comments";

/// `SPRING_DATASOURCE_URL`, `SPRING_DATASOURCE_USERNAME` and `SPRING_DATASOURCE_PASSWORD`.
///
/// Parameters of a JDBC address (`?useSSL=…`) are for Java's driver, and not read.
pub fn read(environment: &Environment) -> Result<MySqlConnectOptions, SettingError> {
    let address = environment.needed(NAME, WANTED)?;
    let wrong = SettingError::WrongSecret {
        name: NAME,
        wanted: WANTED,
    };
    let url = parse(&address).ok_or(wrong)?;
    let user = environment.text("SPRING_DATASOURCE_USERNAME")?;
    let password = environment.text("SPRING_DATASOURCE_PASSWORD")?;
    Ok(options(&url, user, password))
}

fn parse(address: &str) -> Option<Url> {
    let url = Url::parse(address.strip_prefix("jdbc:").unwrap_or(address)).ok()?;
    let database = url.path().trim_start_matches('/');
    let known =
        matches!(url.scheme(), "mysql" | "mariadb") && url.host_str().is_some_and(|host| !host.is_empty());
    (known && !database.is_empty() && !database.contains('/')).then_some(url)
}

/// Plain statements need nothing of a session but its character set.
fn options(url: &Url, user: Option<String>, password: Option<String>) -> MySqlConnectOptions {
    let host = url.host_str().unwrap_or_default();
    let mut options = MySqlConnectOptions::new()
        .host(host.trim_start_matches('[').trim_end_matches(']'))
        .port(url.port().unwrap_or(3306))
        .database(&decoded(url.path().trim_start_matches('/')))
        .ssl_mode(MySqlSslMode::Disabled)
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .disable_statement_logging();
    let in_url = |text: &str| (!text.is_empty()).then(|| decoded(text));
    if let Some(user) = user.or_else(|| in_url(url.username())) {
        options = options.username(&user);
    }
    if let Some(password) = password.or_else(|| in_url(url.password().unwrap_or_default())) {
        options = options.password(&password);
    }
    options
}

/// Without `%20` and the like.
fn decoded(text: &str) -> String {
    // in a form, a plus is a space; in an address it is itself
    let text = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes())
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn springs_and_plain_addresses() {
        let options = read(&Environment::of(&[
            (NAME, "jdbc:mysql://db.example:3307/comments?useSSL=false"),
            ("SPRING_DATASOURCE_USERNAME", "app"),
            ("SPRING_DATASOURCE_PASSWORD", "s&cret"),
        ]))
        .unwrap();
        assert_eq!(
            (options.get_host(), options.get_port(), options.get_username()),
            ("db.example", 3307, "app")
        );
        assert_eq!(options.get_database(), Some("comments"));
        let options = read(&Environment::of(&[(NAME, "mysql://me:p%40ss+1@[::1]/one%20two")])).unwrap();
        assert_eq!(
            (options.get_host(), options.get_port(), options.get_username()),
            ("::1", 3306, "me")
        );
        assert_eq!(options.get_database(), Some("one two"));
        assert_eq!(decoded("p%40ss+1&=x"), "p@ss+1&=x");
    }

    #[test]
    fn mistakes_hold_no_secret() {
        for wrong in [
            "localhost:3306",
            "postgres://a:secret@b/c",
            "mysql://a:secret@host",
            "jdbc:mysql:///comments",
        ] {
            let pairs: &'static [_] = Box::leak(Box::new([(NAME, wrong)]));
            let told = read(&Environment::of(pairs)).unwrap_err().to_string();
            assert!(told.contains(NAME) && !told.contains("secret"), "{told}");
        }
        let told = read(&Environment::of(&[])).unwrap_err().to_string();
        assert!(told.contains("SPRING_DATASOURCE_URL is not set"), "{told}");
    }
}
