//! What is known of variables: ranges, divisibility, order, equality; with its text form.
//!
//! `n in 1..=4096, n % 4 == 0, i < n, m == 2*n`. Facts that contradict each other prove anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use super::division::gcd;
use super::memo::Memo;
use super::read::Classifier;
use super::{Dim, Var, parse_dim};
use crate::text::{Cursor, TextError, TokenKind};

/// The integers from `lo` to `hi`, both included; `None` is unbounded.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Range {
    /// The least value.
    pub lo: Option<i64>,
    /// The greatest value.
    pub hi: Option<i64>,
}

impl Range {
    /// All integers.
    pub const ALL: Range = Range { lo: None, hi: None };

    /// One value.
    pub const fn exact(value: i64) -> Range {
        Range::between(value, value)
    }

    /// `lo` and more.
    pub const fn at_least(lo: i64) -> Range {
        Range { lo: Some(lo), hi: None }
    }

    /// `hi` and less.
    pub const fn at_most(hi: i64) -> Range {
        Range { lo: None, hi: Some(hi) }
    }

    /// From `lo` to `hi`, both included.
    pub const fn between(lo: i64, hi: i64) -> Range {
        Range { lo: Some(lo), hi: Some(hi) }
    }

    /// The values in both.
    pub fn intersect(self, other: Range) -> Range {
        let hi = match (self.hi, other.hi) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Range { lo: self.lo.max(other.lo), hi }
    }

    /// Whether the value lies in it.
    pub fn contains(self, value: i64) -> bool {
        self.lo.is_none_or(|lo| lo <= value) && self.hi.is_none_or(|hi| value <= hi)
    }

    /// Reads `1..=8`, `0..`, `..=5`, `..` or one number.
    pub fn parse(cursor: &mut Cursor) -> Result<Range, TextError> {
        let open = cursor.is("..") || cursor.is("..=");
        let lo = if open { None } else { Some(cursor.int()?) };
        if cursor.eat("..=") {
            return Ok(Range { lo, hi: Some(cursor.int()?) });
        }
        Ok(if cursor.eat("..") { Range { lo, hi: None } } else { Range { lo, hi: lo } })
    }
}

impl Display for Range {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(lo) = self.lo {
            write!(f, "{lo}")?;
        }
        match self.hi {
            Some(hi) => write!(f, "..={hi}"),
            None => f.write_str(".."),
        }
    }
}

/// An answer that is never a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// It holds for all values that the facts allow.
    Yes,
    /// It holds for no value that the facts allow.
    No,
    /// Neither was shown.
    Unknown,
}

impl Proof {
    /// Whether it was shown to hold.
    pub fn is_yes(self) -> bool {
        self == Proof::Yes
    }

    /// Whether it was shown never to hold.
    pub fn is_no(self) -> bool {
        self == Proof::No
    }
}

impl From<bool> for Proof {
    fn from(holds: bool) -> Proof {
        if holds { Proof::Yes } else { Proof::No }
    }
}

/// What is known of variables.
#[derive(Clone, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    pub(super) ranges: BTreeMap<Var, Range>,
    pub(super) multiples: BTreeMap<Dim, i64>,
    pub(super) less: BTreeSet<(Dim, Dim)>,
    pub(super) equal: BTreeMap<Var, Dim>,
    pub(super) equations: BTreeSet<(Dim, Dim)>,
    #[serde(skip)]
    pub(super) memo: Memo,
}

impl Facts {
    /// Nothing is known but that sizes are not negative.
    pub fn new() -> Facts {
        Facts::default()
    }

    /// States the range of a variable, in the place of what was stated before.
    pub fn set_range(&mut self, var: impl Into<Var>, range: Range) {
        let var = var.into();
        if self.ranges.insert(var, range) != Some(range) {
            self.memo = Memo::default();
        }
    }

    /// The stated range; of a symbol `0..`, of others everything, where nothing was stated.
    pub fn range(&self, var: &Var) -> Range {
        let default = if matches!(var, Var::Sym(_)) { Range::at_least(0) } else { Range::ALL };
        self.ranges.get(var).copied().unwrap_or(default)
    }

