//! What the server answers: OK, errors, and results as text or binary rows.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html>

use std::io;

use rusqlite::types::Value;

use super::packet::{Packets, put_counted, put_integer};
use crate::embedded::fault::Fault;
use crate::embedded::moment::Moment;
use crate::embedded::types::{Kind, Type};

/// utf8mb4_general_ci, and what marks bytes.
pub(crate) const TEXT: u16 = 45;
const BINARY: u16 = 63;

pub(crate) const IN_TRANSACTION: u16 = 1;
pub(crate) const AUTOCOMMIT: u16 = 2;
pub(crate) const MORE: u16 = 8;

/// A column of a result.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) table: String,
    pub(crate) of: Type,
}

/// What a statement did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Done {
    pub(crate) affected: u64,
    pub(crate) insert_id: u64,
}

pub(crate) async fn ok(out: &mut Packets, done: &Done, status: u16) -> io::Result<()> {
    let mut payload = vec![0];
    put_integer(&mut payload, done.affected);
    put_integer(&mut payload, done.insert_id);
    payload.extend_from_slice(&status.to_le_bytes());
    payload.extend_from_slice(&[0, 0]);
    out.put(&payload).await
}

pub(crate) async fn error(out: &mut Packets, fault: &Fault) -> io::Result<()> {
    let mut payload = vec![0xFF];
    payload.extend_from_slice(&fault.code.to_le_bytes());
    payload.push(b'#');
    payload.extend_from_slice(fault.state.as_bytes());
    payload.extend_from_slice(fault.message.as_bytes());
    out.put(&payload).await
}

pub(crate) async fn end(out: &mut Packets, status: u16) -> io::Result<()> {
    let [low, high] = status.to_le_bytes();
    out.put(&[0xFE, 0, 0, low, high]).await
}

/// The answer to a prepared statement: its number, its parameters, its columns.
pub(crate) async fn prepared(
    out: &mut Packets,
    id: u32,
    parameters: u16,
    columns: &[Column],
) -> io::Result<()> {
    let mut payload = vec![0];
    payload.extend_from_slice(&id.to_le_bytes());
    payload.extend_from_slice(&(columns.len() as u16).to_le_bytes());
    payload.extend_from_slice(&parameters.to_le_bytes());
    payload.extend_from_slice(&[0, 0, 0]);
    out.put(&payload).await?;
    let question = Type {
        kind: Kind::VarString,
        unsigned: false,
        binary: true,
        length: 0,
        digits: 0,
    };
    let question = Column {
        name: "?".to_owned(),
        table: String::new(),
        of: question,
    };
    if parameters > 0 {
        for _ in 0..parameters {
            out.put(&definition(&question)).await?;
        }
        end(out, AUTOCOMMIT).await?;
    }
    definitions(out, columns, AUTOCOMMIT).await
}

async fn definitions(out: &mut Packets, columns: &[Column], status: u16) -> io::Result<()> {
    for column in columns {
        out.put(&definition(column)).await?;
    }
    if columns.is_empty() {
        Ok(())
    } else {
        end(out, status).await
    }
}

fn definition(column: &Column) -> Vec<u8> {
    let mut out = Vec::new();
    for text in [
        "def",
        "",
        &column.table,
        &column.table,
        &column.name,
        &column.name,
    ] {
        put_counted(&mut out, text.as_bytes());
    }
    out.push(12);
    let of = column.of;
    out.extend_from_slice(&if of.binary { BINARY } else { TEXT }.to_le_bytes());
    out.extend_from_slice(&of.length.to_le_bytes());
    out.push(of.kind as u8);
    out.extend_from_slice(&flags(of).to_le_bytes());
    out.extend_from_slice(&[of.digits, 0, 0]);
    out
}

/// BLOB 16, UNSIGNED 32, BINARY 128.
fn flags(of: Type) -> u16 {
    let blob = of.kind == Kind::Blob;
    u16::from(blob) << 4 | u16::from(of.unsigned) << 5 | u16::from(of.binary) << 7
}

/// A whole result.
pub(crate) async fn rows(
    out: &mut Packets,
    columns: &[Column],
    rows: &[Vec<Value>],
    binary: bool,
    status: u16,
) -> io::Result<()> {
    let mut count = Vec::new();
    put_integer(&mut count, columns.len() as u64);
    out.put(&count).await?;
    definitions(out, columns, status).await?;
    for row in rows {
        let payload = if binary {
            binary_row(columns, row)
        } else {
            text_row(columns, row)
        };
        out.put(&payload).await?;
    }
    end(out, status).await
}

fn text_row(columns: &[Column], row: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for (column, value) in columns.iter().zip(row) {
        match value {
            Value::Null => out.push(0xFB),
            value => put_counted(&mut out, &as_text(column.of, value)),
        }
    }
    out
}

fn binary_row(columns: &[Column], row: &[Value]) -> Vec<u8> {
    let mut out = vec![0; 1 + (columns.len() + 2).div_ceil(8)];
    for (index, (column, value)) in columns.iter().zip(row).enumerate() {
        match value {
            Value::Null => out[1 + (index + 2) / 8] |= 1 << ((index + 2) % 8),
            value => put_binary(&mut out, column.of, value),
        }
    }
    out
}

