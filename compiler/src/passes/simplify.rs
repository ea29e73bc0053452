//! Writes values in simpler ways: algebra, conversions, powers, and views of views.
//!
//! Assumes nothing; runs best after `fold`, which makes constants plain. Each rule looks at one node and its operands, which are simple
//! already, and gives an expression that is simplified in turn, so that one walk suffices: linear in nodes. A rule holds for NaN
//! and infinities; that `x + 0` gives 0 for a negative zero is the only liberty taken. No rule assumes anything
//! of sizes that the facts do not prove, so none adds a guard.

use std::collections::BTreeMap;

use ferrodyne_plan::{DType, Diagnostic, Dim, Proof};

use super::{Changed, Pass, PassCx};
use crate::graph::{Attr, Attrs, Graph, Node, NodeId, Rewriter, TensorType, same_type};
use crate::ops::element;

mod algebra;
mod contract;
mod views;

/// The pass.
pub(super) const PASS: Pass = Pass { name: "simplify", doc: "writes values in simpler ways", run };

/// Rewrites of one node of the input before it is left as it is; rules make things simpler, so this is never met.
const FUEL: u32 = 256;

/// What a rule gives for a node: an expression over values of the new graph.
enum Expr {
    /// A value that is there.
    Value(NodeId),
    /// A number, of rank 0.
    Number(DType, f64),
    /// An operation.
    Op(&'static str, Vec<Expr>, Attrs),
}

impl From<NodeId> for Expr {
    fn from(id: NodeId) -> Expr {
        Expr::Value(id)
    }
}

/// A rule: from a node, whose operands are in the new graph, to what computes the same.
type Rule = fn(&Known<'_>, &Node) -> Option<Expr>;

/// What a rule may ask.
struct Known<'a> {
    graph: &'a Graph,
    numbers: &'a [Option<f64>],
}

impl<'a> Known<'a> {
    /// The node of an operand, if it is of that operator.
    fn node(&self, id: NodeId, op: &str) -> Option<&'a Node> {
        Some(self.graph.node(id)).filter(|node| node.op.as_str() == op)
    }

    /// The number that all elements of a value are.
    fn number(&self, id: NodeId) -> Option<f64> {
        self.numbers[id.index()]
    }

    fn is(&self, id: NodeId, number: f64) -> bool {
        self.number(id) == Some(number)
    }

    fn ty(&self, id: NodeId) -> &'a TensorType {
        self.graph.ty(id)
    }

    /// Whether two sizes are equal for certain.
    fn equal(&self, a: &Dim, b: &Dim) -> bool {
        a == b || self.graph.facts.prove_eq(a, b) == Proof::Yes
    }

    fn equal_all(&self, a: &[Dim], b: &[Dim]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.equal(a, b))
    }

    fn at_most(&self, a: &Dim, b: &Dim) -> bool {
        self.graph.facts.prove_le(a, b) == Proof::Yes
    }

    fn is_one(&self, dim: &Dim) -> bool {
        self.equal(dim, &Dim::constant(1))
    }
}

struct Simplifier<'a> {
    rewriter: Rewriter<'a>,
    rules: BTreeMap<&'static str, Vec<Rule>>,
    numbers: Vec<Option<f64>>,
    fuel: u32,
}

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let mut rules: BTreeMap<&'static str, Vec<Rule>> = BTreeMap::new();
    for (op, rule) in algebra::RULES.iter().chain(views::RULES).chain(contract::RULES) {
        rules.entry(op).or_default().push(*rule);
    }
    let rewriter = Rewriter::new(graph, cx.rules);
    let mut simplifier = Simplifier { rewriter, rules, numbers: Vec::new(), fuel: FUEL };
    for id in simplifier.rewriter.ids() {
        simplifier.visit(id)?;
    }
    let changed = simplifier.rewriter.changed();
    *graph = simplifier.rewriter.finish();
    Ok(changed.into())
}

impl Simplifier<'_> {
    fn visit(&mut self, id: NodeId) -> Result<(), Diagnostic> {
        self.fuel = FUEL;
        let node = self.rewriter.moved(id);
        match self.rewritten(&node) {
            Some(expr) => {
                self.rewriter.enter(id);
                let value = self.build(expr)?;
                let value = self.fit(value, node.ty())?;
                self.rewriter.replace(id, value);
            }
            None => {
                self.rewriter.put(id, node);
            }
        }
        Ok(())
    }

    fn rewritten(&mut self, node: &Node) -> Option<Expr> {
        self.note_numbers();
        let known = Known { graph: self.rewriter.graph(), numbers: &self.numbers };
        let rules = self.rules.get(node.op.as_str()).filter(|_| self.fuel > 0)?;
        let expr = rules.iter().find_map(|rule| rule(&known, node))?;
        self.fuel -= 1;
        Some(expr)
    }

    fn build(&mut self, expr: Expr) -> Result<NodeId, Diagnostic> {
        match expr {
            Expr::Value(id) => Ok(id),
            Expr::Number(dtype, value) => {
                let attrs = Attrs::new().tensor("value", element::host(dtype, &[], &[value]));
                let ty = TensorType { dtype, dims: Vec::new() };
                Ok(self.rewriter.push("constant", &[], attrs, vec![ty]))
            }
            Expr::Op(op, args, attrs) => {
                let inputs =
                    args.into_iter().map(|arg| self.build(arg)).collect::<Result<Vec<_>, _>>()?;
                let node = self.rewriter.infer(op, &inputs, attrs)?;
                match self.rewritten(&node) {
                    Some(expr) => {
                        let value = self.build(expr)?;
                        self.fit(value, node.ty())
                    }
                    None => Ok(self.rewriter.push_node(node)),
                }
            }
        }
    }

    /// A value in the shape of the node that it stands for: an operand that was broadcast is repeated.
    fn fit(&mut self, value: NodeId, want: &TensorType) -> Result<NodeId, Diagnostic> {
        let have = self.rewriter.graph().ty(value);
        if same_type(have, want, &self.rewriter.graph().facts) {
            return Ok(value);
        }
        self.rewriter.add("expand", &[value], Attrs::new().dims("dims", &want.dims))
    }

    /// Brings the table of numbers up to date with the graph.
    fn note_numbers(&mut self) {
        let graph = self.rewriter.graph();
        for node in &graph.nodes[self.numbers.len()..] {
            let number = match (node.op.as_str(), node.inputs.as_slice()) {
                ("constant", _) => constant_number(node),
                ("expand" | "reshape" | "permute" | "slice" | "flip", [x]) => {
                    self.numbers[x.index()]
                }
                _ => None,
            };
            self.numbers.push(number);
        }
    }
}

/// The number that all elements of a constant are.
fn constant_number(node: &Node) -> Option<f64> {
    let Some(Attr::Tensor(data)) = node.attrs.get("value") else { return None };
    element::splat(data)
}
