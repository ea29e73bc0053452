//! Guards in words: why a program does not serve a call, with the user's names, both values and the line that needed it.

use ferrodyne_compiler::graph::{Graph, Guard, GuardFact, Node};
use ferrodyne_plan::dims::Term;
use ferrodyne_plan::{Dim, Range, Source, Var};

use super::call::Call;
use super::guards::{Condition, Guards, Test, fact_holds};
use super::note::{Note, What};
use crate::scalar::ScalarGuard;

/// Why a program does not serve a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Miss {
    /// The reason, with the argument, both values and the line that needed it.
    pub(crate) text: String,
    /// What is to blame.
    pub(crate) cause: Cause,
    /// An equality of sizes that an operation needs, and that does not hold.
    pub(crate) is_equality: bool,
    /// How much differs: words that are compared as they are, then conditions on sizes and scalars.
    pub(crate) distance: (usize, usize),
}

/// What keeps a program from serving a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// An axis of an argument.
    Size(String, usize),
    /// A host value among the arguments, or a field of the module.
    Host(String),
    /// A type, a device or a structure.
    Other(String),
}

impl Guards {
    /// Why the program does not serve a call; `None` when it does.
    pub(crate) fn miss(&self, call: &Call) -> Option<Miss> {
        let words = &call.words;
        let n_kind = self.kind.distance(words);
        if n_kind > 0 {
            return Some(Miss { distance: (n_kind, 0), ..self.other_kind(call) });
        }
        let mut broken = self.conditions.iter().filter(|c| !self.holds(&c.test, words));
        if let Some(condition) = broken.next() {
            let distance = (0, 1 + broken.count());
            return Some(Miss { distance, ..self.broken(condition, words) });
        }
        let guard = self.scalars.iter().find(|guard| !guard.is_kept(words))?;
        Some(self.broken_scalar(guard, words))
    }

    fn other_kind(&self, call: &Call) -> Miss {
        let (words, notes) = (&call.words, call.notes());
        let pairs = self.notes.iter().zip(notes).enumerate();
        // Behind another structure nothing stands where it stood.
        let differs = |at: usize| {
            let open = self.kind.open[at] && self.notes[at].path == notes[at].path;
            self.kind.words[at] != words[at] && !open
        };
        match pairs.into_iter().find(|(at, _)| differs(*at)) {
            Some((_, (was, now))) => {
                let cause = match now.what {
                    What::Host(_) => Cause::Host(now.path.clone()),
                    _ => Cause::Other(now.path.clone()),
                };
                Miss { text: was.difference(now), cause, is_equality: false, distance: (0, 0) }
            }
            None => {
                let text = "there are more or fewer arguments or fields".to_owned();
                Miss {
                    text,
                    cause: Cause::Other(String::new()),
                    is_equality: false,
                    distance: (0, 0),
                }
            }
        }
    }

    fn holds(&self, test: &Test, words: &[i64]) -> bool {
        match test {
            Test::Is(at, value) => words[*at] == *value,
            Test::Within(at, range) => range.contains(words[*at]),
            Test::Same(a, b) => words[*a] == words[*b],
            Test::Fact(fact) => fact_holds(fact, &|dim| self.value(dim, words)),
        }
    }

    fn value(&self, dim: &Dim, words: &[i64]) -> Option<i64> {
        let find = |var: &Var| self.symbols.iter().find(|s| s.name == *var.name());
        dim.eval(&|var| find(var).map(|symbol| words[symbol.at])).ok()
    }

    /// The sentence of a condition that does not hold.
    fn broken(&self, condition: &Condition, words: &[i64]) -> Miss {
        let name = |at: usize| self.notes[at].name();
        let (text, at) = match &condition.test {
            Test::Is(at, value) => {
                (format!("{} was {value}, and is {}", name(*at), words[*at]), *at)
            }
            Test::Within(at, range) => {
                (format!("{} must be in {range}, and is {}", self.symbol(*at), words[*at]), *at)
            }
            Test::Same(a, b) => {
                let (first, second) = (words[*a], words[*b]);
                let symbol = self.symbol(*a);
                let (a, other) = (name(*a), name(*b));
                (format!("{symbol} must be one size: {a} is {first}, and {other} is {second}"), *b)
            }
            Test::Fact(fact) => (self.fact(fact, words), self.blamed(fact)),
        };
        let text = match condition.because.as_str() {
            "" => text,
            because => format!("{text}, because of {because}{}", place(&condition.source)),
        };
        let cause = match &self.notes[at] {
            Note { path, what: What::Size(axis) } => Cause::Size(path.clone(), *axis),
            note => Cause::Other(note.path.clone()),
        };
        let is_equality = matches!(&condition.test, Test::Fact(GuardFact::Equal(a, b)) if !a.is_const() && !b.is_const());
        Miss { text, cause, is_equality, distance: (0, 0) }
    }

