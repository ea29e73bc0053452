//! Segments: the parts of a captured function between graph breaks. Comes in what was recorded since the last break, goes out
//! the values of every tensor of it that the function still holds. Programs are found again by the structure of what was
//! recorded.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use ferrodyne_compiler::graph::{
    Attr, Attrs, Builder, Graph, Input, InputRole, Node, NodeId, Output,
};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{Dim, HostTensor, Name};

use super::recorder::{Lifted, Origin, Recorder, same_attrs};
use crate::compile::{Options, Program, State};
use crate::device::Device;
use crate::error::Result;
use crate::tensor::{Stored, Tensor};

/// A tensor from outside of a recording with its name, and its sizes as expressions.
pub(crate) struct Known {
    pub(crate) value: Stored,
    pub(crate) name: Name,
    pub(crate) dims: Vec<Dim>,
}

impl Known {
    pub(super) fn is(&self, stored: &Stored) -> bool {
        self.value.buffer.id() == stored.buffer.id() && self.value.dims == stored.dims
    }
}

/// The programs of a function's segments.
///
/// A number in the code may come from a value that was read, so that it differs from call to call: a constant that is seen with
/// a second value becomes an input.
pub(crate) struct Segments {
    options: Options,
    programs: Mutex<Vec<(u64, Arc<Program>)>>,
    constants: Mutex<HashMap<u64, Constants>>,
}

/// The constants of a structure: their first values, and which have had others since.
#[derive(Default)]
struct Constants {
    first: Vec<(NodeId, Arc<HostTensor>)>,
    varying: BTreeSet<NodeId>,
}

/// How many segments a function may have; the oldest goes first.
const SEGMENTS_MAX: usize = 128;

impl Segments {
    /// No segments yet.
    pub(crate) fn new(options: Options) -> Segments {
        Segments { options, programs: Mutex::default(), constants: Mutex::default() }
    }

    /// All programs.
    pub(crate) fn programs(&self) -> Vec<Arc<Program>> {
        let programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.iter().map(|(_, program)| program.clone()).collect()
    }

    /// Makes inputs of the constants that vary; gives their values.
    fn free_constants(&self, graph: &mut Graph) -> Vec<Arc<HostTensor>> {
        let data = |node: &Node| match (node.op.as_str(), node.attrs.get("value")) {
            ("constant", Some(Attr::Tensor(data))) => Some(data.clone()),
            _ => None,
        };
        let found: Vec<(NodeId, Arc<HostTensor>)> =
            graph.ids().filter_map(|id| Some((id, data(graph.node(id))?))).collect();
        let mut known = self.constants.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(fingerprint(graph)).or_default();
        if known.first.is_empty() {
            known.first.clone_from(&found);
        }
        let differing =
            known.first.iter().zip(&found).filter(|((_, a), (_, b))| a.bytes != b.bytes);
        known.varying.extend(differing.map(|(_, (id, _))| *id));
        let mut values = Vec::new();
        for (id, value) in found.into_iter().filter(|(id, _)| known.varying.contains(id)) {
            let name = Name::from(format!("number_{}", id.index()));
            let node = graph.node_mut(id);
            (node.op, node.attrs, node.name) =
                (Name::from("input"), Attrs::new(), Some(name.clone()));
            graph.inputs.push(Input { name, role: InputRole::Argument, node: id });
            values.push(value);
        }
        values
    }

    /// The program of a graph: the one that is there, or a new one. Others wait while one compiles.
    fn program(&self, graph: Graph, device: &Device, sizes: &Sizes) -> Result<Arc<Program>> {
        let print = fingerprint(&graph);
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |(known, program): &&(u64, Arc<Program>)| {
            *known == print
                && program.device() == device
                && same_structure(program.graph(), &graph)
                && program.fits(sizes)
        };
        if let Some((_, program)) = programs.iter().find(fits) {
            return Ok(program.clone());
        }
        let compiler = self.options.compiler(device.target())?;
        let backend = self.options.backend;
        let program = Arc::new(Program::make(graph, device, backend, &compiler, None)?);
        if programs.len() >= SEGMENTS_MAX {
            programs.remove(0);
        }
        programs.push((print, program.clone()));
        Ok(program)
    }
}

