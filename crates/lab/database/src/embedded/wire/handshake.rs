//! The greeting, the client's answer to it, and the check of the password by mysql_native_password.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>

use sha1::{Digest, Sha1};

use super::packet::Reader;

/// What clients are told. It starts as a MySQL 8 does, because clients choose by it.
pub(crate) const VERSION: &str = "8.0.36-chaos-lab";
pub(crate) const PLUGIN: &str = "mysql_native_password";
pub(crate) const SALT: usize = 20;

const FOUND_ROWS: u32 = 1 << 1;
const CONNECT_WITH_DB: u32 = 1 << 3;
const PROTOCOL_41: u32 = 1 << 9;
const SECURE_CONNECTION: u32 = 1 << 15;
const PLUGIN_AUTH: u32 = 1 << 19;
const LENENC_AUTH: u32 = 1 << 21;
/// Those, and: long passwords and column flags, transactions, multi-statements and their results, connection attributes.
const CAPABILITIES: u32 = FOUND_ROWS
    | CONNECT_WITH_DB
    | PROTOCOL_41
    | SECURE_CONNECTION
    | PLUGIN_AUTH
    | LENENC_AUTH
    | 1
    | 1 << 2
    | 1 << 13
    | 1 << 16
    | 1 << 17
    | 1 << 18
    | 1 << 20;

/// What a client said of itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) user: String,
    pub(crate) answer: Vec<u8>,
    pub(crate) schema: Option<String>,
    pub(crate) plugin: Option<String>,
}

/// Bytes for the client to mix with the password; never zero, as the protocol ends them by a zero.
pub(crate) fn salt() -> [u8; SALT] {
    let random = [
        uuid::Uuid::new_v4().into_bytes(),
        uuid::Uuid::new_v4().into_bytes(),
    ]
    .concat();
    std::array::from_fn(|index| random[index] % 93 + 33)
}

pub(crate) fn greeting(id: u32, salt: &[u8; SALT]) -> Vec<u8> {
    let mut out = vec![10];
    out.extend_from_slice(VERSION.as_bytes());
    out.push(0);
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&salt[..8]);
    out.push(0);
    let [low, high, upper, top] = CAPABILITIES.to_le_bytes();
    out.extend_from_slice(&[
        low,
        high,
        super::reply::TEXT as u8,
        2,
        0,
        upper,
        top,
        SALT as u8 + 1,
    ]);
    out.extend_from_slice(&[0; 10]);
    out.extend_from_slice(&salt[8..]);
    out.push(0);
    out.extend_from_slice(PLUGIN.as_bytes());
    out.push(0);
    out
}

/// Asks a client that answered by another method to use ours.
pub(crate) fn switch(salt: &[u8; SALT]) -> Vec<u8> {
    [&[0xFE], PLUGIN.as_bytes(), &[0], salt, &[0]].concat()
}

/// `None` where the answer is not one of protocol 4.1.
pub(crate) fn parse(payload: &[u8]) -> Option<Hello> {
    let mut reader = Reader(payload);
    let capabilities = u32::from_le_bytes(reader.array()?);
    if capabilities & PROTOCOL_41 == 0 {
        return None;
    }
    reader.take(4 + 1 + 23)?;
    let user = String::from_utf8_lossy(reader.until_zero()).into_owned();
    let answer = if capabilities & LENENC_AUTH != 0 {
        reader.counted()?
    } else if capabilities & SECURE_CONNECTION != 0 {
        let length = reader.byte()?;
        reader.take(usize::from(length))?
    } else {
        reader.until_zero()
    };
    let mut text = |flag: u32| {
        let present = capabilities & flag != 0 && !reader.0.is_empty();
        present.then(|| String::from_utf8_lossy(reader.until_zero()).into_owned())
    };
    let schema = text(CONNECT_WITH_DB).filter(|schema| !schema.is_empty());
    let plugin = text(PLUGIN_AUTH);
    Some(Hello {
        user,
        answer: answer.to_vec(),
        schema,
        plugin,
    })
}

/// SHA1(password) XOR SHA1(salt + SHA1(SHA1(password))); nothing for an empty password.
pub(crate) fn scramble(password: &str, salt: &[u8; SALT]) -> Vec<u8> {
    if password.is_empty() {
        return Vec::new();
    }
    let once = Sha1::digest(password.as_bytes());
    let twice = Sha1::digest(once);
    let mixed = Sha1::new().chain_update(salt).chain_update(twice).finalize();
    once.iter().zip(mixed).map(|(a, b)| a ^ b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_schema_and_method() {
        let mut payload = CAPABILITIES.to_le_bytes().to_vec();
        payload.extend_from_slice(&[0; 28]);
        payload.extend_from_slice(b"app\0\x02xycomments\0mysql_native_password\0rest");
        let hello = parse(&payload).unwrap();
        assert_eq!(
            (hello.user.as_str(), hello.answer.as_slice()),
            ("app", b"xy".as_slice())
        );
        assert_eq!(
            (hello.schema.as_deref(), hello.plugin.as_deref()),
            (Some("comments"), Some(PLUGIN))
        );
    }

    #[test]
    fn a_broken_answer_is_none() {
        let whole = [CAPABILITIES.to_le_bytes().as_slice(), &[0; 28], b"app\0\x09xy"].concat();
        for length in 0..whole.len() {
            assert_eq!(
                parse(&whole[..length])
                    .map(|hello| hello.answer)
                    .unwrap_or_default(),
                b"",
                "{length}"
            );
        }
        assert_eq!(parse(&whole), None);
    }
}
