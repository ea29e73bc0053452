//! The guards of a program as a flat list of records over the words of a call: what is checked at every call.

use ferrodyne_plan::dims::{Atom, Term};
use ferrodyne_plan::{Dim, Range, Var};

/// A comparison of words, or the making of another word from them.
#[derive(Clone, Copy)]
struct Record {
    op: Op,
    a: u32,
    b: u32,
    value: i64,
}

#[derive(Clone, Copy)]
enum Op {
    /// `a == value`
    Is,
    /// `a >= value`
    AtLeast,
    /// `a <= value`
    AtMost,
    /// `a == b`
    Same,
    /// `a != b`
    Differ,
    /// `a % value == 0`
    Multiple,
    /// The next word is `value`.
    Constant,
    /// The next word is `a * value`.
    Scale,
    /// The next word is `a + b`.
    Add,
    /// The next word is `a * b`.
    Mul,
    /// The next word is `a / b`, rounded down.
    Div,
    /// The next word is `a / b`, rounded up.
    CeilDiv,
    /// The next word is the remainder of `Div`.
    Mod,
    /// The next word is the smaller of `a` and `b`.
    Min,
    /// The next word is the larger of `a` and `b`.
    Max,
}

/// The records of a program. Words that are made stand behind those of the call.
pub(super) struct Checks {
    n_words: usize,
    n_made: usize,
    records: Vec<Record>,
}

impl Checks {
    /// No checks but that a call has so many words.
    pub(super) fn new(n_words: usize) -> Checks {
        Checks { n_words, n_made: 0, records: Vec::new() }
    }

    /// Whether all hold of a call. Nothing is allocated once the list has had room for the words that are made.
    pub(super) fn hold(&self, words: &mut Vec<i64>) -> bool {
        if words.len() != self.n_words {
            return false;
        }
        words.reserve(self.n_made);
        let holds = self.records.iter().all(|record| record.step(words));
        words.truncate(self.n_words);
        holds
    }

    fn push(&mut self, op: Op, a: usize, b: usize, value: i64) {
        self.records.push(Record { op, a: a as u32, b: b as u32, value });
    }

    fn make(&mut self, op: Op, a: usize, b: usize, value: i64) -> usize {
        self.push(op, a, b, value);
        self.n_made += 1;
        self.n_words + self.n_made - 1
    }

    /// The word at a position is a number.
    pub(super) fn is(&mut self, at: usize, value: i64) {
        self.push(Op::Is, at, 0, value);
    }

    /// Two words are equal.
    pub(super) fn same(&mut self, a: usize, b: usize) {
        self.push(Op::Same, a, b, 0);
    }

    /// Two words differ.
    pub(super) fn differ(&mut self, a: usize, b: usize) {
        self.push(Op::Differ, a, b, 0);
    }

    /// A word is divisible.
    pub(super) fn multiple(&mut self, at: usize, factor: i64) {
        self.push(Op::Multiple, at, 0, factor);
    }

    /// A word lies in a range.
    pub(super) fn within(&mut self, at: usize, range: Range) {
        if let Some(lo) = range.lo {
            self.push(Op::AtLeast, at, 0, lo);
        }
        if let Some(hi) = range.hi {
            self.push(Op::AtMost, at, 0, hi);
        }
    }

    /// The position of an expression's value; `None` where a variable of it is no word.
    pub(super) fn value(
        &mut self,
        dim: &Dim,
        word: &dyn Fn(&Var) -> Option<usize>,
    ) -> Option<usize> {
        let mut sum = match dim.constant_term() {
            0 if !dim.terms().is_empty() => None,
            constant => Some(self.make(Op::Constant, 0, 0, constant)),
        };
        for term in dim.terms() {
            let value = self.term(term, word)?;
            sum = Some(match sum {
                Some(sum) => self.make(Op::Add, sum, value, 0),
                None => value,
            });
        }
        sum
    }

    fn term(&mut self, term: &Term, word: &dyn Fn(&Var) -> Option<usize>) -> Option<usize> {
        let mut product = None;
        for atom in &term.atoms {
            let value = self.atom(atom, word)?;
            product = Some(match product {
                Some(product) => self.make(Op::Mul, product, value, 0),
                None => value,
            });
        }
        match term.coeff {
            1 => product,
            coeff => Some(self.make(Op::Scale, product?, 0, coeff)),
        }
    }

