//! What must hold of a call for a program to serve it.

use ferrodyne_compiler::graph::{Graph, GuardFact};
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{Dim, Name, Range, Source, Var};

use super::call::{Call, Kind};
use super::check::Checks;
use super::miss::expression;
use super::note::Note;
use super::options::Options;
use crate::device::Device;
use crate::scalar::ScalarGuard;

/// The guards of a program.
pub(crate) struct Guards {
    /// Kept so that no other device takes its address.
    _device: Option<Device>,
    pub(super) kind: Kind,
    pub(super) notes: Vec<Note>,
    checks: Checks,
    pub(super) conditions: Vec<Condition>,
    pub(super) scalars: Vec<ScalarGuard>,
    pub(super) symbols: Vec<Symbol>,
}

/// A symbol of a program.
pub(super) struct Symbol {
    pub(super) name: Name,
    /// Position of the size that gives its value.
    pub(super) at: usize,
    /// Whether the user gave it its name.
    pub(super) is_declared: bool,
}

/// What must hold of sizes.
pub(super) struct Condition {
    pub(super) test: Test,
    /// The operation that needed it, as it was written.
    pub(super) because: String,
    pub(super) source: Source,
}

pub(super) enum Test {
    /// The size at a position is a number.
    Is(usize, i64),
    /// The size at a position, which is a symbol, lies in a range.
    Within(usize, Range),
    /// The sizes at two positions are one symbol.
    Same(usize, usize),
    /// What was assumed while recording.
    Fact(GuardFact),
}

impl Guards {
    /// The guards of a recorded graph whose first inputs are those of the call.
    pub(crate) fn of(
        graph: &Graph,
        scalars: Vec<ScalarGuard>,
        call: &Call,
        options: &Options,
    ) -> Guards {
        let mut guards = Guards {
            _device: call.first_device(),
            kind: call.kind(),
            notes: call.notes().to_vec(),
            checks: Checks::new(call.words.len()),
            conditions: Vec::new(),
            scalars,
            symbols: Vec::new(),
        };
        for (input, given) in graph.inputs.iter().zip(&call.given) {
            for (axis, dim) in graph.ty(input.node).dims.iter().enumerate() {
                guards.size(graph, options, dim, given.at + axis);
            }
        }
        for guard in &graph.guards {
            let (test, because) = (Test::Fact(guard.fact.clone()), expression(graph, guard));
            let source = guard.source.clone();
            guards.conditions.push(Condition { test, because, source });
        }
        guards.list();
        guards
    }

    /// The size at a position: a number, a symbol seen for the first time, or one that is there.
    fn size(&mut self, graph: &Graph, options: &Options, dim: &Dim, at: usize) {
        let test = match (dim.as_const(), dim.as_var()) {
            (Some(value), _) => Test::Is(at, value),
            (None, Some(var @ Var::Sym(name))) => {
                match self.symbols.iter().find(|symbol| symbol.name == *name) {
                    Some(first) => Test::Same(first.at, at),
                    None => {
                        let is_declared = options.dynamic.iter().any(|d| *d.name == **name);
                        self.symbols.push(Symbol { name: name.clone(), at, is_declared });
                        let known = graph.symbols.get(name).map(|symbol| symbol.range);
                        Test::Within(at, known.unwrap_or_else(|| graph.facts.range(var)))
                    }
                }
            }
            _ => return,
        };
        let (because, source) = (String::new(), Source::unknown());
        self.conditions.push(Condition { test, because, source });
    }

    /// Lists what is checked at every call: first the sizes that are numbers, which differ most often, then all else that is
    /// compared as it is, then ranges and what must be computed.
    fn list(&mut self) {
        let Guards { kind, checks, conditions, symbols, .. } = self;
        for condition in &*conditions {
            if let Test::Is(at, value) = condition.test {
                checks.is(at, value);
            }
        }
        for (at, word) in kind.words.iter().enumerate().filter(|(at, _)| !kind.open[*at]) {
            checks.is(at, *word);
        }
        let word = |var: &Var| symbols.iter().find(|s| s.name == *var.name()).map(|s| s.at);
        for condition in &*conditions {
            match &condition.test {
                Test::Is(..) => {}
                Test::Within(at, range) => checks.within(*at, *range),
                Test::Same(a, b) => checks.same(*a, *b),
                Test::Fact(fact) => {
                    if list_fact(checks, fact, &word).is_none() {
                        // A size that no argument gives: no call can be known to fit.
                        checks.differ(0, 0);
                    }
                }
            }
        }
    }

    /// Whether the program serves a call. Allocates nothing.
    pub(crate) fn hold(&self, words: &mut Vec<i64>) -> bool {
        self.checks.hold(words) && self.scalars.iter().all(|guard| guard.is_kept(words))
    }

    /// Whether the guards differ from a call in sizes and scalars alone, so that a dynamic dim may serve both.
    pub(crate) fn same_kind(&self, call: &Call) -> bool {
        self.kind.fits(&call.words)
    }

    /// Positions of sizes that are numbers in these guards, with the numbers.
    pub(crate) fn fixed(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.conditions.iter().filter_map(|condition| match condition.test {
            Test::Is(at, value) => Some((at, value)),
            _ => None,
        })
    }

    /// Positions of sizes that are symbols.
    pub(crate) fn symbolic(&self) -> impl Iterator<Item = usize> + '_ {
        self.conditions.iter().filter_map(|condition| match condition.test {
            Test::Within(at, _) | Test::Same(_, at) => Some(at),
            _ => None,
        })
    }

    /// Values of the symbols at a call.
    pub(crate) fn sizes(&self, call: &Call) -> Sizes {
        Sizes::new(self.symbols.iter().map(|symbol| (symbol.name.clone(), call.words[symbol.at])))
    }

    /// How specific the guards are: entries with fewer symbols are tried first.
    pub(crate) fn n_symbols(&self) -> usize {
        self.symbols.len()
    }
}

/// Lists a fact; `None` where a variable of it is no word of the call.
fn list_fact(
    checks: &mut Checks,
    fact: &GuardFact,
    word: &dyn Fn(&Var) -> Option<usize>,
) -> Option<()> {
    match fact {
        GuardFact::Equal(a, b) => {
            let (a, b) = (checks.value(a, word)?, checks.value(b, word)?);
            checks.same(a, b);
        }
        GuardFact::Differ(a, b) => {
            let (a, b) = (checks.value(a, word)?, checks.value(b, word)?);
            checks.differ(a, b);
        }
        GuardFact::Within(a, range) => {
            let a = checks.value(a, word)?;
            checks.within(a, *range);
        }
        GuardFact::Multiple(a, factor) => {
            let a = checks.value(a, word)?;
            checks.multiple(a, *factor);
        }
    }
    Some(())
}

/// Whether a fact holds; one that cannot be evaluated does not.
pub(crate) fn fact_holds(fact: &GuardFact, value: &dyn Fn(&Dim) -> Option<i64>) -> bool {
    let both = |a: &Dim, b: &Dim| Some((value(a)?, value(b)?));
    match fact {
        GuardFact::Equal(a, b) => both(a, b).is_some_and(|(a, b)| a == b),
        GuardFact::Differ(a, b) => both(a, b).is_some_and(|(a, b)| a != b),
        GuardFact::Within(a, range) => value(a).is_some_and(|v| range.contains(v)),
        GuardFact::Multiple(a, n) => value(a).is_some_and(|v| v % n == 0),
    }
}
