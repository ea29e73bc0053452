//! Which slot holds which value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ferrodyne_plan::plan::{Constant, Slot, SlotId, SlotRole};
use ferrodyne_plan::{Dim, HostTensor, Name, Target};

use super::conflicts::{Touched, apart};
use super::partials;
use super::places::{Lent, Values, place};
use super::sharing::{Request, Sizer, share};
use super::{Aliases, Arg, Life, Limits, Work};
use crate::graph::{Graph, NodeId};

/// Values and buffers within steps that may share slots.
#[derive(Default)]
struct Wanted {
    requests: Vec<Request>,
    /// The request of each value.
    values: BTreeMap<NodeId, usize>,
    /// The request of each buffer, by step and by its place among those that only the step's kernels use.
    partials: BTreeMap<(usize, usize), usize>,
}

impl Wanted {
    /// The requests with the sizes of those ways to compute a step that run.
    fn requests_taken(&self, work: &[Work], sizer: &Sizer<'_>) -> Vec<Request> {
        let mut requests = self.requests.clone();
        for (step, item) in work.iter().enumerate() {
            for (index, bytes) in partials::sizes_taken(item, sizer).into_iter().enumerate() {
                if let Some(&request) = self.partials.get(&(step, index)) {
                    requests[request].bytes = bytes;
                }
            }
        }
        requests
    }
}

/// Slots of a plan, and the slot of each value.
pub(super) struct Slots {
    slots: Vec<Slot>,
    constants: Vec<Constant>,
    of_value: BTreeMap<NodeId, SlotId>,
    of_result: Vec<SlotId>,
    /// By step, and by the buffer's place among those that only the step's kernels use.
    scratch: BTreeMap<(usize, usize), SlotId>,
    aliases: Aliases,
}

impl Slots {
    /// Gives every value that is bound somewhere a slot. Steps are counted by position in `work`.
    pub(super) fn assign(
        graph: &Graph,
        work: &[Work],
        aliases: &Aliases,
        limits: &Limits<'_>,
    ) -> Slots {
        let mut slots = Slots {
            slots: Vec::new(),
            constants: Vec::new(),
            of_value: BTreeMap::new(),
            of_result: Vec::new(),
            scratch: BTreeMap::new(),
            aliases: aliases.clone(),
        };
        let lives = slots.lives(work);
        slots.place_inputs(graph, &lives);
        slots.place_constants(graph, &lives);
        slots.place_packed(graph, work);
        slots.place_results(graph, &lives);
        slots.place_scratch(graph, work, &lives, limits);
        slots
    }

    /// The value whose buffer holds this one.
    pub(super) fn root(&self, mut node: NodeId) -> NodeId {
        while let Some(&next) = self.aliases.get(&node) {
            node = next;
        }
        node
    }

    fn lives(&self, work: &[Work]) -> BTreeMap<NodeId, Life> {
        let mut lives: BTreeMap<NodeId, Life> = BTreeMap::new();
        for (step, item) in work.iter().enumerate() {
            let bound = item.variants.iter().flat_map(|v| &v.kernels).flat_map(|k| &k.args);
            let values = bound.filter_map(|arg| match arg {
                Arg::Value(node) => Some(*node),
                Arg::Scratch(_) => None,
            });
            let copied = item.copies.iter().flat_map(|(from, to)| [*from, *to]);
            for node in values.chain(copied).chain(item.outputs.iter().copied()) {
                let life = lives.entry(self.root(node)).or_insert((step, step));
                life.1 = step;
            }
        }
        lives
    }

    fn push(&mut self, name: Name, role: SlotRole, bytes: Dim) -> SlotId {
        self.slots.push(Slot { name, role, bytes, life: None, place: None });
        SlotId(self.slots.len() - 1)
    }

    fn place_inputs(&mut self, graph: &Graph, lives: &BTreeMap<NodeId, Life>) {
        let results: BTreeSet<NodeId> = graph.roots().map(|node| self.root(node)).collect();
        for (index, input) in graph.inputs.iter().enumerate() {
            if lives.contains_key(&input.node) || results.contains(&input.node) {
                let bytes = value_bytes(graph, input.node);
                let slot = self.push(input.name.clone(), SlotRole::Input(index), bytes);
                self.of_value.insert(input.node, slot);
            }
        }
    }

