//! What must hold of a call for a program to serve it: one flat list of records over the sizes of the arguments.

use ferrodyne_compiler::graph::{Graph, GuardFact};
use ferrodyne_plan::{DType, Dim, Name, Range, Source, Var};

use super::call::Call;
use crate::device::Device;

/// The guards of a program.
pub(crate) struct Guards {
    device: Option<Device>,
    tensors: Vec<(DType, usize)>,
    hosts: Vec<u64>,
    checks: Vec<Check>,
    symbols: Vec<(Name, usize)>,
}

/// A record: what is compared, and why.
struct Check {
    test: Test,
    text: String,
    source: Source,
}

enum Test {
    /// The size at a position is a number.
    Is(usize, i64),
    /// The size at a position lies in a range.
    Within(usize, Range),
    /// The sizes at two positions are equal.
    Same(usize, usize),
    /// Two expressions are equal, or differ.
    Equal(Dim, Dim, bool),
    /// An expression lies in a range.
    Range(Dim, Range),
    /// An expression is divisible.
    Multiple(Dim, i64),
}

/// Why a program does not serve a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Miss {
    /// Another number of tensors, another element type, rank, device or host value.
    Kind(String),
    /// A size differs.
    Size(String),
}

impl std::fmt::Display for Miss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Miss::Kind(text) | Miss::Size(text) => f.write_str(text),
        }
    }
}

impl Guards {
    /// The guards of a recorded graph whose first inputs are the call's tensors.
    pub(crate) fn of(graph: &Graph, call: &Call) -> Guards {
        let mut guards = Guards {
            device: call.tensors.first().map(|t| t.device.clone()),
            tensors: call.tensors.iter().map(|t| (t.dtype, t.dims.len())).collect(),
            hosts: call.hosts.clone(),
            checks: Vec::new(),
            symbols: Vec::new(),
        };
        let mut position = 0;
        for input in graph.inputs.iter().take(call.tensors.len()) {
            for (axis, dim) in graph.ty(input.node).dims.iter().enumerate() {
                guards.declare(graph, &format!("{}.dim({axis})", input.name), dim, position);
                position += 1;
            }
        }
        for guard in &graph.guards {
            let test = match &guard.fact {
                GuardFact::Equal(a, b) => Test::Equal(a.clone(), b.clone(), true),
                GuardFact::Differ(a, b) => Test::Equal(a.clone(), b.clone(), false),
                GuardFact::Within(a, range) => Test::Range(a.clone(), *range),
                GuardFact::Multiple(a, n) => Test::Multiple(a.clone(), *n),
            };
            let text = format!("{}, because of `{}`", guard.fact, guard.op);
            guards.checks.push(Check { test, text, source: guard.source.clone() });
        }
        guards
    }

    /// A declared size: a number, a symbol seen for the first time, or one that is there.
    fn declare(&mut self, graph: &Graph, what: &str, dim: &Dim, position: usize) {
        let (test, text) = match (dim.as_const(), dim.as_var()) {
            (Some(value), _) => (Test::Is(position, value), format!("{what} == {value}")),
            (None, Some(var @ Var::Sym(name))) => {
                match self.symbols.iter().find(|(known, _)| known == name) {
                    Some((_, first)) => (Test::Same(*first, position), format!("{what} == {name}")),
                    None => {
                        self.symbols.push((name.clone(), position));
                        let range = graph
                            .symbols
                            .get(name)
                            .map_or_else(|| graph.facts.range(var), |s| s.range);
                        (Test::Within(position, range), format!("{what} in {range}"))
                    }
                }
            }
            _ => return,
        };
        self.checks.push(Check { test, text, source: Source::unknown() });
    }

    /// Checks a call; `None` when the program serves it.
    pub(crate) fn miss(&self, call: &Call) -> Option<Miss> {
        if call.tensors.len() != self.tensors.len() {
            return Some(Miss::Kind(format!(
                "{} tensors instead of {}",
                call.tensors.len(),
                self.tensors.len()
            )));
        }
        let kinds = call.tensors.iter().zip(&self.tensors).enumerate();
        for (index, (tensor, (dtype, rank))) in kinds {
            if tensor.dtype != *dtype || tensor.dims.len() != *rank {
                let (got, got_rank) = (tensor.dtype, tensor.dims.len());
                let text = format!(
                    "tensor {index} is {got} of rank {got_rank} instead of {dtype} of rank {rank}"
                );
                return Some(Miss::Kind(text));
            }
        }
        if self.hosts != call.hosts {
            return Some(Miss::Kind("a host argument or a configuration field changed".to_owned()));
        }
        if call.tensors.first().is_some_and(|t| Some(&t.device) != self.device.as_ref()) {
            return Some(Miss::Kind("another device".to_owned()));
        }
        let broken = self.checks.iter().find(|check| !self.holds(&check.test, &call.sizes))?;
        Some(Miss::Size(self.sentence(broken, &call.sizes)))
    }

