//! `&&` and `||` as values in compiled functions: comes in two operands that are `bool`s or tensors, goes out one of either.

use crate::condition::{Cond, Condition};
use crate::tensor::Tensor;

/// `first && second` or `first || second` as a value: a `bool` of two, a tensor of two, and a condition of one of each.
pub struct Connected<A, B> {
    first: A,
    is_and: bool,
    second: Option<B>,
}

impl<A: Connect<B>, B> Connected<A, B> {
    /// With the second operand to come.
    pub fn new(first: A, is_and: bool) -> Connected<A, B> {
        Connected { first, is_and, second: None }
    }

    /// Whether the second operand is evaluated.
    pub fn goes_on(&self) -> bool {
        self.first.known() != Some(!self.is_and)
    }

    /// Takes the second operand.
    pub fn set(&mut self, second: B) {
        self.second = Some(second);
    }

    /// The value.
    #[track_caller]
    pub fn value(self) -> A::Value {
        self.first.connect(self.second, self.is_and)
    }
}

/// Operands of `&&` and `||`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{B}` cannot be connected by `&&` and `||`",
    label = "`bool`s and comparisons of tensors are needed"
)]
pub trait Connect<B>: Sized {
    /// What they give.
    type Value;

    /// The operand, where it is known while recording.
    fn known(&self) -> Option<bool> {
        None
    }

    /// Both together; the second is missing where the first decides.
    #[track_caller]
    fn connect(self, second: Option<B>, is_and: bool) -> Self::Value;
}

impl Connect<bool> for bool {
    type Value = bool;

    fn known(&self) -> Option<bool> {
        Some(*self)
    }

    fn connect(self, second: Option<bool>, _is_and: bool) -> bool {
        second.unwrap_or(self)
    }
}

impl Connect<Tensor> for Tensor {
    type Value = Tensor;

    #[track_caller]
    fn connect(self, second: Option<Tensor>, is_and: bool) -> Tensor {
        match second {
            Some(second) if is_and => self.logical_and(second),
            Some(second) => self.logical_or(second),
            None => self,
        }
    }
}

macro_rules! connect_mixed {
    ($($first:ty, $second:ty;)*) => {$(
        impl Connect<$second> for $first {
            type Value = Cond;

            fn known(&self) -> Option<bool> {
                match self.clone().condition() {
                    Cond::Host(known) => Some(known),
                    Cond::Tensor(_) => None,
                }
            }

            #[track_caller]
            fn connect(self, second: Option<$second>, is_and: bool) -> Cond {
                let first = self.condition();
                match second {
                    Some(second) if is_and => first.and(second.condition()),
                    Some(second) => first.or(second.condition()),
                    None => first,
                }
            }
        }
    )*};
}
connect_mixed! {
    bool, Tensor;
    Tensor, bool;
    Cond, bool;
    Cond, Tensor;
    bool, Cond;
    Tensor, Cond;
    Cond, Cond;
}
