//! Which slot holds which value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ferrodyne_plan::plan::{Constant, Slot, SlotId, SlotRole};
use ferrodyne_plan::{Dim, Facts, HostTensor, Name, Proof};

use super::{Aliases, Arg, Work, tensor_bytes};
use crate::graph::{Graph, NodeId};

/// First and last step at which a value is used.
type Life = (usize, usize);

/// Slots of a plan, and the slot of each value.
pub(super) struct Slots {
    slots: Vec<Slot>,
    constants: Vec<Constant>,
    of_value: BTreeMap<NodeId, SlotId>,
    of_result: Vec<SlotId>,
    scratch: BTreeMap<(usize, usize, usize), SlotId>,
    aliases: Aliases,
}

impl Slots {
    /// Gives every value that is bound somewhere a slot. Steps are counted by position in `work`.
    pub(super) fn assign(graph: &Graph, work: &[Work], aliases: &Aliases) -> Slots {
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
        slots.place_scratch(graph, work, &lives);
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
        self.slots.push(Slot { name, role, bytes, life: None });
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

    fn place_scratch(&mut self, graph: &Graph, work: &[Work], lives: &BTreeMap<NodeId, Life>) {
        for (step, item) in work.iter().enumerate() {
            for &node in &item.outputs {
                if !self.of_value.contains_key(&node) {
                    let life = lives.get(&node).copied().unwrap_or((step, step));
                    let slot = take(
                        &mut self.slots,
                        &graph.facts,
                        value_name(graph, node),
                        value_bytes(graph, node),
                        life,
                    );
                    self.of_value.insert(node, slot);
                }
            }
            for (v, variant) in item.variants.iter().enumerate() {
                for (s, bytes) in variant.scratch.iter().enumerate() {
                    let slot = match item.weights_only {
                        true => self.push(Name::from("partial"), SlotRole::Packed, bytes.clone()),
                        false => take(
                            &mut self.slots,
                            &graph.facts,
                            Name::from("partial"),
                            bytes.clone(),
                            (step, step),
                        ),
                    };
                    self.scratch.insert((step, v, s), slot);
                }
            }
        }
    }

    /// The slot of a value, if it has one.
    pub(super) fn of_value(&self, node: NodeId) -> Option<SlotId> {
        self.of_value.get(&self.root(node)).copied()
    }

    /// The slot of a buffer of one variant of a step.
    pub(super) fn of_scratch(&self, step: usize, variant: usize, index: usize) -> SlotId {
        self.scratch[&(step, variant, index)]
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

    /// Bytes of activations and scratch: every such slot is a buffer for the length of a run.
    pub(super) fn peak_bytes(&self) -> Dim {
        let counted = |slot: &&Slot| matches!(slot.role, SlotRole::Scratch | SlotRole::Output(_));
        self.slots.iter().filter(counted).map(|slot| slot.bytes.clone()).sum()
    }

    /// The slots.
    pub(super) fn finish(self) -> Vec<Slot> {
        self.slots
    }
}

/// A scratch slot for a value: one that is free by then and large enough, or one that may grow, or a new one.
pub(super) fn take(
    slots: &mut Vec<Slot>,
    facts: &Facts,
    name: Name,
    bytes: Dim,
    life: Life,
) -> SlotId {
    let free = |slot: &Slot| {
        slot.role == SlotRole::Scratch
            && slot.life.is_some_and(|(first, last)| last < life.0 || life.1 < first)
    };
    let fits = |slot: &Slot| facts.prove_le(&bytes, &slot.bytes) == Proof::Yes;
    let grows = |slot: &Slot| facts.prove_le(&slot.bytes, &bytes) == Proof::Yes;
    let candidates = || slots.iter().enumerate().filter(|(_, slot)| free(slot));
    let smallest =
        candidates().filter(|(_, s)| fits(s)).min_by_key(|(i, s)| (s.bytes.as_const(), *i));
    let largest =
        candidates().filter(|(_, s)| grows(s)).max_by_key(|(i, s)| (s.bytes.as_const(), *i));
    let Some(index) = smallest.or(largest).map(|(index, _)| index) else {
        slots.push(Slot { name, role: SlotRole::Scratch, bytes, life: Some(life) });
        return SlotId(slots.len() - 1);
    };
    let slot = &mut slots[index];
    if facts.prove_le(&bytes, &slot.bytes) != Proof::Yes {
        slot.bytes = bytes;
    }
    slot.life = slot.life.map(|(first, last)| (first.min(life.0), last.max(life.1)));
    SlotId(index)
}

/// Bytes of a value.
pub(super) fn value_bytes(graph: &Graph, node: NodeId) -> Dim {
    let ty = graph.ty(node);
    tensor_bytes(ty.dtype, &ty.dims)
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