    fn place_constants(&mut self, graph: &Graph, lives: &BTreeMap<NodeId, Life>) {
        let results: BTreeSet<NodeId> = graph.roots().map(|node| self.root(node)).collect();
        for id in graph.ids() {
            let node = graph.node(id);
            if node.op.as_ref() != "constant" || !(lives.contains_key(&id) || results.contains(&id))
            {
                continue;
            }
            let name = value_name(graph, id);
            let role = SlotRole::Constant(self.constants.len());
            self.constants.push(constant(name.clone(), node.attrs.get_tensor("value")));
            let slot = self.push(name, role, value_bytes(graph, id));
            self.of_value.insert(id, slot);
        }
    }

    fn place_packed(&mut self, graph: &Graph, work: &[Work]) {
        for &node in work.iter().filter(|item| item.weights_only).flat_map(|item| &item.outputs) {
            let slot =
                self.push(value_name(graph, node), SlotRole::Packed, value_bytes(graph, node));
            self.of_value.insert(node, slot);
        }
    }

    /// Results stand in slots of their own: a value computed by a step is written there at once, anything else is copied.
    fn place_results(&mut self, graph: &Graph, lives: &BTreeMap<NodeId, Life>) {
        let results = graph.outputs.iter().map(|o| (o.name.clone(), o.node));
        let write_backs =
            graph.write_backs.iter().map(|(i, node)| (graph.inputs[*i].name.clone(), *node));
        let all: Vec<_> = results.chain(write_backs).collect();
        for (index, (name, node)) in all.into_iter().enumerate() {
            let slot = self.push(name, SlotRole::Output(index), value_bytes(graph, node));
            self.of_result.push(slot);
            let root = self.root(node);
            if !self.of_value.contains_key(&root) && lives.contains_key(&root) {
                self.of_value.insert(root, slot);
            }
        }
    }

    /// Values between steps, and buffers within one, share slots; where that holds more than eager execution does, they are packed.
    fn place_scratch(
        &mut self,
        graph: &Graph,
        work: &[Work],
        lives: &BTreeMap<NodeId, Life>,
        limits: &Limits<'_>,
    ) {
        let estimate = |dim: &Dim| graph.estimate(dim);
        let sizer = Sizer { facts: &graph.facts, estimate: &estimate };
        let wanted = self.wanted(graph, work, lives, &sizer);
        let first = self.slots.len();
        let (slots, slot_of) = share(&wanted.requests, &sizer);
        let shared = (slots, slot_of.into_iter().map(|slot| SlotId(first + slot)).collect());
        let packed = self.is_too_much(graph, &shared.0, limits).then(|| {
            let bytes = shared.0.iter().map(|slot| sizer.key(&slot.bytes)).sum();
            let requests = &wanted.requests_taken(work, &sizer);
            let apart = self.apart(work, &wanted, limits.target);
            let lent = &self.lent(graph, lives, work.len());
            let buffer_bytes_max = limits.target.buffer_bytes_max;
            place(Values { requests, apart, lent, buffer_bytes_max }, first, bytes, &sizer)
        });
        let (slots, slot_of) = packed.flatten().unwrap_or(shared);
        self.slots.extend(slots);
        let values = wanted.values.into_iter();
        self.of_value.extend(values.map(|(node, request)| (node, slot_of[request])));
        let partials = wanted.partials.into_iter();
        self.scratch.extend(partials.map(|(partial, request)| (partial, slot_of[request])));
    }

    /// What needs a slot that others may share. Of the ways to compute a step one runs, so that their buffers are one.
    fn wanted(
        &mut self,
        graph: &Graph,
        work: &[Work],
        lives: &BTreeMap<NodeId, Life>,
        sizer: &Sizer<'_>,
    ) -> Wanted {
        let mut wanted = Wanted::default();
        for (step, item) in work.iter().enumerate() {
            for &node in item.outputs.iter().filter(|node| !self.of_value.contains_key(node)) {
                let life = lives.get(&node).copied().unwrap_or((step, step));
                wanted.values.insert(node, wanted.requests.len());
                let (name, bytes) = (value_name(graph, node), value_bytes(graph, node));
                wanted.requests.push(Request { name, bytes, life });
            }
            for (index, bytes) in partials::sizes(item, sizer).into_iter().enumerate() {
                let name = Name::from("partial");
                if item.weights_only {
                    let slot = self.push(name, SlotRole::Packed, bytes);
                    self.scratch.insert((step, index), slot);
                    continue;
                }
                wanted.partials.insert((step, index), wanted.requests.len());
                wanted.requests.push(Request { name, bytes, life: (step, step) });
            }
        }
        wanted
    }

