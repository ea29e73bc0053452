//! Builds graphs node by node, with types inferred and faults told at once.

use std::sync::Arc;

use indexmap::IndexMap;

use ferrodyne_plan::{Diagnostic, Dim, Facts, Name, Proof, Range, Source};

use super::{
    AttrSpec, Attrs, Graph, Guard, GuardFact, Input, InputRole, Node, NodeId, Output, SymbolInfo,
    TensorType,
};

/// What graphs need to know about operators.
pub trait OpRules: Sync {
    /// The attributes that an operator has, or `None` for a name that is no operator.
    fn attrs(&self, op: &str) -> Option<&'static [AttrSpec]>;

    /// The types of an operator's results.
    ///
    /// # Errors
    /// When the operands do not fit, with their names and types.
    fn types(&self, op: &str, cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic>;
}

/// What a type rule sees: the operands, and what is known of the sizes.
pub struct TypeCx<'a> {
    /// Operator at hand.
    pub op: &'a str,
    /// Its attributes.
    pub attrs: &'a Attrs,
    /// Types of the operands.
    pub inputs: &'a [&'a TensorType],
    /// Names of the operands for messages.
    pub names: &'a [Name],
    /// The graphs that the node calls.
    pub calls: &'a [&'a Graph],
    /// All results of the first operand: several where it calls graphs.
    pub results: &'a [TensorType],
    /// What is known, to which guards are added.
    pub facts: &'a mut Facts,
    /// Guards that the rule requests.
    pub guards: &'a mut Vec<Guard>,
    /// Symbols, with the values of the call at hand.
    pub hint: &'a dyn Fn(&Dim) -> Option<i64>,
    /// Place of the operation.
    pub source: &'a Source,
}

impl TypeCx<'_> {
    /// Whether two sizes are equal. What is not known is decided by the values of the call at hand and becomes a guard;
    /// without such values the sizes are taken to be equal.
    pub fn equal(&mut self, a: &Dim, b: &Dim) -> bool {
        match self.facts.prove_eq(a, b) {
            Proof::Yes => true,
            Proof::No => false,
            Proof::Unknown => {
                let equal = match ((self.hint)(a), (self.hint)(b)) {
                    (Some(a), Some(b)) => a == b,
                    _ => true,
                };
                if equal {
                    self.facts.assume_equal(a, b);
                    self.guard(GuardFact::Equal(a.clone(), b.clone()));
                } else {
                    self.guard(GuardFact::Differ(a.clone(), b.clone()));
                }
                equal
            }
        }
    }

    /// Requests a guard.
    pub fn guard(&mut self, fact: GuardFact) {
        let guard = Guard { fact, source: self.source.clone(), op: Name::from(self.op) };
        if !self.guards.iter().any(|g| g.fact == guard.fact) {
            self.guards.push(guard);
        }
    }

    /// A fault of this operation: the message is preceded by the operator's name and followed by its place.
    pub fn fault(&self, code: &'static str, message: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::new(code, format!("{}: {message}", self.op)).at(self.source.clone())
    }

    /// An operand as messages name it: `` `x` is f32[2, 3] ``.
    pub fn operand(&self, k: usize) -> String {
        format!("{} is {}", in_words(&self.names[k]), self.inputs[k])
    }
}

/// Builds a graph.
pub struct Builder {
    graph: Graph,
    rules: &'static dyn OpRules,
    source: Source,
}

impl Builder {
    /// An empty graph.
    pub fn new(name: impl Into<Name>, rules: &'static dyn OpRules) -> Builder {
        Builder {
            graph: Graph { name: name.into(), ..Graph::default() },
            rules,
            source: Source::unknown(),
        }
    }

    /// Goes on with a graph that exists.
    pub fn resume(graph: Graph, rules: &'static dyn OpRules) -> Builder {
        Builder { graph, rules, source: Source::unknown() }
    }

