//! Names, numbers and sizes as words of Rust: the values of a graph in, their text out.

use ferrodyne_plan::{DType, Dim, HostTensor};

/// A size as an expression of Rust.
pub(super) fn size(dim: &Dim) -> String {
    match (dim.as_const(), dim.as_var()) {
        (Some(value), _) => value.to_string(),
        (None, Some(var)) => format!("&{}", identifier(var.name())),
        (None, None) => {
            let given: Vec<String> = dim
                .vars()
                .iter()
                .map(|var| format!("({:?}, &{})", var.name().as_str(), identifier(var.name())))
                .collect();
            format!("Size::of({:?}, &[{}])", dim.to_string(), given.join(", "))
        }
    }
}

/// A number as a literal of Rust.
pub(super) fn number(value: f64) -> String {
    match value {
        v if v.is_nan() => "f64::NAN".to_owned(),
        v if v == f64::INFINITY => "f64::INFINITY".to_owned(),
        v if v == f64::NEG_INFINITY => "f64::NEG_INFINITY".to_owned(),
        v => format!("{v:?}"),
    }
}

pub(super) fn dtype(value: &HostTensor) -> String {
    format!("DType::{}", variant(value.dtype))
}

/// The name of an element type in Rust.
pub(super) fn variant(dtype: DType) -> String {
    format!("{dtype:?}")
}

/// A name as an identifier of Rust.
pub(super) fn identifier(name: &str) -> String {
    let mut plain: String =
        name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let starts_badly = plain.chars().next().is_none_or(|c| c.is_numeric());
    const KEYWORDS: [&str; 22] = [
        "as", "box", "break", "const", "else", "enum", "fn", "for", "if", "impl", "in", "let",
        "loop", "match", "mod", "move", "ref", "self", "static", "type", "use", "where",
    ];
    if starts_badly || KEYWORDS.contains(&plain.as_str()) {
        plain.insert_str(0, "m_");
    }
    plain
}

/// A name as functions have them: `MyCell` is `my_cell`.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut last = '_';
    for letter in name.chars() {
        if letter.is_uppercase() && (last.is_lowercase() || last.is_numeric()) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        last = letter;
    }
    snake
}
