//! Puts plans together: the plan of a graph that calls others is made of the plans of its parts.
//!
//! Comes in a plan with the slots that take the place of its inputs and results, goes out its steps over the slots of the whole. Equal
//! kernels are shared, and a scratch slot is used again when its value is dead.

use std::collections::BTreeMap;

use ferrodyne_plan::plan::{
    Body, Plan, PlanInput, PlanOutput, Slice, Slot, SlotId, SlotPlace, SlotRole, Step, SymbolDecl,
    Variant, WriteBack,
};
use ferrodyne_plan::{Dim, Facts, Name};

use super::sharing::{Request, Sizer, take};
use super::slots::value_bytes;
use crate::graph::{Graph, NodeId};

/// Inclusive range of steps at which a slot is used.
pub type Life = (usize, usize);

/// When the steps of a part run.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// In a row, from this step of the whole on.
    From(usize),
    /// All inside of this step of the whole.
    Inside(usize),
}

/// A plan that grows.
pub struct Linker {
    plan: Plan,
    facts: Facts,
    by_text: BTreeMap<String, Vec<usize>>,
}

impl Linker {
    /// A plan with the inputs and the results of a graph, and no steps.
    pub fn new(graph: &Graph) -> Linker {
        let symbol = |(name, info): (&Name, &crate::graph::SymbolInfo)| SymbolDecl {
            name: name.clone(),
            range: info.range,
            hint: info.hint,
        };
        let mut slots: Vec<Slot> = Vec::new();
        let mut slot = |name: &Name, role: SlotRole, node: NodeId| {
            let bytes = value_bytes(graph, node);
            slots.push(Slot { name: name.clone(), role, bytes, life: None, place: None });
            SlotId(slots.len() - 1)
        };
        let inputs = graph.inputs.iter().enumerate().map(|(k, input)| {
            let ty = graph.ty(input.node);
            PlanInput {
                name: input.name.clone(),
                role: input.role,
                dtype: ty.dtype,
                dims: ty.dims.clone(),
                slot: Some(slot(&input.name, SlotRole::Input(k), input.node)),
            }
        });
        let inputs: Vec<PlanInput> = inputs.collect();
        let outputs = graph.outputs.iter().enumerate().map(|(k, output)| {
            let ty = graph.ty(output.node);
            PlanOutput {
                name: output.name.clone(),
                dtype: ty.dtype,
                dims: ty.dims.clone(),
                slot: slot(&output.name, SlotRole::Output(k), output.node),
            }
        });
        let outputs: Vec<PlanOutput> = outputs.collect();
        let write_backs = graph.write_backs.iter().enumerate().map(|(k, (input, node))| {
            let role = SlotRole::Output(outputs.len() + k);
            WriteBack { input: *input, slot: slot(&inputs[*input].name, role, *node) }
        });
        let write_backs = write_backs.collect();
        let plan = Plan {
            name: graph.name.clone(),
            symbols: graph.symbols.iter().map(symbol).collect(),
            facts: graph.facts.clone(),
            inputs,
            outputs,
            slots,
            constants: Vec::new(),
            kernels: Vec::new(),
            weight_steps: Vec::new(),
            steps: Vec::new(),
            write_backs,
            peak_bytes: Dim::constant(0),
        };
        Linker { plan, facts: graph.facts.clone(), by_text: BTreeMap::new() }
    }

    /// The slot of an input.
    pub fn input(&self, index: usize) -> SlotId {
        self.plan.inputs[index].slot.unwrap_or(SlotId(0))
    }

    /// The slot of a root: outputs first, then what is written back.
    pub fn root(&self, index: usize) -> SlotId {
        match index.checked_sub(self.plan.outputs.len()) {
            None => self.plan.outputs[index].slot,
            Some(index) => self.plan.write_backs[index].slot,
        }
    }

    /// A slot for a value that lives between these steps.
    pub fn scratch(&mut self, name: &str, bytes: Dim, life: Life) -> SlotId {
        let Plan { slots, symbols, .. } = &mut self.plan;
        let hint = |name: &Name| symbols.iter().find(|known| known.name == *name)?.hint;
        let estimate = |dim: &Dim| crate::graph::estimate(dim, &hint);
        let sizer = Sizer { facts: &self.facts, estimate: &estimate };
        take(slots, Request { name: Name::from(name), bytes, life }, &sizer)
    }

    /// The steps of a part over the slots of the whole; its weight program becomes the whole's.
    pub fn link(
        &mut self,
        part: &Plan,
        inputs: &[SlotId],
        outputs: &[SlotId],
        when: When,
    ) -> Vec<Step> {
        let outputs: Vec<Option<SlotId>> = outputs.iter().copied().map(Some).collect();
        self.link_some(part, inputs, &outputs, when).0
    }

