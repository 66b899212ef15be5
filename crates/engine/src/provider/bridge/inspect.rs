//! What is known of a Python function without calling it.

use crate::value::Value;

/// A function that an activity may name.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// In the order of the signature.
    pub parameters: Vec<Parameter>,
    /// Its documentation, without the indentation.
    pub doc: Option<String>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Without the stars of `*args` and `**kwargs`.
    pub name: String,
    /// How an argument reaches it.
    pub kind: Kind,
    /// It has a default value.
    pub optional: bool,
    /// The annotation's name: `int` for a class, `typing.List[str]` for others.
    pub annotation: Option<String>,
}

/// Python's kinds of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Before a `/`, and in many builtins.
    PositionalOnly,
    /// The usual one.
    Plain,
    /// `*args`
    Args,
    /// After `*args` or a `*`.
    KeywordOnly,
    /// `**kwargs`
    Kwargs,
}

/// Why arguments do not fit a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// This parameter needs an argument.
    Missing(String),
    /// There is no such parameter.
    Unknown(String),
    /// This parameter cannot be given by name, as an activity does.
    PositionalOnly(String),
}

impl Function {
    /// The first reason why the function cannot be called with arguments of these names. `configuration` and
    /// `secrets` are taken as given, because the call gives them.
    ///
    /// # Errors
    /// As `inspect.Signature.bind` goes about it: the parameters in their order, then the arguments in theirs.
    pub fn check<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<(), Misfit> {
        let names: Vec<&str> = names.into_iter().collect();
        self.parameters
            .iter()
            .try_for_each(|parameter| parameter.check(&names))?;
        let open = self
            .parameters
            .iter()
            .any(|parameter| parameter.kind == Kind::Kwargs);
        let known = |name: &str| self.parameters.iter().any(|parameter| parameter.takes(name));
        match names.into_iter().find(|name| !open && !known(name)) {
            Some(name) => Err(Misfit::Unknown(name.to_owned())),
            None => Ok(()),
        }
    }

    pub(super) fn read(value: &Value) -> Self {
        let parameters = value
            .get("parameters")
            .and_then(Value::as_list)
            .unwrap_or_default();
        Self {
            parameters: parameters.iter().map(Parameter::read).collect(),
            doc: text(value, "doc"),
        }
    }
}

impl Parameter {
    fn check(&self, names: &[&str]) -> Result<(), Misfit> {
        let given =
            names.contains(&self.name.as_str()) || ["configuration", "secrets"].contains(&self.name.as_str());
        match self.kind {
            Kind::Args | Kind::Kwargs => Ok(()),
            Kind::PositionalOnly if given => Err(Misfit::PositionalOnly(self.name.clone())),
            _ if given || self.optional => Ok(()),
            _ => Err(Misfit::Missing(self.name.clone())),
        }
    }

    fn takes(&self, name: &str) -> bool {
        self.name == name && matches!(self.kind, Kind::Plain | Kind::KeywordOnly)
    }

    fn read(value: &Value) -> Self {
        let kind = match value.get("kind").and_then(Value::as_str) {
            Some("POSITIONAL_ONLY") => Kind::PositionalOnly,
            Some("VAR_POSITIONAL") => Kind::Args,
            Some("KEYWORD_ONLY") => Kind::KeywordOnly,
            Some("VAR_KEYWORD") => Kind::Kwargs,
            _ => Kind::Plain,
        };
        Self {
            name: text(value, "name").unwrap_or_default(),
            kind,
            optional: value.get("optional").and_then(Value::as_bool).unwrap_or_default(),
            annotation: text(value, "annotation"),
        }
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(parameters: &[(&str, Kind, bool)]) -> Function {
        let parameter = |&(name, kind, optional): &(&str, Kind, bool)| Parameter {
            name: name.to_owned(),
            kind,
            optional,
            annotation: None,
        };
        Function {
            parameters: parameters.iter().map(parameter).collect(),
            doc: None,
        }
    }

    #[test]
    fn arguments_are_checked_against_the_signature() {
        let f = function(&[
            ("a", Kind::Plain, false),
            ("b", Kind::Plain, true),
            ("args", Kind::Args, false),
            ("c", Kind::KeywordOnly, false),
            ("secrets", Kind::KeywordOnly, false),
        ]);
        assert_eq!(f.check(["a", "c"]), Ok(()));
        assert_eq!(f.check(["a", "c", "b"]), Ok(()));
        assert_eq!(f.check(["c", "x"]), Err(Misfit::Missing("a".to_owned())));
        assert_eq!(f.check(["a"]), Err(Misfit::Missing("c".to_owned())));
        assert_eq!(
            f.check(["a", "c", "x", "y"]),
            Err(Misfit::Unknown("x".to_owned()))
        );
        assert_eq!(
            f.check(["a", "c", "args"]),
            Err(Misfit::Unknown("args".to_owned()))
        );
    }

    #[test]
    fn keyword_catchers_take_any_name_and_positional_ones_none() {
        assert_eq!(
            function(&[("rest", Kind::Kwargs, false)]).check(["x", "y"]),
            Ok(())
        );
        let sqrt = function(&[("x", Kind::PositionalOnly, false)]);
        assert_eq!(sqrt.check(["x"]), Err(Misfit::PositionalOnly("x".to_owned())));
        assert_eq!(sqrt.check([]), Err(Misfit::Missing("x".to_owned())));
    }
}
