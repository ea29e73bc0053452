//! Comparisons whose answer is a `bool`: a tensor of one element is read. The methods `lt`, `eq` and their like compare element by
//! element and read nothing.

use std::cmp::Ordering;

use ferrodyne_compiler::ops::element;
use ferrodyne_plan::Source;

use super::Tensor;
use crate::capture::COMPARISON;
use crate::error::{Error, Result};
use crate::fault::raise;

/// The only value of a tensor, as a number.
fn number(tensor: &Tensor, source: &Source) -> Result<f64> {
    if tensor.numel() != 1 {
        let message = format!(
            "a comparison that gives a `bool` needs one value, but the tensor has the shape {}: write `.any()` or `.all()` \
             of a comparison by a method",
            tensor.shape()
        );
        return Err(Error::at("shape", message, source.clone()));
    }
    let host = tensor.known(COMPARISON, source.clone())?.to_host()?;
    Ok(element::values(&host)[0])
}

/// How two numbers are ordered.
#[track_caller]
fn order(a: &Tensor, b: impl FnOnce(&Source) -> Result<f64>) -> Option<Ordering> {
    let source = Source::caller();
    match number(a, &source).and_then(|a| Ok((a, b(&source)?))) {
        Ok((a, b)) => a.partial_cmp(&b),
        Err(error) => raise(error),
    }
}

macro_rules! ordered {
    ($own:ty: $($other:ty),* => $number:expr) => {$(
        /// Reads the tensor, which must have one element. Inside of a compiled function it is a graph break; `#[compile]` on the
        /// function whose text has the comparison makes a branch of the graph of it.
        impl PartialEq<$other> for $own {
            #[track_caller]
            fn eq(&self, other: &$other) -> bool {
                let number = $number;
                order(self, |source| number(other, source)) == Some(Ordering::Equal)
            }

            #[track_caller]
            fn ne(&self, other: &$other) -> bool {
                let number = $number;
                order(self, |source| number(other, source)) != Some(Ordering::Equal)
            }
        }

        /// Reads the tensor, which must have one element, as `==` does. The methods are written out, since the trait's own would
        /// hide the user's line.
        impl PartialOrd<$other> for $own {
            #[track_caller]
            fn partial_cmp(&self, other: &$other) -> Option<Ordering> {
                let number = $number;
                order(self, |source| number(other, source))
            }

            #[track_caller]
            fn lt(&self, other: &$other) -> bool {
                let number = $number;
                order(self, |source| number(other, source)).is_some_and(Ordering::is_lt)
            }

            #[track_caller]
            fn le(&self, other: &$other) -> bool {
                let number = $number;
                order(self, |source| number(other, source)).is_some_and(Ordering::is_le)
            }

            #[track_caller]
            fn gt(&self, other: &$other) -> bool {
                let number = $number;
                order(self, |source| number(other, source)).is_some_and(Ordering::is_gt)
            }

            #[track_caller]
            fn ge(&self, other: &$other) -> bool {
                let number = $number;
                order(self, |source| number(other, source)).is_some_and(Ordering::is_ge)
            }
        }
    )*};
}

macro_rules! with_numbers {
    ($($own:ty),*) => {$(
        ordered!($own: f32, i32, u32, i8, u8 => |other: &_, _: &Source| Ok(f64::from(*other)));
        ordered!($own: f64 => |other: &f64, _: &Source| Ok(*other));
        ordered!($own: i64 => |other: &i64, _: &Source| Ok(*other as f64));
        ordered!($own: usize => |other: &usize, _: &Source| Ok(*other as f64));
    )*};
}
with_numbers!(Tensor, &Tensor);

// Two references are compared by the standard library's own, which goes to these.
ordered!(Tensor: Tensor, &Tensor => |other: &Tensor, source: &Source| number(other, source));
ordered!(&Tensor: Tensor => |other: &Tensor, source: &Source| number(other, source));