    /// States that the dim is a multiple of `factor`.
    pub fn assume_multiple(&mut self, dim: impl Into<Dim>, factor: i64) {
        let dim = self.resolve(&dim.into());
        let factor = i64::try_from(factor.unsigned_abs()).unwrap_or(1);
        if factor < 2 || dim.is_const() {
            return;
        }
        let known = self.multiples.get(&dim).copied().unwrap_or(1);
        let both = (known / gcd(known, factor)).checked_mul(factor);
        let factor = both.unwrap_or(known.max(factor));
        if self.multiples.insert(dim, factor) != Some(factor) {
            self.memo = Memo::default();
        }
    }

    /// States `a < b`, as of a loop index and a symbolic extent.
    pub fn assume_lt(&mut self, a: impl Into<Dim>, b: impl Into<Dim>) {
        let (a, b) = (self.resolve(&a.into()), self.resolve(&b.into()));
        match (a.as_var(), b.as_const(), a.as_const(), b.as_var()) {
            (Some(var), Some(end), ..) if end > i64::MIN => {
                let range = self.range(var).intersect(Range::at_most(end - 1));
                self.set_range(var.clone(), range);
            }
            (_, _, Some(below), Some(var)) if below < i64::MAX => {
                let range = self.range(var).intersect(Range::at_least(below + 1));
                self.set_range(var.clone(), range);
            }
            _ => {
                self.narrow(&(&b - &a - 1));
                if self.less.insert((a, b)) {
                    self.memo = Memo::default();
                }
            }
        }
    }

    /// States that two dims are equal. A bare symbol on one side is replaced by the other from now on, and one that an equation
    /// makes a number by the number.
    pub fn assume_equal(&mut self, a: &Dim, b: &Dim) {
        let (a, b) = (self.resolve(a), self.resolve(b));
        if a == b {
            return;
        }
        if let Some((var, value)) = solved(&(&a - &b)) {
            return self.replace(var, &Dim::constant(value));
        }
        let replaceable = |from: &Dim, to: &Dim| {
            from.as_var().filter(|var| matches!(var, Var::Sym(_)) && !to.uses(var)).cloned()
        };
        // Of two symbols the later name is replaced, whichever side it stands on.
        let (first, second) = if a.as_var() < b.as_var() { (&b, &a) } else { (&a, &b) };
        let sides = [(first, second), (second, first)];
        let found = sides.into_iter().find_map(|(from, to)| Some((replaceable(from, to)?, to)));
        let Some((var, to)) = found else {
            let difference = &a - &b;
            self.narrow(&difference);
            self.narrow(&-&difference);
            if self.equations.insert(if a <= b { (a, b) } else { (b, a) }) {
                self.memo = Memo::default();
            }
            return;
        };
        self.replace(var, to);
    }

    /// Keeps all facts free of the replaced variable, except its own equation, range and factors.
    fn replace(&mut self, var: Var, to: &Dim) {
        self.memo = Memo::default();
        let with = |own: &Var| (*own == var).then(|| to.clone());
        for value in self.equal.values_mut() {
            *value = value.substitute(&with);
        }
        if let Some(target) = to.as_var() {
            let range = self.range(target).intersect(self.range(&var));
            self.ranges.insert(target.clone(), range);
        }
        let pair = |(a, b): &(Dim, Dim)| (a.substitute(&with), b.substitute(&with));
        self.less = self.less.iter().map(pair).collect();
        self.equations = self.equations.iter().map(pair).collect();
        for (dim, factor) in std::mem::take(&mut self.multiples) {
            self.assume_multiple(dim.substitute(&with), factor);
        }
        self.equal.insert(var, to.clone());
        self.memo = Memo::default();
    }

    /// The dim with replaced symbols replaced.
    pub(super) fn resolve(&self, dim: &Dim) -> Dim {
        if self.equal.is_empty() {
            return dim.clone();
        }
        dim.substitute(&|var| self.equal.get(var).cloned())
    }

