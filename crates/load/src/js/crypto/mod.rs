//! `k6/crypto`.

mod hash;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use rand::TryRng as _;
use rand::rngs::SysRng;
use rquickjs::function::Opt;
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::prelude::Coerced;
use rquickjs::{ArrayBuffer, Ctx, FromJs as _, Function, IntoJs as _, Object, Result, Value};

use super::bytes::{bytes_of, text_of, throw};
use hash::{ALGORITHMS, Hash};

/// The module `k6/crypto`.
///
/// A function per algorithm (`md4`, `md5`, `ripemd160`, `sha1`, `sha256`, `sha384`, `sha512`, `sha512_224`,
/// `sha512_256`) takes `(input, outputEncoding)`; `hmac` takes `(algorithm, secret, input, outputEncoding)`;
/// `createHash(algorithm)` and `createHMAC(algorithm, secret)` give an object with `update(input)` and
/// `digest(outputEncoding)`. Output encodings are `hex`, `base64`, `base64url`, `base64rawurl` and `binary` (an
/// ArrayBuffer). `randomBytes(size)` gives an ArrayBuffer and `hexEncode(input)` a string.
pub struct Crypto;

const OTHERS: [&str; 5] = ["createHash", "createHMAC", "hmac", "hexEncode", "randomBytes"];

/// A script that asks for more random bytes at once has lost its way, and would take the memory of all others.
const MAX_RANDOM: f64 = 64.0 * 1024.0 * 1024.0;

impl ModuleDef for Crypto {
    fn declare(module: &Declarations<'_>) -> Result<()> {
        module.declare("default")?;
        for name in ALGORITHMS.into_iter().chain(OTHERS) {
            module.declare(name)?;
        }
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let default = Object::new(ctx.clone())?;
        for name in ALGORITHMS.into_iter().chain(OTHERS) {
            let function = function(ctx, name)?.with_name(name)?;
            exports.export(name, function.clone())?;
            default.set(name, function)?;
        }
        exports.export("default", default)?;
        Ok(())
    }
}

type Argument<'js> = Opt<Value<'js>>;

fn function<'js>(ctx: &Ctx<'js>, name: &'static str) -> Result<Function<'js>> {
    let ctx = ctx.clone();
    match name {
        "createHash" => Function::new(ctx, create_hash),
        "createHMAC" => Function::new(ctx, create_hmac),
        "hmac" => Function::new(ctx, hmac),
        "hexEncode" => Function::new(ctx, hex_encode),
        "randomBytes" => Function::new(ctx, random_bytes),
        algorithm => Function::new(
            ctx,
            move |ctx: Ctx<'js>, input: Argument<'js>, encoding: Argument<'js>| {
                let mut hash = start(&ctx, algorithm, None)?;
                hash.update(&bytes_of(&ctx, input.0.as_ref())?);
                output(&ctx, hash.digest(), &text_of(&ctx, encoding.0)?)
            },
        ),
    }
}

fn create_hash<'js>(ctx: Ctx<'js>, algorithm: Argument<'js>) -> Result<Object<'js>> {
    let hash = start(&ctx, &text_of(&ctx, algorithm.0)?, None)?;
    hasher(&ctx, hash)
}

fn create_hmac<'js>(ctx: Ctx<'js>, algorithm: Argument<'js>, secret: Argument<'js>) -> Result<Object<'js>> {
    let hash = keyed(&ctx, algorithm, secret)?;
    hasher(&ctx, hash)
}

fn hmac<'js>(
    ctx: Ctx<'js>,
    algorithm: Argument<'js>,
    secret: Argument<'js>,
    input: Argument<'js>,
    encoding: Argument<'js>,
) -> Result<Value<'js>> {
    let mut hash = keyed(&ctx, algorithm, secret)?;
    hash.update(&bytes_of(&ctx, input.0.as_ref())?);
    output(&ctx, hash.digest(), &text_of(&ctx, encoding.0)?)
}

fn hex_encode<'js>(ctx: Ctx<'js>, input: Argument<'js>) -> Result<String> {
    Ok(hex(&bytes_of(&ctx, input.0.as_ref())?))
}

fn random_bytes<'js>(ctx: Ctx<'js>, size: Argument<'js>) -> Result<ArrayBuffer<'js>> {
    let size = match size.0 {
        Some(size) => Coerced::<f64>::from_js(&ctx, size)?.0,
        None => 0.0,
    };
    if size.is_nan() || size < 1.0 {
        return Err(throw(
            &ctx,
            "invalid size: randomBytes takes a number of bytes from 1 on",
        ));
    }
    if size > MAX_RANDOM {
        return Err(throw(
            &ctx,
            "invalid size: randomBytes gives at most 64 MiB at once",
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 64 MiB"
    )]
    let mut bytes = vec![0; size as usize];
    let filled = SysRng.try_fill_bytes(&mut bytes);
    filled.map_err(|error| throw(&ctx, &format!("the system gives no random bytes: {error}")))?;
    ArrayBuffer::new(ctx, bytes)
}

fn keyed<'js>(ctx: &Ctx<'js>, algorithm: Argument<'js>, secret: Argument<'js>) -> Result<Box<dyn Hash>> {
    let algorithm = text_of(ctx, algorithm.0)?;
    // an unknown algorithm is told before a wrong secret, as k6 does
    start(ctx, &algorithm, None)?;
    start(ctx, &algorithm, Some(&bytes_of(ctx, secret.0.as_ref())?))
}

fn start(ctx: &Ctx<'_>, algorithm: &str, secret: Option<&[u8]>) -> Result<Box<dyn Hash>> {
    hash::start(algorithm, secret).ok_or_else(|| {
        throw(
            ctx,
            &format!(
                "invalid algorithm: {algorithm} (there are {})",
                ALGORITHMS.join(", ")
            ),
        )
    })
}

/// The functions hold the hash themselves: scripts may take them off the object, as k6 lets them.
fn hasher<'js>(ctx: &Ctx<'js>, hash: Box<dyn Hash>) -> Result<Object<'js>> {
    let hash = Rc::new(RefCell::new(hash));
    let (taking, telling) = (Rc::clone(&hash), hash);
    let object = Object::new(ctx.clone())?;
    let update = move |ctx: Ctx<'js>, input: Argument<'js>| -> Result<()> {
        let bytes = bytes_of(&ctx, input.0.as_ref())?;
        taking.borrow_mut().update(&bytes);
        Ok(())
    };
    let digest = move |ctx: Ctx<'js>, encoding: Argument<'js>| {
        let encoding = text_of(&ctx, encoding.0)?;
        let digest = telling.borrow().digest();
        output(&ctx, digest, &encoding)
    };
    object.set("update", Function::new(ctx.clone(), update)?)?;
    object.set("digest", Function::new(ctx.clone(), digest)?)?;
    Ok(object)
}

fn output<'js>(ctx: &Ctx<'js>, digest: Vec<u8>, encoding: &str) -> Result<Value<'js>> {
    match encoding {
        "hex" => hex(&digest).into_js(ctx),
        "base64" => STANDARD.encode(digest).into_js(ctx),
        "base64url" => URL_SAFE.encode(digest).into_js(ctx),
        "base64rawurl" => URL_SAFE_NO_PAD.encode(digest).into_js(ctx),
        "binary" => Ok(ArrayBuffer::new(ctx.clone(), digest)?.into_value()),
        other => Err(throw(ctx, &format!("invalid output encoding: {other}"))),
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| DIGITS[usize::from(digit)]).collect()
}
