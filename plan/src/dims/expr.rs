//! The data of a dim: variables, atoms, terms, and the questions that its normal form answers.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::Name;

/// What a dim varies with. All print as their bare name; the reader of a text knows which is which.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Var {
    /// A size with the user's name.
    Sym(Name),
    /// The index of a loop.
    Axis(Name),
    /// An integer value loaded in a kernel.
    Data(Name),
}

impl Var {
    /// The name, whatever the kind.
    pub fn name(&self) -> &Name {
        match self {
            Var::Sym(name) | Var::Axis(name) | Var::Data(name) => name,
        }
    }
}

/// A factor of a term that is not taken apart further.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// A variable.
    Var(Var),
    /// The quotient, rounded down.
    Div(Dim, Dim),
    /// The quotient, rounded up; only by divisors that are not constant.
    CeilDiv(Dim, Dim),
    /// The remainder of `Div`: between 0 and the divisor.
    Mod(Dim, Dim),
    /// The smaller of two.
    Min(Dim, Dim),
    /// The larger of two.
    Max(Dim, Dim),
    /// A sum whose parts do not fit 64 bits once added.
    WideSum(Dim, Dim),
    /// A product whose parts do not fit 64 bits once multiplied.
    WideProduct(Dim, Dim),
}

impl Atom {
    /// The two arguments; none for a variable.
    pub fn arguments(&self) -> Option<(&Dim, &Dim)> {
        match self {
            Atom::Var(_) => None,
            Atom::Div(a, b)
            | Atom::CeilDiv(a, b)
            | Atom::Mod(a, b)
            | Atom::Min(a, b)
            | Atom::Max(a, b)
            | Atom::WideSum(a, b)
            | Atom::WideProduct(a, b) => Some((a, b)),
        }
    }

    /// The same operation on other arguments, normalised.
    pub(super) fn rebuild(&self, a: &Dim, b: &Dim) -> Dim {
        match self {
            Atom::Var(var) => Dim::var(var.clone()),
            Atom::Div(..) => a.floor_div(b),
            Atom::CeilDiv(..) => a.ceil_div(b),
            Atom::Mod(..) => a.modulo(b),
            Atom::Min(..) => a.min(b),
            Atom::Max(..) => a.max(b),
            Atom::WideSum(..) => a + b,
            Atom::WideProduct(..) => a * b,
        }
    }

    fn uses(&self, var: &Var) -> bool {
        match self {
            Atom::Var(own) => own == var,
            _ => self.arguments().is_some_and(|(a, b)| a.uses(var) || b.uses(var)),
        }
    }

    pub(super) fn is_division(&self) -> bool {
        matches!(self, Atom::Div(..) | Atom::Mod(..))
    }
}

/// The factors of a term, sorted; a power is a repetition.
pub type Atoms = SmallVec<[Atom; 2]>;

/// A coefficient, never zero, times a product of atoms, never empty.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// The constant factor.
    pub coeff: i64,
    /// The other factors, sorted.
    pub atoms: Atoms,
}

impl Term {
    /// The key by which terms are sorted and merged: degree first.
    pub(super) fn key(&self) -> (usize, &[Atom]) {
        (self.atoms.len(), &self.atoms)
    }

    /// The term as a dim.
    pub fn to_dim(&self) -> Dim {
        Dim::from_terms(0, vec![self.clone()])
    }
}

impl PartialOrd for Term {
    fn partial_cmp(&self, other: &Term) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Term {
    fn cmp(&self, other: &Term) -> std::cmp::Ordering {
        self.key().cmp(&other.key()).then(self.coeff.cmp(&other.coeff))
    }
}

/// An exact integer expression in normal form. Cheap to clone; a constant allocates nothing.
///
/// Its order serves sorting and maps alone. Write `Dim::min(&a, &b)` for the smaller value: on an
/// owned receiver, method syntax finds `Ord::min`, which therefore means the same here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Dim(Repr);

impl PartialOrd for Dim {
    fn partial_cmp(&self, other: &Dim) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Dim {
    fn cmp(&self, other: &Dim) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }

    fn min(self, other: Dim) -> Dim {
        Dim::min(&self, &other)
    }

    fn max(self, other: Dim) -> Dim {
        Dim::max(&self, &other)
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Const(i64),
    Sum(Arc<Sum>),
}

struct Sum {
    terms: Vec<Term>,
    constant: i64,
    divides: bool,
    /// Of the terms and the constant, so that the parts of an expression are hashed once, however often they stand in it.
    hash: u64,
}

impl PartialEq for Sum {
    fn eq(&self, other: &Sum) -> bool {
        self.hash == other.hash && self.constant == other.constant && self.terms == other.terms
    }
}

impl Eq for Sum {}

impl PartialOrd for Sum {
    fn partial_cmp(&self, other: &Sum) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sum {
    fn cmp(&self, other: &Sum) -> std::cmp::Ordering {
        match std::ptr::eq(self, other) {
            true => std::cmp::Ordering::Equal,
            false => (&self.terms, self.constant).cmp(&(&other.terms, other.constant)),
        }
    }
}

impl Hash for Sum {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl Dim {
    /// A constant.
    pub const fn constant(value: i64) -> Dim {
        Dim(Repr::Const(value))
    }

    /// A size with the user's name.
    pub fn sym(name: impl Into<Name>) -> Dim {
        Dim::var(Var::Sym(name.into()))
    }

    /// The index of a loop.
    pub fn axis(name: impl Into<Name>) -> Dim {
        Dim::var(Var::Axis(name.into()))
    }

