//! Tensors as text: values as numpy prints them, elided where there are many, then element type, shape and device.

use std::cell::Cell;
use std::fmt;

use ferrodyne_compiler::ops::element;
use ferrodyne_plan::DType;

use super::Tensor;
use crate::capture;

/// Most elements that are printed in full.
const THRESHOLD: usize = 1000;
/// Elements at each end of an elided axis.
const EDGE: usize = 3;
/// Widest line.
const WIDTH: usize = 75;

thread_local! {
    /// Whether tensors are told apart by identity: shape, element type and device are not enough where values are compared.
    static BY_IDENTITY: Cell<bool> = const { Cell::new(false) };
}

/// Runs a function in which the `Debug` text of a tensor or a cell tells it from all others.
pub(crate) fn by_identity<R>(f: impl FnOnce() -> R) -> R {
    let outer = BY_IDENTITY.replace(true);
    let result = f();
    BY_IDENTITY.set(outer);
    result
}

/// Writes an identity, where one is wanted.
pub(crate) fn write_identity(f: &mut fmt::Formatter<'_>, identity: u64) -> fmt::Result {
    if BY_IDENTITY.get() { write!(f, "#{identity}") } else { Ok(()) }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(stored) = self.as_stored() {
            write_identity(f, stored.buffer.id())?;
        }
        write!(f, "Tensor({}{}, {})", self.dtype(), self.shape(), self.device())
    }
}

/// The values as numpy prints them, then element type, shape and device. While a function is captured, printing is a graph break.
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = capture::source_of(self);
        // `fmt` is called from `core`: the name of an argument says more than its line, which is not known.
        let what =
            capture::input_name(self).map_or("printing".to_owned(), |x| format!("printing `{x}`"));
        let host = match self.known(&what, made).and_then(|read| read.to_host()) {
            Ok(host) => host,
            Err(error) => return write!(f, "{self:?}: {error}"),
        };
        let values = element::values(&host);
        let elided = values.len() > THRESHOLD;
        let shown = shown(&values, &host.dims, elided);
        let text = Text { cells: cells(&shown, host.dtype), dims: &host.dims, elided };
        let mut cells = text.cells.iter();
        f.write_str(&text.block(&mut cells, 0))?;
        let space = if host.dims.len() > 1 { '\n' } else { ' ' };
        write!(f, "{space}{}{:?} on {}", self.dtype(), host.dims, self.device())
    }
}

/// Positions of an axis that are printed.
fn kept(size: usize, elided: bool) -> impl Iterator<Item = usize> {
    let hidden = if elided && size > 2 * EDGE { EDGE..size - EDGE } else { size..size };
    (0..size).filter(move |at| !hidden.contains(at))
}

fn shown(values: &[f64], dims: &[usize], elided: bool) -> Vec<f64> {
    let Some((&size, inner)) = dims.split_first() else { return values[..1].to_vec() };
    let stride: usize = inner.iter().product();
    kept(size, elided)
        .flat_map(|at| shown(&values[at * stride..(at + 1) * stride], inner, elided))
        .collect()
}

/// All printed values, in equal width.
fn cells(values: &[f64], dtype: DType) -> Vec<String> {
    let cells: Vec<String> = match dtype {
        DType::Bool => {
            values.iter().map(|&v| if v == 0.0 { "False" } else { "True" }.to_owned()).collect()
        }
        dtype if dtype.is_float() => floats(values),
        _ => values.iter().map(|v| format!("{}", *v as i64)).collect(),
    };
    let width = cells.iter().map(String::len).max().unwrap_or(0);
    cells.into_iter().map(|cell| format!("{cell:>width$}")).collect()
}

fn floats(values: &[f64]) -> Vec<String> {
    let sizes = || values.iter().map(|v| v.abs()).filter(|v| v.is_finite() && *v != 0.0);
    let (low, high) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    let scientific = high >= 1e8 || low < 1e-4 || (high > 0.0 && high / low > 1000.0);
    let parts: Vec<(String, String)> = values
        .iter()
        .map(|&v| if scientific { scientific_parts(v) } else { plain_parts(v) })
        .collect();
    let width = parts.iter().map(|(_, fraction)| fraction.len()).max().unwrap_or(0);
    let cell = |(v, (whole, fraction)): (&f64, &(String, String))| match (v.is_finite(), scientific)
    {
        (false, _) => whole.clone(),
        (true, false) => format!("{whole}.{fraction:<width$}"),
        (true, true) => {
            let exponent = format!("{:e}", *v as f32);
            let exponent: i32 =
                exponent.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{whole}.{fraction:0<width$}e{sign}{:02}", exponent.abs())
        }
    };
    values.iter().zip(&parts).map(cell).collect()
}

/// The shortest text of a number that reads back as it, cut to eight places behind the point.
fn plain_parts(value: f64) -> (String, String) {
    if !value.is_finite() {
        return (not_finite(value), String::new());
    }
    let text = format!("{}", value as f32);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if fraction.len() <= 8 {
        return (whole.to_owned(), fraction.to_owned());
    }
    let text = format!("{value:.8}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    (whole.to_owned(), fraction.trim_end_matches('0').to_owned())
}

fn scientific_parts(value: f64) -> (String, String) {
    if !value.is_finite() {
        return (not_finite(value), String::new());
    }
    let text = format!("{:e}", value as f32);
    let mantissa = text.split_once('e').map_or(text.as_str(), |(m, _)| m);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    (whole.to_owned(), fraction.chars().take(8).collect())
}

fn not_finite(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value > 0.0 {
        "inf".to_owned()
    } else {
        "-inf".to_owned()
    }
}

struct Text<'a> {
    cells: Vec<String>,
    dims: &'a [usize],
    elided: bool,
}

impl Text<'_> {
    /// The text of what lies below an axis.
    fn block<'a>(&self, cells: &mut impl Iterator<Item = &'a String>, axis: usize) -> String {
        let Some(&size) = self.dims.get(axis) else {
            return cells.next().map_or(String::new(), |cell| cell.trim().to_owned());
        };
        let dots = self.elided && size > 2 * EDGE;
        let count = kept(size, self.elided).count();
        if axis + 1 == self.dims.len() {
            return row((0..count).map_while(|_| cells.next()), dots, axis);
        }
        let gap = format!("{}{}", "\n".repeat(self.dims.len() - axis - 1), " ".repeat(axis + 1));
        let mut parts: Vec<String> = (0..count).map(|_| self.block(cells, axis + 1)).collect();
        if dots {
            parts.insert(EDGE, "...".to_owned());
        }
        format!("[{}]", parts.join(&gap))
    }
}

/// One row, broken where it grows too wide.
fn row<'a>(cells: impl Iterator<Item = &'a String>, dots: bool, axis: usize) -> String {
    let mut words: Vec<&str> = cells.map(String::as_str).collect();
    if dots {
        words.insert(EDGE, "...");
    }
    let mut lines = vec![" ".repeat(axis) + "["];
    for (k, word) in words.iter().enumerate() {
        let line = lines.last_mut().expect("there is a first line");
        let first = line.trim_start_matches([' ', '[']).is_empty();
        if !first && line.len() + 1 + word.len() > WIDTH {
            lines.push(format!("{}{word}", " ".repeat(axis + 1)));
        } else if k == 0 {
            line.push_str(word);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    format!("{}]", lines.join("\n").trim_start_matches(' '))
}
