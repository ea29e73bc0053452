//! Words of the user as names of regions, buffers and values.

/// Letters, digits and underscores, beginning with a letter.
pub(crate) fn identifier(word: &str) -> String {
    let mut name = String::with_capacity(word.len());
    for c in word.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if c != '_' || !name.ends_with('_') {
            name.push(c);
        }
    }
    let name = name.trim_matches('_');
    match name.chars().next() {
        None => "value".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("v{name}"),
        Some(_) => name.to_owned(),
    }
}
