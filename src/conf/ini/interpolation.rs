//! `%(name)s` and `%%` in values: configparser's BasicInterpolation.

use super::InterpolationFault;

/// How deep references may lead; configparser's own limit.
const MAX_DEPTH: usize = 10;

/// `raw` with its references replaced by what `lookup` has under their lower-cased names.
pub(super) fn resolve<'a>(
    raw: &'a str,
    lookup: &dyn Fn(&str) -> Option<&'a str>,
) -> Result<String, InterpolationFault> {
    let mut out = String::with_capacity(raw.len());
    resolve_into(&mut out, raw, lookup, 1)?;
    Ok(out)
}

fn resolve_into<'a>(
    out: &mut String,
    raw: &'a str,
    lookup: &dyn Fn(&str) -> Option<&'a str>,
    depth: usize,
) -> Result<(), InterpolationFault> {
    if depth > MAX_DEPTH {
        return Err(InterpolationFault::TooDeep);
    }
    let mut rest = raw;
    while let Some((plain, after)) = rest.split_once('%') {
        out.push_str(plain);
        rest = match after.strip_prefix('%') {
            Some(after) => {
                out.push('%');
                after
            }
            None => {
                let (name, after) = reference(after)?;
                let value = lookup(&name).ok_or(InterpolationFault::Missing { name })?;
                resolve_into(
                    out,
                    value,
                    lookup,
                    if value.contains('%') { depth + 1 } else { depth },
                )?;
                after
            }
        };
    }
    out.push_str(rest);
    Ok(())
}

/// The lower-cased name at the start of `(name)s…`, and what follows.
fn reference(text: &str) -> Result<(String, &str), InterpolationFault> {
    let text = text.strip_prefix('(').ok_or(InterpolationFault::LonePercent)?;
    let (name, after) = text.split_once(')').ok_or(InterpolationFault::Unterminated)?;
    let after = after.strip_prefix('s').ok_or(InterpolationFault::Unterminated)?;
    if name.is_empty() {
        return Err(InterpolationFault::Unterminated);
    }
    Ok((name.to_lowercase(), after))
}

/// The names that `raw` refers to directly, lower-cased. Bad ones are left out.
pub fn references(raw: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = raw;
    while let Some((_, after)) = rest.split_once('%') {
        rest = match (after.strip_prefix('%'), reference(after)) {
            (Some(after), _) => after,
            (None, Ok((name, after))) => {
                names.push(name);
                after
            }
            (None, Err(_)) => after,
        };
    }
    names
}