    fn broken_scalar(&self, guard: &ScalarGuard, words: &[i64]) -> Miss {
        let name = |at: usize| self.notes[at].path.clone();
        let text = format!("`{}` was true", guard.text(&name));
        let text = match guard.values(words) {
            Some((a, b)) => {
                format!("{text}, and the sides are {a} and {b}{}", place(&guard.source))
            }
            None => format!("{text}{}", place(&guard.source)),
        };
        let scalar = self.notes.iter().find(|note| matches!(note.what, What::Number(_)));
        let cause = Cause::Other(scalar.map(|note| note.path.clone()).unwrap_or_default());
        Miss { text, cause, is_equality: false, distance: (0, 0) }
    }

    /// Position of a size in a fact.
    fn blamed(&self, fact: &GuardFact) -> usize {
        let vars = fact.dims().into_iter().flat_map(Dim::vars);
        let mut symbols =
            vars.filter_map(|var| self.symbols.iter().find(|s| s.name == *var.name()));
        symbols.next().map_or(0, |symbol| symbol.at)
    }

    /// A fact that does not hold, with the values.
    fn fact(&self, fact: &GuardFact, words: &[i64]) -> String {
        let value = |dim: &Dim| {
            self.value(dim, words).map_or_else(|| "without a value".to_owned(), |v| v.to_string())
        };
        let required = self.required(fact);
        let sides = match fact {
            GuardFact::Equal(a, b) | GuardFact::Differ(a, b) => (a.clone(), b.clone()),
            GuardFact::Within(a, range) => match sides(a, *range) {
                Some(sides) => sides,
                None => return format!("{required}, and is {}", value(a)),
            },
            GuardFact::Multiple(a, _) => return format!("{required}, and is {}", value(a)),
        };
        match (&sides.0, &sides.1) {
            (a, number) if number.is_const() => format!("{required}, and is {}", value(a)),
            (number, b) if number.is_const() => format!("{required}, and is {}", value(b)),
            (a, b) => format!("{required}, and they are {} and {}", value(a), value(b)),
        }
    }

    /// What a fact requires, in the user's names.
    fn required(&self, fact: &GuardFact) -> String {
        match fact {
            GuardFact::Equal(a, b) if b.is_const() => format!("{} must be {b}", self.dim(a)),
            GuardFact::Equal(a, b) if a.is_const() => format!("{} must be {a}", self.dim(b)),
            GuardFact::Equal(a, b) => format!("{} must equal {}", self.dim(a), self.dim(b)),
            GuardFact::Differ(a, b) => format!("{} must differ from {}", self.dim(a), self.dim(b)),
            GuardFact::Multiple(a, n) => format!("{} must be a multiple of {n}", self.dim(a)),
            GuardFact::Within(a, range) => match sides(a, *range) {
                Some((a, b)) if a.is_const() => format!("{} must be at least {a}", self.dim(&b)),
                Some((a, b)) => format!("{} must be at most {}", self.dim(&a), self.dim(&b)),
                None => format!("{} must be in {range}", self.dim(a)),
            },
        }
    }

    /// The symbol of a position: the user's name, or `x's dim 0`.
    fn symbol(&self, at: usize) -> String {
        let declared = self.symbols.iter().find(|symbol| symbol.at == at && symbol.is_declared);
        declared.map_or_else(|| self.notes[at].name(), |symbol| format!("`{}`", symbol.name))
    }

