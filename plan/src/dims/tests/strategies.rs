//! Random expressions with a meaning of their own, apart from the normal form.

use proptest::prelude::*;

use crate::dims::{Dim, Var};

/// An expression as written, evaluated without any normalisation.
#[derive(Clone, Debug)]
pub(super) enum Written {
    Const(i64),
    Var(&'static str),
    Op(Op, Box<Written>, Box<Written>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    CeilDiv,
    Mod,
    Min,
    Max,
}

pub(super) const NAMES: [&str; 4] = ["n", "m", "i", "j"];

pub(super) fn var(name: &str) -> Var {
    match name {
        "i" | "j" => Var::Axis(name.into()),
        _ => Var::Sym(name.into()),
    }
}

pub(super) fn classify(name: &str) -> Option<Var> {
    Some(var(name))
}

impl Written {
    pub(super) fn dim(&self) -> Dim {
        match self {
            Written::Const(value) => Dim::constant(*value),
            Written::Var(name) => Dim::var(var(name)),
            Written::Op(op, a, b) => {
                let (a, b) = (a.dim(), b.dim());
                match op {
                    Op::Add => a + b,
                    Op::Sub => a - b,
                    Op::Mul => a * b,
                    Op::Div => a.floor_div(&b),
                    Op::CeilDiv => a.ceil_div(&b),
                    Op::Mod => a.modulo(&b),
                    Op::Min => Dim::min(&a, &b),
                    Op::Max => Dim::max(&a, &b),
                }
            }
        }
    }

    /// `None` where undefined, or too large to follow.
    pub(super) fn value(&self, values: &dyn Fn(&str) -> i64) -> Option<i128> {
        match self {
            Written::Const(value) => Some((*value).into()),
            Written::Var(name) => Some(values(name).into()),
            Written::Op(op, a, b) => {
                let (a, b) = (a.value(values)?, b.value(values)?);
                match op {
                    Op::Add => a.checked_add(b),
                    Op::Sub => a.checked_sub(b),
                    Op::Mul => a.checked_mul(b),
                    Op::Div => floor(a, b),
                    Op::CeilDiv => Some(-floor(a.checked_neg()?, b)?),
                    Op::Mod => a.checked_sub(b.checked_mul(floor(a, b)?)?),
                    Op::Min => Some(a.min(b)),
                    Op::Max => Some(a.max(b)),
                }
            }
        }
    }
}

/// The quotient rounded down, from the definition: the largest `q` with `q*b` on this side of `a`.
fn floor(a: i128, b: i128) -> Option<i128> {
    let q = a.checked_div_euclid(b)?;
    Some(if b < 0 && a.rem_euclid(b) != 0 { q - 1 } else { q })
}

fn op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![
        Op::Add,
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::Div,
        Op::CeilDiv,
        Op::Mod,
        Op::Min,
        Op::Max,
    ])
}

pub(super) fn written_with(constant: BoxedStrategy<i64>) -> BoxedStrategy<Written> {
    let leaf = prop_oneof![
        constant.prop_map(Written::Const),
        prop::sample::select(NAMES.to_vec()).prop_map(Written::Var),
    ];
    leaf.prop_recursive(5, 24, 2, |inner| {
        (op(), inner.clone(), inner)
            .prop_map(|(op, a, b)| Written::Op(op, Box::new(a), Box::new(b)))
    })
    .boxed()
}

/// Expressions with small constants, where rules meet often.
pub(super) fn written() -> BoxedStrategy<Written> {
    written_with(prop_oneof![3 => 0i64..9, 1 => -9i64..33].boxed())
}

/// Expressions with constants at the edge of 64 bits.
pub(super) fn huge() -> BoxedStrategy<Written> {
    let edge = prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX, 1 << 62, 1 << 32, -1]);
    written_with(prop_oneof![edge, -3i64..4].boxed())
}

pub(super) fn lookup(values: [i64; 4]) -> impl Fn(&str) -> i64 {
    move |name| values[NAMES.iter().position(|own| *own == name).expect("one of NAMES")]
}
