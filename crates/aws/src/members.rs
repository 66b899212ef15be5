//! Members of answers.

use chaos_engine::value::Value;

use crate::answer::list;

/// How many items a member has.
pub(crate) fn count(value: &Value, member: &str) -> Value {
    Value::Int(i64::try_from(list(value, member).len()).unwrap_or(i64::MAX))
}

/// A member by itself; null where it is absent.
pub(crate) fn member(value: &Value, member: &str) -> Value {
    value.get(member).cloned().unwrap_or(Value::Null)
}
