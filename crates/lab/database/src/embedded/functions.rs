//! MySQL's functions that SQLite lacks, or has otherwise.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{Months, TimeDelta};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, Result};

use super::moment::Moment;
use super::wire::handshake::VERSION;

/// What functions say of their session.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) user: String,
    pub(crate) connection: u32,
    /// The schema that the client chose.
    pub(crate) schema: Option<String>,
    /// When the present statement began.
    pub(crate) now: Moment,
    pub(crate) insert_id: u64,
    pub(crate) row_count: i64,
    /// The row that the present statement inserted first, per table name.
    pub(crate) inserted: Option<(String, i64)>,
}

pub(crate) type Shared = Arc<Mutex<Facts>>;

/// Reads or changes the facts.
pub(crate) fn with<T>(facts: &Shared, act: impl FnOnce(&mut Facts) -> T) -> T {
    act(&mut facts.lock().unwrap_or_else(PoisonError::into_inner))
}

const PURE: FunctionFlags = FunctionFlags::SQLITE_UTF8
    .union(FunctionFlags::SQLITE_DETERMINISTIC)
    .union(FunctionFlags::SQLITE_INNOCUOUS);
const CHANGING: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_INNOCUOUS);

/// Adds all functions to a connection.
pub(crate) fn register(connection: &Connection, facts: &Shared) -> Result<()> {
    session(connection, facts)?;
    clock(connection, facts)?;
    texts(connection)?;
    numbers(connection)?;
    dates(connection)
}

fn session(db: &Connection, facts: &Shared) -> Result<()> {
    let fact = |name: &str, read: fn(&Facts) -> Value| {
        let facts = facts.clone();
        db.create_scalar_function(name, 0, CHANGING, move |_| Ok(with(&facts, |facts| read(facts))))
    };
    fact("database", |facts| {
        facts.schema.clone().map_or(Value::Null, Value::Text)
    })?;
    fact("user", |facts| Value::Text(format!("{}@localhost", facts.user)))?;
    fact("version", |_| Value::Text(VERSION.to_owned()))?;
    fact("connection_id", |facts| Value::Integer(facts.connection.into()))?;
    fact("row_count", |facts| Value::Integer(facts.row_count))?;
    fact("last_insert_id", |facts| {
        Value::Integer(facts.insert_id.cast_signed())
    })?;
    fact("uuid", |_| Value::Text(uuid::Uuid::new_v4().to_string()))?;
    let facts = facts.clone();
    db.create_scalar_function("last_insert_id", 1, CHANGING, move |context| {
        let id: i64 = context.get(0)?;
        with(&facts, |facts| facts.insert_id = id.cast_unsigned());
        Ok(id)
    })
}

fn clock(db: &Connection, facts: &Shared) -> Result<()> {
    let now = |name: &str, arguments: i32, read: fn(Moment, u32) -> Value| {
        let facts = facts.clone();
        db.create_scalar_function(name, arguments, CHANGING, move |context| {
            let digits = if context.is_empty() { 0 } else { context.get(0)? };
            Ok(read(with(&facts, |facts| facts.now), digits))
        })
    };
    let moment = |moment: Moment, digits| Value::Text(moment.with_digits(digits).to_string());
    now("now", 0, moment)?;
    now("now", 1, moment)?;
    now("curdate", 0, |moment, _| Value::Text(moment.date()))?;
    now("unix_timestamp", 0, |moment, _| unix(moment))
}

fn unix(moment: Moment) -> Value {
    moment
        .chrono()
        .map_or(Value::Null, |moment| Value::Integer(moment.and_utc().timestamp()))
}

