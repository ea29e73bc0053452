//! Activations.

use ferrodyne_compiler::graph::Attrs;

use super::arithmetic::unary;
use super::pair::{example, pairs};
use super::reduce::along;
use super::{Tensor, apply};

pairs! {
    /// `max(x, 0)`; NaN stays.
    #[doc = example!("x.relu().to_vec::<f32>()?", "[0.000, 0.500, 2.000, 3.000]")]
    fn relu | try_relu(self) {
        unary("relu", self)
    }

    /// `x` held between 0 and 6.
    #[doc = example!("x.relu6().to_vec::<f32>()?", "[0.000, 0.500, 2.000, 3.000]")]
    fn relu6 | try_relu6(self) {
        unary("relu6", self)
    }

    /// `x` where it is positive, else `slope * x`.
    #[doc = example!("x.leaky_relu(0.1).to_vec::<f32>()?", "[-0.100, 0.500, 2.000, 3.000]")]
    fn leaky_relu | try_leaky_relu(self, slope: f64) {
        apply("leaky_relu", &[self], Attrs::new().float("slope", slope))
    }

    /// `x` where it is positive, else `weight * x`; a weight of several elements has one for each channel, which is axis 1.
    #[doc = example!("let weight = Tensor::full([2], 0.25f32, &device);", "x.prelu(&weight).to_vec::<f32>()?", "[-0.250, 0.500, 2.000, 3.000]")]
    fn prelu | try_prelu(self, weight: impl AsRef<Tensor>) {
        let weight = weight.as_ref();
        if self.rank() < 2 && weight.rank() == 1 {
            let weight = weight.try_reshape(())?;
            return apply("prelu", &[self, &weight], Attrs::new());
        }
        match (self.rank(), weight.rank()) {
            (2.., 1) => {
                let mut sizes = vec![crate::Size::from(1); self.rank()];
                sizes[1] = weight.dim(0);
                apply("prelu", &[self, &weight.try_reshape(sizes)?], Attrs::new())
            }
            _ => apply("prelu", &[self, weight], Attrs::new()),
        }
    }

    /// `x` where it is positive, else `alpha * (e^x - 1)`.
    #[doc = example!("x.elu(1.0).to_vec::<f32>()?", "[-0.632, 0.500, 2.000, 3.000]")]
    fn elu | try_elu(self, alpha: f64) {
        apply("elu", &[self], Attrs::new().float("alpha", alpha))
    }

    /// `elu` with the scale that keeps activations normalised (Klambauer et al., 2017).
    #[doc = example!("x.selu().to_vec::<f32>()?", "[-1.111, 0.525, 2.101, 3.152]")]
    fn selu | try_selu(self) {
        unary("selu", self)
    }

    /// `max(0, x) + min(0, alpha * (e^(x / alpha) - 1))`.
    #[doc = example!("x.celu(2.0).to_vec::<f32>()?", "[-0.787, 0.500, 2.000, 3.000]")]
    fn celu | try_celu(self, alpha: f64) {
        apply("celu", &[self], Attrs::new().float("alpha", alpha))
    }

    /// `x * Phi(x)`, with the error function for `"none"` and by its approximation for `"tanh"`.
    #[doc = example!("x.gelu(\"none\").to_vec::<f32>()?", "[-0.159, 0.346, 1.954, 2.996]")]
    fn gelu | try_gelu(self, approximate: &str) {
        apply("gelu", &[self], Attrs::new().str("approximate", approximate))
    }

    /// `1 / (1 + e^-x)`.
    #[doc = example!("x.sigmoid().to_vec::<f32>()?", "[0.269, 0.622, 0.881, 0.953]")]
    fn sigmoid | try_sigmoid(self) {
        unary("sigmoid", self)
    }

    /// `x * sigmoid(x)`.
    #[doc = example!("x.silu().to_vec::<f32>()?", "[-0.269, 0.311, 1.762, 2.858]")]
    fn silu | try_silu(self) {
        unary("silu", self)
    }

    /// `x * tanh(softplus(x))`.
    #[doc = example!("x.mish().to_vec::<f32>()?", "[-0.303, 0.375, 1.944, 2.987]")]
    fn mish | try_mish(self) {
        unary("mish", self)
    }

    /// `clamp(x / 6 + 1 / 2, 0, 1)`.
    #[doc = example!("x.hardsigmoid().to_vec::<f32>()?", "[0.333, 0.583, 0.833, 1.000]")]
    fn hardsigmoid | try_hardsigmoid(self) {
        unary("hardsigmoid", self)
    }

    /// `x * hardsigmoid(x)`.
    #[doc = example!("x.hardswish().to_vec::<f32>()?", "[-0.333, 0.292, 1.667, 3.000]")]
    fn hardswish | try_hardswish(self) {
        unary("hardswish", self)
    }

    /// `x` held between two numbers.
    #[doc = example!("x.hardtanh(-0.5, 2.0).to_vec::<f32>()?", "[-0.500, 0.500, 2.000, 2.000]")]
    fn hardtanh | try_hardtanh(self, low: f64, high: f64) {
        apply("hardtanh", &[self], Attrs::new().float("low", low).float("high", high))
    }

    /// `ln(1 + e^x)`.
    #[doc = example!("x.softplus().to_vec::<f32>()?", "[0.313, 0.974, 2.127, 3.049]")]
    fn softplus | try_softplus(self) {
        unary("softplus", self)
    }

    /// `x / (1 + |x|)`.
    #[doc = example!("x.softsign().to_vec::<f32>()?", "[-0.500, 0.333, 0.667, 0.750]")]
    fn softsign | try_softsign(self) {
        unary("softsign", self)
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
        along("softmax", self, axis)
    }

    /// Logarithm of [`Tensor::softmax`].
    #[doc = example!("x.log_softmax(-1).to_vec::<f32>()?", "[-1.701, -0.201, -1.313, -0.313]")]
    fn log_softmax | try_log_softmax(self, axis: isize) {
        along("log_softmax", self, axis)
    }

    /// The first half along an axis, times the sigmoid of the second.
    #[doc = example!("x.glu(-1).to_vec::<f32>()?", "[-0.622, 1.905]")]
    fn glu | try_glu(self, axis: isize) {
        along("glu", self, axis)
    }
}
