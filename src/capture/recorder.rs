//! The recorder of one capture: comes in what a function does with tensors, goes out a graph with the values that it lifted.
//!
//! The same operation on the same operands is the same node, however often the function does it.

mod nodes;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ferrodyne_compiler::graph::{Builder, Graph, InputRole, NodeId, TensorType};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::{DType, Dim, Name, Range, Source};

use super::GraphBreak;
use super::path::Path;
use super::read::Tracing;
use super::repeat::Cycle;
use super::segment::{Known, Segments};
use super::state::Written;
use crate::device::Device;
use crate::error::Result;
use crate::module::{Module, Place, Walk};
use crate::scalar::ScalarGuard;
use crate::tensor::{Stored, Tensor, WeakTensor};

pub(crate) use nodes::same_attrs;

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
    /// The methods that made the nodes, for faults.
    pub(super) methods: HashMap<NodeId, &'static str>,
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
            methods: HashMap::new(),
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
}