    /// An integer value loaded in a kernel.
    pub fn data(name: impl Into<Name>) -> Dim {
        Dim::var(Var::Data(name.into()))
    }

    /// A variable.
    pub fn var(var: Var) -> Dim {
        Dim::atom(Atom::Var(var))
    }

    /// An atom as it is: the caller has normalised it.
    pub(super) fn atom(atom: Atom) -> Dim {
        Dim::from_terms(0, vec![Term { coeff: 1, atoms: smallvec::smallvec![atom] }])
    }

    /// A sum of terms that are sorted, distinct and without zeros.
    pub(super) fn from_terms(constant: i64, terms: Vec<Term>) -> Dim {
        if terms.is_empty() {
            return Dim::constant(constant);
        }
        let divides = terms.iter().flat_map(|term| &term.atoms).any(Atom::is_division);
        let mut hasher = DefaultHasher::new();
        (&terms, constant).hash(&mut hasher);
        Dim(Repr::Sum(Arc::new(Sum { constant, terms, divides, hash: hasher.finish() })))
    }

    /// The value, if it is a constant.
    pub fn as_const(&self) -> Option<i64> {
        match &self.0 {
            Repr::Const(value) => Some(*value),
            Repr::Sum(_) => None,
        }
    }

    /// Whether it is a constant.
    pub fn is_const(&self) -> bool {
        self.as_const().is_some()
    }

    /// Whether it is the constant zero.
    pub fn is_zero(&self) -> bool {
        self.as_const() == Some(0)
    }

    /// The variable, if it is nothing else.
    pub fn as_var(&self) -> Option<&Var> {
        match self.as_atom()? {
            Atom::Var(var) => Some(var),
            _ => None,
        }
    }

    /// The atom, if it is one atom alone.
    pub fn as_atom(&self) -> Option<&Atom> {
        match self.terms() {
            [Term { coeff: 1, atoms }] if atoms.len() == 1 && self.constant_term() == 0 => {
                atoms.first()
            }
            _ => None,
        }
    }

    /// The terms of the normal form, sorted, without the constant.
    pub fn terms(&self) -> &[Term] {
        match &self.0 {
            Repr::Const(_) => &[],
            Repr::Sum(sum) => &sum.terms,
        }
    }

    /// The constant of the normal form.
    pub fn constant_term(&self) -> i64 {
        match &self.0 {
            Repr::Const(value) => *value,
            Repr::Sum(sum) => sum.constant,
        }
    }

    /// Whether a factor of some term is a quotient or a remainder.
    pub fn divides(&self) -> bool {
        matches!(&self.0, Repr::Sum(sum) if sum.divides)
    }

    /// All variables in it.
    pub fn vars(&self) -> BTreeSet<Var> {
        let mut vars = BTreeSet::new();
        self.collect_vars(&mut vars);
        vars
    }

    fn collect_vars(&self, vars: &mut BTreeSet<Var>) {
        for atom in self.terms().iter().flat_map(|term| &term.atoms) {
            match atom {
                Atom::Var(var) => {
                    vars.insert(var.clone());
                }
                _ => {
                    if let Some((a, b)) = atom.arguments() {
                        a.collect_vars(vars);
                        b.collect_vars(vars);
                    }
                }
            }
        }
    }

    /// Whether the variable occurs in it.
    pub fn uses(&self, var: &Var) -> bool {
        self.terms().iter().flat_map(|term| &term.atoms).any(|atom| atom.uses(var))
    }

    /// `(c, r)` with `self = c*var + r`, neither using `var`; `None` where there is no such pair.
    pub fn linear_in(&self, var: &Var) -> Option<(Dim, Dim)> {
        let (mut inside, mut rest) = (Dim::constant(0), Dim::constant(self.constant_term()));
        for term in self.terms() {
            let place = term.atoms.iter().position(|a| matches!(a, Atom::Var(own) if own == var));
            let mut term = term.clone();
            if let Some(place) = place {
                term.atoms.remove(place);
            }
            if term.atoms.iter().any(|atom| atom.uses(var)) {
                return None;
            }
            let sum = if place.is_some() { &mut inside } else { &mut rest };
            *sum = &*sum
                + &if term.atoms.is_empty() { Dim::constant(term.coeff) } else { term.to_dim() };
        }
        Some((inside, rest))
    }
}

impl From<i64> for Dim {
    fn from(value: i64) -> Dim {
        Dim::constant(value)
    }
}

impl From<i32> for Dim {
    fn from(value: i32) -> Dim {
        Dim::constant(value.into())
    }
}

impl From<u32> for Dim {
    fn from(value: u32) -> Dim {
        Dim::constant(value.into())
    }
}

impl From<usize> for Dim {
    /// A value above `i64::MAX`, which no machine can hold elements for, becomes an unevaluated sum.
    fn from(value: usize) -> Dim {
        match i64::try_from(value) {
            Ok(value) => Dim::constant(value),
            Err(_) => {
                let half = Dim::constant((value / 2) as i64);
                &half + &half + (value % 2) as i64
            }
        }
    }
}

impl From<&Dim> for Dim {
    fn from(dim: &Dim) -> Dim {
        dim.clone()
    }
}

impl From<Var> for Dim {
    fn from(var: Var) -> Dim {
        Dim::var(var)
    }
}

impl Default for Dim {
    /// Zero.
    fn default() -> Dim {
        Dim::constant(0)
    }
}