    /// The first fact that the values contradict, in words; facts over variables without a value are passed over.
    pub fn broken_by(&self, values: &dyn Fn(&Var) -> Option<i64>) -> Option<String> {
        let range =
            self.ranges.iter().find(|(var, range)| values(var).is_some_and(|v| !range.contains(v)));
        if let Some((var, range)) = range {
            return Some(format!("{} in {range}", var.name()));
        }
        let multiple = |(dim, factor): &(&Dim, &i64)| {
            dim.eval(values).is_ok_and(|v| v.checked_rem(**factor) != Some(0))
        };
        if let Some((dim, factor)) = self.multiples.iter().find(multiple) {
            return Some(format!("{dim} % {factor} == 0"));
        }
        let both = |a: &Dim, b: &Dim| Some((a.eval(values).ok()?, b.eval(values).ok()?));
        if let Some((a, b)) =
            self.less.iter().find(|(a, b)| both(a, b).is_some_and(|(a, b)| a >= b))
        {
            return Some(format!("{a} < {b}"));
        }
        let equal = self.equal.iter().map(|(var, dim)| (Dim::var(var.clone()), dim.clone()));
        let mut equations = equal.chain(self.equations.iter().cloned());
        let (a, b) = equations.find(|(a, b)| both(a, b).is_some_and(|(a, b)| a != b))?;
        Some(format!("{a} == {b}"))
    }

    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        *self == Facts::default()
    }

    /// Reads `n in 1..=4096, n % 4 == 0, i < n, m == 2*n`.
    pub fn parse(text: &str, classify: &Classifier<'_>) -> Result<Facts, TextError> {
        let mut cursor = Cursor::new(text)?;
        let facts = parse_facts(&mut cursor, classify)?;
        cursor.expect_end()?;
        Ok(facts)
    }
}

/// Reads facts off the cursor, as far as commas go; none at the end of the text or before `{`.
pub fn parse_facts(cursor: &mut Cursor, classify: &Classifier<'_>) -> Result<Facts, TextError> {
    let mut facts = Facts::new();
    if cursor.at_end() || cursor.is("{") {
        return Ok(facts);
    }
    loop {
        let dim = parse_dim(cursor, classify)?;
        if cursor.eat("<") {
            let end = parse_dim(cursor, classify)?;
            facts.less.insert((dim, end));
        } else if cursor.eat("==") {
            facts.assume_equal(&dim, &parse_dim(cursor, classify)?);
        } else if cursor.eat("%") {
            let factor = cursor.int()?;
            if factor < 1 {
                return Err(cursor.error("a factor must be 1 or more"));
            }
            cursor.expect("==")?;
            if *cursor.peek() != TokenKind::Int(0) {
                return Err(cursor.expected("`0`"));
            }
            cursor.next();
            facts.multiples.insert(dim, factor);
        } else {
            let Some(var) = dim.as_var().cloned() else {
                return Err(cursor.expected("`==`, `<` or `%`"));
            };
            cursor.expect("in")?;
            facts.ranges.insert(var, Range::parse(cursor)?);
        }
        if !cursor.eat(",") {
            facts.memo = Memo::default();
            return Ok(facts);
        }
    }
}

/// The symbol of a sum that is 0 and has no other variable, with the number that it must be.
fn solved(zero: &Dim) -> Option<(Var, i64)> {
    let vars = zero.vars();
    let var = vars.iter().find(|var| matches!(var, Var::Sym(_))).filter(|_| vars.len() == 1)?;
    let (factor, rest) = zero.linear_in(var)?;
    let (factor, rest) = (factor.as_const()?, rest.as_const()?.checked_neg()?);
    (rest.checked_rem(factor)? == 0).then(|| (var.clone(), rest / factor))
}

impl Display for Facts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let equal = self.equal.iter().map(|(var, to)| format!("{var} == {to}"));
        let ranges = self.ranges.iter().map(|(var, range)| format!("{var} in {range}"));
        let multiples = self.multiples.iter().map(|(dim, by)| format!("{dim} % {by} == 0"));
        let less = self.less.iter().map(|(a, b)| format!("{a} < {b}"));
        let equations = self.equations.iter().map(|(a, b)| format!("{a} == {b}"));
        let all = equal.chain(ranges).chain(multiples).chain(less).chain(equations);
        f.write_str(&all.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Facts({self})")
    }
}
