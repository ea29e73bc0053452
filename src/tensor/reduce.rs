//! Reductions: sums, means, extrema, and running sums.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{DType, Source};

use super::pair::{example, pairs};
use super::{Tensor, apply};
use crate::error::{Error, Result};

/// Axes of a reduction: one, several, or `()` for all. Negative ones count from the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes(Option<Vec<isize>>);

macro_rules! axes {
    ($($int:ty),*) => {$(
        impl From<$int> for Axes {
            fn from(axis: $int) -> Axes {
                Axes(Some(vec![axis as isize]))
            }
        }

        impl<const N: usize> From<[$int; N]> for Axes {
            fn from(axes: [$int; N]) -> Axes {
                Axes(Some(axes.into_iter().map(|axis| axis as isize).collect()))
            }
        }

        impl From<&[$int]> for Axes {
            fn from(axes: &[$int]) -> Axes {
                Axes(Some(axes.iter().map(|&axis| axis as isize).collect()))
            }
        }

        impl From<Vec<$int>> for Axes {
            fn from(axes: Vec<$int>) -> Axes {
                Axes::from(axes.as_slice())
            }
        }
    )*};
}
axes!(isize, i32, i64);

impl From<()> for Axes {
    fn from((): ()) -> Axes {
        Axes(None)
    }
}

impl Axes {
    /// Positions of the axes in a tensor, ascending.
    ///
    /// # Errors
    /// An axis that the tensor does not have, or the same axis twice.
    #[track_caller]
    pub(crate) fn of(&self, x: &Tensor) -> Result<Vec<usize>> {
        let Some(axes) = &self.0 else { return Ok((0..x.rank()).collect()) };
        if matches!(axes.as_slice(), [axis] if x.is_axis_of_scalar(*axis)) {
            return Ok(Vec::new());
        }
        let mut positions = Vec::new();
        for &axis in axes {
            let at = x.axis(axis)?;
            if positions.contains(&at) {
                let message = format!("axis {axis} is named twice in {axes:?}");
                return Err(Error::at("axis", message, Source::caller()));
            }
            positions.push(at);
        }
        positions.sort_unstable();
        Ok(positions)
    }
}

pub(super) fn ints(axes: &[usize]) -> Vec<i64> {
    axes.iter().map(|&axis| axis as i64).collect()
}

#[track_caller]
fn reduce(op: &'static str, x: &Tensor, axes: &Axes, keepdim: bool) -> Result<Tensor> {
    let axes = axes.of(x)?;
    apply(op, &[x], Attrs::new().ints("axes", &ints(&axes)).bool("keepdim", keepdim))
}

/// The summands of a sum or factors of a product: those of fewer than 32 bits are counted in i64, as in PyTorch.
#[track_caller]
fn widened(x: &Tensor) -> Result<Tensor> {
    match x.dtype() {
        DType::Bool | DType::U8 | DType::I8 => x.try_to_dtype(DType::I64),
        _ => Ok(x.clone()),
    }
}

/// The largest or smallest element: of truth values whether any or all are true.
#[track_caller]
fn extreme(
    op: &'static str,
    of_truth: &'static str,
    x: &Tensor,
    axes: &Axes,
    keepdim: bool,
) -> Result<Tensor> {
    occupied(op, x, axes)?;
    reduce(if x.dtype() == DType::Bool { of_truth } else { op }, x, axes, keepdim)
}

/// Values and their indices along an axis; those of truth values are found among numbers.
#[track_caller]
fn with_index(
    op: &'static str,
    value: Tensor,
    x: &Tensor,
    axis: isize,
) -> Result<(Tensor, Tensor)> {
    let numbers = if x.dtype() == DType::Bool { x.try_to_dtype(DType::I32)? } else { x.clone() };
    Ok((value, index(op, &numbers, axis, false)?))
}

/// Refuses axes that are known to have no elements, and so no largest or smallest one.
#[track_caller]
fn occupied(op: &str, x: &Tensor, axes: &Axes) -> Result<()> {
    let shape = x.shape();
    let is_empty = |axis: &usize| shape.size(*axis).dim().as_const() == Some(0);
    match axes.of(x)?.into_iter().find(is_empty) {
        None => Ok(()),
        Some(axis) => {
            let message = format!("{op}: axis {axis} of the shape {shape} has no elements");
            Err(Error::at("shape", message, Source::caller()))
        }
    }
}

