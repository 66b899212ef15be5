//! `TextEncoder`, `TextDecoder` and `crypto`: globals of browsers that k6 has, too.

use rand::TryRng as _;
use rand::rngs::SysRng;
use rquickjs::function::Func;
use rquickjs::{Ctx, Function, Object, Result, TypedArray, Value};

use super::bytes::{bytes_of, throw};

/// More random bytes at once than browsers give are a mistake of the script.
const MOST: usize = 65536;

/// Defines them.
///
/// # Errors
/// There is not enough memory.
pub fn install(ctx: &Ctx<'_>) -> Result<()> {
    let ours = Object::new(ctx.clone())?;
    ours.set("encode", Func::from(encode))?;
    ours.set("decode", Func::from(decode))?;
    ours.set("random", Func::from(random))?;
    let define: Function<'_> = ctx.eval(include_str!("web.js"))?;
    define.call((ours,))
}

fn encode<'js>(ctx: Ctx<'js>, text: Value<'js>) -> Result<TypedArray<'js, u8>> {
    let bytes = bytes_of(&ctx, Some(&text))?;
    TypedArray::new(ctx, bytes)
}

fn decode<'js>(ctx: Ctx<'js>, input: Value<'js>, encoding: String) -> Result<String> {
    let bytes = bytes_of(&ctx, Some(&input))?;
    let unit: fn([u8; 2]) -> u16 = match encoding.as_str() {
        "utf-16le" => u16::from_le_bytes,
        "utf-16be" => u16::from_be_bytes,
        _ => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
    };
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or_default()]))
        .collect();
    Ok(String::from_utf16_lossy(&units))
}

fn random<'js>(ctx: Ctx<'js>, size: usize) -> Result<TypedArray<'js, u8>> {
    if size > MOST {
        return Err(throw(
            &ctx,
            &format!("at most {MOST} random bytes can be had at once"),
        ));
    }
    let mut bytes = vec![0; size];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| throw(&ctx, &format!("the system gives no random bytes: {error}")))?;
    TypedArray::new(ctx, bytes)
}
