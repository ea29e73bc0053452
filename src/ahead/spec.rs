//! Tensors by their types alone: what a program is compiled for when there are no values.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::str::FromStr;

use ferrodyne_plan::text::{Cursor, TextError};
use ferrodyne_plan::{DType, Diagnostic, Dim, Name, Range};

use crate::error::Error;

/// The type of a tensor whose values do not matter: element type and sizes, of which some may be symbols with a range.
///
/// As text: `f32[batch in 1..=64, 1024]`. A symbol that stands in several specs of one call is one symbol, and its range need be
/// written only once. Schedules are chosen at the upper end of its range (at 128 where there is none), or at the value behind
/// `hint`: `f32[batch in 1..=4096 hint 32, 1024]`.
///
/// ```
/// use ferrodyne::{DType, SizeSpec, TensorSpec};
/// let text: TensorSpec = "f32[batch in 1..=64, 1024]".parse()?;
/// let typed = TensorSpec::new(DType::F32, [SizeSpec::symbol("batch", 1..=64), 1024.into()]);
/// assert_eq!(text, typed);
/// assert_eq!(text.to_string(), "f32[batch in 1..=64, 1024]");
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TensorSpec {
    dtype: DType,
    sizes: Vec<SizeSpec>,
}

/// A size of a [`TensorSpec`]: a number, or a symbol with the values that it may take.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeSpec(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Number(i64),
    Symbol(Symbol),
}

/// A symbol as one spec declares it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Symbol {
    pub(super) name: Name,
    pub(super) range: Option<Range>,
    pub(super) hint: Option<i64>,
}

/// Where schedules are chosen when a symbol has neither a hint nor an upper end.
const HINT: i64 = 128;

impl Symbol {
    /// The values allowed: one and more where nothing was said.
    pub(super) fn range(&self) -> Range {
        self.range.unwrap_or(Range::at_least(1))
    }

    /// The value on which schedules are chosen.
    pub(super) fn value(&self) -> i64 {
        let range = self.range();
        let end = || range.hi.unwrap_or_else(|| HINT.max(range.lo.unwrap_or(0)));
        self.hint.unwrap_or_else(end)
    }
}

impl SizeSpec {
    /// A symbol that takes the values of a range: `SizeSpec::symbol("batch", 1..=64)`, `SizeSpec::symbol("n", 1..)`.
    pub fn symbol(name: &str, range: impl RangeBounds<usize>) -> SizeSpec {
        let lo = match range.start_bound() {
            Bound::Included(&lo) => lo as i64,
            Bound::Excluded(&lo) => lo as i64 + 1,
            Bound::Unbounded => 0,
        };
        let hi = match range.end_bound() {
            Bound::Included(&hi) => Some(hi as i64),
            Bound::Excluded(&hi) => Some(hi as i64 - 1),
            Bound::Unbounded => None,
        };
        let range = Some(Range { lo: Some(lo), hi });
        SizeSpec(Kind::Symbol(Symbol { name: Name::from(name), range, hint: None }))
    }

    /// A symbol whose schedules are chosen at this value. A number stays as it is.
    pub fn hint(mut self, value: usize) -> SizeSpec {
        if let Kind::Symbol(symbol) = &mut self.0 {
            symbol.hint = Some(value as i64);
        }
        self
    }

    fn parse(cursor: &mut Cursor) -> Result<SizeSpec, TextError> {
        if let Ok(number) = cursor.int() {
            return match number {
                0.. => Ok(SizeSpec(Kind::Number(number))),
                _ => Err(cursor.error(format!("a size cannot be {number}"))),
            };
        }
        let name = Name::from(cursor.ident()?);
        let range = if cursor.eat("in") { Some(Range::parse(cursor)?) } else { None };
        let hint = if cursor.eat("hint") { Some(cursor.int()?) } else { None };
        Ok(SizeSpec(Kind::Symbol(Symbol { name, range, hint })))
    }
}

impl From<usize> for SizeSpec {
    fn from(size: usize) -> SizeSpec {
        SizeSpec(Kind::Number(size as i64))
    }
}

/// A symbol, by name: its range stands in another spec, or it takes every value from 1 on.
impl From<&str> for SizeSpec {
    fn from(name: &str) -> SizeSpec {
        SizeSpec(Kind::Symbol(Symbol { name: Name::from(name), range: None, hint: None }))
    }
}

