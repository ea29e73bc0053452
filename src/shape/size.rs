//! The size of a dim as users write it.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Rem, Sub};

use ferrodyne_plan::{Dim, Range, Source};

use crate::capture;
use crate::error::Error;

/// The size of a dim: a number, or, while a function is captured, an expression over the symbols of its arguments.
///
/// ```
/// use ferrodyne::Size;
/// let size = Size::from(6) / 2;
/// assert_eq!(size, 3);
/// ```
#[derive(Clone)]
pub struct Size {
    pub(super) dim: Dim,
    pub(super) value: i64,
}

impl Size {
    pub(crate) fn new(dim: Dim, value: i64) -> Size {
        Size { dim, value }
    }

    /// The size that an expression in text gives for named sizes: `ceildiv(batch, 2)`. Listings of graphs use it.
    ///
    /// # Panics
    /// When the text is no expression over these names, or has no value.
    pub fn of(expression: &str, named: &[(&str, &Size)]) -> Size {
        let dim = Dim::parse_syms(expression)
            .unwrap_or_else(|error| panic!("`{expression}` is no size: {error}"));
        let find = |name: &str| named.iter().find(|(known, _)| *known == name).map(|(_, s)| *s);
        let value = dim.eval(&|var| find(var.name()).map(Size::hint));
        let value = value.unwrap_or_else(|error| panic!("`{expression}` has no value: {error}"));
        Size::new(dim.substitute(&|var| find(var.name()).map(|size| size.dim.clone())), value)
    }

    /// The expression.
    pub(crate) fn dim(&self) -> &Dim {
        &self.dim
    }

    /// The value at the call at hand, without a guard.
    pub(crate) fn hint(&self) -> i64 {
        self.value
    }

    /// The number. While capturing, this fixes a symbolic size to its present value, with a guard.
    #[track_caller]
    pub fn get(&self) -> usize {
        if self.dim.as_const().is_none() {
            capture::guard_equal(&self.dim, &Dim::constant(self.value), Source::caller());
        }
        self.value.max(0) as usize
    }

    /// Whether two sizes are equal at the call at hand. While capturing, that is guarded.
    pub(super) fn is_equal(&self, other: &Size, source: Source) -> bool {
        let equal = self.value == other.value;
        if self.dim != other.dim
            && (self.dim.as_const().is_none() || other.dim.as_const().is_none())
        {
            match equal {
                true => capture::guard_equal(&self.dim, &other.dim, source),
                false => capture::guard_differ(&self.dim, &other.dim, source),
            }
        }
        equal
    }

    /// How the size compares with another at the call at hand. While capturing, that is guarded.
    fn compare(&self, other: &Size, source: Source) -> Ordering {
        let order = self.value.cmp(&other.value);
        let room = &other.dim - &self.dim;
        if room.as_const().is_none() {
            match order {
                Ordering::Less => capture::guard_within(&room, Range::at_least(1), source),
                Ordering::Equal => capture::guard_equal(&self.dim, &other.dim, source),
                Ordering::Greater => capture::guard_within(&room, Range::at_most(-1), source),
            }
        }
        order
    }

    /// Whether the size is at most another. While capturing, that is guarded: the opposite is another program.
    fn is_at_most(&self, other: &Size, source: Source) -> bool {
        let holds = self.value <= other.value;
        let room = &other.dim - &self.dim;
        if room.as_const().is_none() {
            let range = if holds { Range::at_least(0) } else { Range::at_most(-1) };
            capture::guard_within(&room, range, source);
        }
        holds
    }
}

macro_rules! from_integer {
    ($($int:ty),*) => {$(
        impl From<$int> for Size {
            fn from(value: $int) -> Size {
                Size { dim: Dim::constant(value as i64), value: value as i64 }
            }
        }
    )*};
}
from_integer!(usize, i32, i64, u32);

impl From<&Size> for Size {
    fn from(size: &Size) -> Size {
        size.clone()
    }
}

