//! Answers that facts have given: the same question is asked of the parts of an expression again and again, and an expression
//! that divides quotients has exponentially many ways down to its parts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use super::interval::Interval;
use super::{Dim, Proof, Var};

/// Answers kept of one kind; when there are more, all are forgotten.
const ANSWERS_MAX: usize = 1 << 16;

/// A map that is only looked up, never walked, so that the order of hashing shows nowhere.
type Known<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// Answers of one kind.
type Answers<K, V> = Mutex<Known<K, V>>;

/// What was asked of facts, and answered. No part of their value: facts that are equal may have been asked other things. Clones
/// share it until one of them changes.
#[derive(Clone, Default)]
pub(super) struct Memo(Arc<Kinds>);

#[derive(Default)]
struct Kinds {
    simplified: Answers<Dim, Dim>,
    bounds: Answers<(Dim, usize), Interval>,
    bounds_of_vars: Answers<(Var, usize), Interval>,
    nonneg: Answers<Dim, Proof>,
    zero: Answers<Dim, Proof>,
}

fn answer<K: Hash + Eq + Clone, V: Clone>(
    answers: &Answers<K, V>,
    question: &K,
    find: impl FnOnce() -> V,
) -> V {
    let known = answers.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned();
    if let Some(known) = known {
        return known;
    }
    let found = find();
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    if answers.len() >= ANSWERS_MAX {
        answers.clear();
    }
    answers.insert(question.clone(), found.clone());
    found
}

impl Memo {
    /// The simplest form of a dim.
    pub(super) fn simplified(&self, dim: &Dim, find: impl FnOnce() -> Dim) -> Dim {
        answer(&self.0.simplified, dim, find)
    }

    /// The bounds of a dim, going through so many symbolic bounds.
    pub(super) fn bounds(
        &self,
        dim: &Dim,
        depth: usize,
        find: impl FnOnce() -> Interval,
    ) -> Interval {
        answer(&self.0.bounds, &(dim.clone(), depth), find)
    }

    /// The bounds of a variable, going through so many symbolic bounds.
    pub(super) fn bounds_of_var(
        &self,
        var: &Var,
        depth: usize,
        find: impl FnOnce() -> Interval,
    ) -> Interval {
        answer(&self.0.bounds_of_vars, &(var.clone(), depth), find)
    }

    /// Whether a dim is zero or more.
    pub(super) fn nonneg(&self, dim: &Dim, find: impl FnOnce() -> Proof) -> Proof {
        answer(&self.0.nonneg, dim, find)
    }

    /// Whether a dim is zero.
    pub(super) fn zero(&self, dim: &Dim, find: impl FnOnce() -> Proof) -> Proof {
        answer(&self.0.zero, dim, find)
    }
}

/// Results of arithmetic on dims that divide: normal forms, whatever is known of the variables.
#[derive(Default)]
struct Results {
    quotients: Known<(Dim, Dim), Dim>,
    remainders: Known<(Dim, Dim), Dim>,
    sums: Known<Dim, Dim>,
}

/// Results kept of one kind in a thread; when there are more, all are forgotten.
const RESULTS_MAX: usize = 1 << 14;

thread_local! {
    static RESULTS: RefCell<Results> = RefCell::default();
}

fn result<K: Hash + Eq>(
    of: impl Fn(&mut Results) -> &mut Known<K, Dim>,
    question: K,
    find: impl FnOnce() -> Dim,
) -> Dim {
    let known = RESULTS.with_borrow_mut(|results| of(results).get(&question).cloned());
    if let Some(known) = known {
        return known;
    }
    // The search asks the same of parts, so that nothing is borrowed meanwhile.
    let found = find();
    RESULTS.with_borrow_mut(|results| {
        let results = of(results);
        if results.len() >= RESULTS_MAX {
            results.clear();
        }
        results.insert(question, found.clone());
    });
    found
}

/// The quotient of a dim that divides.
pub(super) fn quotient(x: &Dim, c: &Dim, find: impl FnOnce() -> Dim) -> Dim {
    result(|results| &mut results.quotients, (x.clone(), c.clone()), find)
}

/// The remainder of a dim that divides.
pub(super) fn remainder(x: &Dim, c: &Dim, find: impl FnOnce() -> Dim) -> Dim {
    result(|results| &mut results.remainders, (x.clone(), c.clone()), find)
}

/// The normal form of a sum of terms that divide.
pub(super) fn sum(terms: &Dim, find: impl FnOnce() -> Dim) -> Dim {
    result(|results| &mut results.sums, terms.clone(), find)
}

impl PartialEq for Memo {
    fn eq(&self, _other: &Memo) -> bool {
        true
    }
}

impl Eq for Memo {}

impl Hash for Memo {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}