impl TensorSpec {
    /// A tensor of an element type and sizes.
    pub fn new(dtype: DType, sizes: impl IntoIterator<Item = SizeSpec>) -> TensorSpec {
        TensorSpec { dtype, sizes: sizes.into_iter().collect() }
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Sizes, outermost first.
    pub fn sizes(&self) -> &[SizeSpec] {
        &self.sizes
    }

    /// Sizes as expressions.
    pub(crate) fn dims(&self) -> Vec<Dim> {
        let dim = |size: &SizeSpec| match &size.0 {
            Kind::Number(number) => Dim::constant(*number),
            Kind::Symbol(symbol) => Dim::sym(symbol.name.clone()),
        };
        self.sizes.iter().map(dim).collect()
    }

    /// The symbols, in order.
    pub(super) fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.sizes.iter().filter_map(|size| match &size.0 {
            Kind::Number(_) => None,
            Kind::Symbol(symbol) => Some(symbol),
        })
    }

    /// Sizes where schedules are chosen.
    pub(crate) fn values(&self) -> Vec<usize> {
        let value = |size: &SizeSpec| match &size.0 {
            Kind::Number(number) => *number as usize,
            Kind::Symbol(symbol) => symbol.value().max(0) as usize,
        };
        self.sizes.iter().map(value).collect()
    }

    fn parse(text: &str) -> Result<TensorSpec, TextError> {
        let mut cursor = Cursor::new(text)?;
        let place = cursor.clone();
        let word = cursor.ident()?;
        let mut known = DType::ALL.into_iter().filter(|dtype| *dtype == dtype.declared());
        let dtype = known.clone().find(|dtype| dtype.name() == &*word).ok_or_else(|| {
            let names = known.by_ref().map(DType::name).collect::<Vec<_>>().join(", ");
            place.error(format!("an element type is needed: {names}"))
        })?;
        let mut sizes = Vec::new();
        cursor.expect("[")?;
        while !cursor.is("]") {
            sizes.push(SizeSpec::parse(&mut cursor)?);
            if !cursor.is("]") && !cursor.eat(",") {
                return Err(cursor.expected("`,`, `]`, `in` or `hint`"));
            }
        }
        cursor.expect("]")?;
        cursor.expect_end()?;
        Ok(TensorSpec { dtype, sizes })
    }
}

impl FromStr for TensorSpec {
    type Err = Error;

    /// Reads `f32[batch in 1..=64, 1024]`.
    fn from_str(text: &str) -> Result<TensorSpec, Error> {
        TensorSpec::parse(text).map_err(|fault| {
            let message = format!("`{text}` is no spec of a tensor: {}", fault.message);
            let help = "write `f32[batch in 1..=64, 1024]`: an element type, and sizes that are numbers or names with a range";
            Error::Tensor(Diagnostic::new("spec", message).help(help))
        })
    }
}

impl fmt::Display for TensorSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.sizes.iter().map(SizeSpec::to_string).collect();
        write!(f, "{}[{}]", self.dtype, sizes.join(", "))
    }
}

impl fmt::Display for SizeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Number(number) => write!(f, "{number}"),
            Kind::Symbol(symbol) => {
                write!(f, "{}", symbol.name)?;
                symbol.range.map_or(Ok(()), |range| write!(f, " in {range}"))?;
                symbol.hint.map_or(Ok(()), |hint| write!(f, " hint {hint}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_it_was_written() {
        for text in ["f32[]", "i64[3]", "f32[batch in 1..=64 hint 8, 1024]", "f16[n in 1.., n]"] {
            assert_eq!(text.parse::<TensorSpec>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn faults_say_what_to_write() {
        let fault = |text: &str| text.parse::<TensorSpec>().unwrap_err().to_string();
        assert!(
            fault("float[3]").contains("an element type is needed: f32, f16"),
            "{}",
            fault("float[3]")
        );
        assert!(fault("f32[-1]").contains("a size cannot be -1"));
        assert!(fault("f32[a b]").contains("`in` or `hint`"));
        assert!(fault("f32[3").contains("f32[batch in 1..=64, 1024]"));
    }

    #[test]
    fn schedules_are_chosen_at_the_upper_end_or_at_the_hint() {
        let values = |text: &str| text.parse::<TensorSpec>().unwrap().values();
        assert_eq!(
            values("f32[a in 1..=64, b, c in 500.., d in 1..=9 hint 3, 7]"),
            [64, 128, 500, 3, 7]
        );
    }
}