macro_rules! arithmetic {
    ($($trait:ident $method:ident, $dim:expr, $value:expr;)*) => {$(
        impl<R: Into<Size>> $trait<R> for &Size {
            type Output = Size;
            fn $method(self, other: R) -> Size {
                let other = other.into();
                let (dim, value): (fn(&Dim, &Dim) -> Dim, fn(i64, i64) -> i64) = ($dim, $value);
                Size { dim: dim(&self.dim, &other.dim), value: value(self.value, other.value) }
            }
        }

        impl<R: Into<Size>> $trait<R> for Size {
            type Output = Size;
            fn $method(self, other: R) -> Size {
                $trait::$method(&self, other)
            }
        }
    )*};
}
arithmetic! {
    Add add, |a, b| a + b, |a, b| a + b;
    Sub sub, |a, b| a - b, |a, b| a - b;
    Mul mul, |a, b| a * b, |a, b| a * b;
    Div div, |a, b| a.floor_div(b), |a, b| a.div_euclid(b);
    Rem rem, |a, b| a.modulo(b), |a, b| a.rem_euclid(b);
}

impl PartialEq for Size {
    #[track_caller]
    fn eq(&self, other: &Size) -> bool {
        self.is_equal(other, Source::caller())
    }

    #[track_caller]
    fn ne(&self, other: &Size) -> bool {
        !self.is_equal(other, Source::caller())
    }
}

#[expect(clippy::partialeq_ne_impl, reason = "the default method loses the caller's line")]
impl PartialEq<usize> for Size {
    #[track_caller]
    fn eq(&self, other: &usize) -> bool {
        self.is_equal(&Size::from(*other), Source::caller())
    }

    #[track_caller]
    fn ne(&self, other: &usize) -> bool {
        !self.is_equal(&Size::from(*other), Source::caller())
    }
}

#[expect(clippy::partialeq_ne_impl, reason = "the default method loses the caller's line")]
impl PartialEq<Size> for usize {
    #[track_caller]
    fn eq(&self, other: &Size) -> bool {
        other.is_equal(&Size::from(*self), Source::caller())
    }

    #[track_caller]
    fn ne(&self, other: &Size) -> bool {
        !other.is_equal(&Size::from(*self), Source::caller())
    }
}

/// Comparisons answer by the call at hand; while a function is captured, how they came out is guarded with the user's line.
macro_rules! order {
    ($($own:ty, $other:ty;)*) => {$(
        impl PartialOrd<$other> for $own {
            #[track_caller]
            fn partial_cmp(&self, other: &$other) -> Option<Ordering> {
                Some(sized(self).compare(&sized(other), Source::caller()))
            }

            #[track_caller]
            fn lt(&self, other: &$other) -> bool {
                !sized(other).is_at_most(&sized(self), Source::caller())
            }

            #[track_caller]
            fn le(&self, other: &$other) -> bool {
                sized(self).is_at_most(&sized(other), Source::caller())
            }

            #[track_caller]
            fn gt(&self, other: &$other) -> bool {
                !sized(self).is_at_most(&sized(other), Source::caller())
            }

            #[track_caller]
            fn ge(&self, other: &$other) -> bool {
                sized(other).is_at_most(&sized(self), Source::caller())
            }
        }
    )*};
}
order! {
    Size, Size;
    Size, usize;
    usize, Size;
}

fn sized(value: &(impl Clone + Into<Size>)) -> Size {
    value.clone().into()
}

macro_rules! into_number {
    ($($size:ty)*) => {$(
        /// The number, with the guard of [`Size::get`]; an expression below 0 is refused.
        impl TryFrom<$size> for usize {
            type Error = Error;

            #[track_caller]
            fn try_from(size: $size) -> Result<usize, Error> {
                if size.hint() < 0 {
                    let message = format!("{size} is {}, which is no size", size.hint());
                    return Err(Error::at("shape", message, Source::caller()));
                }
                Ok(size.get())
            }
        }
    )*};
}
into_number!(Size & Size);

macro_rules! integers_first {
    ($($trait:ident $method:ident: $($int:ty),*;)*) => {$($(
        impl $trait<Size> for $int {
            type Output = Size;

            fn $method(self, other: Size) -> Size {
                $trait::$method(Size::from(self), other)
            }
        }

        impl $trait<&Size> for $int {
            type Output = Size;

            fn $method(self, other: &Size) -> Size {
                $trait::$method(Size::from(self), other)
            }
        }
    )*)*};
}
integers_first! {
    Add add: usize, i32;
    Sub sub: usize, i32;
    Mul mul: usize, i32;
    Div div: usize, i32;
    Rem rem: usize, i32;
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dim.fmt(f)
    }
}

impl fmt::Debug for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dim.fmt(f)
    }
}
