//! Random tensors. Bits depend on the device's seed, on the number of draws before, and on the element's index alone, so that
//! they are the same on every device, eager or compiled.

use ferrodyne_compiler::graph::Attrs;

use super::create::constructors;
use super::pair::{example, pairs};
use super::{Tensor, apply};
use crate::capture;
use crate::device::Device;
use crate::error::Result;
use crate::shape::Shape;

/// The seed of the next draw of a device, as `u32[2]`. While a function is captured it is an input that every call makes anew.
#[track_caller]
fn seed(device: &Device) -> Result<Tensor> {
    match capture::with(capture::Recorder::draw) {
        Some(Ok(seed)) => Ok(seed),
        Some(Err(why)) => capture::leave(capture::Leave::Replay(why)),
        None => device.next_key(),
    }
}

#[track_caller]
fn drawn(op: &'static str, shape: &Shape, device: &Device) -> Result<Tensor> {
    apply(op, &[&seed(device)?], Attrs::new().dims("dims", &shape.dims()))
}

constructors! {
    /// Numbers of f32 that are equally likely in `0..1`.
    #[doc = example!("Tensor::rand([2, 3], &device).shape()", "[2, 3]")]
    fn rand | try_rand [] (shape: impl Into<Shape>, device: &Device) {
        drawn("random_uniform", &shape.into().counted("rand")?, device)
    }

    /// Numbers of f32 with the normal distribution of mean 0 and variance 1 (Box and Muller, 1958).
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let device = Device::cpu();
    /// device.manual_seed(7);
    /// let x = Tensor::randn([2, 3], &device);
    /// device.manual_seed(7);
    /// assert_eq!(Tensor::randn([2, 3], &device).to_vec::<f32>()?, x.to_vec::<f32>()?);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn randn | try_randn [] (shape: impl Into<Shape>, device: &Device) {
        drawn("random_normal", &shape.into().counted("randn")?, device)
    }

    /// Integers of i64 in `low..high`, equally likely where the range is far below 2^32.
    #[doc = example!("Tensor::randint(0, 1, [2], &device).to_vec::<i64>()?", "[0, 0]")]
    fn randint | try_randint [] (low: i64, high: i64, shape: impl Into<Shape>, device: &Device) {
        let dims = shape.into().counted("randint")?.dims();
        let attrs = Attrs::new().dims("dims", &dims).int("low", low).int("high", high);
        apply("random_int", &[&seed(device)?], attrs)
    }
}

impl Tensor {
    /// As [`Tensor::rand`], of this tensor's shape and device.
    #[doc = example!("x.rand_like().shape()", "[2, 2]")]
    #[track_caller]
    pub fn rand_like(&self) -> Tensor {
        Tensor::rand(self.shape(), self.device())
    }

    /// As [`Tensor::randn`], of this tensor's shape and device.
    #[doc = example!("x.randn_like().shape()", "[2, 2]")]
    #[track_caller]
    pub fn randn_like(&self) -> Tensor {
        Tensor::randn(self.shape(), self.device())
    }
}

pairs! {
    /// 1 with the probability that this tensor holds, else 0, in its element type.
    #[doc = example!("Tensor::ones([3], &device).bernoulli().to_vec::<f32>()?", "[1.000, 1.000, 1.000]")]
    fn bernoulli | try_bernoulli(self) {
        let drawn = apply("bernoulli", &[self, &seed(self.device())?], Attrs::new())?;
        drawn.try_to_dtype(self.dtype())
    }

    /// Zeros with probability `p`, and the rest divided by `1 - p`; the same values unless `training`.
    #[doc = example!("x.dropout(0.5, false).to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    fn dropout | try_dropout(self, p: f64, training: bool) {
        if !training {
            return Ok(self.clone());
        }
        apply("dropout", &[self, &seed(self.device())?], Attrs::new().float("p", p))
    }
}
