//! The table of folds: one [`FoldRow`] a [`FoldKind`]. States in, states out.
//!
//! Promised, and tested on random values: `step(s, x) = combine(s, unit(x))`, `init` is neutral, and the laws hold (for
//! float sums and products up to rounding).

use super::{FoldKind, Literal, Math, Number, number};
use crate::Scalar;

/// The state of a fold; entries beyond the arity mean nothing.
pub type State = [Number; 3];

/// What algebra may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Laws {
    /// Terms may be grouped at will.
    pub associative: bool,
    /// Terms may change places.
    pub commutative: bool,
    /// A term may be repeated.
    pub idempotent: bool,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct FoldRow {
    /// Which reduction.
    pub kind: FoldKind,
    /// Its name in the text form.
    pub name: &'static str,
    /// Number of values folded at a time.
    pub args: usize,
    /// Number of values in the state, and of results.
    pub arity: usize,
    /// The laws.
    pub laws: Laws,
    /// The state before any term, for arguments of these types.
    pub init: fn(&[Scalar]) -> State,
    /// The state of one term.
    pub unit: fn(&[Number]) -> State,
    /// Two states joined; `None` for values of other types than the fold takes.
    pub combine: fn(State, State) -> Option<State>,
    /// Whether it folds arguments of these types.
    pub takes: fn(&[Scalar]) -> bool,
}

const NONE: Number = Literal::Bool(false);
const FREE: Laws = Laws { associative: true, commutative: true, idempotent: false };
const REPEATABLE: Laws = Laws { associative: true, commutative: true, idempotent: true };

fn one(value: Number) -> State {
    [value, NONE, NONE]
}

fn single(args: &[Number]) -> State {
    one(args[0])
}

fn pair(args: &[Number]) -> State {
    [args[0], args[1], NONE]
}

fn is_number(types: &[Scalar]) -> bool {
    matches!(types, [s] if *s != Scalar::Bool)
}

fn is_bool(types: &[Scalar]) -> bool {
    matches!(types, [Scalar::Bool])
}

fn is_indexed(types: &[Scalar]) -> bool {
    matches!(types, [value, Scalar::I32 | Scalar::U32] if *value != Scalar::Bool)
}

fn by(math: Math, a: State, b: State) -> Option<State> {
    number::apply(math, &[a[0], b[0]]).map(one)
}

/// Takes `b` where its value comes first by `math`, NaN before all, and where equal the smaller index.
fn first_best(math: Math, a: State, b: State) -> Option<State> {
    let nan = |x: Number| matches!(x, Literal::F32(x) if x.is_nan());
    let better = match (nan(a[0]), nan(b[0])) {
        (false, false) => {
            number::apply(math, &[b[0], a[0]])? == Literal::Bool(true)
                || number::apply(Math::Eq, &[b[0], a[0]])? == Literal::Bool(true)
                    && b[1].to_index()? < a[1].to_index()?
        }
        (true, true) => b[1].to_index()? < a[1].to_index()?,
        (_, b_first) => b_first,
    };
    Some(if better { b } else { a })
}

fn join_moments(a: State, b: State) -> Option<State> {
    let [Literal::F32(mean_a), Literal::F32(m2_a), Literal::F32(n_a)] = a else { return None };
    let [Literal::F32(mean_b), Literal::F32(m2_b), Literal::F32(n_b)] = b else { return None };
    if n_a == 0.0 || n_b == 0.0 {
        return Some(if n_a == 0.0 { b } else { a });
    }
    let (n, delta) = (n_a + n_b, mean_b - mean_a);
    let mean = mean_a + delta * (n_b / n);
    let m2 = m2_a + m2_b + delta * delta * (n_a * n_b / n);
    Some([Literal::F32(mean), Literal::F32(m2), Literal::F32(n)])
}