    /// Whether results and these slots hold more than eager execution does, where both are known.
    fn is_too_much(&self, graph: &Graph, scratch: &[Slot], limits: &Limits<'_>) -> bool {
        let known = self.slots.iter().chain(scratch).filter(|slot| slot.is_activation());
        let bytes = known.map(|slot| u64::try_from(graph.hint(&slot.bytes)?).ok());
        let Some((bytes, eager)) = bytes.sum::<Option<u64>>().zip(limits.eager_bytes) else {
            return false;
        };
        let name = &graph.name;
        tracing::debug!(target: "plan", "`{name}`: slots take {bytes} bytes, eager execution {eager}");
        bytes > eager
    }

    /// For each value those that no buffer may hold together with it. The executor of loops takes any ranges that do not overlap.
    fn apart(&self, work: &[Work], wanted: &Wanted, target: &Target) -> Vec<BTreeSet<usize>> {
        if target.is_cpu() {
            return vec![BTreeSet::new(); wanted.requests.len()];
        }
        let request = |step: usize, touched: Touched| match touched {
            Touched::Value(node) => wanted.values.get(&self.root(node)).copied(),
            Touched::Scratch(index) => wanted.partials.get(&(step, index)).copied(),
        };
        apart(work, wanted.requests.len(), &request)
    }

    /// Results' slots, which hold nothing before the step that writes them, or are filled when all steps are done.
    fn lent(&self, graph: &Graph, lives: &BTreeMap<NodeId, Life>, steps: usize) -> Vec<Lent> {
        let lend = |(node, &slot): (NodeId, &SlotId)| {
            let written = lives.get(&self.root(node)).map_or(steps, |life| life.0);
            let own = self.of_value(node) == Some(slot);
            let bytes = self.bytes(slot).clone();
            Lent { slot, bytes, until: if own { written } else { steps } }
        };
        graph.roots().zip(&self.of_result).map(lend).collect()
    }

    /// The slot of a value, if it has one.
    pub(super) fn of_value(&self, node: NodeId) -> Option<SlotId> {
        self.of_value.get(&self.root(node)).copied()
    }

    /// The slot of a buffer within a step.
    pub(super) fn of_scratch(&self, step: usize, index: usize) -> SlotId {
        self.scratch[&(step, index)]
    }

    /// The slot of an input, if anything reads it.
    pub(super) fn of_input(&self, node: NodeId) -> Option<SlotId> {
        self.of_value.get(&node).copied()
    }

    /// The slot of a result.
    pub(super) fn of_output(&self, index: usize) -> SlotId {
        self.of_result[index]
    }

    /// The slot of a value written back.
    pub(super) fn of_write_back(&self, graph: &Graph, index: usize) -> SlotId {
        self.of_result[graph.outputs.len() + index]
    }

    /// Results that are not written where they must stand: `(slot that holds the value, result's slot)`.
    pub(super) fn results_to_copy(&self, graph: &Graph) -> Vec<(SlotId, SlotId)> {
        let roots = graph.roots().zip(&self.of_result);
        roots
            .filter_map(|(node, &slot)| {
                self.of_value(node).filter(|&held| held != slot).map(|held| (held, slot))
            })
            .collect()
    }

    /// Size of a slot.
    pub(super) fn bytes(&self, slot: SlotId) -> &Dim {
        &self.slots[slot.0].bytes
    }

    /// Data that the plan brings along.
    pub(super) fn constants(&self) -> Vec<Constant> {
        self.constants.clone()
    }

    /// Bytes of activations and scratch.
    pub(super) fn peak_bytes(&self) -> Dim {
        peak_bytes(&self.slots)
    }

    /// The slots.
    pub(super) fn finish(self) -> Vec<Slot> {
        self.slots
    }
}

/// Bytes of activations and scratch: every such slot that is a buffer is there for the length of a run.
pub(super) fn peak_bytes(slots: &[Slot]) -> Dim {
    slots.iter().filter(|slot| slot.is_activation()).map(|slot| slot.bytes.clone()).sum()
}

/// Bytes of a value.
pub(super) fn value_bytes(graph: &Graph, node: NodeId) -> Dim {
    let ty = graph.ty(node);
    ty.dtype.tensor_bytes(&ty.dims)
}

fn value_name(graph: &Graph, node: NodeId) -> Name {
    graph.node(node).name.clone().unwrap_or_else(|| Name::from(format!("%{}", node.0)))
}

/// A constant in device layout: 64-bit integers become 32-bit ones, truth values words, doubles floats.
fn constant(name: Name, value: &Arc<HostTensor>) -> Constant {
    let bytes = crate::planning::device_layout::device_bytes(value);
    let dims = value.dims.iter().map(|&d| d as i64).collect();
    Constant { name, dtype: value.dtype, dims, bytes: Arc::new(bytes) }
}
