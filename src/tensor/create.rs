//! Tensors of host data, of one value, and of counted values.

use std::ops::Bound;
use std::ops::RangeBounds;

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{DType, HostTensor, Source};
use ferrodyne_runtime::RuntimeError;
use ndarray::{ArrayView, Dimension};

use super::pair::example;
use super::scalar::constant;
use super::{Element, Tensor, apply_source};
use crate::capture;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::fault::expect;
use crate::shape::Shape;

/// Defines constructors in pairs, as `pairs!` does for methods.
macro_rules! constructors {
    ($(
        $(#[$doc:meta])*
        fn $name:ident | $try_name:ident [$($generics:tt)*] ($($arg:ident : $ty:ty),*) $body:block
    )*) => {
        impl Tensor {
            $(
                $(#[$doc])*
                ///
                /// # Panics
                #[doc = concat!("When it does not fit; [`Tensor::", stringify!($try_name), "`] returns the fault instead.")]
                #[track_caller]
                pub fn $name<$($generics)*>($($arg: $ty),*) -> Tensor {
                    $crate::fault::expect(Tensor::$try_name($($arg),*))
                }

                #[doc = concat!("[`Tensor::", stringify!($name), "`] with faults as errors.")]
                ///
                /// # Errors
                /// Arguments that do not fit; faults of the device.
                #[track_caller]
                pub fn $try_name<$($generics)*>($($arg: $ty),*) -> Result<Tensor> {
                    let _method = $crate::fault::Method::begin(stringify!($name));
                    $body
                }
            )*
        }
    };
}
pub(super) use constructors;

constructors! {
    /// A tensor of the given values in row-major order; one size may be -1.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2], &Device::cpu());
    /// assert_eq!(x.to_string(), "[[1. 2.]\n [3. 4.]]\nf32[2, 2] on cpu");
    /// ```
    fn from_vec | try_from_vec [T: Element] (values: Vec<T>, shape: impl Into<Shape>, device: &Device) {
        from_values("from_vec", &values, T::DTYPE, shape.into(), device)
    }

    /// A tensor of i64 that the device holds in 64 bits, whatever the values are: for functions that are compiled with
    /// [`int64`](crate::Compiled::int64) `pair`. Others check that the values fit 32 bits. Operators that run at once on such a
    /// tensor compute in 64 bits.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::from_longs(&[1 << 40, -3], [2], &Device::cpu());
    /// assert_eq!((&x * &x).to_vec::<i64>()?, [0, 9]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn from_longs | try_from_longs [] (values: &[i64], shape: impl Into<Shape>, device: &Device) {
        from_values("from_longs", values, DType::Long, shape.into(), device)
    }

    /// As [`Tensor::from_vec`], of borrowed values.
    #[doc = example!("Tensor::from_slice(&[1.0f32, 2.0], [2], &device).to_vec::<f32>()?", "[1.000, 2.000]")]
    fn from_slice | try_from_slice [T: Element] (values: &[T], shape: impl Into<Shape>, device: &Device) {
        from_values("from_slice", values, T::DTYPE, shape.into(), device)
    }

    /// A tensor of an array or a view of one.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let a = ndarray::arr2(&[[1f32, 2.0], [3.0, 4.0]]);
    /// let x = Tensor::from_ndarray(a.t(), &Device::cpu());
    /// assert_eq!(x.to_vec::<f32>()?, [1.0, 3.0, 2.0, 4.0]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn from_ndarray | try_from_ndarray ['a, T: Element, D: Dimension] (array: impl Into<ArrayView<'a, T, D>>, device: &Device) {
        let array = array.into();
        let values: Vec<T> = array.iter().copied().collect();
        Tensor::try_from_slice(&values, array.shape(), device)
    }

    /// A tensor of rank 0.
    #[doc = example!("Tensor::scalar(1.5f32, &device).to_vec::<f32>()?", "[1.500]")]
    fn scalar | try_scalar [T: Element] (value: T, device: &Device) {
        Tensor::try_from_slice(&[value], (), device)
    }

    /// Zeros of f32.
    #[doc = example!("Tensor::zeros([3], &device).to_vec::<f32>()?", "[0.000, 0.000, 0.000]")]
    fn zeros | try_zeros [] (shape: impl Into<Shape>, device: &Device) {
        filled(shape.into().counted("zeros")?, 0.0, DType::F32, device)
    }

    /// Ones of f32.
    #[doc = example!("Tensor::ones([3], &device).to_vec::<f32>()?", "[1.000, 1.000, 1.000]")]
    fn ones | try_ones [] (shape: impl Into<Shape>, device: &Device) {
        filled(shape.into().counted("ones")?, 1.0, DType::F32, device)
    }

    /// One value everywhere.
    #[doc = example!("Tensor::full([3], 0.5f32, &device).to_vec::<f32>()?", "[0.500, 0.500, 0.500]")]
    fn full | try_full [T: Element] (shape: impl Into<Shape>, value: T, device: &Device) {
        Tensor::try_scalar(value, device)?.try_expand(shape.into().counted("full")?)
    }

    /// The identity matrix of f32 with `n` rows.
    #[doc = example!("Tensor::eye(2, &device).to_vec::<f32>()?", "[1.000, 0.000, 0.000, 1.000]")]
    fn eye | try_eye [] (n: usize, device: &Device) {
        let rows = counted([n, n].into(), 0, DType::I32, device)?;
        let columns = counted([n, n].into(), 1, DType::I32, device)?;
        rows.try_eq(&columns)?.try_to_dtype(DType::F32)
    }

    /// The i64 values of a range: `Tensor::arange(0..10, &device)`.
    #[doc = example!("Tensor::arange(2..5, &device).to_vec::<i64>()?", "[2, 3, 4]")]
    fn arange | try_arange [] (range: impl RangeBounds<i64>, device: &Device) {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => start + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&end) => end + 1,
            Bound::Excluded(&end) => end,
            Bound::Unbounded => {
                return Err(Error::at("shape", "arange: the range must have an end", Source::caller()));
            }
        };
        let n = (end - start).max(0);
        let count = counted([n].into(), 0, DType::I64, device)?;
        if start == 0 { Ok(count) } else { count.try_add(start) }
    }

    /// `n` values of f32 from `start` to `end`, both included, at equal distances.
    #[doc = example!("Tensor::linspace(0.0, 1.0, 3, &device).to_vec::<f32>()?", "[0.000, 0.500, 1.000]")]
    fn linspace | try_linspace [] (start: f64, end: f64, n: usize, device: &Device) {
        let step = if n > 1 { (end - start) / (n - 1) as f64 } else { 0.0 };
        let count = counted([n].into(), 0, DType::F32, device)?;
        count.try_mul(step)?.try_add(start)
    }
}

