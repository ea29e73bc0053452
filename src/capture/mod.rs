//! Records tensor code as a graph.
//!
//! A [`Recorder`] is installed on the thread while a function is captured; every operation on tensors then adds a node instead
//! of running. Tensors that were not made by the recording are lifted: they become inputs of the graph that the program
//! keeps.

mod state;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use ferrodyne_compiler::graph::{
    Attrs, Builder, Graph, Guard, GuardFact, InputRole, NodeId, TensorType,
};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_plan::{DType, Diagnostic, Dim, Name, Range, Source};

use crate::device::Device;
use crate::error::{Error, Result};
use crate::module::{Module, Place, Walk};
use crate::tensor::{Recorded, Stored, Tensor};

/// A tensor that the recording met from outside: a parameter, or a constant.
#[derive(Clone)]
pub(crate) struct Lifted {
    /// Where its value is found at each call.
    pub(crate) origin: Origin,
    node: NodeId,
}

/// Where a lifted tensor's value is found.
#[derive(Clone)]
pub(crate) enum Origin {
    /// The very tensor that was met.
    Tensor(Tensor),
    /// The present value of a parameter or a buffer of a module.
    Cell(crate::module::Cell),
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

/// A recording in progress.
pub(crate) struct Recorder {
    id: u64,
    builder: Builder,
    device: Device,
    lifted: Vec<Lifted>,
    modules: Vec<Entered>,
    calls: BTreeMap<String, usize>,
    cell_names: BTreeMap<u64, Name>,
    places: Vec<Place>,
    written: Vec<state::Written>,
}

/// A module that is being called.
struct Entered {
    /// Its path inside of the module around it.
    name: Name,
    /// Its path in sources: a second call of the same module is told from the first by a number, `layer1#2`.
    path: String,
}

/// What a recording gave.
pub(crate) struct Recording {
    pub(crate) graph: Graph,
    /// Lifted tensors, in the order of the inputs that stand behind the arguments.
    pub(crate) lifted: Vec<Lifted>,
}

thread_local! {
    static CURRENT: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// Runs a function on the recorder of this thread, if there is one.
pub(crate) fn with<R>(f: impl FnOnce(&mut Recorder) -> R) -> Option<R> {
    CURRENT.with_borrow_mut(|current| current.as_mut().map(f))
}

/// Whether a function is being captured on this thread.
pub(crate) fn is_recording() -> bool {
    CURRENT.with_borrow(Option::is_some)
}

/// Installs a recorder, runs the function, and takes the recorder away again, also when the function panics.
pub(crate) fn install<R>(recorder: Recorder, f: impl FnOnce() -> R) -> (R, Recorder) {
    struct Restore(Option<Recorder>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let restore = Restore(CURRENT.replace(Some(recorder)));
    let result = f();
    let recorder = CURRENT.take();
    drop(restore);
    (result, recorder.expect("it was installed above and only `install` takes it away"))
}

/// Records an operation if a function is being captured.
pub(crate) fn record(
    op: &str,
    inputs: &[&Tensor],
    attrs: &Attrs,
    source: &Source,
) -> Option<Result<Tensor>> {
    with(|recorder| recorder.add(op, inputs, attrs, source))
}

/// Notes that two sizes were taken to be equal.
pub(crate) fn guard_equal(a: &Dim, b: &Dim, source: Source) {
    with(|recorder| {
        recorder.builder.graph_mut().facts.assume_equal(a, b);
        recorder.guard(GuardFact::Equal(a.clone(), b.clone()), source);
    });
}

/// Notes that two sizes were taken to differ.
pub(crate) fn guard_differ(a: &Dim, b: &Dim, source: Source) {
    with(|recorder| recorder.guard(GuardFact::Differ(a.clone(), b.clone()), source));
}

impl Recorder {
    /// An empty recording of a function.
    pub(crate) fn new(name: impl Into<Name>, device: Device) -> Recorder {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Recorder {
            id,
            builder: Builder::new(name, &Table),
            device,
            lifted: Vec::new(),
            modules: Vec::new(),
            calls: BTreeMap::new(),
            cell_names: BTreeMap::new(),
            places: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Declares a symbol with its value at this call.
    pub(crate) fn symbol(&mut self, name: Name, range: Range, hint: Option<i64>) -> Dim {
        self.builder.symbol(name, range, hint)
    }

    /// Adds an argument; `values` are its sizes at this call.
    pub(crate) fn argument(
        &mut self,
        name: impl Into<Name>,
        ty: TensorType,
        values: Vec<usize>,
    ) -> Tensor {
        let node = self.builder.input(name, InputRole::Argument, ty);
        self.handle(node, values)
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
    pub(crate) fn draw(&mut self) -> Tensor {
        let name = self.free_name("draw");
        let ty = TensorType::new(DType::U32, [2usize]);
        let node = self.builder.input(name.clone(), InputRole::Argument, ty);
        self.lifted.push(Lifted { origin: Origin::Draw(self.device.clone()), node });
        self.handle(node, vec![2])
    }

    fn add(
        &mut self,
        op: &str,
        inputs: &[&Tensor],
        attrs: &Attrs,
        source: &Source,
    ) -> Result<Tensor> {
        let nodes = inputs.iter().map(|t| self.node(t, op, source)).collect::<Result<Vec<_>>>()?;
        self.builder.set_source(self.place(source));
        let node = self.builder.add(op, &nodes, attrs.clone())?;
        let values = self.hints(node)?;
        Ok(self.handle(node, values))
    }

    fn place(&self, source: &Source) -> Source {
        let mut source = source.clone();
        if let Some(module) = self.modules.last().filter(|module| !module.path.is_empty()) {
            source.module = Some(Name::from(module.path.as_str()));
        }
        source
    }

    /// The node of an operand; a tensor from outside is lifted.
    pub(crate) fn node(&mut self, tensor: &Tensor, op: &str, source: &Source) -> Result<NodeId> {
        if let Some(recorded) = tensor.as_recorded() {
            return match recorded.recorder == self.id {
                true => Ok(recorded.node),
                false => Err(stray_handle(op, source)),
            };
        }
        let stored = tensor.value(op, source.clone())?.clone();
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
        let name = self.free_name("constant");
        let handle = self.lift(name, InputRole::Parameter, &stored, Origin::Tensor(tensor.clone()));
        handle.as_recorded().map(|r| r.node).ok_or_else(|| stray_handle(op, source))
    }

    fn lift(&mut self, name: Name, role: InputRole, stored: &Stored, origin: Origin) -> Tensor {
        let ty = TensorType::new(stored.dtype, stored.dims.iter().copied());
        let node = self.builder.input(name.clone(), role, ty);
        self.lifted.push(Lifted { origin, node });
        self.handle(node, stored.dims.clone())
    }

    fn free_name(&self, stem: &str) -> Name {
        let taken =
            |name: &str| self.builder.graph().inputs.iter().any(|i| i.name.as_ref() == name);
        let numbered = (1..).map(|n| format!("{stem}_{n}"));
        let name = std::iter::once(stem.to_owned()).chain(numbered).find(|name| !taken(name));
        Name::from(name.expect("the numbers do not end"))
    }

    /// Sizes of a node's result at this call.
    fn hints(&self, node: NodeId) -> Result<Vec<usize>> {
        let graph = self.builder.graph();
        let value = |dim: &Dim| {
            dim.eval(&|var| graph.symbols.get(var.name()).and_then(|s| s.hint)).map(|v| v as usize)
        };
        let sizes = graph.ty(node).dims.iter().map(value).collect::<Result<Vec<_>, _>>();
        sizes.map_err(|error| Error::Tensor(Diagnostic::new("capture", error.to_string())))
    }

    fn handle(&self, node: NodeId, values: Vec<usize>) -> Tensor {
        let TensorType { dtype, dims } = self.builder.ty(node).clone();
        Tensor::recorded(Recorded {
            recorder: self.id,
            node,
            device: self.device.clone(),
            dtype,
            dims,
            values,
        })
    }

    fn guard(&mut self, fact: GuardFact, source: Source) {
        let guard = Guard { fact, source, op: Name::from("size") };
        let guards = &mut self.builder.graph_mut().guards;
        if !guards.iter().any(|g| g.fact == guard.fact) {
            guards.push(guard);
        }
    }

    /// Ends the recording with its results. What modules did is in graphs of their own, which are called.
    pub(crate) fn finish(mut self, outputs: &[(Name, Tensor)]) -> Result<Recording> {
        for (name, tensor) in outputs {
            let node = self.node(tensor, "return", &Source::unknown())?;
            self.builder.output(name.clone(), node);
        }
        self.write_back();
        let mut graph = self.builder.finish();
        let outline = PassList::named("outline")?;
        outline.run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
        Ok(Recording { graph, lifted: self.lifted })
    }
}

fn stray_handle(op: &str, source: &Source) -> Error {
    let message =
        format!("{op}: this tensor was recorded by another capture, or on another thread");
    let help = "tensors of a captured function must not outlive it or be shared with other threads";
    Error::Tensor(Diagnostic::new("capture", message).at(source.clone()).help(help))
}
