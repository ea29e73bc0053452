//! Graphs as Rust: a listing that people read, that compiles, and that computes the same numbers.
//!
//! ```
//! use ferrodyne::prelude::*;
//! let f = compile(|x: &Tensor| (x * 2.0).sin().softmax(-1));
//! f.call(&Tensor::ones([2, 3], &Device::cpu()))?;
//! let text = ferrodyne::code::rust(&f.explain()?[0].captured);
//! assert!(text.contains(".sin();"), "{text}");
//! # Ok::<(), ferrodyne::Error>(())
//! ```
//!
//! The listing names operators that have a method or a sign by it, and the others through [`op`], with attributes as in the
//! graph's text form.

mod listing;
mod words;

use ferrodyne_compiler::graph::{Attr, AttrKind, AttrSpec, Attrs};
use ferrodyne_compiler::ops::{self, element};
use ferrodyne_plan::{DType, Diagnostic, Name, Source};

pub use listing::rust;

use crate::device::Device;
use crate::error::{Error, Result};
use crate::fault::expect;
use crate::shape::{Shape, Size};
use crate::tensor::{Tensor, apply, apply_source};

/// The value of an attribute in code.
#[derive(Clone, Debug)]
pub enum Value {
    /// An integer.
    Int(i64),
    /// A number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A word.
    Text(&'static str),
    /// An element type.
    DType(DType),
    /// Integers or sizes.
    Shape(Shape),
}

macro_rules! value_from {
    ($($from:ty => $kind:ident),*) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Value {
                Value::$kind(value)
            }
        }
    )*};
}
value_from!(i64 => Int, f64 => Float, bool => Bool, &'static str => Text, DType => DType, Shape => Shape);

impl<T: Into<Size>, const N: usize> From<[T; N]> for Value {
    fn from(sizes: [T; N]) -> Value {
        Value::Shape(sizes.into())
    }
}

/// Applies an operator by its name, as the listing does: on tensors, with named attributes.
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::code::op;
/// let x = Tensor::from_vec(vec![3.0, 1.0], [2], &Device::cpu());
/// let y = op("flip", &[&x], &[("axes", [0].into())]);
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 3.0]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
///
/// # Panics
/// With the whole diagnostic, where [`try_op`] gives an error.
#[track_caller]
pub fn op(name: &str, operands: &[&Tensor], attributes: &[(&str, Value)]) -> Tensor {
    expect(try_op(name, operands, attributes))
}

/// As [`op`], with faults as errors.
///
/// # Errors
/// A name that no operator has, attributes and operands that do not fit, no operands ([`source`] makes tensors from nothing).
#[track_caller]
pub fn try_op(name: &str, operands: &[&Tensor], attributes: &[(&str, Value)]) -> Result<Tensor> {
    let (name, attrs) = resolved(name, attributes)?;
    match operands.is_empty() {
        true => {
            Err(fault(format!("`{name}` needs operands; make tensors from nothing on a device")))
        }
        false => apply(name, operands, attrs),
    }
}

/// Applies an operator without operands on a device: `iota`, say.
///
/// # Panics
/// With the whole diagnostic, where the attributes do not fit.
#[track_caller]
pub fn source(name: &str, device: &Device, attributes: &[(&str, Value)]) -> Tensor {
    let made =
        resolved(name, attributes).and_then(|(name, attrs)| apply_source(device, name, attrs));
    expect(made)
}

/// A constant of an element type and shape.
///
/// # Panics
/// When the numbers do not fill the shape, or the device cannot hold them.
#[track_caller]
pub fn constant(dtype: DType, dims: &[usize], values: &[f64], device: &Device) -> Tensor {
    assert_eq!(dims.iter().product::<usize>(), values.len(), "the numbers must fill the shape");
    expect(Tensor::from_host(&element::host(dtype, dims, values), device))
}

/// The lasting name of an operator, and attributes of the kinds that it has.
fn resolved(name: &str, attributes: &[(&str, Value)]) -> Result<(&'static str, Attrs)> {
    let row = ops::find(name).ok_or_else(|| fault(format!("there is no operator `{name}`")))?;
    let mut attrs = Attrs::new();
    for (key, value) in attributes {
        let spec = row.attrs.iter().find(|spec| spec.name == *key);
        let spec = spec.ok_or_else(|| fault(format!("`{name}` has no attribute `{key}`")))?;
        attrs = attrs.with(key, attribute(name, spec, value)?);
    }
    Ok((row.name, attrs))
}

fn attribute(op: &str, spec: &AttrSpec, value: &Value) -> Result<Attr> {
    Ok(match (spec.kind, value) {
        (AttrKind::Int, Value::Int(value)) => Attr::Int(*value),
        (AttrKind::Float, Value::Float(value)) => Attr::Float(*value),
        (AttrKind::Float, Value::Int(value)) => Attr::Float(*value as f64),
        (AttrKind::Bool, Value::Bool(value)) => Attr::Bool(*value),
        (AttrKind::Str, Value::Text(value)) => Attr::Str(Name::from(*value)),
        (AttrKind::DType, Value::DType(value)) => Attr::DType(*value),
        (AttrKind::Ints, Value::Shape(shape)) => {
            Attr::Ints(shape.sizes().iter().map(Size::hint).collect())
        }
        (AttrKind::Dims, Value::Shape(shape)) => Attr::Dims(shape.dims()),
        (kind, value) => {
            return Err(fault(format!("`{}` of `{op}` is {kind}, not {value:?}", spec.name)));
        }
    })
}

#[track_caller]
fn fault(message: String) -> Error {
    Error::Tensor(Diagnostic::new("operator", message).at(Source::caller()))
}
