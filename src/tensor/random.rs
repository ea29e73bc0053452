//! Random tensors. Bits depend on the device's seed, on the number of draws before, and on the element's index alone, so that
//! they are the same on every device, eager or compiled.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{DType, Source};

use super::create::constructors;
use super::pair::pairs;
use super::{Tensor, apply};
use crate::capture;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::shape::Shape;

/// The key of the next draw of a device, as `u32[3]`: the seed's two words, and the number of the draw. While a function is
/// captured it is an input that every call makes anew.
#[track_caller]
fn key(device: &Device) -> Result<Tensor> {
    match capture::with(capture::Recorder::draw) {
        Some(key) => Ok(key),
        None => device.next_key(),
    }
}

#[track_caller]
fn bits(key: &Tensor, shape: &Shape, word: i64) -> Result<Tensor> {
    apply("random_bits", &[key], Attrs::new().dims("dims", &shape.dims()).int("word", word))
}

/// Numbers in `0..1` of 24 bits.
#[track_caller]
fn uniform(key: &Tensor, shape: &Shape, word: i64) -> Result<Tensor> {
    let high = bits(key, shape, word)?.try_bitwise_right_shift(8u32)?;
    high.try_to_dtype(DType::F32)?.try_mul(1.0 / f64::from(1 << 24))
}

constructors! {
    /// Numbers of f32 that are equally likely in `0..1`.
    fn rand | try_rand [] (shape: impl Into<Shape>, device: &Device) {
        uniform(&key(device)?, &shape.into(), 0)
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
        let (key, shape) = (key(device)?, shape.into());
        let above_zero = uniform(&key, &shape, 0)?.try_add(1.0 / f64::from(1 << 24))?;
        let radius = above_zero.try_log()?.try_mul(-2.0)?.try_sqrt()?;
        let angle = uniform(&key, &shape, 1)?.try_mul(2.0 * std::f64::consts::PI)?;
        radius.try_mul(&angle.try_cos()?)
    }

    /// Integers of i64 that are equally likely in `low..high`, to within one part in 2^24 of the range.
    fn randint | try_randint [] (low: i64, high: i64, shape: impl Into<Shape>, device: &Device) {
        let span = high.checked_sub(low).filter(|span| (1..=1 << 24).contains(span));
        let Some(span) = span else {
            let message = format!("randint: the range {low}..{high} must have 1 to {} numbers", 1 << 24);
            return Err(Error::at("shape", message, Source::caller()));
        };
        let high_bits = bits(&key(device)?, &shape.into(), 0)?;
        high_bits.try_rem(span)?.try_to_dtype(DType::I64)?.try_add(low)
    }
}

impl Tensor {
    /// As [`Tensor::rand`], of this tensor's shape and device.
    #[track_caller]
    pub fn rand_like(&self) -> Tensor {
        Tensor::rand(self.shape(), self.device())
    }

    /// As [`Tensor::randn`], of this tensor's shape and device.
    #[track_caller]
    pub fn randn_like(&self) -> Tensor {
        Tensor::randn(self.shape(), self.device())
    }
}

pairs! {
    /// 1 with the probability that this tensor holds, else 0, in its element type.
    fn bernoulli | try_bernoulli(self) {
        let draws = uniform(&key(self.device())?, &self.shape(), 0)?;
        draws.try_lt(&self.try_to_dtype(DType::F32)?)?.try_to_dtype(self.dtype())
    }

    /// Zeros with probability `p`, and the rest divided by `1 - p`; the same values unless `training`.
    fn dropout | try_dropout(self, p: f64, training: bool) {
        if !(0.0..=1.0).contains(&p) {
            return Err(Error::at("option", format!("dropout: {p} is no probability"), Source::caller()));
        }
        if !training || p == 0.0 {
            return Ok(self.clone());
        }
        if p == 1.0 {
            return self.try_mul(0.0);
        }
        let kept = uniform(&key(self.device())?, &self.shape(), 0)?.try_ge(p)?;
        kept.try_where_(&self.try_div(1.0 - p)?, 0.0)
    }
}
