//! Sizes along the two axes of an image.

/// Height and width: one number for both, or one for each, as PyTorch takes them.
///
/// ```
/// use ferrodyne::prelude::*;
/// let device = Device::cpu();
/// let conv = Conv2d::new(3, 8, 3, &device).stride(2).padding([1, 0]);
/// assert_eq!(conv.forward(&Tensor::ones([1, 3, 9, 9], &device)).shape(), [1, 8, 5, 4]);
/// ```
pub trait Sides {
    /// Height, then width.
    fn sides(self) -> [usize; 2];
}

impl Sides for usize {
    fn sides(self) -> [usize; 2] {
        [self, self]
    }
}

impl Sides for [usize; 2] {
    fn sides(self) -> [usize; 2] {
        self
    }
}

impl Sides for (usize, usize) {
    fn sides(self) -> [usize; 2] {
        [self.0, self.1]
    }
}
