//! Values in the notation of PyTorch, in which modules are printed.

/// A value as Python writes it.
pub(super) trait Python {
    fn python(&self) -> String;
}

impl Python for f64 {
    fn python(&self) -> String {
        float(*self)
    }
}

impl Python for isize {
    fn python(&self) -> String {
        self.to_string()
    }
}

impl Python for &str {
    fn python(&self) -> String {
        format!("'{self}'")
    }
}

/// A number: `0.1`, `1e-05`.
pub(super) fn float(value: f64) -> String {
    let exponent = value.abs().log10().floor();
    if value == 0.0 || !value.is_finite() || (-4.0..16.0).contains(&exponent) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, size) = match exponent.strip_prefix('-') {
        Some(size) => ('-', size),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{size:0>2}")
}

/// `True` or `False`.
pub(super) fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// Sizes as a tuple: `(3, 3)`, `(8,)`.
pub(super) fn tuple(sizes: &[usize]) -> String {
    let comma = if sizes.len() == 1 { "," } else { "" };
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    format!("({}{comma})", sizes.join(", "))
}

/// Sizes of the axes of a window: one number where they are equal.
pub(super) fn sizes(sizes: [usize; 2]) -> String {
    if sizes[0] == sizes[1] { sizes[0].to_string() } else { tuple(&sizes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_python_does() {
        let cases = [
            (0.1, "0.1"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e-4, "0.0001"),
            (0.0, "0.0"),
            (2.0, "2.0"),
            (1e16, "1e+16"),
            (1e-100, "1e-100"),
        ];
        cases.iter().for_each(|&(value, text)| assert_eq!(float(value), text));
    }

    #[test]
    fn sizes_are_tuples() {
        assert_eq!([tuple(&[]), tuple(&[8]), tuple(&[2, 3])], ["()", "(8,)", "(2, 3)"]);
        assert_eq!([sizes([3, 3]), sizes([3, 2])], ["3", "(3, 2)"]);
    }
}