    /// As [`Linker::link`]; a result without a slot stays where it stands (see [`standing`]). Gives the slots of the results too.
    pub fn link_some(
        &mut self,
        part: &Plan,
        inputs: &[SlotId],
        outputs: &[Option<SlotId>],
        when: When,
    ) -> (Vec<Step>, Vec<SlotId>) {
        let constants = self.plan.constants.len();
        self.plan.constants.extend(part.constants.iter().cloned());
        let slot = |linker: &mut Linker, slot: &Slot, map: &[SlotId]| match (slot.role, &slot.place)
        {
            (_, Some(place)) => {
                let place = SlotPlace { slot: map[place.slot.0], offset: place.offset.clone() };
                linker.push(Slot { place: Some(place), life: None, ..slot.clone() })
            }
            (SlotRole::Input(k), None) => inputs[k],
            // One that stands elsewhere takes that slot below.
            (SlotRole::Output(k), None) => outputs[k].unwrap_or(SlotId(0)),
            (SlotRole::Constant(k), None) => {
                linker.push(Slot { role: SlotRole::Constant(constants + k), ..slot.clone() })
            }
            (SlotRole::Packed, None) => linker.push(slot.clone()),
            (SlotRole::Scratch, None) => {
                let (first, last) = slot.life.unwrap_or((0, 0));
                let life = match when {
                    When::From(at) => (at + first, at + last),
                    When::Inside(at) => (at, at),
                };
                linker.scratch(slot.name.as_ref(), slot.bytes.clone(), life)
            }
        };
        let mut map = Vec::with_capacity(part.slots.len());
        for known in &part.slots {
            let slot = slot(self, known, &map);
            map.push(slot);
        }
        for (k, output) in part.outputs.iter().enumerate().filter(|(k, _)| outputs[*k].is_none()) {
            let from = standing(part, k).expect("a result without a slot stands elsewhere");
            map[output.slot.0] = map[from.0];
        }
        let kernels: Vec<usize> = part.kernels.iter().map(|kernel| self.kernel(kernel)).collect();
        let of = |steps: &[Step]| -> Vec<Step> {
            let steps = steps.iter().map(|step| moved(step, &map, &kernels));
            steps
                .filter(|step| !matches!(step, Step::Copy { from, to, .. } if from == to))
                .collect()
        };
        let weights = of(&part.weight_steps);
        self.plan.weight_steps.extend(weights);
        (of(&part.steps), part.outputs.iter().map(|output| map[output.slot.0]).collect())
    }

    fn push(&mut self, slot: Slot) -> SlotId {
        self.plan.slots.push(slot);
        SlotId(self.plan.slots.len() - 1)
    }

    fn kernel(&mut self, kernel: &ferrodyne_plan::plan::PlanKernel) -> usize {
        let key = match &kernel.body {
            Body::Wgsl(code) => code.text.clone(),
            Body::Loops(kernel) => kernel.name.to_string(),
        };
        let same = self.by_text.entry(key).or_default();
        if let Some(&index) = same.iter().find(|&&i| self.plan.kernels[i] == *kernel) {
            return index;
        }
        same.push(self.plan.kernels.len());
        self.plan.kernels.push(kernel.clone());
        self.plan.kernels.len() - 1
    }

    /// A copy of a whole value.
    pub fn copy(&self, bytes: &Dim, from: SlotId, to: SlotId) -> Step {
        super::steps::copy(bytes, from, to)
    }

    /// Adds steps to the whole.
    pub fn extend(&mut self, steps: Vec<Step>) {
        self.plan.steps.extend(steps);
    }

    /// How many steps there are.
    pub fn at(&self) -> usize {
        self.plan.steps.len()
    }

    /// The plan. Inputs that no step names have no slot to be bound to.
    pub fn finish(mut self) -> Plan {
        self.plan.peak_bytes = super::slots::peak_bytes(&self.plan.slots);
        self.plan
    }
}

/// The slot of an input, a constant or a packed weight of which a result is but a copy: nothing writes to it while the plan runs. None where
/// the result's slot holds something else before the copy.
pub fn standing(part: &Plan, output: usize) -> Option<SlotId> {
    let result = part.outputs[output].slot;
    let mut from = None;
    for step in part.steps.iter().flat_map(Step::all) {
        match step {
            Step::Copy { from: source, to, .. } if *to == result && from.is_none() => {
                from = Some(*source);
            }
            step if touches(step, result) => return None,
            _ => {}
        }
    }
    let is_kept = |slot: &Slot| !matches!(slot.role, SlotRole::Scratch | SlotRole::Output(_));
    let hosts = part.slots.iter().any(|s| s.place.as_ref().is_some_and(|p| p.slot == result));
    from.filter(|from| is_kept(&part.slots[from.0]) && !hosts)
}

/// Whether a step itself reads or writes a slot.
fn touches(step: &Step, slot: SlotId) -> bool {
    let (read, written) = step.moved();
    read.contains(&slot)
        || written.contains(&slot)
        || step.dispatches().any(|dispatch| dispatch.slots.contains(&slot))
}

/// A step with other slots and kernels.
fn moved(step: &Step, slots: &[SlotId], kernels: &[usize]) -> Step {
    let slot = |id: &SlotId| slots[id.0];
    let inner = |steps: &[Step]| steps.iter().map(|step| moved(step, slots, kernels)).collect();
    let slices = |all: &[Slice]| {
        let one = |s: &Slice| Slice {
            whole: slot(&s.whole),
            part: slot(&s.part),
            bytes: s.bytes.clone(),
        };
        all.iter().map(one).collect()
    };
    match step {
        Step::Run(variants) => {
            let mut variants: Vec<Variant> = variants.clone();
            for dispatch in variants.iter_mut().flat_map(|v| &mut v.dispatches) {
                dispatch.kernel = kernels[dispatch.kernel];
                dispatch.slots.iter_mut().for_each(|id| *id = slot(id));
            }
            Step::Run(variants)
        }
        Step::Copy { from, from_offset, to, to_offset, bytes } => Step::Copy {
            from: slot(from),
            from_offset: from_offset.clone(),
            to: slot(to),
            to_offset: to_offset.clone(),
            bytes: bytes.clone(),
        },
        Step::Branch { condition, then, otherwise } => Step::Branch {
            condition: slot(condition),
            then: inner(then),
            otherwise: inner(otherwise),
        },
        Step::While { condition, masked, rounds_max, steps } => Step::While {
            condition: slot(condition),
            masked: *masked,
            rounds_max: *rounds_max,
            steps: inner(steps),
        },
        Step::Repeat { times, slices: before, steps, stacks } => Step::Repeat {
            times: times.clone(),
            slices: slices(before),
            steps: inner(steps),
            stacks: slices(stacks),
        },
    }
}
