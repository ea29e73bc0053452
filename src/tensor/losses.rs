//! Losses: one number that says how far a prediction is from its target, the mean over all that is predicted.

use ferrodyne_plan::Source;

use super::Tensor;
use super::pair::pairs;
use crate::error::Error;

pairs! {
    /// Mean of `-log_softmax` at the target classes; classes lie in axis 1, or in the only axis.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let device = Device::cpu();
    /// let scores = Tensor::zeros([2, 4], &device);
    /// let loss = scores.cross_entropy(&Tensor::from_vec(vec![1i64, 3], [2], &device));
    /// assert!((loss.item::<f32>()? - 4f32.ln()).abs() < 1e-6);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn cross_entropy | try_cross_entropy(self, target: &Tensor) {
        self.try_log_softmax(if self.rank() > 1 { 1 } else { 0 })?.try_nll_loss(target)
    }

    /// Mean of the negated log-probabilities at the target classes; classes lie in axis 1, or in the only axis.
    fn nll_loss | try_nll_loss(self, target: &Tensor) {
        if self.rank() == 0 || target.rank() + 1 != self.rank() {
            let message = format!("nll_loss: classes {} and target {}: the target lacks the axis of classes", self.shape(), target.shape());
            return Err(Error::at("shape", message, Source::caller()));
        }
        let axis = if self.rank() > 1 { 1 } else { 0 };
        let picked = self.try_gather(axis, &target.try_unsqueeze(axis)?)?;
        picked.try_mean()?.try_neg()
    }

    /// Mean of squared differences.
    fn mse_loss | try_mse_loss(self, target: &Tensor) {
        self.try_sub(target)?.try_square()?.try_mean()
    }

    /// Mean of absolute differences.
    fn l1_loss | try_l1_loss(self, target: &Tensor) {
        self.try_sub(target)?.try_abs()?.try_mean()
    }

    /// Mean of absolute differences, squared where they are below `beta`.
    fn smooth_l1_loss | try_smooth_l1_loss(self, target: &Tensor, beta: f64) {
        let distance = self.try_sub(target)?.try_abs()?;
        if beta == 0.0 {
            return distance.try_mean();
        }
        let near = distance.try_square()?.try_mul(0.5 / beta)?;
        let far = distance.try_sub(0.5 * beta)?;
        distance.try_lt(beta)?.try_where_(&near, &far)?.try_mean()
    }

    /// Mean binary cross-entropy of `sigmoid(x)` and probabilities, without overflow.
    fn binary_cross_entropy_with_logits | try_binary_cross_entropy_with_logits(self, target: &Tensor) {
        let linear = self.try_maximum(0.0)?.try_sub(&self.try_mul(target)?)?;
        linear.try_add(&self.try_abs()?.try_neg()?.try_exp()?.try_log1p()?)?.try_mean()
    }

    /// Mean of `target * (ln(target) - x)` for log-probabilities `x`; 0 where the target is 0.
    fn kl_div | try_kl_div(self, target: &Tensor) {
        let point = target.try_mul(&target.try_log()?.try_sub(self)?)?;
        target.try_gt(0)?.try_where_(&point, 0.0)?.try_mean()
    }
}