#[track_caller]
fn index(op: &'static str, x: &Tensor, axis: isize, keepdim: bool) -> Result<Tensor> {
    occupied(op, x, &axis.into())?;
    let (row, axis) = x.along(axis)?;
    let axis = axis as i64;
    let result = apply(op, &[&row], Attrs::new().int("axis", axis).bool("keepdim", keepdim))?;
    result.without_axis_of(x)
}

pairs! {
    /// Sum of all elements. Truth values and integers of 8 bits are summed in i64; those of 32 bits keep their type, in which they
    /// wrap, as devices count in 32 bits.
    #[doc = example!("x.sum().to_vec::<f32>()?", "[4.500]")]
    fn sum | try_sum(self) {
        self.try_sum_dim((), false)
    }

    /// Sum along axes, of the type that [`Tensor::sum`] has; `keepdim` leaves them with size 1.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::ones([2, 3, 4], &Device::cpu());
    /// assert_eq!(x.sum_dim([0, -1], false).to_vec::<f32>()?, [8.0; 3]);
    /// assert_eq!(x.sum_dim(1, true).shape(), [2, 1, 4]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn sum_dim | try_sum_dim(self, axes: impl Into<Axes>, keepdim: bool) {
        reduce("sum", &widened(self)?, &axes.into(), keepdim)
    }

    /// Mean of all elements.
    #[doc = example!("x.mean().to_vec::<f32>()?", "[1.125]")]
    fn mean | try_mean(self) {
        self.try_mean_dim((), false)
    }

    /// Mean along axes.
    #[doc = example!("x.mean_dim(1, false).to_vec::<f32>()?", "[-0.250, 2.500]")]
    fn mean_dim | try_mean_dim(self, axes: impl Into<Axes>, keepdim: bool) {
        reduce("mean", self, &axes.into(), keepdim)
    }

    /// Product of all elements, of the type that [`Tensor::sum`] has.
    #[doc = example!("x.prod().to_vec::<f32>()?", "[-3.000]")]
    fn prod | try_prod(self) {
        self.try_prod_dim((), false)
    }

    /// Product along axes.
    #[doc = example!("x.prod_dim(1, false).to_vec::<f32>()?", "[-0.500, 6.000]")]
    fn prod_dim | try_prod_dim(self, axes: impl Into<Axes>, keepdim: bool) {
        reduce("prod", &widened(self)?, &axes.into(), keepdim)
    }

    /// The largest elements along an axis, which must have some, and their indices; see [`Tensor::amax`] for several axes.
    #[doc = example!("let (values, indices) = x.max(1);", "(values.to_vec::<f32>()?, indices.to_vec::<i64>()?)", "([0.500, 3.000], [1, 1])")]
    fn max | try_max(self, axis: isize) -> (Tensor, Tensor) {
        with_index("argmax", self.try_amax(axis, false)?, self, axis)
    }

    /// The smallest elements along an axis, which must have some, and their indices; see [`Tensor::amin`] for several axes.
    #[doc = example!("let (values, indices) = x.min(1);", "(values.to_vec::<f32>()?, indices.to_vec::<i64>()?)", "([-1.000, 2.000], [0, 0])")]
    fn min | try_min(self, axis: isize) -> (Tensor, Tensor) {
        with_index("argmin", self.try_amin(axis, false)?, self, axis)
    }

    /// The largest element along axes; NaN if any is.
    #[doc = example!("x.amax(1, false).to_vec::<f32>()?", "[0.500, 3.000]")]
    fn amax | try_amax(self, axes: impl Into<Axes>, keepdim: bool) {
        extreme("amax", "any", self, &axes.into(), keepdim)
    }

    /// The smallest element along axes; NaN if any is.
    #[doc = example!("x.amin(1, false).to_vec::<f32>()?", "[-1.000, 2.000]")]
    fn amin | try_amin(self, axes: impl Into<Axes>, keepdim: bool) {
        extreme("amin", "all", self, &axes.into(), keepdim)
    }

    /// Index of the first largest element along an axis, as i64.
    #[doc = example!("x.argmax(1, false).to_vec::<i64>()?", "[1, 1]")]
    fn argmax | try_argmax(self, axis: isize, keepdim: bool) {
        index("argmax", self, axis, keepdim)
    }

    /// Index of the first smallest element along an axis, as i64.
    #[doc = example!("x.argmin(1, false).to_vec::<i64>()?", "[0, 0]")]
    fn argmin | try_argmin(self, axis: isize, keepdim: bool) {
        index("argmin", self, axis, keepdim)
    }

    /// Whether any element is true; numbers are true where they are not 0.
    #[doc = example!(truth "x.gt(0.0).any().to_vec::<bool>()?", "[true]")]
    fn any | try_any(self) {
        self.try_any_dim((), false)
    }

    /// Whether any element along axes is true.
    #[doc = example!(truth "x.gt(0.0).any_dim(1, false).to_vec::<bool>()?", "[true, true]")]
    fn any_dim | try_any_dim(self, axes: impl Into<Axes>, keepdim: bool) {
        reduce("any", &self.try_to_dtype(DType::Bool)?, &axes.into(), keepdim)
    }

    /// Whether all elements are true; numbers are true where they are not 0.
    #[doc = example!(truth "x.gt(0.0).all().to_vec::<bool>()?", "[false]")]
    fn all | try_all(self) {
        self.try_all_dim((), false)
    }

    /// Whether all elements along axes are true.
    #[doc = example!(truth "x.gt(0.0).all_dim(1, false).to_vec::<bool>()?", "[false, true]")]
    fn all_dim | try_all_dim(self, axes: impl Into<Axes>, keepdim: bool) {
        reduce("all", &self.try_to_dtype(DType::Bool)?, &axes.into(), keepdim)
    }

    /// Variance along axes: the squared distances from the mean, summed and divided by `n - correction`.
    #[doc = example!("x.var(1, 1, false).to_vec::<f32>()?", "[1.125, 0.500]")]
    fn var | try_var(self, axes: impl Into<Axes>, correction: usize, keepdim: bool) {
        let axes = ints(&axes.into().of(self)?);
        let attrs = Attrs::new().ints("axes", &axes).bool("keepdim", keepdim);
        apply("var", &[self], attrs.float("correction", correction as f64))
    }

    /// Square root of the variance.
    #[doc = example!("x.std(1, 1, false).to_vec::<f32>()?", "[1.061, 0.707]")]
    fn std | try_std(self, axes: impl Into<Axes>, correction: usize, keepdim: bool) {
        self.try_var(axes, correction, keepdim)?.try_sqrt()
    }

    /// Euclidean length of all elements taken as one vector.
    #[doc = example!("x.norm().to_vec::<f32>()?", "[3.775]")]
    fn norm | try_norm(self) {
        self.try_norm_dim(2.0, (), false)
    }

    /// The `p`-norm along axes; `p` may be infinite, where the axes must have elements.
    #[doc = example!("x.norm_dim(1.0, 1, false).to_vec::<f32>()?", "[1.500, 5.000]")]
    fn norm_dim | try_norm_dim(self, p: f64, axes: impl Into<Axes>, keepdim: bool) {
        let axes = axes.into();
        if p.is_infinite() {
            occupied("norm_dim", self, &axes)?;
        }
        let axes = ints(&axes.of(self)?);
        let attrs = Attrs::new().ints("axes", &axes).bool("keepdim", keepdim);
        apply("norm", &[self], attrs.float("p", p))
    }

    /// `ln(sum(e^x))` along axes, without overflow.
    #[doc = example!("x.logsumexp(1, false).to_vec::<f32>()?", "[0.701, 3.313]")]
    fn logsumexp | try_logsumexp(self, axes: impl Into<Axes>, keepdim: bool) {
        reduce("logsumexp", self, &axes.into(), keepdim)
    }

    /// Running sum along an axis, of the type that [`Tensor::sum`] has.
    #[doc = example!("x.cumsum(1).to_vec::<f32>()?", "[-1.000, -0.500, 2.000, 5.000]")]
    fn cumsum | try_cumsum(self, axis: isize) {
        along("cumsum", &widened(self)?, axis)
    }

    /// Running product along an axis, of the type that [`Tensor::sum`] has.
    #[doc = example!("x.cumprod(1).to_vec::<f32>()?", "[-1.000, -0.500, 2.000, 6.000]")]
    fn cumprod | try_cumprod(self, axis: isize) {
        along("cumprod", &widened(self)?, axis)
    }

    /// Running maximum along an axis.
    #[doc = example!("x.cummax(1).to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    fn cummax | try_cummax(self, axis: isize) {
        along("cummax", self, axis)
    }
}

#[track_caller]
pub(super) fn along(op: &'static str, x: &Tensor, axis: isize) -> Result<Tensor> {
    let (row, axis) = x.along(axis)?;
    let axis = axis as i64;
    apply(op, &[&row], Attrs::new().int("axis", axis))?.without_axis_of(x)
}
