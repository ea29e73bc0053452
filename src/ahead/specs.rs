//! Arguments of a call as specs: text or typed values in the place of tensors.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::Hash;

use super::spec::TensorSpec;
use crate::compile::{Arg, Host};
use crate::error::Result;
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// A value of the host among specs, given to the function as it is: `("f32[4]", AsIs("mean"))`. Numbers and truth values need no
/// wrapper; text does, because text alone is the spec of a tensor. A struct of one's own holds tensors made by
/// [`Tensor::of_spec`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsIs<T>(pub T);

/// What stands for the arguments of a call when a program is compiled ahead of time: a spec for each tensor, in text or as a
/// [`TensorSpec`], and tuples, lists and maps of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no spec of arguments",
    note = "write text (`\"f32[batch in 1..=64, 1024]\"`) or a `TensorSpec` for a tensor, `AsIs(value)` for anything else, and tuples of them"
)]
pub trait Specs {
    /// The arguments: `&Tensor` for the spec of a tensor.
    type Args: Arg;

    /// The arguments, with tensors that have a type and no value.
    ///
    /// # Errors
    /// Text that is no spec.
    fn arguments(self) -> Result<Self::Args>;
}

/// A tensor that lives as long as the program: bodies that are recorded may keep it.
fn kept(tensor: Tensor) -> &'static Tensor {
    Box::leak(Box::new(tensor))
}

impl Specs for &str {
    type Args = &'static Tensor;

    fn arguments(self) -> Result<&'static Tensor> {
        Ok(kept(Tensor::of_spec(&self.parse()?)))
    }
}

impl Specs for TensorSpec {
    type Args = &'static Tensor;

    fn arguments(self) -> Result<&'static Tensor> {
        Ok(kept(Tensor::of_spec(&self)))
    }
}

impl Specs for &TensorSpec {
    type Args = &'static Tensor;

    fn arguments(self) -> Result<&'static Tensor> {
        Ok(kept(Tensor::of_spec(self)))
    }
}

/// A tensor's own type, its sizes as they are.
impl<'a> Specs for &'a Tensor {
    type Args = &'a Tensor;

    fn arguments(self) -> Result<&'a Tensor> {
        Ok(self)
    }
}

/// For functions that take a tensor by value.
impl Specs for Tensor {
    type Args = Tensor;

    fn arguments(self) -> Result<Tensor> {
        Ok(self)
    }
}

impl<T: Hash + Eq + Clone + Debug> Specs for Host<T> {
    type Args = Host<T>;

    fn arguments(self) -> Result<Host<T>> {
        Ok(self)
    }
}

impl Specs for Scalar {
    type Args = Scalar;

    fn arguments(self) -> Result<Scalar> {
        Ok(self)
    }
}

impl<T: Arg> Specs for AsIs<T> {
    type Args = T;

    fn arguments(self) -> Result<T> {
        Ok(self.0)
    }
}

macro_rules! host {
    ($($type:ty),*) => {$(
        impl Specs for $type {
            type Args = $type;

            fn arguments(self) -> Result<$type> {
                Ok(self)
            }
        }
    )*};
}
host!(bool, u8, i8, u16, i16, u32, i32, u64, i64, usize, isize, f32, f64, char);

impl<S: Specs> Specs for Option<S> {
    type Args = Option<S::Args>;

    fn arguments(self) -> Result<Self::Args> {
        self.map(S::arguments).transpose()
    }
}

impl<S: Specs> Specs for Vec<S> {
    type Args = Vec<S::Args>;

    fn arguments(self) -> Result<Self::Args> {
        self.into_iter().map(S::arguments).collect()
    }
}

macro_rules! map {
    ($map:ident) => {
        impl<K: Clone + Ord + Hash + Debug, S: Specs> Specs for $map<K, S> {
            type Args = $map<K, S::Args>;

            fn arguments(self) -> Result<Self::Args> {
                self.into_iter().map(|(key, spec)| Ok((key, spec.arguments()?))).collect()
            }
        }
    };
}
map!(BTreeMap);
map!(HashMap);

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Specs),*> Specs for ($($name,)*) {
            type Args = ($($name::Args,)*);

            fn arguments(self) -> Result<Self::Args> {
                Ok(($(self.$index.arguments()?,)*))
            }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
