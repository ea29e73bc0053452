//! How a function is traced.

use ferrodyne_plan::Range;

use crate::compile::{Axis, BackendKind, Declared, Options, Place};
use crate::error::Result;

/// How a function is traced.
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::{TraceOptions, trace_with};
///
/// let device = Device::cpu();
/// let options = TraceOptions::new().named("halved").dynamic(0, 0, "batch", 1..=64);
/// let traced = trace_with(|x: &Tensor| x / 2, &Tensor::ones([4, 3], &device), options)?;
/// assert_eq!(traced.call(&Tensor::ones([9, 3], &device))?.shape(), [9, 3]);
/// assert!(traced.call(&Tensor::ones([9, 5], &device)).is_err());
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TraceOptions {
    pub(super) options: Options,
    pub(super) is_named: bool,
    pub(super) check: bool,
    pub(super) tolerance: Option<f64>,
}

impl TraceOptions {
    /// The default: all sizes are numbers, fused kernels, and the trace is checked.
    pub fn new() -> TraceOptions {
        TraceOptions { options: Options::default(), is_named: false, check: true, tolerance: None }
    }

    /// Declares a dim of the `tensor`-th tensor argument as symbolic, with a name for messages and the values that it may take. All
    /// other sizes are those of the examples. Where the function needs a number, the dim becomes one, with a warning.
    pub fn dynamic(
        mut self,
        tensor: usize,
        axis: usize,
        name: &str,
        range: std::ops::RangeInclusive<usize>,
    ) -> TraceOptions {
        let range = Range::between(*range.start() as i64, *range.end() as i64);
        let at = Axis { tensor: Place::Number(tensor), axis };
        self.options.dynamic.push(Declared { at, name: name.to_owned(), range });
        self
    }

    /// Whether the function is run again to check the trace; true by default. See [`Traced::divergences`](super::Traced::divergences).
    pub fn check_trace(mut self, check: bool) -> TraceOptions {
        self.check = check;
        self
    }

    /// The largest error that the check lets pass, as part of the output's scale (the root of the mean of its squares); 1e-4 by
    /// default, and 0.02 for floats of 16 bits. Integers and truth values must be equal.
    pub fn check_tolerance(mut self, tolerance: f64) -> TraceOptions {
        self.tolerance = Some(tolerance);
        self
    }

    /// Gives the trace a name; by default that of the function or of the module's type.
    pub fn named(mut self, name: &str) -> TraceOptions {
        (self.options.name, self.is_named) = (name.to_owned(), true);
        self
    }

    /// Names the tensor arguments for listings, in order; `x0`, `x1` and so on by default.
    pub fn arguments(mut self, names: &[&str]) -> TraceOptions {
        self.options.arguments = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// How much time may be spent on compiling: `default`, or `max_autotune`, which measures schedules with the examples.
    ///
    /// # Errors
    /// A name that is no mode, with the choices.
    pub fn mode(mut self, name: &str) -> Result<TraceOptions> {
        self.options.tune = crate::compile::tunes(name)?;
        Ok(self)
    }

    /// Chooses the backend that runs the trace, by name.
    ///
    /// # Errors
    /// A name that is no backend, with the choices; `eager`, which runs no graph.
    pub fn backend(mut self, name: &str) -> Result<TraceOptions> {
        let found = BackendKind::named(name).filter(|kind| *kind != BackendKind::Eager);
        self.options.backend = found.ok_or_else(|| crate::compile::unknown_backend(name))?;
        Ok(self)
    }
}

impl Default for TraceOptions {
    fn default() -> TraceOptions {
        TraceOptions::new()
    }
}