    fn atom(&mut self, atom: &Atom, word: &dyn Fn(&Var) -> Option<usize>) -> Option<usize> {
        let (op, a, b) = match atom {
            Atom::Var(var) => return word(var),
            Atom::Div(a, b) => (Op::Div, a, b),
            Atom::CeilDiv(a, b) => (Op::CeilDiv, a, b),
            Atom::Mod(a, b) => (Op::Mod, a, b),
            Atom::Min(a, b) => (Op::Min, a, b),
            Atom::Max(a, b) => (Op::Max, a, b),
            Atom::WideSum(a, b) => (Op::Add, a, b),
            Atom::WideProduct(a, b) => (Op::Mul, a, b),
        };
        let (a, b) = (self.value(a, word)?, self.value(b, word)?);
        Some(self.make(op, a, b, 0))
    }
}

impl Record {
    /// Makes a word or compares; what cannot be computed in 64 bits does not hold.
    fn step(self, words: &mut Vec<i64>) -> bool {
        let (a, b) = (words[self.a as usize], words[self.b as usize]);
        let made = match self.op {
            Op::Is => return a == self.value,
            Op::AtLeast => return a >= self.value,
            Op::AtMost => return a <= self.value,
            Op::Same => return a == b,
            Op::Differ => return a != b,
            Op::Multiple => return a.checked_rem(self.value) == Some(0),
            Op::Constant => Some(self.value),
            Op::Scale => a.checked_mul(self.value),
            Op::Add => a.checked_add(b),
            Op::Mul => a.checked_mul(b),
            Op::Div => floor_div(a, b),
            Op::CeilDiv => a.checked_neg().and_then(|a| floor_div(a, b)).map(|quotient| -quotient),
            Op::Mod => floor_div(a, b).map(|quotient| a - quotient * b),
            Op::Min => Some(a.min(b)),
            Op::Max => Some(a.max(b)),
        };
        match made {
            Some(word) => {
                words.push(word);
                true
            }
            None => false,
        }
    }
}

/// The quotient, rounded down.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let exact = quotient * b == a;
    Some(if !exact && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a dim is computed as `Dim::eval` does, over the words `n` and `m`.
    fn agrees(dim: &Dim, n: i64, m: i64) -> bool {
        let at = |var: &Var| ["n", "m"].iter().position(|name| var.name().as_str() == *name);
        let want = dim.eval(&|var| Some([n, m][at(var)?])).ok();
        let mut checks = Checks::new(2);
        let value = checks.value(dim, &at).expect("all variables are words");
        checks.is(value, want.unwrap_or_default());
        checks.hold(&mut vec![n, m]) == want.is_some()
    }

    #[test]
    fn expressions_have_the_values_of_dims() {
        let (n, m) = (Dim::sym("n"), Dim::sym("m"));
        let dims = [
            &n * 3 + &m * 2 - 7,
            &n * &m * &n,
            (&n + 5).floor_div(&Dim::constant(4)),
            (&n - &m).floor_div(&m),
            n.ceil_div(&m),
            n.ceil_div(&Dim::constant(3)),
            (&n - 9).modulo(&m),
            Dim::min(&n, &m) + Dim::max(&n, &Dim::constant(6)),
            Dim::constant(4),
        ];
        for dim in &dims {
            for (n, m) in [(0, 1), (1, 1), (5, 3), (12, 4), (7, 0), (100, 99)] {
                assert!(agrees(dim, n, m), "{dim} at n = {n}, m = {m}");
            }
        }
    }

    #[test]
    fn comparisons_are_exact_at_their_ends() {
        let mut checks = Checks::new(2);
        checks.within(0, Range::between(2, 4));
        checks.multiple(1, 3);
        checks.differ(0, 1);
        for (words, holds) in [
            ([2, 3], true),
            ([4, 3], true),
            ([1, 3], false),
            ([5, 3], false),
            ([3, 3], false),
            ([3, 4], false),
        ] {
            assert_eq!(checks.hold(&mut words.to_vec()), holds, "{words:?}");
        }
        assert!(!checks.hold(&mut vec![2]) && !checks.hold(&mut vec![2, 3, 4]));
    }
}
