//! MySQL's column types: from a declaration, and as the protocol numbers them.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html>

use rusqlite::types::Value;

use super::moment::Moment;

/// A type of the protocol; the number is the protocol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Tiny = 1,
    Short = 2,
    Long = 3,
    Float = 4,
    Double = 5,
    Null = 6,
    Timestamp = 7,
    LongLong = 8,
    Int24 = 9,
    Date = 10,
    Time = 11,
    DateTime = 12,
    Year = 13,
    VarChar = 15,
    Bit = 16,
    Json = 245,
    Decimal = 246,
    Enum = 247,
    TinyBlob = 249,
    MediumBlob = 250,
    LongBlob = 251,
    Blob = 252,
    VarString = 253,
    String = 254,
}

const KINDS: [Kind; 24] = [
    Kind::Tiny,
    Kind::Short,
    Kind::Long,
    Kind::Float,
    Kind::Double,
    Kind::Null,
    Kind::Timestamp,
    Kind::LongLong,
    Kind::Int24,
    Kind::Date,
    Kind::Time,
    Kind::DateTime,
    Kind::Year,
    Kind::VarChar,
    Kind::Bit,
    Kind::Json,
    Kind::Decimal,
    Kind::Enum,
    Kind::TinyBlob,
    Kind::MediumBlob,
    Kind::LongBlob,
    Kind::Blob,
    Kind::VarString,
    Kind::String,
];

impl Kind {
    pub(crate) fn from_code(code: u8) -> Option<Kind> {
        if code == 0 {
            return Some(Kind::Decimal);
        }
        KINDS.into_iter().find(|kind| *kind as u8 == code)
    }

    fn is_text(self) -> bool {
        use Kind::*;
        matches!(
            self,
            VarChar | Json | Enum | TinyBlob | MediumBlob | LongBlob | Blob | VarString | String
        )
    }
}

/// What a client is told of a column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    pub(crate) unsigned: bool,
    /// Bytes, not text.
    pub(crate) binary: bool,
    /// The width that clients are told; a TINYINT of width 1 is a BOOLEAN to them.
    pub(crate) length: u32,
    /// Digits of a fraction.
    pub(crate) digits: u8,
}

impl Type {
    fn new(kind: Kind, length: u32) -> Type {
        Type {
            kind,
            unsigned: false,
            binary: !kind.is_text(),
            length,
            digits: 0,
        }
    }

    /// From a declaration such as `BIGINT UNSIGNED`, `VARCHAR(255)` or `DATETIME(6)`.
    pub(crate) fn declared(text: &str) -> Option<Type> {
        let upper = text.to_ascii_uppercase();
        let name = upper
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .next()?;
        let inner = upper
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'))
            .map(|(inner, _)| inner);
        let mut numbers = inner
            .unwrap_or_default()
            .split(',')
            .map(|part| part.trim().parse::<u32>().ok());
        let (first, second) = (numbers.next().flatten(), numbers.next().flatten());
        let base = base_type(name, first)?;
        let digits = match base.kind {
            Kind::DateTime | Kind::Timestamp | Kind::Time => first.unwrap_or(0).min(6) as u8,
            Kind::Decimal => second.unwrap_or(0).min(30) as u8,
            Kind::Float | Kind::Double => 31,
            _ => 0,
        };
        let unsigned = upper.split_whitespace().any(|word| word == "UNSIGNED") || base.kind == Kind::Year;
        Some(Type {
            unsigned,
            digits,
            ..base
        })
    }

    /// Of a result that no declaration describes (`COUNT(*)`, a literal), from its values.
    pub(crate) fn of_values<'a>(values: impl Iterator<Item = &'a Value>) -> Type {
        let mut found = Type::new(Kind::Null, 0);
        for value in values {
            found = match (value, found.kind) {
                (Value::Null, _) => found,
                (Value::Integer(_), Kind::Null) => Type::new(Kind::LongLong, 20),
                (Value::Integer(_), _) => found,
                (Value::Real(_), Kind::Null | Kind::LongLong) => Type {
                    digits: 31,
                    ..Type::new(Kind::Double, 23)
                },
                (Value::Real(_), _) => found,
                (Value::Text(text), Kind::Null | Kind::DateTime) if is_moment(text) => Type {
                    digits: 6,
                    ..Type::new(Kind::DateTime, 26)
                },
                (Value::Blob(_), Kind::Null) => Type {
                    binary: true,
                    ..Type::new(Kind::Blob, 65_535)
                },
                (Value::Text(_) | Value::Blob(_), _) => Type::new(Kind::VarString, 65_535),
            };
        }
        found
    }
}

