//! Sizes and shapes as users write them.

mod size;

use std::fmt;

use ferrodyne_plan::{Dim, Source};

use crate::error::{Error, Result};

pub use size::Size;

/// The sizes of a tensor, outermost first. Made of arrays, vectors and slices of numbers or [`Size`]s, or by [`shape!`](crate::shape);
/// where a method allows it, one size may be -1: what is left.
///
/// ```
/// use ferrodyne::{Shape, shape};
/// let a: Shape = [4, 10].into();
/// let b = shape![a.size(0), -1];
/// assert_eq!(b.to_string(), "[4, -1]");
/// ```
#[derive(Clone)]
pub struct Shape(Vec<Size>);

impl Shape {
    pub(crate) fn of(dims: &[Dim], values: &[usize]) -> Shape {
        Shape(
            dims.iter()
                .zip(values)
                .map(|(dim, &value)| Size::new(dim.clone(), value as i64))
                .collect(),
        )
    }

    /// Number of dims.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// A size by position.
    ///
    /// # Panics
    /// When there are not so many dims.
    pub fn size(&self, axis: usize) -> Size {
        self.0[axis].clone()
    }

    /// Number of elements.
    pub fn numel(&self) -> Size {
        self.0.iter().fold(Size::from(1), |n, size| n * size)
    }

    /// All sizes as numbers.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        self.0.iter().map(Size::get).collect()
    }

    /// All sizes.
    pub fn sizes(&self) -> &[Size] {
        &self.0
    }

    /// The shape with a size of -1 replaced by what is left of so many elements.
    ///
    /// # Errors
    /// Several sizes of -1, others below 0, and sizes that do not divide the elements.
    #[track_caller]
    pub(crate) fn filled(&self, op: &str, elements: &Size) -> Result<Shape> {
        let open = |size: &&Size| size.dim.as_const() == Some(-1);
        match self.0.iter().filter(open).count() {
            0 => return self.clone().counted(op),
            1 => {}
            several => {
                let rule = format!("only one size may be -1, but {several} are");
                return self.fault(op, &rule);
            }
        }
        let others = Shape(self.0.iter().filter(|size| !open(size)).cloned().collect());
        let rest = others.counted(op)?.numel();
        let left = match rest.value {
            0 => Size::from(0),
            rest if elements.value % rest != 0 => {
                let rule = format!("{rest} does not divide {} elements", elements.value);
                return self.fault(op, &rule);
            }
            _ => elements / &rest,
        };
        let whole = |size: &Size| if open(&size) { left.clone() } else { size.clone() };
        Ok(Shape(self.0.iter().map(whole).collect()))
    }

    /// The shape, if its sizes count something.
    ///
    /// # Errors
    /// A size below 0.
    #[track_caller]
    pub(crate) fn counted(self, op: &str) -> Result<Shape> {
        match self.0.iter().find(|size| size.value < 0) {
            None => Ok(self),
            Some(size) => self.fault(op, &format!("the size {size} is negative")),
        }
    }

    #[track_caller]
    fn fault(&self, op: &str, rule: &str) -> Result<Shape> {
        let message = format!("{op}: the shape {self} cannot be: {rule}");
        Err(Error::at("shape", message, Source::caller()))
    }

    /// The sizes as expressions.
    pub(crate) fn dims(&self) -> Vec<Dim> {
        self.0.iter().map(|s| s.dim.clone()).collect()
    }
}

impl<T: Into<Size>, const N: usize> From<[T; N]> for Shape {
    fn from(sizes: [T; N]) -> Shape {
        Shape(sizes.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Size> + Clone> From<&[T]> for Shape {
    fn from(sizes: &[T]) -> Shape {
        Shape(sizes.iter().cloned().map(Into::into).collect())
    }
}

impl<T: Into<Size> + Clone, const N: usize> From<&[T; N]> for Shape {
    fn from(sizes: &[T; N]) -> Shape {
        Shape::from(sizes.as_slice())
    }
}

impl<T: Into<Size>> From<Vec<T>> for Shape {
    fn from(sizes: Vec<T>) -> Shape {
        Shape(sizes.into_iter().map(Into::into).collect())
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Shape {
        shape.clone()
    }
}

/// The shape of a vector.
impl From<usize> for Shape {
    fn from(size: usize) -> Shape {
        Shape::from([size])
    }
}

/// The shape of a vector.
impl From<Size> for Shape {
    fn from(size: Size) -> Shape {
        Shape::from([size])
    }
}

impl From<()> for Shape {
    fn from((): ()) -> Shape {
        Shape(Vec::new())
    }
}

impl Shape {
    fn is_equal(&self, other: &Shape, source: &Source) -> bool {
        let mut pairs = self.0.iter().zip(&other.0);
        self.0.len() == other.0.len() && pairs.all(|(a, b)| a.is_equal(b, source.clone()))
    }
}

/// The size of one dim, from the first on.
impl std::ops::Index<usize> for Shape {
    type Output = Size;

    #[track_caller]
    fn index(&self, axis: usize) -> &Size {
        &self.sizes()[axis]
    }
}

#[expect(clippy::partialeq_ne_impl, reason = "the default method loses the caller's line")]
impl PartialEq for Shape {
    #[track_caller]
    fn eq(&self, other: &Shape) -> bool {
        self.is_equal(other, &Source::caller())
    }

    #[track_caller]
    fn ne(&self, other: &Shape) -> bool {
        !self.is_equal(other, &Source::caller())
    }
}

#[expect(clippy::partialeq_ne_impl, reason = "the default method loses the caller's line")]
impl<const N: usize> PartialEq<[usize; N]> for Shape {
    #[track_caller]
    fn eq(&self, other: &[usize; N]) -> bool {
        self.is_equal(&Shape::from(other), &Source::caller())
    }

    #[track_caller]
    fn ne(&self, other: &[usize; N]) -> bool {
        !self.is_equal(&Shape::from(other), &Source::caller())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.0.iter().map(Size::to_string).collect();
        write!(f, "[{}]", sizes.join(", "))
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A [`Shape`] of mixed numbers and [`Size`]s: `shape![batch, 3, -1]`.
#[macro_export]
macro_rules! shape {
    ($($size:expr),* $(,)?) => {
        $crate::Shape::from(::std::vec::Vec::<$crate::Size>::from([$($crate::__private::size(&$size)),*]))
    };
}
