//! Arithmetic and comparisons of scalars.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use ferrodyne_plan::DType;

use super::meaning::{Meaning, Op};
use super::{Relation, Scalar, Traced};
use crate::error::Result;
use crate::fault::expect;
use crate::tensor::{Operand, Tensor};

impl Scalar {
    #[track_caller]
    fn apply(&self, op: Op, other: &Scalar) -> Scalar {
        let value = op.apply(self.value, other.value);
        let traced = self.traced.as_ref().or(other.traced.as_ref()).map(|traced| {
            let device = traced.handle.device().clone();
            let is_float =
                op.is_float() || self.dtype() == DType::F32 || other.dtype() == DType::F32;
            let dtype = if is_float { DType::F32 } else { DType::I32 };
            let handle = self.as_tensor(dtype, &device).and_then(|a| {
                let b = other.as_tensor(dtype, &device)?;
                on_tensors(op, &a, &b)
            });
            Traced {
                handle: expect(handle),
                meaning: Meaning::apply(op, self.meaning(), other.meaning()),
            }
        });
        Scalar { value, traced }
    }

    /// The scalar to a power, as f32.
    #[track_caller]
    pub fn pow(&self, exponent: impl Into<Scalar>) -> Scalar {
        self.apply(Op::Pow, &exponent.into())
    }

    /// The smaller of two.
    #[track_caller]
    pub fn minimum(&self, other: impl Into<Scalar>) -> Scalar {
        self.apply(Op::Min, &other.into())
    }

    /// The larger of two.
    #[track_caller]
    pub fn maximum(&self, other: impl Into<Scalar>) -> Scalar {
        self.apply(Op::Max, &other.into())
    }

    /// `|x|`.
    #[track_caller]
    pub fn abs(&self) -> Scalar {
        self.apply(Op::Abs, self)
    }

    /// Square root, as f32.
    #[track_caller]
    pub fn sqrt(&self) -> Scalar {
        self.apply(Op::Sqrt, self)
    }

    /// e to the power of the scalar, as f32.
    #[track_caller]
    pub fn exp(&self) -> Scalar {
        self.apply(Op::Exp, self)
    }

    /// Natural logarithm, as f32.
    #[track_caller]
    pub fn log(&self) -> Scalar {
        self.apply(Op::Log, self)
    }
}

#[track_caller]
fn on_tensors(op: Op, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    match op {
        Op::Add => a.try_add(b),
        Op::Sub => a.try_sub(b),
        Op::Mul => a.try_mul(b),
        Op::Div => a.try_div(b),
        Op::Rem => a.try_rem(b),
        Op::Pow => a.try_pow(b),
        Op::Min => a.try_minimum(b),
        Op::Max => a.try_maximum(b),
        Op::Neg => a.try_neg(),
        Op::Abs => a.try_abs(),
        Op::Sqrt => a.try_sqrt(),
        Op::Exp => a.try_exp(),
        Op::Log => a.try_log(),
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident;)*) => {$(
        impl<R: Into<Scalar>> $trait<R> for &Scalar {
            type Output = Scalar;

            #[track_caller]
            fn $method(self, other: R) -> Scalar {
                self.apply(Op::$trait, &other.into())
            }
        }

        impl<R: Into<Scalar>> $trait<R> for Scalar {
            type Output = Scalar;

            #[track_caller]
            fn $method(self, other: R) -> Scalar {
                self.apply(Op::$trait, &other.into())
            }
        }

        operators!(@first $trait $method [f32 f64 i32] [Scalar &Scalar]);
        operators!(@tensor $trait $method Scalar, Tensor);
        operators!(@tensor $trait $method Scalar, &Tensor);
        operators!(@tensor $trait $method &Scalar, Tensor);
        operators!(@tensor $trait $method &Scalar, &Tensor);
    )*};
    (@first $trait:ident $method:ident [$($number:ty)*] $scalars:tt) => {$(
        operators!(@one $trait $method $number, $scalars);
    )*};
    (@one $trait:ident $method:ident $number:ty, [Scalar &Scalar]) => {
        impl $trait<Scalar> for $number {
            type Output = Scalar;

            #[track_caller]
            fn $method(self, other: Scalar) -> Scalar {
                Scalar::from(self).apply(Op::$trait, &other)
            }
        }

        impl $trait<&Scalar> for $number {
            type Output = Scalar;

            #[track_caller]
            fn $method(self, other: &Scalar) -> Scalar {
                Scalar::from(self).apply(Op::$trait, other)
            }
        }
    };
    (@tensor $trait:ident $method:ident $scalar:ty, $tensor:ty) => {
        impl $trait<$tensor> for $scalar {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: $tensor) -> Tensor {
                let own = expect(self.beside(&other));
                $trait::$method(&own, other)
            }
        }
    };
}
operators! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
    Rem rem;
}

impl Neg for &Scalar {
    type Output = Scalar;

    #[track_caller]
    fn neg(self) -> Scalar {
        self.apply(Op::Neg, self)
    }
}

impl Neg for Scalar {
    type Output = Scalar;

    #[track_caller]
    fn neg(self) -> Scalar {
        self.apply(Op::Neg, &self)
    }
}

/// Comparisons answer by the value at hand; while a function is captured, how they came out is guarded.
macro_rules! comparisons {
    ($($other:ty)*) => {$(
        #[expect(clippy::partialeq_ne_impl, reason = "the default method loses the caller's line")]
        impl PartialEq<$other> for Scalar {
            #[track_caller]
            fn eq(&self, other: &$other) -> bool {
                self.compare(Relation::Eq, &Scalar::from(other.clone()))
            }

            #[track_caller]
            fn ne(&self, other: &$other) -> bool {
                !self.compare(Relation::Eq, &Scalar::from(other.clone()))
            }
        }

        impl PartialOrd<$other> for Scalar {
            #[track_caller]
            fn partial_cmp(&self, other: &$other) -> Option<Ordering> {
                let other = Scalar::from(other.clone());
                if self.compare(Relation::Lt, &other) {
                    return Some(Ordering::Less);
                }
                if self.compare(Relation::Gt, &other) {
                    return Some(Ordering::Greater);
                }
                self.compare(Relation::Eq, &other).then_some(Ordering::Equal)
            }

            #[track_caller]
            fn lt(&self, other: &$other) -> bool {
                self.compare(Relation::Lt, &Scalar::from(other.clone()))
            }

            #[track_caller]
            fn le(&self, other: &$other) -> bool {
                self.compare(Relation::Le, &Scalar::from(other.clone()))
            }

            #[track_caller]
            fn gt(&self, other: &$other) -> bool {
                self.compare(Relation::Gt, &Scalar::from(other.clone()))
            }

            #[track_caller]
            fn ge(&self, other: &$other) -> bool {
                self.compare(Relation::Ge, &Scalar::from(other.clone()))
            }
        }
    )*};
}
comparisons!(Scalar f32 f64 i32);