/// The argument as text; `None` for NULL.
fn text(context: &Context<'_>, index: usize) -> Option<String> {
    match context.get_raw(index) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn texts(db: &Connection) -> Result<()> {
    db.create_scalar_function("concat", -1, PURE, |context| {
        // NULL where one part is.
        Ok((0..context.len())
            .map(|index| text(context, index))
            .collect::<Option<String>>())
    })?;
    db.create_scalar_function("mysql_left", 2, PURE, |context| {
        let count: i64 = context.get(1)?;
        Ok(text(context, 0).map(|text| text.chars().take(count.max(0) as usize).collect::<String>()))
    })?;
    db.create_scalar_function("mysql_right", 2, PURE, |context| {
        let count: i64 = context.get(1)?;
        Ok(text(context, 0).map(|text| {
            let skip = text.chars().count().saturating_sub(count.max(0) as usize);
            text.chars().skip(skip).collect::<String>()
        }))
    })?;
    db.create_scalar_function("locate", 2, PURE, |context| {
        let pair = text(context, 0).zip(text(context, 1));
        Ok(pair.map(|(part, text)| {
            text.find(&part)
                .map_or(0, |at| text[..at].chars().count() as i64 + 1)
        }))
    })
}

fn numbers(db: &Connection) -> Result<()> {
    db.create_scalar_function("mod", 2, PURE, |context| {
        Ok(match (context.get_raw(0), context.get_raw(1)) {
            (ValueRef::Integer(a), ValueRef::Integer(b)) => {
                a.checked_rem(b).map_or(Value::Null, Value::Integer)
            }
            _ => Value::Real(context.get::<f64>(0)? % context.get::<f64>(1)?),
        })
    })?;
    db.create_scalar_function("rand", 0, CHANGING, |_| {
        let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
        Ok((high >> 16) as f64 / (1u64 << 48) as f64)
    })?;
    let whole = |name: &str, round: fn(f64) -> f64| {
        db.create_scalar_function(name, 1, PURE, move |context| {
            Ok(context.get::<Option<f64>>(0)?.map(|number| round(number) as i64))
        })
    };
    whole("floor", f64::floor)?;
    whole("ceil", f64::ceil)?;
    whole("ceiling", f64::ceil)
}

fn dates(db: &Connection) -> Result<()> {
    db.create_scalar_function("unix_timestamp", 1, PURE, |context| {
        Ok(text(context, 0)
            .and_then(|text| Moment::parse(&text))
            .map_or(Value::Null, unix))
    })?;
    db.create_scalar_function("from_unixtime", 1, PURE, |context| {
        let seconds: Option<f64> = context.get(0)?;
        Ok(seconds
            .and_then(|seconds| Moment::from_unix((seconds * 1e6) as i64))
            .map(|moment| moment.to_string()))
    })?;
    db.create_scalar_function("date_add", 3, PURE, |context| shifted(context, 1))?;
    db.create_scalar_function("date_sub", 3, PURE, |context| shifted(context, -1))?;
    db.create_scalar_function("timestampdiff", 3, PURE, |context| {
        let unit = text(context, 0).unwrap_or_default().to_ascii_uppercase();
        let moment = |index| Moment::parse(&text(context, index)?)?.chrono();
        let Some((from, to)) = moment(1).zip(moment(2)) else {
            return Ok(None);
        };
        let difference = to - from;
        Ok(Some(match unit.as_str() {
            "MICROSECOND" => difference.num_microseconds().unwrap_or(i64::MAX),
            "MINUTE" => difference.num_minutes(),
            "HOUR" => difference.num_hours(),
            "DAY" => difference.num_days(),
            "WEEK" => difference.num_weeks(),
            "SECOND" => difference.num_seconds(),
            _ => {
                return Err(Error::UserFunctionError(
                    format!("TIMESTAMPDIFF in {unit}").into(),
                ));
            }
        }))
    })
}

/// `date_add(moment, amount, unit)`; NULL where the moment is none or the result is out of range.
fn shifted(context: &Context<'_>, sign: i64) -> Result<Option<String>> {
    let amount = context.get::<Option<f64>>(1)?.unwrap_or_default() * sign as f64;
    let unit = text(context, 2).unwrap_or_default().to_ascii_uppercase();
    let Some(moment) = text(context, 0).and_then(|text| Moment::parse(&text)?.chrono()) else {
        return Ok(None);
    };
    let by = |micros: f64| moment.checked_add_signed(TimeDelta::microseconds((amount * micros) as i64));
    let months = |count: f64| {
        let months = Months::new((amount.abs() * count) as u32);
        if amount < 0.0 {
            moment.checked_sub_months(months)
        } else {
            moment.checked_add_months(months)
        }
    };
    let shifted = match unit.as_str() {
        "MICROSECOND" => by(1.0),
        "SECOND" => by(1e6),
        "MINUTE" => by(60e6),
        "HOUR" => by(3600e6),
        "DAY" => by(86_400e6),
        "WEEK" => by(604_800e6),
        "MONTH" => months(1.0),
        "QUARTER" => months(3.0),
        "YEAR" => months(12.0),
        _ => return Err(Error::UserFunctionError(format!("an interval of {unit}").into())),
    };
    Ok(shifted.map(|moment| Moment::from(moment).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sql: &str) -> Value {
        let db = Connection::open_in_memory().unwrap();
        let facts = Shared::default();
        with(&facts, |facts| {
            facts.now = Moment::parse("2026-11-21 20:06:39.123456").unwrap()
        });
        register(&db, &facts).unwrap();
        db.query_row(&format!("SELECT {sql}"), [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn texts_and_dates() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(one("concat('a', 1, 'b')"), text("a1b"));
        assert_eq!(one("concat('a', NULL)"), Value::Null);
        assert_eq!(one("mysql_right('héllo', 2)"), text("lo"));
        assert_eq!(one("now(3)"), text("2026-11-21 20:06:39.123000"));
        assert_eq!(
            one("date_sub('2026-03-31', 1, 'MONTH')"),
            text("2026-02-28 00:00:00")
        );
        assert_eq!(one("date_add(now(), 90, 'SECOND')"), text("2026-11-21 20:08:09"));
        assert_eq!(
            one("timestampdiff('HOUR', '2026-01-01', '2026-01-02 01:30:00')"),
            Value::Integer(25)
        );
        assert_eq!(
            one("from_unixtime(unix_timestamp('2026-01-01'))"),
            text("2026-01-01 00:00:00")
        );
        assert_eq!(one("last_insert_id(7) + last_insert_id()"), Value::Integer(14));
    }
}
