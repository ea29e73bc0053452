//! The recorder of one capture: comes in what a function does with tensors, goes out a graph with the values that it lifted.
//!
//! The same operation on the same operands is the same node, however often the function does it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use ferrodyne_compiler::graph::{
    Attr, Attrs, Builder, Graph, Guard, GuardFact, INPUT, InputRole, NodeId, TensorType,
};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_plan::{DType, Diagnostic, Dim, Name, Range, Source};

use super::cycles::Settled;
use super::path::Path;
use super::read::Tracing;
use super::repeat::Cycle;
use super::segment::{Known, Segments};
use super::state::Written;
use super::{GraphBreak, stray_handle};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::module::{Module, Place, Walk};
use crate::scalar::ScalarGuard;
use crate::tensor::{Recorded, Stored, Tensor, WeakTensor};

/// A tensor that the recording met from outside: a parameter, or a constant.
#[derive(Clone)]
pub(crate) struct Lifted {
    /// Where its value is found at each call.
    pub(crate) origin: Origin,
    pub(super) node: NodeId,
}

/// Where a lifted tensor's value is found.
#[derive(Clone)]
pub(crate) enum Origin {
    /// The very tensor that was met.
    Tensor(Tensor),
    /// The present value of a parameter or a buffer of a module.
    Cell(crate::module::CellValue),
    /// The key of a draw of random numbers, made anew for each call.
    Draw(Device),
}

impl Lifted {
    /// The present value.
    ///
    /// # Errors
    /// A tensor that has no value of its own.
    pub(crate) fn value(&self) -> Result<Stored> {
        match &self.origin {
            Origin::Cell(cell) => Ok(cell.value()),
            Origin::Tensor(tensor) => tensor.value("a lifted tensor", Source::unknown()).cloned(),
            Origin::Draw(device) => device.next_key()?.value("a draw", Source::unknown()).cloned(),
        }
    }
}

/// What a recording gave.
pub(crate) struct Recording {
    pub(crate) graph: Graph,
    /// Lifted tensors, in the order of the inputs that stand behind the arguments.
    pub(crate) lifted: Vec<Lifted>,
    /// How comparisons of scalars came out.
    pub(crate) scalars: Vec<ScalarGuard>,
}

/// What tells loops of functions apart: where they stand, and what they begin with.
pub(super) type MadeKey = (Source, Vec<NodeId>);

/// A condition, and what both arms of a branch that a function made give.
pub(super) type MadeSides = (NodeId, Vec<NodeId>, Vec<NodeId>);

/// A recording in progress.
pub(crate) struct Recorder {
    id: u64,
    pub(super) builder: Builder,
    pub(super) device: Device,
    /// Symbols of the call, with their values.
    pub(super) symbols: Vec<(Name, Range, i64)>,
    /// Values of the inputs that are arguments.
    pub(super) arguments: Vec<Stored>,
    /// Sizes of arguments that have no value, where the recording is compiled ahead of time.
    typed: Option<Vec<Vec<usize>>>,
    pub(super) lifted: Vec<Lifted>,
    /// Tensors from outside whose sizes or names are known.
    known: Vec<Known>,
    modules: Vec<Entered>,
    calls: BTreeMap<String, usize>,
    pub(super) cell_names: BTreeMap<u64, Name>,
    places: Vec<Place>,
    /// Handles that were given out, to be told their values.
    pub(super) handles: Vec<(NodeId, WeakTensor)>,
    handles_kept: usize,
    pub(super) consed: HashMap<u64, Vec<NodeId>>,
    pub(super) segments: Arc<Segments>,
    pub(super) n_segments: usize,
    /// The body runs on every call: conditions on tensors are read.
    is_replay: bool,
    /// The body must be one graph, so that a recording ends where it breaks.
    is_whole: bool,
    pub(super) path: Path,
    /// Draws of random numbers of this recording and those before it, and which comes next.
    pub(super) draws: Vec<NodeId>,
    pub(super) next_draw: usize,
    breaks: Vec<GraphBreak>,
    scalars: Vec<ScalarGuard>,
    pub(super) written: Vec<Written>,
    broken: Option<GraphBreak>,
    /// What a trace keeps, if one is recorded.
    pub(super) tracing: Option<Box<Tracing>>,
    /// Loops that functions made, and the arm or loop of such a function that is being recorded.
    pub(super) made: Vec<(Cycle, MadeKey)>,
    pub(super) made_uses: HashMap<MadeKey, usize>,
    pub(super) made_joins: Vec<(MadeSides, Vec<NodeId>)>,
    pub(super) inside: Vec<Source>,
    /// Values of the join closed last, by variable.
    pub(super) joined: Vec<Vec<NodeId>>,
}