    /// The rules in force.
    pub fn rules(&self) -> &'static dyn OpRules {
        self.rules
    }

    /// The place given to nodes from now on.
    pub fn set_source(&mut self, source: Source) {
        self.source = source;
    }

    /// The place given to nodes.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Declares a symbol, or narrows the range of one that is there.
    pub fn symbol(&mut self, name: impl Into<Name>, range: Range, hint: Option<i64>) -> Dim {
        let dim = Dim::sym(name.into());
        if let Some(var) = dim.as_var() {
            let range = self.graph.facts.range(var).intersect(range);
            self.graph.facts.set_range(var.clone(), range);
            self.graph.symbols.insert(var.name().clone(), SymbolInfo { range, hint });
        }
        dim
    }

    /// Adds an input.
    pub fn input(&mut self, name: impl Into<Name>, role: InputRole, ty: TensorType) -> NodeId {
        let name = name.into();
        let node = self.push(Name::from("input"), Attrs::new(), &[], vec![ty], Some(name.clone()));
        self.graph.inputs.push(Input { name, role, node });
        node
    }

    /// Adds an operation with one result.
    ///
    /// # Errors
    /// What the operator's type rule finds wrong, or an operator that does not exist.
    pub fn add(&mut self, op: &str, inputs: &[NodeId], attrs: Attrs) -> Result<NodeId, Diagnostic> {
        self.add_calling(op, inputs, attrs, &[])
    }

    /// Adds an operation that calls graphs, by their names in [`Graph::subgraphs`].
    ///
    /// # Errors
    /// What the operator's type rule finds wrong, an operator that does not exist, or a graph that does not.
    pub fn add_calling(
        &mut self,
        op: &str,
        inputs: &[NodeId],
        attrs: Attrs,
        calls: &[Name],
    ) -> Result<NodeId, Diagnostic> {
        let types = self.infer(op, inputs, &attrs, calls)?;
        let node = self.push(Name::from(op), attrs, inputs, types, None);
        self.graph.node_mut(node).calls = calls.to_vec();
        Ok(node)
    }

    /// Assumes a fact, with the operation that needed it.
    pub fn assume(&mut self, guard: Guard) {
        if self.graph.guards.iter().any(|g| g.fact == guard.fact) {
            return;
        }
        match &guard.fact {
            GuardFact::Equal(a, b) => self.graph.facts.assume_equal(a, b),
            GuardFact::Multiple(a, n) => self.graph.facts.assume_multiple(a, *n),
            GuardFact::Differ(..) | GuardFact::Within(..) => {}
        }
        self.graph.guards.push(guard);
    }

    /// Adds a node as it is; its operands must be in the graph and its types right.
    pub(super) fn add_node(&mut self, node: impl Into<Arc<Node>>) -> NodeId {
        self.graph.push(node)
    }

    pub(super) fn infer(
        &mut self,
        op: &str,
        inputs: &[NodeId],
        attrs: &Attrs,
        calls: &[Name],
    ) -> Result<Vec<TensorType>, Diagnostic> {
        let graph = &mut self.graph;
        let called = called(graph, calls);
        if let (Some(missing), true) = (calls.get(called.len()), called.len() < calls.len()) {
            let text = format!("{op}: there is no graph `{missing}` to call");
            return Err(Diagnostic::new("graph", text).at(self.source.clone()));
        }
        let types: Vec<TensorType> = inputs.iter().map(|&i| graph.ty(i).clone()).collect();
        let types: Vec<&TensorType> = types.iter().collect();
        let names: Vec<Name> = inputs.iter().map(|&i| value_name(graph, i)).collect();
        let results = inputs.first().map_or(&[][..], |&i| &graph.nodes[i.index()].types);
        let symbols = &graph.symbols;
        let hint = |dim: &Dim| hint(symbols, dim);
        let mut cx = TypeCx {
            op,
            attrs,
            inputs: &types,
            names: &names,
            calls: &called.iter().map(|graph| &**graph).collect::<Vec<_>>(),
            results,
            facts: &mut graph.facts,
            guards: &mut graph.guards,
            hint: &hint,
            source: &self.source,
        };
        self.rules.types(op, &mut cx)
    }

    fn push(
        &mut self,
        op: Name,
        attrs: Attrs,
        inputs: &[NodeId],
        types: Vec<TensorType>,
        name: Option<Name>,
    ) -> NodeId {
        let (inputs, source) = (inputs.to_vec(), self.source.clone());
        self.graph.push(Node { op, attrs, inputs, types, calls: Vec::new(), name, source })
    }

    /// Gives a value the user's name.
    pub fn name(&mut self, node: NodeId, name: impl Into<Name>) {
        self.graph.node_mut(node).name = Some(name.into());
    }

    /// Type of a value.
    pub fn ty(&self, node: NodeId) -> &TensorType {
        self.graph.ty(node)
    }

    /// Adds a result.
    pub fn output(&mut self, name: impl Into<Name>, node: NodeId) {
        self.graph.outputs.push(Output { name: name.into(), node });
    }

    /// Lets an input take a value when the graph has run.
    pub fn write_back(&mut self, input: usize, node: NodeId) {
        self.graph.write_backs.push((input, node));
    }

    /// The graph so far.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The graph so far, to be changed.
    pub fn graph_mut(&mut self) -> &mut Graph {
        &mut self.graph
    }

    /// The finished graph.
    pub fn finish(self) -> Graph {
        self.graph
    }
}

/// The graphs of these names, up to the first that does not exist.
pub(super) fn called(graph: &Graph, calls: &[Name]) -> Vec<Arc<Graph>> {
    calls.iter().map_while(|name| graph.subgraphs.get(name).cloned()).collect()
}

/// The value of a size at the call at hand.
fn hint(symbols: &IndexMap<Name, SymbolInfo>, dim: &Dim) -> Option<i64> {
    dim.eval(&|var| symbols.get(var.name()).and_then(|s| s.hint)).ok()
}

impl Graph {
    /// The value of a size at the call at hand, where that is known.
    pub fn hint(&self, dim: &Dim) -> Option<i64> {
        hint(&self.symbols, dim)
    }

    /// A size as a number, for what may be wrong and only costs time or memory then: by the hints of its symbols, else by the
    /// ends of their ranges.
    pub fn estimate(&self, dim: &Dim) -> f64 {
        let known = |name: &Name| self.symbols.get(name).and_then(|s| s.hint.or(s.range.hi));
        estimate(dim, &known)
    }
}

/// What a symbol of which nothing is known is taken to be.
const SYMBOL: i64 = 64;

/// A size as a number, from what is known of its symbols.
pub(crate) fn estimate(dim: &Dim, known: &dyn Fn(&Name) -> Option<i64>) -> f64 {
    dim.eval(&|var| Some(known(var.name()).unwrap_or(SYMBOL))).unwrap_or(SYMBOL) as f64
}

/// A value in the words of a message: its name, quoted, or what it was made by where it has none of its own.
pub fn in_words(name: &str) -> String {
    if name.contains(' ') { name.to_owned() } else { format!("`{name}`") }
}

/// A value's name in messages: the user's, or `%3`.
pub(super) fn value_name(graph: &Graph, id: NodeId) -> Name {
    graph.node(id).name.clone().unwrap_or_else(|| Name::from(format!("%{}", id.0)))
}