    /// A size in the user's names.
    fn dim(&self, dim: &Dim) -> String {
        let find = |var: &Var| self.symbols.iter().find(|symbol| symbol.name == *var.name());
        if let Some(symbol) = dim.as_var().and_then(find) {
            return self.symbol(symbol.at);
        }
        let rename = |var: &Var| {
            let symbol = find(var).filter(|symbol| !symbol.is_declared)?;
            let Note { path, what: What::Size(axis) } = &self.notes[symbol.at] else { return None };
            Some(Dim::sym(format!("{path}.dim({axis})")))
        };
        dim.substitute(&rename).to_string()
    }

    /// The guards in words, with the lines that needed them: sizes, what was assumed of them and of scalars, then host values
    /// and fields.
    pub(crate) fn describe(&self) -> Vec<String> {
        let sizes = self.conditions.iter().map(|condition| {
            let because = match condition.because.as_str() {
                "" => String::new(),
                because => format!(", because of {because}"),
            };
            format!("{}{because}{}", self.test(&condition.test), place(&condition.source))
        });
        let name = |at: usize| self.notes[at].path.clone();
        let scalars = self
            .scalars
            .iter()
            .map(|guard| format!("{}{}", guard.text(&name), place(&guard.source)));
        let hosts = self.notes.iter().filter_map(|note| match &note.what {
            What::Host(text) => Some(format!("{} == {text}", note.path)),
            What::Tensor(dtype, rank) => Some(format!("{} is {dtype} of rank {rank}", note.path)),
            _ => None,
        });
        sizes.chain(scalars).chain(hosts).collect()
    }

    fn test(&self, test: &Test) -> String {
        let at = |at: usize| match &self.notes[at] {
            Note { path, what: What::Size(axis) } => format!("{path}.dim({axis})"),
            note => note.path.clone(),
        };
        let symbol = |at: usize| {
            let found = self.symbols.iter().find(|symbol| symbol.at == at);
            found.map_or_else(String::new, |symbol| symbol.name.to_string())
        };
        match test {
            Test::Is(position, value) => format!("{} == {value}", at(*position)),
            Test::Within(position, range) => format!("{} in {range}", at(*position)),
            Test::Same(first, position) => format!("{} == {}", at(*position), symbol(*first)),
            Test::Fact(fact) => self.required(fact),
        }
    }
}

/// A difference that is bounded on one side, as two sides of which the first is at most the second: `4 - n` of at most -1 is
/// 5 and `n`.
fn sides(difference: &Dim, range: Range) -> Option<(Dim, Dim)> {
    let room = match (range.lo, range.hi) {
        (Some(lo), None) => difference - lo,
        (None, Some(hi)) => Dim::constant(hi) - difference,
        _ => return None,
    };
    let constant = Dim::constant(room.constant_term());
    let mut sides = (Dim::constant(0), Dim::constant(0));
    for term in room.terms().iter().map(Term::to_dim).chain([constant]) {
        let is_negative = term.terms().first().map_or(term.constant_term(), |t| t.coeff) < 0;
        match is_negative {
            true => sides.0 = &sides.0 - &term,
            false => sides.1 = &sides.1 + &term,
        }
    }
    Some(sides)
}

fn place(source: &Source) -> String {
    if source.is_unknown() { String::new() } else { format!(" ({source})") }
}

/// The operation that needed a guard, as it was written: `` `x + y` ``.
pub(super) fn expression(graph: &Graph, guard: &Guard) -> String {
    if guard.op.as_str() == "size" {
        return "a size that is compared or read".to_owned();
    }
    match find_node(graph, guard) {
        Some(node) => format!("`{}`", written(graph, node)),
        None => format!("`{}`", guard.op),
    }
}

fn find_node<'a>(graph: &'a Graph, guard: &Guard) -> Option<&'a Node> {
    graph.nodes.iter().map(AsRef::as_ref).find(|node: &&Node| {
        let (own, wanted) = (&node.source, &guard.source);
        node.op == guard.op && (&own.file, own.line) == (&wanted.file, wanted.line)
    })
}

fn written(graph: &Graph, node: &Node) -> String {
    let name = |id| graph.node(id).name.as_ref().map_or("..", |name| name.as_str());
    let operands: Vec<&str> = node.inputs.iter().map(|id| name(*id)).collect();
    let infix = match node.op.as_str() {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        "rem" => "%",
        _ => return format!("{}({})", node.op, operands.join(", ")),
    };
    operands.join(&format!(" {infix} "))
}