/// A module that is being called.
struct Entered {
    /// Its path inside of the module around it.
    name: Name,
    /// Its path in sources: a second call of the same module is told from the first by a number, `layer1#2`.
    path: String,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Recorder {
    /// An empty recording of a function, whose segments are kept in `segments`.
    pub(crate) fn new(name: impl Into<Name>, device: Device, segments: Arc<Segments>) -> Recorder {
        Recorder {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            builder: Builder::new(name, &Table),
            device,
            symbols: Vec::new(),
            arguments: Vec::new(),
            typed: None,
            lifted: Vec::new(),
            known: Vec::new(),
            modules: Vec::new(),
            calls: BTreeMap::new(),
            cell_names: BTreeMap::new(),
            places: Vec::new(),
            handles: Vec::new(),
            handles_kept: 64,
            consed: HashMap::new(),
            segments,
            n_segments: 0,
            is_replay: false,
            is_whole: false,
            path: Path::default(),
            draws: Vec::new(),
            next_draw: 0,
            breaks: Vec::new(),
            scalars: Vec::new(),
            written: Vec::new(),
            broken: None,
            tracing: None,
            made: Vec::new(),
            made_uses: HashMap::new(),
            made_joins: Vec::new(),
            inside: Vec::new(),
            joined: Vec::new(),
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Declares a symbol with its value at this call.
    pub(crate) fn symbol(&mut self, name: Name, range: Range, value: i64) -> Dim {
        self.symbols.push((name.clone(), range, value));
        self.builder.symbol(name, range, Some(value))
    }

    /// Adds an argument with its value at this call.
    pub(crate) fn argument(&mut self, name: &str, role: InputRole, dims: Vec<Dim>, value: Stored) {
        let ty = TensorType { dtype: value.dtype, dims };
        let name = self.free_name(name);
        self.builder.input(name, role, ty);
        self.arguments.push(value);
    }

    /// Makes this a recording that is compiled ahead of time: its arguments have types alone.
    pub(crate) fn set_ahead(&mut self) {
        self.typed = Some(Vec::new());
    }

    /// Whether the recording is compiled ahead of time.
    pub(crate) fn is_ahead(&self) -> bool {
        self.typed.is_some()
    }

    /// Adds an argument by its type, with the sizes on which schedules are chosen.
    pub(crate) fn typed_argument(
        &mut self,
        name: &str,
        role: InputRole,
        ty: TensorType,
        sizes: Vec<usize>,
    ) {
        let name = self.free_name(name);
        self.builder.input(name, role, ty);
        self.typed.get_or_insert_default().push(sizes);
    }

    /// Handles of the arguments, for another recording.
    pub(crate) fn argument_handles(&mut self) -> Vec<Tensor> {
        let mut sizes: Vec<Vec<usize>> =
            self.arguments.iter().map(|value| value.dims.clone()).collect();
        sizes.extend(self.typed.iter().flatten().cloned());
        let inputs = &self.builder.graph().inputs[..sizes.len()];
        let nodes: Vec<NodeId> = inputs.iter().map(|input| input.node).collect();
        nodes.into_iter().zip(sizes).map(|(node, sizes)| self.handle(node, sizes)).collect()
    }

    /// Names a tensor from outside, and its sizes.
    pub(crate) fn know(&mut self, known: Known) {
        self.known.push(known);
    }

    /// The sizes of a tensor from outside.
    pub(super) fn known(&self, stored: &Stored) -> Option<&[Dim]> {
        Some(&self.known.iter().find(|known| known.is(stored))?.dims)
    }

    /// Begins a recording of the body; what earlier ones made stays.
    pub(crate) fn begin(&mut self) {
        self.path.begin();
        self.modules.clear();
        self.calls.clear();
        self.written.clear();
        self.made_uses.clear();
        self.inside.clear();
        self.next_draw = 0;
    }

    /// Where the decision or the loop stands whose side or trip is being recorded.
    pub(super) fn open_source(&self) -> Option<Source> {
        self.inside.last().cloned().or_else(|| self.path.open_source())
    }

    /// Whether the graph branches or loops.
    pub(super) fn has_flow(&self) -> bool {
        self.path.has_decisions() || !self.made.is_empty() || !self.made_joins.is_empty()
    }

    /// Lets the body run on every call.
    pub(crate) fn set_replay(&mut self) {
        self.is_replay = true;
    }

    /// Leaves the recording where the body cannot be one graph, before anything runs.
    pub(crate) fn set_whole(&mut self) {
        self.is_whole = true;
    }

    /// Whether the recording is left where the body cannot be one graph.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether a segment has run, so that the body must run on every call.
    pub(crate) fn is_replay(&self) -> bool {
        self.n_segments > 0
    }

    /// Whether conditions on tensors are read; where panics abort, a recording cannot be left, so that they always are.
    pub(super) fn reads(&self) -> bool {
        self.is_replay || self.n_segments > 0 || self.reads_all() || cfg!(panic = "abort")
    }

    pub(super) fn note(&mut self, why: GraphBreak) {
        why.add_to(&mut self.breaks);
    }

    /// The breaks so far.
    pub(crate) fn breaks(&self) -> &[GraphBreak] {
        &self.breaks
    }

    /// Enters a module, so that sources name it. An empty name is the module that is captured.
    pub(crate) fn enter(&mut self, module: Name) {
        let path = match self.modules.last().filter(|outer| !outer.path.is_empty()) {
            Some(outer) => format!("{}.{module}", outer.path),
            None => module.to_string(),
        };
        let calls = self.calls.entry(path.clone()).or_default();
        *calls += 1;
        let path = if *calls == 1 || path.is_empty() { path } else { format!("{path}#{calls}") };
        self.modules.push(Entered { name: module, path });
    }

    /// The path of a module inside of the one entered last, by its first parameter and its type. A module and its first
    /// submodule may agree in both; the outer one is called first.
    pub(crate) fn place_of(&self, first: u64, type_name: &str) -> Option<String> {
        let own = self.modules.iter().map(|module| module.name.as_str());
        let own = own.filter(|name| !name.is_empty()).map(|name| format!("{name}."));
        let own = own.collect::<String>();
        let inside = |place: &Place| match place.path.as_str() {
            "" => self.modules.is_empty().then(String::new),
            path => path.strip_prefix(&own).map(str::to_owned),
        };
        self.places
            .iter()
            .filter(|place| place.first == Some(first) && place.type_name == type_name)
            .find_map(inside)
    }

    /// Leaves the module entered last.
    pub(crate) fn leave(&mut self) {
        self.modules.pop();
    }

    /// Names the parameters and buffers of a module by their paths.
    pub(crate) fn name_cells(&mut self, module: &dyn Module) {
        let walk = Walk::of(module);
        self.places.push(Place {
            path: String::new(),
            type_name: module.type_name().to_owned(),
            first: walk.leaves.first().map(|(_, leaf)| leaf.id()),
        });
        let cells = walk.leaves.into_iter().map(|(name, leaf)| (leaf.id(), Name::from(name)));
        self.cell_names.extend(cells);
        self.places.extend(walk.places);
    }

    /// The key of a draw of random numbers: an input that each call makes anew.
    ///
    /// # Errors
    /// A draw on one side of a decision: how many numbers are drawn would depend on a tensor.
    pub(crate) fn draw(&mut self) -> Result<Tensor, GraphBreak> {
        if let Some(source) = self.open_source() {
            let why = "random numbers are drawn on one side of a decision on a tensor, or in a loop on one";
            return Err(GraphBreak::new(why, &source, "draw them before it"));
        }
        let known = self.draws.get(self.next_draw).copied();
        self.next_draw += 1;
        if let Some(node) = known {
            return Ok(self.handle(node, vec![2]));
        }
        let name = self.free_name("draw");
        let ty = TensorType::new(DType::U32, [2usize]);
        let node = self.builder.input(name, InputRole::Argument, ty);
        self.draws.push(node);
        self.lifted.push(Lifted { origin: Origin::Draw(self.device.clone()), node });
        Ok(self.handle(node, vec![2]))
    }

    pub(super) fn add(
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
    pub(super) fn node_of(
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
            .map_err(|fault| self.in_numbers(fault, op, operands, attrs))?;
        self.consed.entry(print).or_default().push(node);
        Ok(node)
    }

    /// Notes that the body made a node.
    pub(super) fn did(&mut self, node: NodeId) {
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
    pub(super) fn break_off(&mut self, why: GraphBreak) {
        self.broken.get_or_insert(why);
    }

    /// Why the body cannot be one graph, if that has been seen.
    pub(crate) fn broken(&mut self) -> Option<GraphBreak> {
        self.broken.take()
    }

    /// A place in the code, inside of the module that is called at hand.
    pub(super) fn place(&self, source: &Source) -> Source {
        let mut source = source.clone();
        if let Some(module) = self.modules.last().filter(|module| !module.path.is_empty()) {
            source.module = Some(below(&module.path, source.module.as_ref()));
        }
        source
    }

    /// A graph whose places are inside of the module that is called at hand.
    pub(super) fn placed(&self, graph: &Graph) -> Graph {
        let mut placed = graph.clone();
        for node in placed.nodes.iter_mut().filter(|node| node.op.as_str() != INPUT) {
            node.source = self.place(&node.source);
        }
        for inner in placed.subgraphs.values_mut() {
            *inner = Arc::new(self.placed(inner));
        }
        placed
    }

    /// Where a handle's node was made.
    pub(super) fn source(&self, recorded: &Recorded) -> Option<Source> {
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

    pub(super) fn lift(
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

    pub(super) fn free_name(&self, stem: &str) -> Name {
        let taken =
            |name: &str| self.builder.graph().inputs.iter().any(|i| i.name.as_ref() == name);
        let numbered = (1..).map(|n| format!("{stem}_{n}"));
        let name = std::iter::once(stem.to_owned()).chain(numbered).find(|name| !taken(name));
        Name::from(name.expect("the numbers do not end"))
    }

    /// Sizes of a node's result at this call.
    pub(super) fn hints(&self, node: NodeId) -> Result<Vec<usize>> {
        let graph = self.builder.graph();
        let value = |dim: &Dim| {
            dim.eval(&|var| graph.symbols.get(var.name()).and_then(|s| s.hint)).map(|v| v as usize)
        };
        let sizes = graph.ty(node).dims.iter().map(value).collect::<Result<Vec<_>, _>>();
        sizes.map_err(|error| Error::Tensor(Diagnostic::new("capture", error.to_string())))
    }

    pub(super) fn handle(&mut self, node: NodeId, values: Vec<usize>) -> Tensor {
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

    pub(super) fn guard(&mut self, fact: GuardFact, source: Source) {
        let guard = Guard { fact, source, op: Name::from("size") };
        self.builder.assume(guard);
    }

    /// Notes how a comparison of scalars came out; each once, however often the body is recorded.
    pub(super) fn guard_scalar(&mut self, guard: ScalarGuard) {
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
            graph = super::place::place(&Settled::new(&graph, cycles))?;
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
