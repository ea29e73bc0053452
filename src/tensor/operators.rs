//! The operators `+ - * / %` and negation, between tensors and between tensors and numbers.
//!
//! A number or a size may stand on either side. Numbers that come first are of one floating and one integer type, so that Rust knows the
//! type of a literal there.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};
use std::ops::{
    AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign, SubAssign,
};

use super::{Operand, Tensor};
use crate::fault::expect;
use crate::shape::Size;

macro_rules! operators {
    ($($trait:ident $method:ident $try_method:ident, $assign:ident $assign_method:ident;)*) => {$(
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

        /// Gives the variable a new tensor; other handles on the old one keep it.
        impl<R: Operand> $assign<R> for Tensor {
            #[track_caller]
            fn $assign_method(&mut self, other: R) {
                *self = expect(self.$try_method(other));
            }
        }
    )*};
}
operators! {
    Add add try_add, AddAssign add_assign;
    Sub sub try_sub, SubAssign sub_assign;
    Mul mul try_mul, MulAssign mul_assign;
    Div div try_div, DivAssign div_assign;
    Rem rem try_rem, RemAssign rem_assign;
    BitAnd bitand try_bitwise_and, BitAndAssign bitand_assign;
    BitOr bitor try_bitwise_or, BitOrAssign bitor_assign;
    BitXor bitxor try_bitwise_xor, BitXorAssign bitxor_assign;
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
                expect(expect(self.beside(&other)).$try_method(other))
            }
        }
    )*};
}
numbers_first!(f64, i64, Size, &Size);

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
