//! Activations.

use ferrodyne_plan::Source;

use super::pair::pairs;
use super::{Operand, Tensor};
use crate::error::{Error, Result};

pairs! {
    /// `max(x, 0)`; NaN stays.
    fn relu | try_relu(self) {
        self.try_maximum(0.0)
    }

    /// `x` held between 0 and 6.
    fn relu6 | try_relu6(self) {
        self.try_clamp(0.0, 6.0)
    }

    /// `x` where it is positive, else `slope * x`.
    fn leaky_relu | try_leaky_relu(self, slope: f64) {
        self.try_gt(0)?.try_where_(self, &self.try_mul(slope)?)
    }

    /// `x` where it is positive, else `weight * x`; a weight of several elements has one for each channel, which is axis 1.
    fn prelu | try_prelu(self, weight: &Tensor) {
        let weight = match (self.rank(), weight.rank()) {
            (2.., 1) => channelwise(weight, self.rank())?,
            _ => weight.clone(),
        };
        self.try_gt(0)?.try_where_(self, &self.try_mul(&weight)?)
    }

    /// `x` where it is positive, else `alpha * (e^x - 1)`.
    fn elu | try_elu(self, alpha: f64) {
        let below = self.try_minimum(0.0)?.try_expm1()?.try_mul(alpha)?;
        self.try_gt(0)?.try_where_(self, &below)
    }

    /// `elu` with the scale that keeps activations normalised (Klambauer et al., 2017).
    fn selu | try_selu(self) {
        self.try_elu(1.673_263_242_354_377_2)?.try_mul(1.050_700_987_355_480_5)
    }

    /// `max(0, x) + min(0, alpha * (e^(x / alpha) - 1))`.
    fn celu | try_celu(self, alpha: f64) {
        let below = self.try_minimum(0.0)?.try_div(alpha)?.try_expm1()?.try_mul(alpha)?;
        self.try_maximum(0.0)?.try_add(&below)
    }

    /// `x * Phi(x)`, with the error function for `"none"` and by its approximation for `"tanh"`.
    fn gelu | try_gelu(self, approximate: &str) {
        match approximate {
            "none" => {
                let erf = self.try_mul(std::f64::consts::FRAC_1_SQRT_2)?.try_erf()?;
                self.try_mul(0.5)?.try_mul(&erf.try_add(1.0)?)
            }
            "tanh" => {
                let cubic = self.try_square()?.try_mul(self)?.try_mul(0.044715)?.try_add(self)?;
                let inner = cubic.try_mul((2.0 / std::f64::consts::PI).sqrt())?.try_tanh()?;
                self.try_mul(0.5)?.try_mul(&inner.try_add(1.0)?)
            }
            other => {
                let message = format!("gelu: there is no approximation `{other}`; there are: none, tanh");
                Err(Error::at("option", message, Source::caller()))
            }
        }
    }

    /// `1 / (1 + e^-x)`.
    fn sigmoid | try_sigmoid(self) {
        self.try_neg()?.try_exp()?.try_add(1.0)?.try_reciprocal()
    }

    /// `x * sigmoid(x)`.
    fn silu | try_silu(self) {
        self.try_mul(&self.try_sigmoid()?)
    }

    /// `x * tanh(softplus(x))`.
    fn mish | try_mish(self) {
        self.try_mul(&self.try_softplus()?.try_tanh()?)
    }

    /// `clamp(x / 6 + 1 / 2, 0, 1)`.
    fn hardsigmoid | try_hardsigmoid(self) {
        self.try_add(3.0)?.try_clamp(0.0, 6.0)?.try_div(6.0)
    }

    /// `x * hardsigmoid(x)`.
    fn hardswish | try_hardswish(self) {
        self.try_mul(&self.try_hardsigmoid()?)
    }

    /// `x` held between two numbers.
    fn hardtanh | try_hardtanh(self, low: f64, high: f64) {
        self.try_clamp(low, high)
    }

    /// `ln(1 + e^x)`.
    fn softplus | try_softplus(self) {
        let rest = self.try_abs()?.try_neg()?.try_exp()?.try_log1p()?;
        self.try_maximum(0.0)?.try_add(&rest)
    }

    /// `x / (1 + |x|)`.
    fn softsign | try_softsign(self) {
        self.try_div(&self.try_abs()?.try_add(1.0)?)
    }

    /// `e^x` along an axis, divided by its sum.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::zeros([2, 4], &Device::cpu());
    /// assert_eq!(x.softmax(-1).to_vec::<f32>()?, [0.25; 8]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn softmax | try_softmax(self, axis: isize) {
        let shifted = self.try_sub(&self.try_amax(axis, true)?)?.try_exp()?;
        shifted.try_div(&shifted.try_sum_dim(axis, true)?)
    }

    /// Logarithm of [`Tensor::softmax`].
    fn log_softmax | try_log_softmax(self, axis: isize) {
        let shifted = self.try_sub(&self.try_amax(axis, true)?)?;
        let total = shifted.try_exp()?.try_sum_dim(axis, true)?.try_log()?;
        shifted.try_sub(&total)
    }

    /// The first half along an axis, times the sigmoid of the second.
    fn glu | try_glu(self, axis: isize) {
        let halves = self.try_chunk(2, axis)?;
        let [first, second] = halves.as_slice() else {
            let message = format!("glu: axis {axis} of shape {} cannot be halved", self.shape());
            return Err(Error::at("shape", message, Source::caller()));
        };
        first.try_mul(&second.try_sigmoid()?)
    }
}

/// A vector over channels as it broadcasts beside a tensor whose axis 1 is the channel.
#[track_caller]
pub(super) fn channelwise(weight: &Tensor, rank: usize) -> Result<Tensor> {
    let mut sizes = vec![crate::Size::from(1); rank];
    sizes[1] = weight.dim(0);
    weight.try_reshape(sizes)
}

/// A number beside a tensor, for formulas that begin with a number.
#[track_caller]
pub(super) fn number(value: f64, beside: &Tensor) -> Result<Tensor> {
    value.beside(beside)
}
