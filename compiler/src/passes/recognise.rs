//! Finds composites that arrive taken apart, as exporters write them, and puts them together again.
//!
//! Assumes nothing; runs before `decompose`, so that whoever lowers a composite as a whole (`PassCx::keep`), prints or counts them
//! sees one node. Patterns are plain data, in `patterns`; operands of commutative operators match in any order, factors of a product in any
//! order and nesting, numbers to within the rounding of f32, also where they were repeated or converted. What was matched and
//! is needed by nobody else is left to `dce`. A walk for each rule; a pattern looks at a bounded number of nodes.

use ferrodyne_plan::{Diagnostic, Dim};

use super::cse::COMMUTATIVE;
use super::{Changed, Pass, PassCx};
use crate::graph::{Attr, Attrs, Graph, Node, NodeId, Rewriter};
use crate::ops::element;

mod patterns;

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "recognise", doc: "puts composites together that arrive taken apart", run };

/// A shape of nodes.
enum Pattern {
    /// Any value; a hole stands for one value wherever it is.
    Hole(usize),
    /// As a hole, but the value is of an operator.
    Is(usize, &'static str),
    /// A number.
    Number(f64),
    /// Any number; it is kept.
    Any(usize),
    /// An operator on operands, whatever its attributes.
    Op(&'static str, &'static [Pattern]),
    /// A product of these factors.
    Product(&'static [Pattern]),
    /// The mean over some last axes, which stay as axes of size 1: those of all means in a pattern are the same.
    Mean(&'static Pattern),
    /// The softmax along the last axis.
    Softmax(&'static Pattern),
    /// The first of these that matches.
    Either(&'static [Pattern]),
}

/// What a pattern stood for.
#[derive(Clone, Debug, Default)]
struct Found {
    holes: [Option<NodeId>; 4],
    numbers: [Option<f64>; 3],
    /// How many last axes means are taken over.
    last_axes: Option<usize>,
}

/// A pattern and what is to stand for it; the function may still refuse.
struct Rule {
    pattern: Pattern,
    make: fn(&mut Rewriter<'_>, &Found, &Node) -> Result<Option<NodeId>, Diagnostic>,
}

/// More factors than this are no product of a pattern.
const FACTORS_MAX: usize = 6;

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let mut changed = false;
    for rule in patterns::RULES {
        let matches = matches(graph, &rule.pattern);
        if matches.iter().any(Option::is_some) {
            changed |= replace(graph, rule, &matches, cx)?;
        }
    }
    Ok(changed.into())
}

/// What the pattern stands for at each node where it matches.
fn matches(graph: &Graph, pattern: &Pattern) -> Vec<Option<Found>> {
    let matcher = Matcher { numbers: numbers(graph), graph };
    let found = graph.ids().map(|id| {
        let mut found = Found::default();
        matcher.matches(pattern, id, &mut found).then_some(found)
    });
    found.collect()
}

fn replace(
    graph: &mut Graph,
    rule: &Rule,
    matches: &[Option<Found>],
    cx: &PassCx,
) -> Result<bool, Diagnostic> {
    let mut rewriter = Rewriter::new(graph, cx.rules);
    for id in rewriter.ids() {
        let value = match &matches[id.index()] {
            Some(found) => {
                rewriter.enter(id);
                (rule.make)(&mut rewriter, found, graph.node(id))?
            }
            None => None,
        };
        match value {
            Some(value) => rewriter.replace(id, value),
            None => {
                rewriter.copy(id);
            }
        }
    }
    let changed = rewriter.changed();
    if changed {
        *graph = rewriter.finish();
    }
    Ok(changed)
}

struct Matcher<'a> {
    graph: &'a Graph,
    numbers: Vec<Option<f64>>,
}

/// The number that all elements of each value are, where there is one.
pub(super) fn numbers(graph: &Graph) -> Vec<Option<f64>> {
    let mut numbers: Vec<Option<f64>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let number = match (node.op.as_str(), node.inputs.as_slice()) {
            ("constant", _) => splat(node),
            ("expand" | "reshape" | "cast", [x]) => numbers[x.index()],
            _ => None,
        };
        numbers.push(number);
    }
    numbers
}

fn splat(node: &Node) -> Option<f64> {
    let Some(Attr::Tensor(data)) = node.attrs.get("value") else { return None };
    element::splat(data)
}

impl Matcher<'_> {
    /// Whether a value has the shape of a pattern; `found` is of use only if it has.
    fn matches(&self, pattern: &Pattern, id: NodeId, found: &mut Found) -> bool {
        let node = self.graph.node(id);
        match pattern {
            Pattern::Hole(hole) => match found.holes[*hole] {
                Some(value) => value == id,
                None => {
                    found.holes[*hole] = Some(id);
                    true
                }
            },
            Pattern::Is(hole, op) => {
                node.op.as_str() == *op && self.matches(&Pattern::Hole(*hole), id, found)
            }
            Pattern::Number(want) => self.numbers[id.index()]
                .is_some_and(|have| (have - want).abs() <= 1e-6 * want.abs().max(1e-3)),
            Pattern::Any(at) => {
                found.numbers[*at] = self.numbers[id.index()];
                found.numbers[*at].is_some()
            }
            Pattern::Op(op, operands) => {
                node.op.as_str() == *op
                    && node.inputs.len() == operands.len()
                    && self.operands(node, operands, found)
            }
            Pattern::Product(factors) => {
                let mut values = Vec::new();
                self.factors(id, &mut values);
                node.op.as_str() == "mul"
                    && values.len() == factors.len()
                    && self.assigned(factors, &values, found)
            }
            Pattern::Mean(of) => self.mean(of, node, found),
            Pattern::Softmax(of) => {
                let last = node.ty().rank() as i64 - 1;
                let axis = match node.attrs.get("axis") {
                    Some(Attr::Int(axis)) => *axis,
                    _ => -1,
                };
                node.op.as_str() == "softmax"
                    && (axis == last || axis == -1)
                    && self.matches(of, node.inputs[0], found)
            }
            Pattern::Either(patterns) => patterns.iter().any(|pattern| {
                let mut tried = found.clone();
                let fits = self.matches(pattern, id, &mut tried);
                if fits {
                    *found = tried;
                }
                fits
            }),
        }
    }

    fn operands(&self, node: &Node, patterns: &[Pattern], found: &mut Found) -> bool {
        let all = |values: &[NodeId], found: &mut Found| {
            patterns.iter().zip(values).all(|(pattern, value)| self.matches(pattern, *value, found))
        };
        let mut tried = found.clone();
        if all(&node.inputs, &mut tried) {
            *found = tried;
            return true;
        }
        let swapped: Vec<NodeId> = node.inputs.iter().rev().copied().collect();
        COMMUTATIVE.contains(&node.op.as_str()) && all(&swapped, found)
    }

    /// The factors of a product, from left to right.
    fn factors(&self, id: NodeId, factors: &mut Vec<NodeId>) {
        let node = self.graph.node(id);
        if node.op.as_str() == "mul" && factors.len() < FACTORS_MAX {
            node.inputs.iter().for_each(|&input| self.factors(input, factors));
        } else {
            factors.push(id);
        }
    }

    /// Whether factors can be given to patterns one to one.
    fn assigned(&self, patterns: &[Pattern], values: &[NodeId], found: &mut Found) -> bool {
        let Some((first, rest)) = patterns.split_first() else { return true };
        (0..values.len()).any(|at| {
            let mut tried = found.clone();
            let mut others = values.to_vec();
            let value = others.remove(at);
            let fits =
                self.matches(first, value, &mut tried) && self.assigned(rest, &others, &mut tried);
            if fits {
                *found = tried;
            }
            fits
        })
    }

    /// A `mean`, or a sum divided by the number of its elements.
    fn mean(&self, of: &Pattern, node: &Node, found: &mut Found) -> bool {
        let (fold, count) = match node.op.as_str() {
            "mean" => (node, None),
            "div" => (self.graph.node(node.inputs[0]), self.numbers[node.inputs[1].index()]),
            _ => return false,
        };
        if !matches!((fold.op.as_str(), count), ("mean", None) | ("sum", Some(_))) {
            return false;
        }
        let Some(Attr::Ints(axes)) = fold.attrs.get("axes") else { return false };
        let dims = &self.graph.ty(fold.inputs[0]).dims;
        let rank = dims.len() as i64;
        let mut axes: Vec<i64> = axes.iter().map(|&a| if a < 0 { a + rank } else { a }).collect();
        axes.sort_unstable();
        let first = rank - axes.len() as i64;
        let elements: Dim = dims[first.max(0) as usize..].iter().cloned().product();
        let fits = !axes.is_empty()
            && axes.iter().copied().eq(first..rank)
            && fold.attrs.get_bool("keepdim")
            && count.is_none_or(|count| elements.as_const().is_some_and(|n| n as f64 == count))
            && found.last_axes.is_none_or(|last| last == axes.len());
        found.last_axes = Some(axes.len());
        fits && self.matches(of, fold.inputs[0], found)
    }
}

impl Found {
    /// The new value of what a hole stood for.
    fn value(&self, rewriter: &Rewriter<'_>, hole: usize) -> NodeId {
        rewriter.get(self.hole(hole))
    }

    fn hole(&self, hole: usize) -> NodeId {
        self.holes[hole].expect("the pattern has this hole on every way through it")
    }

    /// A node of one composite on the values of some holes, if its type is that of the node it stands for.
    fn composite(
        &self,
        rewriter: &mut Rewriter<'_>,
        node: &Node,
        op: &str,
        holes: &[usize],
        attrs: Attrs,
    ) -> Result<Option<NodeId>, Diagnostic> {
        let operands: Vec<NodeId> = holes.iter().map(|&hole| self.value(rewriter, hole)).collect();
        let Ok(new) = rewriter.infer(op, &operands, attrs) else { return Ok(None) };
        Ok((new.types == node.types).then(|| rewriter.push_node(new)))
    }
}