impl Recorder {
    /// Runs what was recorded so far, and tells every handle that is still held its value. Recording goes on with an empty
    /// graph over the same symbols.
    ///
    /// # Errors
    /// Faults of the compiler and the device.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.write_back();
        self.written.clear();
        let name = self.builder.graph().name.clone();
        let builder = std::mem::replace(&mut self.builder, Builder::new(name, &Table));
        for (name, range, value) in &self.symbols {
            self.builder.symbol(name.clone(), *range, Some(*value));
        }
        let mut graph = builder.finish();
        let handles = std::mem::take(&mut self.handles);
        let arguments = std::mem::take(&mut self.arguments);
        let lifted = std::mem::take(&mut self.lifted);
        self.consed.clear();
        self.methods.clear();
        self.draws.clear();
        self.next_draw = 0;
        self.n_segments += 1;
        let held: Vec<(NodeId, Tensor)> =
            handles.into_iter().filter_map(|(node, h)| Some((node, h.upgrade()?))).collect();
        let n_arguments = arguments.len();
        let values = lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
        let mut inputs: Vec<Stored> = arguments.into_iter().chain(values).collect();
        let mut values: Vec<Option<Stored>> = vec![None; graph.nodes.len()];
        for (input, value) in graph.inputs.iter().zip(&inputs) {
            values[input.node.index()] = Some(value.clone());
        }
        let mut wanted: Vec<NodeId> = held.iter().map(|(node, _)| *node).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|node| values[node.index()].is_none());
        if !wanted.is_empty() || !graph.write_backs.is_empty() {
            for (k, &node) in wanted.iter().enumerate() {
                let name = Name::from(format!("value{k}"));
                graph.outputs.push(Output { name, node });
            }
            let sizes = Sizes::new(self.symbols.iter().map(|(name, _, v)| (name.clone(), *v)));
            for number in self.segments.free_constants(&mut graph) {
                let number = Tensor::from_host(&number, &self.device)?;
                inputs.extend(number.as_stored().cloned());
            }
            let program = self.segments.clone().program(graph, &self.device, &sizes)?;
            let inputs: Vec<&Stored> = inputs.iter().collect();
            let (results, state) = program.run(&sizes, &inputs)?;
            for (node, tensor) in wanted.into_iter().zip(results) {
                values[node.index()] = tensor.as_stored().cloned();
            }
            lifted_state(&lifted, n_arguments, &state);
        }
        for (node, tensor) in held {
            if let (Some(recorded), Some(value)) = (tensor.as_recorded(), &values[node.index()]) {
                // Only this thread sets values of this recording, so the place is empty.
                let _ = recorded.value.set(value.clone());
            }
        }
        Ok(())
    }
}

/// Gives cells the values that a run wrote back; `n_arguments` inputs stand before the lifted ones.
pub(crate) fn lifted_state(lifted: &[Lifted], n_arguments: usize, state: &State) {
    for (input, value) in state {
        let lifted = input.checked_sub(n_arguments).and_then(|index| lifted.get(index));
        if let (Some(Lifted { origin: Origin::Cell(cell), .. }), Some(value)) =
            (lifted, value.as_stored())
        {
            cell.set(value.clone());
        }
    }
}

fn fingerprint(graph: &Graph) -> u64 {
    let mut hasher = DefaultHasher::new();
    for node in &graph.nodes {
        node.op.hash(&mut hasher);
        node.inputs.hash(&mut hasher);
        node.types.hash(&mut hasher);
    }
    graph.outputs.iter().for_each(|output| output.node.hash(&mut hasher));
    hasher.finish()
}

/// Whether two graphs compute the same from the same inputs; names and sources may differ.
fn same_structure(a: &Graph, b: &Graph) -> bool {
    let node = |(a, b): (&Arc<Node>, &Arc<Node>)| {
        a.op == b.op
            && a.inputs == b.inputs
            && a.types == b.types
            && a.calls == b.calls
            && same_attrs(&a.attrs, &b.attrs)
    };
    let argument = |role: InputRole| role == InputRole::Argument;
    a.nodes.len() == b.nodes.len()
        && a.nodes.iter().zip(&b.nodes).all(node)
        && a.inputs.len() == b.inputs.len()
        && a.inputs
            .iter()
            .zip(&b.inputs)
            .all(|(a, b)| a.node == b.node && argument(a.role) == argument(b.role))
        && a.outputs.iter().map(|o| o.node).eq(b.outputs.iter().map(|o| o.node))
        && a.write_backs == b.write_backs
        && a.subgraphs == b.subgraphs
}
