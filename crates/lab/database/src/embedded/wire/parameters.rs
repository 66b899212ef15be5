//! The values that a client binds to a prepared statement.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html>

use std::collections::HashMap;

use rusqlite::types::Value;

use super::packet::Reader;
use crate::embedded::moment::{self, Moment};
use crate::embedded::types::Kind;

/// The type that a client gave for a parameter, and whether it is unsigned.
pub(crate) type Bound = (u8, bool);

/// Reads the values after the head of an execute command. `types` are those of the last execution and are replaced where
/// the client sends new ones. `None` where the payload is broken.
pub(crate) fn read(
    payload: &[u8],
    count: usize,
    types: &mut Vec<Bound>,
    long: &HashMap<u16, Vec<u8>>,
) -> Option<Vec<Value>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let mut reader = Reader(payload);
    let nulls = reader.take(count.div_ceil(8))?;
    if reader.byte()? == 1 {
        let pairs = reader.take(count * 2)?.chunks_exact(2);
        *types = pairs.map(|pair| (pair[0], pair[1] & 0x80 != 0)).collect();
    }
    (0..count)
        .map(|index| {
            let bound = *types.get(index)?;
            let sent = u16::try_from(index).ok().and_then(|index| long.get(&index));
            match sent {
                Some(bytes) => Some(text_or_bytes(bytes, bound.0)),
                None if nulls[index / 8] & (1 << (index % 8)) != 0 => Some(Value::Null),
                None => value(&mut reader, bound),
            }
        })
        .collect()
}

fn value(reader: &mut Reader<'_>, (code, unsigned): Bound) -> Option<Value> {
    let integer =
        |signed: i64, plain: u64| Value::Integer(if unsigned { plain.cast_signed() } else { signed });
    Some(match Kind::from_code(code)? {
        Kind::Null => Value::Null,
        Kind::Tiny => reader
            .array()
            .map(|b| integer(i8::from_le_bytes(b).into(), u8::from_le_bytes(b).into()))?,
        Kind::Short | Kind::Year => reader
            .array()
            .map(|b| integer(i16::from_le_bytes(b).into(), u16::from_le_bytes(b).into()))?,
        Kind::Long | Kind::Int24 => reader
            .array()
            .map(|b| integer(i32::from_le_bytes(b).into(), u32::from_le_bytes(b).into()))?,
        Kind::LongLong => Value::Integer(i64::from_le_bytes(reader.array()?)),
        Kind::Float => Value::Real(f32::from_le_bytes(reader.array()?).into()),
        Kind::Double => Value::Real(f64::from_le_bytes(reader.array()?)),
        Kind::Date => Value::Text(moment(reader)?.date()),
        Kind::DateTime | Kind::Timestamp => Value::Text(moment(reader)?.to_string()),
        Kind::Time => Value::Text(time(reader)?),
        _ => text_or_bytes(reader.counted()?, code),
    })
}

/// Clients bind text and bytes by their types; what is said to be bytes and is not text stays bytes.
fn text_or_bytes(bytes: &[u8], code: u8) -> Value {
    let blob = matches!(
        Kind::from_code(code),
        Some(Kind::Blob | Kind::TinyBlob | Kind::MediumBlob | Kind::LongBlob)
    );
    match std::str::from_utf8(bytes) {
        Ok(text) if !blob => Value::Text(text.to_owned()),
        _ => Value::Blob(bytes.to_vec()),
    }
}

fn moment(reader: &mut Reader<'_>) -> Option<Moment> {
    let mut part = Reader(reader.counted()?);
    let mut moment = Moment::default();
    if !part.0.is_empty() {
        moment.year = u16::from_le_bytes(part.array()?);
        [moment.month, moment.day] = part.array()?;
    }
    if !part.0.is_empty() {
        [moment.hour, moment.minute, moment.second] = part.array()?;
    }
    if !part.0.is_empty() {
        moment.micros = u32::from_le_bytes(part.array()?);
    }
    Some(moment)
}

fn time(reader: &mut Reader<'_>) -> Option<String> {
    let mut part = Reader(reader.counted()?);
    if part.0.is_empty() {
        return Some("00:00:00".to_owned());
    }
    let sign = if part.byte()? == 0 { "" } else { "-" };
    let days = u32::from_le_bytes(part.array()?);
    let [hour, minute, second] = part.array()?;
    let hours = u64::from(days) * 24 + u64::from(hour);
    let micros = if part.0.is_empty() {
        0
    } else {
        u32::from_le_bytes(part.array()?)
    };
    Some(format!(
        "{sign}{hours:02}:{minute:02}:{second:02}{}",
        moment::fraction(micros)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_types() {
        let types = [0xFD, 0, 8, 0x80, 12, 0, 1, 0, 0xFC, 0];
        let values = [
            b"\x02hi".as_slice(),
            &7u64.to_le_bytes(),
            &[11, 0xEA, 7, 11, 21, 20, 6, 39, 0x40, 0xE2, 1, 0],
            &[0xFF],
            &[2, 1, 2],
        ];
        let payload = [[0, 1].as_slice(), &types, &values.concat()].concat();
        let read = read(&payload, 5, &mut Vec::new(), &HashMap::new()).unwrap();
        let expected = [
            Value::Text("hi".to_owned()),
            Value::Integer(7),
            Value::Text("2026-11-21 20:06:39.123456".to_owned()),
            Value::Integer(-1),
            Value::Blob(vec![1, 2]),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn broken_payloads_are_none() {
        let payload = [0, 1, 0xFD, 0, 9, b'a'];
        for length in 0..=payload.len() {
            assert_eq!(
                read(&payload[..length], 1, &mut Vec::new(), &HashMap::new()),
                None,
                "{length}"
            );
        }
        assert_eq!(read(&[0, 0], 1, &mut Vec::new(), &HashMap::new()), None);
        assert_eq!(
            read(&[0, 1, 0x77, 0, 1], 1, &mut Vec::new(), &HashMap::new()),
            None
        );
    }
}
