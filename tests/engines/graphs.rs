//! Random graphs over the whole table of operators.
//!
//! In: a list of choices. Out: a graph of 5 to 60 nodes with values for its inputs, and the error that each result may have.
//! Promise: every node is well conditioned, so that an engine that parts from the interpreter by more is wrong. Each node is
//! computed three times as it is made, once exactly and twice with rounding errors drawn at random; one whose values differ
//! by more than rounding (a comparison of nearly equal values, a cancellation) is not used.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_compiler::graph::{Attrs, Builder, Graph, InputRole, NodeId, TensorType, specialise};
use ferrodyne_compiler::interpret::{Sizes, interpret};
use ferrodyne_compiler::ops::{self, Case, Domain, Op, OpClass, Table};
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_plan::{DType, Dim, Name, Range, Var};
use ndarray::ArrayD;

/// Elements of the largest value in a graph.
const ELEMENTS_MAX: usize = 4096;

/// The largest absolute value that later nodes may read.
const VALUE_MAX: f64 = 1e6;

/// The smallest absolute value but zero: below it f32 loses digits.
const VALUE_MIN: f64 = 1e-30;

/// Relative rounding error of one operation, as drawn.
const ROUNDING: f64 = 3.0e-7;
/// That of sums inside of operators, which engines add up in different orders.
const SUM_ROUNDING: f64 = 10.0 * ROUNDING;

/// What an operator is made of.
#[derive(Clone, Copy)]
struct Makeup {
    /// Of approximations.
    approximate: bool,
    /// Of sums and more.
    sums: bool,
}

/// Primitives that engines compute approximately even where the result is representable.
const APPROXIMATE: &[&str] = &[
    "exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "sqrt", "rsqrt", "recip", "erf", "div",
    "pow", "atan2",
];

/// Operators whose values on the way leave the range of f32 on long operands other than their examples'.
const UNBOUNDED: &[&str] = &["prod", "cumprod"];

/// Operators that random graphs are made of.
pub(crate) fn drawn() -> Vec<&'static Op> {
    let fits = |op: &&Op| op.class != OpClass::Control && op.name != "input";
    ops::all().filter(fits).collect()
}

/// A random graph.
pub(crate) struct Drawn {
    pub(crate) graph: Graph,
    pub(crate) inputs: Vec<ArrayD<f64>>,
    pub(crate) sizes: Sizes,
    /// Root-mean-square error that rounding alone gives each result.
    pub(crate) noise: Vec<f64>,
    /// Operators of the nodes that the results need.
    pub(crate) ops: BTreeSet<String>,
}

struct Choices<'a>(std::slice::Iter<'a, u16>);

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % end.max(1)
    }
}

/// A node with its exact value and two rounded ones.
struct Known {
    id: NodeId,
    values: [ArrayD<f64>; 3],
}

struct Draft<'a> {
    b: Builder,
    choices: Choices<'a>,
    inputs: Vec<ArrayD<f64>>,
    sizes: Sizes,
    known: Vec<Known>,
    /// Known values that later steps may read.
    pool: Vec<usize>,
    /// Known values that operators drawn have made.
    made: Vec<usize>,
    state: u64,
    makeup: BTreeMap<String, Makeup>,
}

/// The graph that the choices say; none where no node fits.
pub(crate) fn draw(choices: &[u16]) -> Option<Drawn> {
    let all = drawn();
    let mut draft = Draft {
        b: Builder::new("random", &Table),
        choices: Choices(choices.iter()),
        inputs: Vec::new(),
        sizes: Sizes::new(),
        known: Vec::new(),
        pool: Vec::new(),
        made: Vec::new(),
        state: 0x9E37_79B9_7F4A_7C15,
        makeup: BTreeMap::new(),
    };
    let steps = 4 + draft.choices.below(20);
    for _ in 0..steps {
        let op = all[draft.choices.below(all.len())];
        if draft.b.graph().nodes.len() < 56 {
            draft.step(op);
        }
    }
    draft.finish()
}