fn as_text(of: Type, value: &Value) -> Vec<u8> {
    match (of.kind, value) {
        (Kind::DateTime | Kind::Timestamp, Value::Text(text)) => match Moment::parse(text) {
            Some(moment) => moment.shown(of.digits.into()).into_bytes(),
            None => text.clone().into_bytes(),
        },
        (Kind::LongLong, Value::Integer(number)) if of.unsigned => {
            number.cast_unsigned().to_string().into_bytes()
        }
        (Kind::Decimal, Value::Integer(_) | Value::Real(_)) => {
            format!("{:.*}", usize::from(of.digits), real(value)).into_bytes()
        }
        (_, Value::Integer(number)) => number.to_string().into_bytes(),
        (_, Value::Real(number)) => number.to_string().into_bytes(),
        (_, Value::Text(text)) => text.clone().into_bytes(),
        (_, Value::Blob(bytes)) => bytes.clone(),
        (_, Value::Null) => Vec::new(),
    }
}

fn put_binary(out: &mut Vec<u8>, of: Type, value: &Value) {
    let number = integer(value).to_le_bytes();
    match of.kind {
        Kind::Tiny => out.extend_from_slice(&number[..1]),
        Kind::Short | Kind::Year => out.extend_from_slice(&number[..2]),
        Kind::Long | Kind::Int24 => out.extend_from_slice(&number[..4]),
        Kind::LongLong => out.extend_from_slice(&number),
        Kind::Float => out.extend_from_slice(&(real(value) as f32).to_le_bytes()),
        Kind::Double => out.extend_from_slice(&real(value).to_le_bytes()),
        Kind::Date | Kind::DateTime | Kind::Timestamp => put_moment(out, of.kind, value),
        Kind::Time => put_time(out, value),
        Kind::Null => {}
        _ => put_counted(out, &as_text(of, value)),
    }
}

/// SQLite lets text into a column of integers, and so does this, as MySQL does when it casts.
fn integer(value: &Value) -> i64 {
    match value {
        Value::Integer(number) => *number,
        Value::Real(number) => number.round() as i64,
        Value::Text(text) => text.trim().parse().unwrap_or_else(|_| real(value).round() as i64),
        Value::Blob(_) | Value::Null => 0,
    }
}

fn real(value: &Value) -> f64 {
    match value {
        Value::Integer(number) => *number as f64,
        Value::Real(number) => *number,
        Value::Text(text) => text.trim().parse().unwrap_or(0.0),
        Value::Blob(_) | Value::Null => 0.0,
    }
}

fn put_moment(out: &mut Vec<u8>, kind: Kind, value: &Value) {
    let parsed = if let Value::Text(text) = value {
        Moment::parse(text)
    } else {
        None
    };
    // Without bytes it is the zero date, MySQL's own answer to what is no date.
    let Some(Moment {
        year,
        month,
        day,
        hour,
        minute,
        second,
        micros,
    }) = parsed
    else {
        return out.push(0);
    };
    let [low, high] = year.to_le_bytes();
    let date = [low, high, month, day];
    match (kind, micros) {
        (Kind::Date, _) => put_counted(out, &date),
        (_, 0) => put_counted(out, &[date.as_slice(), &[hour, minute, second]].concat()),
        _ => put_counted(
            out,
            &[date.as_slice(), &[hour, minute, second], &micros.to_le_bytes()].concat(),
        ),
    }
}

/// `[-]H:MM:SS[.f…]`, with the hours as days and hours.
fn put_time(out: &mut Vec<u8>, value: &Value) {
    let text = if let Value::Text(text) = value {
        text.as_str()
    } else {
        ""
    };
    let (sign, text) = text.strip_prefix('-').map_or((0, text), |rest| (1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    let (hours, minutes, seconds) = (part(), part(), part());
    let micros: u32 = format!("{fraction:0<6.6}").parse().unwrap_or(0);
    let mut bytes = vec![sign];
    bytes.extend_from_slice(&(hours / 24).to_le_bytes());
    bytes.extend_from_slice(&[(hours % 24) as u8, (minutes % 60) as u8, (seconds % 60) as u8]);
    bytes.extend_from_slice(&micros.to_le_bytes());
    put_counted(out, &bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(declared: &str, value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        put_binary(&mut out, Type::declared(declared).unwrap(), value);
        out
    }

    #[test]
    fn values_have_the_width_of_their_column() {
        assert_eq!(binary("BOOLEAN", &Value::Integer(1)), [1]);
        assert_eq!(binary("INT", &Value::Integer(-2)), [0xFE, 0xFF, 0xFF, 0xFF]);
        assert_eq!(binary("BIGINT", &Value::Text("3".into())), 3i64.to_le_bytes());
        assert_eq!(binary("VARCHAR(5)", &Value::Text("ab".into())), b"\x02ab");
        assert_eq!(binary("DECIMAL(5,2)", &Value::Integer(3)), b"\x043.00");
        assert_eq!(
            binary("DATETIME", &Value::Text("2026-11-21 20:06:39".into())),
            [7, 0xEA, 7, 11, 21, 20, 6, 39]
        );
        assert_eq!(binary("DATETIME", &Value::Text("no date".into())), [0]);
        assert_eq!(
            binary("TIME", &Value::Text("-25:01:02.5".into())),
            [12, 1, 1, 0, 0, 0, 1, 1, 2, 0x20, 0xA1, 7, 0]
        );
    }

    #[test]
    fn a_null_is_a_bit() {
        let column = Column {
            name: "a".into(),
            table: String::new(),
            of: Type::declared("INT").unwrap(),
        };
        assert_eq!(
            binary_row(&[column.clone(), column], &[Value::Integer(1), Value::Null]),
            [0, 8, 1, 0, 0, 0]
        );
    }
}