/// The table, in the order of [`FoldKind`].
pub static FOLDS: [FoldRow; 9] = [
    FoldRow {
        kind: FoldKind::Sum,
        name: "sum",
        args: 1,
        arity: 1,
        laws: FREE,
        init: |types| one(Literal::zero(types[0])),
        unit: single,
        combine: |a, b| by(Math::Add, a, b),
        takes: is_number,
    },
    FoldRow {
        kind: FoldKind::Prod,
        name: "prod",
        args: 1,
        arity: 1,
        laws: FREE,
        init: |types| one(Literal::one(types[0])),
        unit: single,
        combine: |a, b| by(Math::Mul, a, b),
        takes: is_number,
    },
    FoldRow {
        kind: FoldKind::Max,
        name: "max",
        args: 1,
        arity: 1,
        laws: REPEATABLE,
        init: |types| one(Literal::lowest(types[0])),
        unit: single,
        combine: |a, b| by(Math::Max, a, b),
        takes: is_number,
    },
    FoldRow {
        kind: FoldKind::Min,
        name: "min",
        args: 1,
        arity: 1,
        laws: REPEATABLE,
        init: |types| one(Literal::highest(types[0])),
        unit: single,
        combine: |a, b| by(Math::Min, a, b),
        takes: is_number,
    },
    FoldRow {
        kind: FoldKind::And,
        name: "and",
        args: 1,
        arity: 1,
        laws: REPEATABLE,
        init: |_| one(Literal::Bool(true)),
        unit: single,
        combine: |a, b| by(Math::And, a, b),
        takes: is_bool,
    },
    FoldRow {
        kind: FoldKind::Or,
        name: "or",
        args: 1,
        arity: 1,
        laws: REPEATABLE,
        init: |_| one(Literal::Bool(false)),
        unit: single,
        combine: |a, b| by(Math::Or, a, b),
        takes: is_bool,
    },
    FoldRow {
        kind: FoldKind::ArgMax,
        name: "argmax",
        args: 2,
        arity: 2,
        laws: REPEATABLE,
        init: |types| [Literal::lowest(types[0]), Literal::highest(types[1]), NONE],
        unit: pair,
        combine: |a, b| first_best(Math::Gt, a, b),
        takes: is_indexed,
    },
    FoldRow {
        kind: FoldKind::ArgMin,
        name: "argmin",
        args: 2,
        arity: 2,
        laws: REPEATABLE,
        init: |types| [Literal::highest(types[0]), Literal::highest(types[1]), NONE],
        unit: pair,
        combine: |a, b| first_best(Math::Lt, a, b),
        takes: is_indexed,
    },
    FoldRow {
        kind: FoldKind::Welford,
        name: "welford",
        args: 1,
        arity: 3,
        laws: FREE,
        init: |_| [Literal::F32(0.0); 3],
        unit: |args| [args[0], Literal::F32(0.0), Literal::F32(1.0)],
        combine: join_moments,
        takes: |types| matches!(types, [Scalar::F32]),
    },
];

impl FoldKind {
    /// Its row.
    pub fn row(self) -> &'static FoldRow {
        // The table is in the order of the enum, which a test checks.
        &FOLDS[self as usize]
    }

    /// The reduction of this name.
    pub fn from_name(name: &str) -> Option<FoldKind> {
        FOLDS.iter().find(|row| row.name == name).map(|row| row.kind)
    }
}

impl FoldRow {
    /// The state after one more term; `None` for values of other types than the fold takes.
    pub fn step(&self, state: State, args: &[Number]) -> Option<State> {
        (self.combine)(state, (self.unit)(args))
    }

    /// The results: every fold of the table ends with its state as it is.
    pub fn finish(&self, state: State) -> State {
        state
    }

    /// The types of the results, for arguments of these types.
    pub fn results(&self, types: &[Scalar]) -> Vec<Scalar> {
        (self.init)(types)[..self.arity].iter().map(|x| x.scalar()).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Small whole numbers: sums and products of three are exact, so that laws hold to the bit.
    fn term(kind: FoldKind, value: i8, index: u8) -> Vec<Number> {
        let value = f32::from(value);
        match kind {
            FoldKind::And | FoldKind::Or => vec![Literal::Bool(value > 0.0)],
            FoldKind::ArgMax | FoldKind::ArgMin => {
                let value = if index.is_multiple_of(7) { f32::NAN } else { (value / 32.0).trunc() };
                vec![Literal::F32(value), Literal::I32(index.into())]
            }
            _ => vec![Literal::F32(value)],
        }
    }

    fn close(row: &FoldRow, a: State, b: State) -> bool {
        a[..row.arity].iter().zip(&b[..row.arity]).all(|(a, b)| {
            let (x, y) = (a.to_f32(), b.to_f32());
            a == b || (x - y).abs() <= 1e-3 * y.abs().max(1.0)
        })
    }

    #[test]
    fn rows_stand_in_the_order_of_kinds() {
        for (at, row) in FOLDS.iter().enumerate() {
            assert_eq!((row.kind as usize, FoldKind::from_name(row.name)), (at, Some(row.kind)));
        }
    }

    proptest! {
        #[test]
        fn laws_hold(values in prop::array::uniform3((any::<i8>(), any::<u8>()))) {
            for row in &FOLDS {
                let terms = values.map(|(value, index)| term(row.kind, value, index));
                let [a, b, c] = terms.clone().map(|args| (row.unit)(&args));
                let join = |a, b| (row.combine)(a, b).expect("the types fit");
                let types: Vec<Scalar> = terms[0].iter().map(|x| x.scalar()).collect();
                prop_assert!(close(row, join((row.init)(&types), a), a), "init of {}", row.name);
                prop_assert!(close(row, join(join(a, b), c), join(a, join(b, c))), "{}", row.name);
                prop_assert!(close(row, join(a, b), join(b, a)), "{} commutes", row.name);
                prop_assert!(!row.laws.idempotent || close(row, join(a, a), a), "{}", row.name);
                let step = row.step(a, &terms[1]).expect("the types fit");
                prop_assert!(close(row, step, join(a, b)), "step of {}", row.name);
            }
        }
    }
}