impl Draft<'_> {
    /// One operator, on operands of one of its examples; most are made of values that are there.
    fn step(&mut self, op: &Op) -> Option<usize> {
        let cases = (op.cases)();
        let case = cases.get(self.choices.below(cases.len()))?;
        let fits = |(name, n): &(&str, i64)| self.sizes.get(*name).is_none_or(|own| own == n);
        if !case.sizes.iter().all(fits) {
            return None;
        }
        for (name, n) in &case.sizes {
            if self.sizes.insert(Name::from(*name), *n).is_none() {
                self.b.symbol(*name, Range::at_least(1), Some(*n));
            }
        }
        let fresh = case.inputs(self.choices.below(1000) as u64);
        let mut operands = Vec::new();
        for (operand, value) in case.operands.iter().zip(fresh) {
            let made = match self.choices.below(4) {
                0 => None,
                _ if UNBOUNDED.contains(&op.name) => None,
                _ => self.fitted(&operand.ty, &operand.domain),
            };
            operands.push(made.unwrap_or_else(|| self.input(operand.ty.clone(), value)));
        }
        let made = self.push(op.name, &operands, case.attrs.clone())?;
        self.made.push(made);
        let values = &self.known[made].values[0];
        let bits = self.b.ty(self.known[made].id).dtype == DType::U32;
        if values.iter().all(|v| v.is_finite() && (bits || v.abs() <= VALUE_MAX)) {
            self.pool.push(made);
        }
        Some(made)
    }

    fn input(&mut self, ty: TensorType, value: ArrayD<f64>) -> usize {
        let role = match self.inputs.len() % 3 {
            2 => InputRole::Parameter,
            _ => InputRole::Argument,
        };
        let id = self.b.input(format!("x{}", self.inputs.len()), role, ty);
        self.inputs.push(value.clone());
        self.known.push(Known { id, values: [value.clone(), value.clone(), value] });
        let index = self.known.len() - 1;
        self.pool.push(index);
        index
    }

    /// A value of the pool in the type and domain that an operator asks for.
    fn fitted(&mut self, ty: &TensorType, domain: &Domain) -> Option<usize> {
        let (low, high) = match *domain {
            Domain::Real(low, high) => (low, high),
            Domain::Int(low, high) => (low as f64, high as f64),
            Domain::Values(_) | Domain::Permutation => return None,
        };
        let recent = self.pool.len().saturating_sub(4);
        let from = match self.choices.below(3) {
            0 => 0,
            _ => recent,
        };
        let x = *self.pool.get(from + self.choices.below(self.pool.len() - from))?;
        let x = self.shaped(x, &ty.dims)?;
        let own = self.b.ty(self.known[x].id).dtype;
        let x = match own == DType::Bool && ty.dtype != DType::Bool {
            true => self.push("cast", &[x], Attrs::new().dtype("dtype", ty.dtype))?,
            false => x,
        };
        let own = self.b.ty(self.known[x].id).dtype;
        if ty.dtype == DType::Bool {
            return match own {
                DType::Bool => Some(x),
                _ => self.push("cast", &[x], Attrs::new().dtype("dtype", DType::Bool)),
            };
        }
        let inside = |v: &f64| (low..=high).contains(v);
        let x = match self.known[x].values.iter().all(|values| values.iter().all(inside)) {
            true => x,
            false if own.is_integer() && !ty.dtype.is_float() || own.is_float() => {
                self.clamped(x, own, low, high)?
            }
            false => return None,
        };
        match own == ty.dtype {
            true => Some(x),
            false => self.push("cast", &[x], Attrs::new().dtype("dtype", ty.dtype)),
        }
    }

    fn clamped(&mut self, x: usize, dtype: DType, low: f64, high: f64) -> Option<usize> {
        let unsigned = matches!(dtype, DType::U8 | DType::U32);
        let low = if unsigned { low.max(0.0) } else { low };
        let (low, high) = (self.number(dtype, low)?, self.number(dtype, high)?);
        let x = self.push("max", &[x, low], Attrs::new())?;
        self.push("min", &[x, high], Attrs::new())
    }

    fn number(&mut self, dtype: DType, value: f64) -> Option<usize> {
        let value = ops::element::host(dtype, &[], &[value]);
        self.push("constant", &[], Attrs::new().tensor("value", value))
    }

    /// The elements of a value, repeated or cut, in another shape.
    fn shaped(&mut self, x: usize, dims: &[Dim]) -> Option<usize> {
        let own = self.b.ty(self.known[x].id).dims.clone();
        if own == dims {
            return Some(x);
        }
        let count = |dims: &[Dim]| dims.iter().map(Dim::as_const).product::<Option<i64>>();
        let (have, want) = (count(&own)?, count(dims)?);
        if have == 0 || want == 0 {
            return None;
        }
        let mut x = x;
        if have != want {
            let times = (want + have - 1) / have;
            x = self.push("reshape", &[x], Attrs::new().dims("dims", &[Dim::constant(have)]))?;
            if times > 1 {
                let repeated = [Dim::constant(times), Dim::constant(have)];
                x = self.push("expand", &[x], Attrs::new().dims("dims", &repeated))?;
                let flat = [Dim::constant(times * have)];
                x = self.push("reshape", &[x], Attrs::new().dims("dims", &flat))?;
            }
            let cut = Attrs::new()
                .dims("starts", &[Dim::constant(0)])
                .dims("ends", &[Dim::constant(want)])
                .ints("steps", &[1]);
            x = self.push("slice", &[x], cut)?;
        }
        self.push("reshape", &[x], Attrs::new().dims("dims", dims))
    }

    /// Adds a node and computes it; none where it does not fit or is badly conditioned.
    fn push(&mut self, op: &str, operands: &[usize], attrs: Attrs) -> Option<usize> {
        let mut one = Builder::new("one", &Table);
        for (name, n) in &self.sizes {
            one.symbol(name.clone(), Range::at_least(1), Some(*n));
        }
        let inputs: Vec<NodeId> = operands
            .iter()
            .enumerate()
            .map(|(k, &x)| {
                let ty = self.b.ty(self.known[x].id).clone();
                one.input(format!("x{k}"), InputRole::Argument, ty)
            })
            .collect();
        let y = one.add(op, &inputs, attrs.clone()).ok()?;
        one.output("y", y);
        let one = one.finish();
        let values = self.computed(&one, op, operands)?;
        let ids: Vec<NodeId> = operands.iter().map(|&x| self.known[x].id).collect();
        let id = self.b.add(op, &ids, attrs).ok()?;
        self.known.push(Known { id, values });
        Some(self.known.len() - 1)
    }

    fn computed(&mut self, one: &Graph, op: &str, operands: &[usize]) -> Option<[ArrayD<f64>; 3]> {
        let ty = one.ty(one.outputs[0].node).clone();
        let size = |dim: &Dim| dim.eval(&|v: &Var| self.sizes.get(v.name()).copied()).ok();
        let count: i64 = ty.dims.iter().map(size).product::<Option<i64>>()?;
        if count as usize > ELEMENTS_MAX || ty.rank() > 6 {
            return None;
        }
        let mut values = Vec::new();
        for k in 0..3 {
            let inputs: Vec<ArrayD<f64>> =
                operands.iter().map(|&x| self.known[x].values[k].clone()).collect();
            values.push(interpret(one, &inputs, &self.sizes).ok()?.pop()?);
        }
        let [exact, mut a, mut b] = <[ArrayD<f64>; 3]>::try_from(values).ok()?;
        let fits =
            |v: f64| v == 0.0 || !v.is_finite() || (VALUE_MIN..=1.0 / VALUE_MIN).contains(&v.abs());
        if !exact.iter().all(|&v| fits(v)) {
            return None;
        }
        if ty.dtype.is_float() {
            let rough = self.makeup(one, op).approximate
                || exact.iter().any(|&v| v.is_finite() && f64::from(v as f32) != v);
            if rough {
                self.round(&mut a, ROUNDING);
                self.round(&mut b, ROUNDING);
            }
        }
        let scale = exact.iter().filter(|v| v.is_finite()).fold(1e-3, |m: f64, v| m.max(v.abs()));
        let allowed = if ty.dtype.is_float() { 1e-4 * scale } else { 0.0 };
        let near = |other: &ArrayD<f64>| {
            exact.iter().zip(other).all(|(x, y)| !x.is_finite() || (x - y).abs() <= allowed)
        };
        let steady = match self.makeup(one, op).sums {
            true => near(&self.of_noise(one, operands)?),
            false => true,
        };
        (near(&a) && near(&b) && steady).then_some([exact, a, b])
    }

    /// The result of operands that each differ by as much as a sum of theirs, which an operator may take the small rest of.
    fn of_noise(&mut self, one: &Graph, operands: &[usize]) -> Option<ArrayD<f64>> {
        let mut inputs = Vec::new();
        for (&x, input) in operands.iter().zip(&one.inputs) {
            let mut values = self.known[x].values[0].clone();
            if one.ty(input.node).dtype.is_float() {
                self.round(&mut values, SUM_ROUNDING);
            }
            inputs.push(values);
        }
        interpret(one, &inputs, &self.sizes).ok()?.pop()
    }

    fn round(&mut self, values: &mut ArrayD<f64>, by: f64) {
        for value in values {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            let unit = (self.state >> 40) as f64 / f64::from(1 << 23) - 1.0;
            *value *= 1.0 + by * unit;
        }
    }

    /// What an operator is made of.
    fn makeup(&mut self, one: &Graph, op: &str) -> Makeup {
        if let Some(known) = self.makeup.get(op) {
            return *known;
        }
        let mut graph = one.clone();
        let passes = PassList::named("inline, decompose").expect("these passes exist");
        let failed = passes.run(&mut graph, &PassCx::default(), &mut |_, _| {}).is_err();
        let has = |ops: &[&str]| graph.nodes.iter().any(|node| ops.contains(&node.op.as_ref()));
        let makeup =
            Makeup { approximate: failed || has(APPROXIMATE), sums: op != "sum" && has(&["sum"]) };
        self.makeup.insert(op.to_owned(), makeup);
        makeup
    }

    /// The last values as results.
    fn finish(mut self) -> Option<Drawn> {
        let made = std::mem::take(&mut self.made);
        let mut results = vec![*made.last()?];
        for _ in 0..2 + self.choices.below(4) {
            let x = made[self.choices.below(made.len())];
            if !results.contains(&x) {
                results.push(x);
            }
        }
        let mut noise = Vec::new();
        for (k, &x) in results.iter().enumerate() {
            self.b.output(format!("y{k}"), self.known[x].id);
            let [exact, a, b] = &self.known[x].values;
            noise.push(super::judge::rms(exact, a).max(super::judge::rms(exact, b)));
        }
        let graph = numbered(&self.b.finish(), &self.sizes);
        let ops = live(&graph);
        Some(Drawn { graph, inputs: self.inputs, sizes: self.sizes, noise, ops })
    }
}