    fn holds(&self, test: &Test, sizes: &[i64]) -> bool {
        let eval = |dim: &Dim| dim.eval(&|var| self.value(var, sizes)).ok();
        match test {
            Test::Is(at, value) => sizes[*at] == *value,
            Test::Within(at, range) => range.contains(sizes[*at]),
            Test::Same(a, b) => sizes[*a] == sizes[*b],
            Test::Equal(a, b, equal) => (eval(a) == eval(b)) == *equal,
            Test::Range(a, range) => eval(a).is_some_and(|v| range.contains(v)),
            Test::Multiple(a, n) => eval(a).is_some_and(|v| v % n == 0),
        }
    }

    fn value(&self, var: &Var, sizes: &[i64]) -> Option<i64> {
        self.symbols.iter().find(|(name, _)| name == var.name()).map(|(_, at)| sizes[*at])
    }

    fn sentence(&self, check: &Check, sizes: &[i64]) -> String {
        let got = match &check.test {
            Test::Is(at, _) | Test::Within(at, _) | Test::Same(_, at) => {
                format!(", but it is {}", sizes[*at])
            }
            Test::Equal(..) | Test::Range(..) | Test::Multiple(..) => {
                ", which does not hold".to_owned()
            }
        };
        match check.source.is_unknown() {
            true => format!("{}{got}", check.text),
            false => format!("{}{got} ({})", check.text, check.source),
        }
    }

    /// Whether the guards differ from a call in sizes alone, so that a dynamic dim may serve both.
    pub(crate) fn same_kind(&self, call: &Call) -> bool {
        !matches!(self.miss(call), Some(Miss::Kind(_)))
    }

    /// Positions of sizes that are numbers in these guards, with the numbers.
    pub(crate) fn fixed(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.checks.iter().filter_map(|check| match check.test {
            Test::Is(at, value) => Some((at, value)),
            _ => None,
        })
    }

    /// Positions of sizes that are symbols.
    pub(crate) fn symbolic(&self) -> impl Iterator<Item = usize> + '_ {
        self.checks.iter().filter_map(|check| match check.test {
            Test::Within(at, _) | Test::Same(_, at) => Some(at),
            _ => None,
        })
    }

    /// Values of the symbols at a call.
    pub(crate) fn sizes(&self, call: &Call) -> ferrodyne_plan::plan::Sizes {
        let values = self.symbols.iter().map(|(name, at)| (name.clone(), call.sizes[*at]));
        ferrodyne_plan::plan::Sizes::new(values)
    }

    /// How specific the guards are: entries with fewer symbols are tried first.
    pub(crate) fn n_symbols(&self) -> usize {
        self.symbols.len()
    }

    /// The guards in words, with the lines that needed them.
    pub(crate) fn describe(&self) -> Vec<String> {
        let place = |source: &Source| {
            if source.is_unknown() { String::new() } else { format!(" ({source})") }
        };
        self.checks.iter().map(|c| format!("{}{}", c.text, place(&c.source))).collect()
    }
}

/// Whether a fact holds of sizes; one that cannot be evaluated does not.
pub(crate) fn fact_holds(fact: &GuardFact, sizes: &ferrodyne_plan::plan::Sizes) -> bool {
    let both = |a: &Dim, b: &Dim| Some((sizes.eval(a).ok()?, sizes.eval(b).ok()?));
    match fact {
        GuardFact::Equal(a, b) => both(a, b).is_some_and(|(a, b)| a == b),
        GuardFact::Differ(a, b) => both(a, b).is_some_and(|(a, b)| a != b),
        GuardFact::Within(a, range) => sizes.eval(a).is_ok_and(|v| range.contains(v)),
        GuardFact::Multiple(a, n) => sizes.eval(a).is_ok_and(|v| v % n == 0),
    }
}
