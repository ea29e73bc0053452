//! The operators of dims: by value, by reference, and with an `i64` on the right.

use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::{Dim, normal};

macro_rules! operator {
    ($trait:ident, $method:ident, $assign:ident, $assign_method:ident, $function:path) => {
        impl $trait<&Dim> for &Dim {
            type Output = Dim;
            fn $method(self, other: &Dim) -> Dim {
                $function(self, other)
            }
        }
        impl $trait<Dim> for Dim {
            type Output = Dim;
            fn $method(self, other: Dim) -> Dim {
                $function(&self, &other)
            }
        }
        impl $trait<&Dim> for Dim {
            type Output = Dim;
            fn $method(self, other: &Dim) -> Dim {
                $function(&self, other)
            }
        }
        impl $trait<Dim> for &Dim {
            type Output = Dim;
            fn $method(self, other: Dim) -> Dim {
                $function(self, &other)
            }
        }
        impl $trait<i64> for &Dim {
            type Output = Dim;
            fn $method(self, other: i64) -> Dim {
                $function(self, &Dim::constant(other))
            }
        }
        impl $trait<i64> for Dim {
            type Output = Dim;
            fn $method(self, other: i64) -> Dim {
                $function(&self, &Dim::constant(other))
            }
        }
        impl $assign<&Dim> for Dim {
            fn $assign_method(&mut self, other: &Dim) {
                *self = $function(self, other);
            }
        }
        impl $assign<Dim> for Dim {
            fn $assign_method(&mut self, other: Dim) {
                *self = $function(self, &other);
            }
        }
        impl $assign<i64> for Dim {
            fn $assign_method(&mut self, other: i64) {
                *self = $function(self, &Dim::constant(other));
            }
        }
    };
}

operator!(Add, add, AddAssign, add_assign, normal::add);
operator!(Sub, sub, SubAssign, sub_assign, normal::subtract);
operator!(Mul, mul, MulAssign, mul_assign, normal::multiply);

impl Neg for &Dim {
    type Output = Dim;
    fn neg(self) -> Dim {
        normal::multiply(self, &Dim::constant(-1))
    }
}

impl Neg for Dim {
    type Output = Dim;
    fn neg(self) -> Dim {
        -&self
    }
}

impl Sum for Dim {
    fn sum<I: Iterator<Item = Dim>>(dims: I) -> Dim {
        dims.fold(Dim::constant(0), |sum, dim| sum + dim)
    }
}

impl<'a> Sum<&'a Dim> for Dim {
    fn sum<I: Iterator<Item = &'a Dim>>(dims: I) -> Dim {
        dims.fold(Dim::constant(0), |sum, dim| sum + dim)
    }
}

impl Product for Dim {
    fn product<I: Iterator<Item = Dim>>(dims: I) -> Dim {
        dims.fold(Dim::constant(1), |product, dim| product * dim)
    }
}

impl<'a> Product<&'a Dim> for Dim {
    fn product<I: Iterator<Item = &'a Dim>>(dims: I) -> Dim {
        dims.fold(Dim::constant(1), |product, dim| product * dim)
    }
}
