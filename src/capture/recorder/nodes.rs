//! Operations, values from outside and guards as parts of the graph that is recorded.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use ferrodyne_compiler::graph::{
    Attr, Attrs, Graph, Guard, GuardFact, INPUT, InputRole, NodeId, TensorType,
};
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_plan::{Diagnostic, Dim, Name, Source};

use super::{Lifted, Origin, Recorder, Recording};
use crate::capture::cycles::Settled;
use crate::capture::{GraphBreak, stray_handle};
use crate::error::{Error, Result};
use crate::fault::Method;
use crate::scalar::ScalarGuard;
use crate::tensor::{Recorded, Stored, Tensor};

impl Recorder {
    pub(in crate::capture) fn add(
        &mut self,
        op: &str,
        inputs: &[&Tensor],
        attrs: &Attrs,
        source: &Source,
    ) -> Result<Tensor> {
        let nodes = inputs.iter().map(|t| self.node(t, op, source)).collect::<Result<Vec<_>>>()?;
        let node = self.node_of(op, &nodes, attrs, source)?;
        self.did(node);
        let values = self.hints(node)?;
        Ok(self.handle(node, values))
    }

    /// The node of an operation: the one that is there, or a new one.
    pub(in crate::capture) fn node_of(
        &mut self,
        op: &str,
        operands: &[NodeId],
        attrs: &Attrs,
        source: &Source,
    ) -> Result<NodeId> {
        let print = fingerprint(op, operands, attrs);
        let graph = self.builder.graph();
        let same = |id: &&NodeId| {
            let node = graph.node(**id);
            node.op.as_str() == op && node.inputs == operands && same_attrs(&node.attrs, attrs)
        };
        if let Some(known) = self.consed.get(&print).and_then(|ids| ids.iter().find(same)) {
            return Ok(*known);
        }
        self.builder.set_source(self.place(source));
        let node = self
            .builder
            .add(op, operands, attrs.clone())
            .map_err(|fault| self.in_words(fault, op, operands, attrs))?;
        if let Some(method) = Method::called() {
            self.methods.insert(node, method);
        }
        self.consed.entry(print).or_default().push(node);
        Ok(node)
    }

    /// Notes that the body made a node.
    pub(in crate::capture) fn did(&mut self, node: NodeId) {
        if let Err(why) = self.path.did(node) {
            self.break_off(why);
        }
    }

    /// Where the body decides on tensors first, if it does.
    pub(crate) fn decisions(&self) -> Option<Source> {
        let made = self.made.first().map(|(cycle, _)| cycle.source.clone());
        self.path.first_source().or(made).or_else(|| self.inside.first().cloned())
    }

    /// Notes that the body cannot be one graph.
    pub(in crate::capture) fn break_off(&mut self, why: GraphBreak) {
        self.broken.get_or_insert(why);
    }

    /// Why the body cannot be one graph, if that has been seen.
    pub(crate) fn broken(&mut self) -> Option<GraphBreak> {
        self.broken.take()
    }

    /// A place in the code, inside of the module that is called at hand.
    pub(in crate::capture) fn place(&self, source: &Source) -> Source {
        let mut source = source.clone();
        if let Some(module) = self.modules.last().filter(|module| !module.path.is_empty()) {
            source.module = Some(below(&module.path, source.module.as_ref()));
        }
        source
    }

    /// A graph whose places are inside of the module that is called at hand.
    pub(in crate::capture) fn placed(&self, graph: &Graph) -> Graph {
        let mut placed = graph.clone();
        for node in placed.nodes_mut().filter(|node| node.op.as_str() != INPUT) {
            node.source = self.place(&node.source);
        }
        for inner in placed.subgraphs.values_mut() {
            *inner = Arc::new(self.placed(inner));
        }
        placed
    }

    /// Where a handle's node was made.
    pub(in crate::capture) fn source(&self, recorded: &Recorded) -> Option<Source> {
        (recorded.recorder == self.id)
            .then(|| self.builder.graph().node(recorded.node).source.clone())
    }

    /// The node of an operand; a tensor from outside is lifted.
    pub(crate) fn node(&mut self, tensor: &Tensor, op: &str, source: &Source) -> Result<NodeId> {
        if let Some(recorded) = tensor.as_recorded() {
            return match recorded.recorder == self.id {
                true => Ok(recorded.node),
                false => Err(stray_handle(op, source)),
            };
        }
        let stored = tensor.as_stored().ok_or_else(|| stray_handle(op, source))?.clone();
        let id = stored.buffer.id();
        let same = |l: &&Lifted| match &l.origin {
            Origin::Tensor(t) => {
                t.as_stored().is_some_and(|s| s.buffer.id() == id && s.dims == stored.dims)
            }
            Origin::Cell(_) | Origin::Draw(_) => false,
        };
        if let Some(lifted) = self.lifted.iter().find(same) {
            return Ok(lifted.node);
        }
        let own = tensor.recording().filter(|r| r.recorder == self.id).map(|r| r.dims.clone());
        let known = self.known.iter().find(|known| known.is(&stored));
        let (stem, role, dims) = match (own, known) {
            (Some(dims), _) => ("value", InputRole::Argument, Some(dims)),
            (None, Some(k)) => (&*k.name.clone(), InputRole::Argument, Some(k.dims.clone())),
            (None, None) => ("constant", InputRole::Parameter, None),
        };
        let name = self.free_name(stem);
        let handle = self.lift(name, role, &stored, dims, Origin::Tensor(tensor.clone()));
        handle.as_recorded().map(|r| r.node).ok_or_else(|| stray_handle(op, source))
    }