/// Operators of the nodes that the results need.
fn live(graph: &Graph) -> BTreeSet<String> {
    let mut needed: BTreeSet<NodeId> = graph.roots().collect();
    for id in graph.ids().rev() {
        if needed.contains(&id) {
            needed.extend(graph.node(id).inputs.iter().copied());
        }
    }
    needed.iter().map(|&id| graph.node(id).op.to_string()).collect()
}

/// The graph with numbers for sizes that no input tells, which a device has no other way to learn.
fn numbered(graph: &Graph, sizes: &Sizes) -> Graph {
    let told = |name: &Name| {
        let mut dims = graph.inputs.iter().flat_map(|input| &graph.ty(input.node).dims);
        dims.any(|dim| dim.as_var().is_some_and(|var| var.name() == name))
    };
    specialise(graph, &|name| if told(name) { None } else { sizes.get(name).copied() })
}

/// The graph of an operator's example, with its values.
pub(crate) fn example(op: &Op, case: &Case) -> Drawn {
    let graph = case.graph(op.name).unwrap_or_else(|error| panic!("{}: {error}", op.name));
    let sizes: Sizes = case.sizes.iter().map(|(name, n)| (Name::from(*name), *n)).collect();
    let graph = numbered(&graph, &sizes);
    let ops = BTreeSet::from([op.name.to_owned()]);
    Drawn { graph, inputs: case.inputs(1), sizes, noise: vec![0.0], ops }
}
