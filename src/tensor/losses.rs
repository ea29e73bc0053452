//! Losses: one number that says how far a prediction is from its target, the mean over all that is predicted.

use ferrodyne_compiler::graph::Attrs;

use super::pair::{example, pairs};
use super::{Tensor, apply};

pairs! {
    /// Mean of `-log_softmax` at the target classes; classes lie in axis 1, or in the only axis. Targets of -100 do not count, and one
    /// that is no class counts as 0; the backend `reference` refuses it. A target of floats in this tensor's shape is a distribution
    /// over the classes for each sample.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let device = Device::cpu();
    /// let scores = Tensor::zeros([2, 4], &device);
    /// let loss = scores.cross_entropy(&Tensor::from_vec(vec![1i64, 3], [2], &device));
    /// assert!((loss.item::<f32>()? - 4f32.ln()).abs() < 1e-6);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn cross_entropy | try_cross_entropy(self, target: impl AsRef<Tensor>) {
        let target = target.as_ref();
        apply("cross_entropy", &[self, target], Attrs::new())
    }

    /// Mean of the negated log-probabilities at the target classes; classes lie in axis 1, or in the only axis. Targets are as
    /// those of [`Tensor::cross_entropy`].
    #[doc = example!("let target = Tensor::from_vec(vec![1i64, 0], [2], &device);", "x.log_softmax(-1).nll_loss(&target).to_vec::<f32>()?", "[0.757]")]
    fn nll_loss | try_nll_loss(self, target: impl AsRef<Tensor>) {
        let target = target.as_ref();
        apply("nll_loss", &[self, target], Attrs::new())
    }

    /// Mean of squared differences.
    #[doc = example!("let target = Tensor::ones([2, 2], &device);", "x.mse_loss(&target).to_vec::<f32>()?", "[2.312]")]
    fn mse_loss | try_mse_loss(self, target: impl AsRef<Tensor>) {
        let target = target.as_ref();
        apply("mse_loss", &[self, target], Attrs::new())
    }

    /// Mean of absolute differences.
    #[doc = example!("let target = Tensor::ones([2, 2], &device);", "x.l1_loss(&target).to_vec::<f32>()?", "[1.375]")]
    fn l1_loss | try_l1_loss(self, target: impl AsRef<Tensor>) {
        let target = target.as_ref();
        apply("l1_loss", &[self, target], Attrs::new())
    }

    /// Mean of absolute differences, squared where they are below `beta`.
    #[doc = example!("let target = Tensor::ones([2, 2], &device);", "x.smooth_l1_loss(&target, 1.0).to_vec::<f32>()?", "[0.906]")]
    fn smooth_l1_loss | try_smooth_l1_loss(self, target: impl AsRef<Tensor>, beta: f64) {
        let target = target.as_ref();
        apply("smooth_l1_loss", &[self, target], Attrs::new().float("beta", beta))
    }

    /// Mean binary cross-entropy of `sigmoid(x)` and probabilities, without overflow.
    #[doc = example!("let target = Tensor::ones([2, 2], &device);", "x.binary_cross_entropy_with_logits(&target).to_vec::<f32>()?", "[0.491]")]
    fn binary_cross_entropy_with_logits | try_binary_cross_entropy_with_logits(self, target: impl AsRef<Tensor>) {
        let target = target.as_ref();
        apply("bce_with_logits", &[self, target], Attrs::new())
    }

    /// Mean of `target * (ln(target) - x)` for log-probabilities `x`; 0 where the target is 0.
    #[doc = example!("let target = Tensor::full([2, 2], 0.5f32, &device);", "x.log_softmax(-1).kl_div(&target).to_vec::<f32>()?", "[0.095]")]
    fn kl_div | try_kl_div(self, target: impl AsRef<Tensor>) {
        let target = target.as_ref();
        apply("kl_div", &[self, target], Attrs::new())
    }
}