    pub(in crate::capture) fn lift(
        &mut self,
        name: Name,
        role: InputRole,
        stored: &Stored,
        dims: Option<Vec<Dim>>,
        origin: Origin,
    ) -> Tensor {
        let dims =
            dims.unwrap_or_else(|| stored.dims.iter().map(|&d| Dim::constant(d as i64)).collect());
        let ty = TensorType { dtype: stored.dtype, dims };
        let node = self.builder.input(name, role, ty);
        self.lifted.push(Lifted { origin, node });
        self.handle(node, stored.dims.clone())
    }

    pub(in crate::capture) fn free_name(&self, stem: &str) -> Name {
        let taken =
            |name: &str| self.builder.graph().inputs.iter().any(|i| i.name.as_ref() == name);
        let numbered = (1..).map(|n| format!("{stem}_{n}"));
        let name = std::iter::once(stem.to_owned()).chain(numbered).find(|name| !taken(name));
        Name::from(name.expect("the numbers do not end"))
    }

    /// Sizes of a node's result at this call.
    pub(in crate::capture) fn hints(&self, node: NodeId) -> Result<Vec<usize>> {
        let graph = self.builder.graph();
        let value = |dim: &Dim| {
            dim.eval(&|var| graph.symbols.get(var.name()).and_then(|s| s.hint)).map(|v| v as usize)
        };
        let sizes = graph.ty(node).dims.iter().map(value).collect::<Result<Vec<_>, _>>();
        sizes.map_err(|error| Error::Tensor(Diagnostic::new("capture", error.to_string())))
    }

    pub(in crate::capture) fn handle(&mut self, node: NodeId, values: Vec<usize>) -> Tensor {
        let TensorType { dtype, dims } = self.builder.ty(node).clone();
        let device = self.device.clone();
        let (value, read) = (OnceLock::new(), OnceLock::new());
        let recorder = self.id;
        let handle =
            Tensor::recorded(Recorded { recorder, node, device, dtype, dims, values, value, read });
        if self.handles.len() >= self.handles_kept {
            self.handles.retain(|(_, handle)| handle.is_alive());
            self.handles_kept = (2 * self.handles.len()).max(64);
        }
        self.handles.push((node, handle.downgrade()));
        handle
    }

    pub(in crate::capture) fn guard(&mut self, fact: GuardFact, source: Source) {
        let guard = Guard { fact, source, op: Name::from("size") };
        self.builder.assume(guard);
    }

    /// Notes how a comparison of scalars came out; each once, however often the body is recorded.
    pub(in crate::capture) fn guard_scalar(&mut self, guard: ScalarGuard) {
        let text = |guard: &ScalarGuard| guard.text(&|at| at.to_string());
        if !self.scalars.iter().any(|known| text(known) == text(&guard)) {
            self.scalars.push(guard);
        }
    }

    /// Ends the recording with its results. What modules did is in graphs of their own, which are called.
    pub(crate) fn finish(mut self, outputs: &[(Name, Tensor)]) -> Result<Recording> {
        for (name, tensor) in outputs {
            let node = self.node(tensor, "return", &Source::unknown())?;
            self.builder.output(name.clone(), node);
        }
        self.write_back();
        let (cycles, has_flow) = (self.cycles(), self.has_flow());
        let mut graph = self.builder.finish();
        if has_flow {
            graph = super::super::place::place(&Settled::new(&graph, cycles))?;
        }
        let outline = PassList::named("outline")?;
        outline.run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
        Ok(Recording { graph, lifted: self.lifted, scalars: self.scalars })
    }
}

/// A path inside of a module.
fn below(module: &str, inner: Option<&Name>) -> Name {
    inner.map_or_else(|| Name::from(module), |inner| Name::from(format!("{module}.{inner}")))
}

fn fingerprint(op: &str, operands: &[NodeId], attrs: &Attrs) -> u64 {
    let mut hasher = DefaultHasher::new();
    op.hash(&mut hasher);
    operands.hash(&mut hasher);
    for (name, attr) in attrs.iter() {
        name.hash(&mut hasher);
        match attr {
            Attr::Int(v) => v.hash(&mut hasher),
            Attr::Float(v) => v.to_bits().hash(&mut hasher),
            Attr::Tensor(v) => v.bytes.hash(&mut hasher),
            Attr::Ints(v) => v.hash(&mut hasher),
            Attr::Dims(v) => v.hash(&mut hasher),
            Attr::Bool(_) | Attr::Str(_) | Attr::DType(_) => {}
        }
    }
    hasher.finish()
}

/// Whether attributes are the same to the bit, so that NaN is itself.
pub(crate) fn same_attrs(a: &Attrs, b: &Attrs) -> bool {
    let same = |a: &Attr, b: &Attr| match (a, b) {
        (Attr::Float(a), Attr::Float(b)) => a.to_bits() == b.to_bits(),
        _ => a == b,
    };
    a.iter().count() == b.iter().count()
        && a.iter().zip(b.iter()).all(|((m, a), (n, b))| m == n && same(a, b))
}
