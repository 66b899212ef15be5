//! One scalar: plain, in single quotes or in double quotes, whichever comes first that keeps its meaning.

use chaos_engine::value::{Value, python};

use super::resolve::is_not_text;

/// Columns after which long text is folded at a space.
const WIDTH: usize = 80;
/// A longer key needs YAML's explicit `? key`.
const LONGEST_KEY: usize = 127;

#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// A text and the quotes it needs.
pub struct Scalar {
    text: String,
    quotes: Quotes,
    ascii: bool,
}

impl Scalar {
    /// Anything but a filled collection.
    pub fn of(value: &Value, ascii: bool) -> Self {
        let text = match value {
            Value::Text(text) => return Self::text(text, ascii),
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Float(number) => float(*number),
            Value::Map(_) => "{}".to_owned(),
            Value::List(_) => "[]".to_owned(),
            Value::Bytes(_) => return Self::text(&python::repr(value), ascii),
            Value::Int(_) | Value::BigInt(_) | Value::Time(_) => python::text(value),
        };
        Self {
            text,
            quotes: Quotes::None,
            ascii,
        }
    }

    /// A text.
    pub fn text(text: &str, ascii: bool) -> Self {
        Self {
            text: text.to_owned(),
            quotes: quotes_for(text, ascii),
            ascii,
        }
    }

    /// True when it may stand before `:` on one line.
    pub fn is_simple_key(&self) -> bool {
        self.text.chars().count() <= LONGEST_KEY && !self.text.contains(is_break)
    }

    /// On one line, for a simple key.
    pub fn write_key(&self, out: &mut String) {
        match self.quotes {
            Quotes::None => out.push_str(&self.text),
            Quotes::Single => out.push_str(&format!("'{}'", self.text.replace('\'', "''"))),
            Quotes::Double => self.write_quoted(out),
        }
    }

    /// On one line in double quotes.
    pub fn write_quoted(&self, out: &mut String) {
        out.push('"');
        for c in self.text.chars() {
            escape(c, self.ascii, out);
        }
        out.push('"');
    }

    /// As a value, folded where it gets too wide; further lines are indented. True when it has no quotes.
    pub fn write(&self, out: &mut String, indent: usize) -> bool {
        match self.quotes {
            Quotes::None => self.write_folded(out, indent, ""),
            Quotes::Single => self.write_folded(out, indent, "'"),
            Quotes::Double => self.write_double(out, indent),
        }
        self.quotes == Quotes::None
    }

    fn write_folded(&self, out: &mut String, indent: usize, quote: &str) {
        out.push_str(quote);
        let chars: Vec<char> = self.text.chars().collect();
        for (index, &c) in chars.iter().enumerate() {
            let alone = |at: Option<usize>| {
                at.and_then(|at| chars.get(at))
                    .is_some_and(|&c| c != ' ' && c != '\n')
            };
            let between = alone(index.checked_sub(1)) && alone(Some(index + 1));
            match c {
                ' ' if between && column(out) > WIDTH => new_line(out, indent),
                '\n' => {
                    // a single line end would be read as a space
                    if index == 0 || chars[index - 1] != '\n' {
                        out.push('\n');
                    }
                    match chars.get(index + 1) {
                        Some('\n') => out.push('\n'),
                        _ => new_line(out, indent),
                    }
                }
                '\'' if !quote.is_empty() => out.push_str("''"),
                c => out.push(c),
            }
        }
        out.push_str(quote);
    }

    /// Folded at spaces and after escapes; the backslashes keep the spaces around a fold.
    fn write_double(&self, out: &mut String, indent: usize) {
        out.push('"');
        let chars: Vec<char> = self.text.chars().collect();
        for (index, &c) in chars.iter().enumerate() {
            let inside = index > 0 && index + 1 < chars.len();
            if c == ' ' && inside && column(out) > WIDTH {
                out.push('\\');
                new_line(out, indent);
                out.push('\\');
            }
            if escape(c, self.ascii, out) && inside && column(out) > WIDTH + 1 {
                out.push('\\');
                new_line(out, indent);
                out.push_str(if chars[index + 1] == ' ' { "\\" } else { "" });
            }
        }
        out.push('"');
    }
}

/// PyYAML's spelling: a dot before any exponent, which YAML 1.1 needs to see a number.
fn float(number: f64) -> String {
    match number {
        n if n.is_nan() => ".nan".to_owned(),
        f64::INFINITY => ".inf".to_owned(),
        f64::NEG_INFINITY => "-.inf".to_owned(),
        n => match python::float(n) {
            text if text.contains('.') => text,
            text => text.replacen('e', ".0e", 1),
        },
    }
}

fn column(out: &str) -> usize {
    out[out.rfind('\n').map_or(0, |at| at + 1)..].chars().count()
}

fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\0') || is_break(c)
}

fn quotes_for(text: &str, ascii: bool) -> Quotes {
    let chars: Vec<char> = text.chars().collect();
    let special = chars.iter().any(|&c| is_special(c, ascii));
    let blank_by_break = chars
        .windows(2)
        .any(|pair| (pair[0] == ' ' && is_break(pair[1])) || (is_break(pair[0]) && pair[1] == ' '));
    if special || blank_by_break {
        return Quotes::Double;
    }
    let at_edge = |c: Option<&char>| c.is_some_and(|&c| c == ' ' || is_break(c));
    let multiline = chars.iter().any(|&c| is_break(c));
    let edges = at_edge(chars.first()) || at_edge(chars.last());
    if edges || multiline || has_indicator(&chars) || is_not_text(text) {
        return Quotes::Single;
    }
    Quotes::None
}

/// True for what may not stand unescaped.
fn is_special(c: char, ascii: bool) -> bool {
    match c {
        '\n' | ' '..='~' => false,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => true,
        '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => ascii,
        _ => true,
    }
}

/// True when something in it has a meaning of its own in block context.
fn has_indicator(chars: &[char]) -> bool {
    let text: String = chars.iter().take(3).collect();
    let blank_after = |at: usize| chars.get(at + 1).is_none_or(|&c| is_blank(c));
    let first = chars.first().is_some_and(|&c| match c {
        '-' | '?' => blank_after(0),
        c => "#,[]{}&*!|>'\"%@`".contains(c),
    });
    let within = chars.iter().enumerate().any(|(at, &c)| match c {
        ':' => blank_after(at),
        '#' => at > 0 && is_blank(chars[at - 1]),
        _ => false,
    });
    first || within || matches!(text.as_str(), "---" | "...")
}

/// Appends one character of a text in double quotes; true when it needed an escape.
fn escape(c: char, ascii: bool, out: &mut String) -> bool {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' if ascii => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c if is_special(c, ascii) => {
            push_code(u32::from(c), out);
            return true;
        }
        c => {
            out.push(c);
            return false;
        }
    };
    out.extend(['\\', short]);
    true
}

fn push_code(code: u32, out: &mut String) {
    out.push_str(&match code {
        0..=0xff => format!("\\x{code:02X}"),
        0x100..=0xffff => format!("\\u{code:04X}"),
        _ => format!("\\U{code:08X}"),
    });
}