impl Tensor {
    /// Zeros of this tensor's shape, element type and device.
    #[doc = example!("x.zeros_like().to_vec::<f32>()?", "[0.000, 0.000, 0.000, 0.000]")]
    #[track_caller]
    pub fn zeros_like(&self) -> Tensor {
        expect(filled(self.shape(), 0.0, self.dtype(), self.device()))
    }

    /// Ones of this tensor's shape, element type and device.
    #[doc = example!("x.ones_like().to_vec::<f32>()?", "[1.000, 1.000, 1.000, 1.000]")]
    #[track_caller]
    pub fn ones_like(&self) -> Tensor {
        expect(filled(self.shape(), 1.0, self.dtype(), self.device()))
    }

    /// One value in this tensor's shape, element type and device.
    ///
    /// # Panics
    /// When the element type cannot hold the value.
    #[doc = example!("x.full_like(7.0).to_vec::<f32>()?", "[7.000, 7.000, 7.000, 7.000]")]
    #[track_caller]
    pub fn full_like(&self, value: f64) -> Tensor {
        expect(filled(self.shape(), value, self.dtype(), self.device()))
    }
}

/// Values as a tensor whose elements are held as `dtype`.
#[track_caller]
fn from_values<T: Element>(
    op: &str,
    values: &[T],
    dtype: DType,
    shape: Shape,
    device: &Device,
) -> Result<Tensor> {
    let shape = shape.filled(op, &values.len().into())?;
    match HostTensor::new(dtype, shape.numbers(), T::to_bytes(values)) {
        Ok(host) => from_host_data(host, device),
        Err(_) => {
            let message = format!("{op}: {} values do not fill the shape {shape}", values.len());
            Err(Error::at("shape", message, Source::caller()))
        }
    }
}

/// Host data as a tensor; a constant of the graph while a function is captured.
#[track_caller]
fn from_host_data(host: HostTensor, device: &Device) -> Result<Tensor> {
    if capture::is_recording() {
        // How integers are held is up to the compiler.
        let host = HostTensor { dtype: host.dtype.declared(), ..host };
        return apply_source(device, "constant", Attrs::new().tensor("value", host.into()));
    }
    let source = Source::caller();
    Tensor::from_host(&host, device).map_err(|error| match error {
        Error::Device(fault @ RuntimeError::Range { .. }) => {
            Error::at("range", fault.to_string(), source)
        }
        other => other,
    })
}

/// One value in a shape.
#[track_caller]
pub(super) fn filled(shape: Shape, value: f64, dtype: DType, device: &Device) -> Result<Tensor> {
    constant(device, dtype, value)?.try_expand(shape)
}

/// The index along an axis.
#[track_caller]
pub(super) fn counted(shape: Shape, axis: usize, dtype: DType, device: &Device) -> Result<Tensor> {
    let attrs =
        Attrs::new().dims("dims", &shape.dims()).int("axis", axis as i64).dtype("dtype", dtype);
    apply_source(device, "iota", attrs)
}
