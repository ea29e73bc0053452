//! The operators `+ - * / %` and negation, between tensors and between tensors and numbers.
//!
//! A number may stand on either side. Where its type is not written and more operators follow, put the tensor first: in
//! `2.0 * &x + &y` Rust does not know yet whether `2.0` is an f32 or an f64; `&x * 2.0 + &y` is clear.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};

use super::pair::expect;
use super::{Operand, Tensor};

macro_rules! operators {
    ($($trait:ident $method:ident $try_method:ident;)*) => {$(
        impl<R: Operand> $trait<R> for &Tensor {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: R) -> Tensor {
                expect(self.$try_method(other))
            }
        }

        impl<R: Operand> $trait<R> for Tensor {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: R) -> Tensor {
                expect(self.$try_method(other))
            }
        }
    )*};
}
operators! {
    Add add try_add;
    Sub sub try_sub;
    Mul mul try_mul;
    Div div try_div;
    Rem rem try_rem;
    BitAnd bitand try_bitwise_and;
    BitOr bitor try_bitwise_or;
    BitXor bitxor try_bitwise_xor;
}

macro_rules! numbers_first {
    ($($number:ty),*) => {
        numbers_first!(@each Add add try_add [$($number),*]);
        numbers_first!(@each Sub sub try_sub [$($number),*]);
        numbers_first!(@each Mul mul try_mul [$($number),*]);
        numbers_first!(@each Div div try_div [$($number),*]);
        numbers_first!(@each Rem rem try_rem [$($number),*]);
    };
    (@each $trait:ident $method:ident $try_method:ident [$($number:ty),*]) => {$(
        impl $trait<&Tensor> for $number {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: &Tensor) -> Tensor {
                expect(expect(self.beside(other)).$try_method(other))
            }
        }

        impl $trait<Tensor> for $number {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: Tensor) -> Tensor {
                $trait::$method(self, &other)
            }
        }
    )*};
}
numbers_first!(f32, f64, i32, i64);

impl Neg for &Tensor {
    type Output = Tensor;

    #[track_caller]
    fn neg(self) -> Tensor {
        expect(self.try_neg())
    }
}

impl Neg for Tensor {
    type Output = Tensor;

    #[track_caller]
    fn neg(self) -> Tensor {
        expect(self.try_neg())
    }
}

impl Not for &Tensor {
    type Output = Tensor;

    #[track_caller]
    fn not(self) -> Tensor {
        expect(self.try_bitwise_not())
    }
}

impl Not for Tensor {
    type Output = Tensor;

    #[track_caller]
    fn not(self) -> Tensor {
        expect(self.try_bitwise_not())
    }
}