/// `MAX(created_at)` has no declaration either; text of exactly this form is a date with a time.
fn is_moment(text: &str) -> bool {
    let form = matches!(text.len(), 19 | 26) && text.as_bytes().get(10) == Some(&b' ');
    form && Moment::parse(text).is_some()
}

fn base_type(name: &str, first: Option<u32>) -> Option<Type> {
    let wide = |characters: u32| characters.saturating_mul(4);
    let bytes = |kind, length| Type {
        binary: true,
        ..Type::new(kind, length)
    };
    Some(match name {
        "BOOL" | "BOOLEAN" => Type::new(Kind::Tiny, 1),
        "TINYINT" => Type::new(Kind::Tiny, first.unwrap_or(4)),
        "SMALLINT" => Type::new(Kind::Short, 6),
        "MEDIUMINT" => Type::new(Kind::Int24, 9),
        "INT" | "INTEGER" => Type::new(Kind::Long, 11),
        "BIGINT" | "SERIAL" => Type::new(Kind::LongLong, 20),
        "FLOAT" => Type::new(Kind::Float, 12),
        "DOUBLE" | "REAL" => Type::new(Kind::Double, 22),
        "DECIMAL" | "NUMERIC" | "DEC" => Type::new(Kind::Decimal, first.unwrap_or(10) + 2),
        "DATE" => Type::new(Kind::Date, 10),
        "TIME" => Type::new(Kind::Time, 10),
        "DATETIME" => Type::new(Kind::DateTime, 19),
        "TIMESTAMP" => Type::new(Kind::Timestamp, 19),
        "YEAR" => Type::new(Kind::Year, 4),
        "CHAR" | "ENUM_TEXT" | "SET_TEXT" => Type::new(Kind::String, wide(first.unwrap_or(255))),
        "VARCHAR" => Type::new(Kind::VarString, wide(first.unwrap_or(255))),
        "TINYTEXT" => Type::new(Kind::Blob, 255),
        "TEXT" => Type::new(Kind::Blob, 65_535),
        "MEDIUMTEXT" => Type::new(Kind::Blob, 16_777_215),
        "LONGTEXT" | "JSON_TEXT" => Type::new(Kind::Blob, u32::MAX),
        "BINARY" | "BINARY_BLOB" => bytes(Kind::String, first.unwrap_or(1)),
        "VARBINARY" | "VARBINARY_BLOB" => bytes(Kind::VarString, first.unwrap_or(255)),
        "TINYBLOB" => bytes(Kind::Blob, 255),
        "BLOB" => bytes(Kind::Blob, 65_535),
        "MEDIUMBLOB" => bytes(Kind::Blob, 16_777_215),
        "LONGBLOB" => bytes(Kind::Blob, u32::MAX),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_understood() {
        let id = Type::declared("bigint unsigned").unwrap();
        assert_eq!((id.kind, id.unsigned, id.binary), (Kind::LongLong, true, true));
        let name = Type::declared("VARCHAR(100)").unwrap();
        assert_eq!(
            (name.kind, name.length, name.binary),
            (Kind::VarString, 400, false)
        );
        let time = Type::declared("DATETIME(6)").unwrap();
        assert_eq!((time.kind, time.digits), (Kind::DateTime, 6));
        assert!(Type::declared("BLOB").unwrap().binary);
        assert_eq!(Type::declared("POINT"), None);
    }

    #[test]
    fn values_without_a_declaration_have_a_type() {
        let kind = |values: &[Value]| Type::of_values(values.iter()).kind;
        assert_eq!(kind(&[Value::Null]), Kind::Null);
        assert_eq!(kind(&[Value::Null, Value::Integer(1)]), Kind::LongLong);
        assert_eq!(kind(&[Value::Integer(1), Value::Real(0.5)]), Kind::Double);
        assert_eq!(kind(&[Value::Text("2026-11-21 20:06:39".into())]), Kind::DateTime);
        assert_eq!(
            kind(&[
                Value::Text("2026-11-21 20:06:39".into()),
                Value::Text("no".into())
            ]),
            Kind::VarString
        );
    }
}
