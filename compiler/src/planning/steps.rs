//! The steps of a plan, with equal kernels shared.

use std::collections::BTreeMap;

use ferrodyne_plan::Dim;
use ferrodyne_plan::plan::{Body, Dispatch, PlanKernel, Step, Variant};

use super::slots::Slots;
use super::{Arg, Work, WorkKernel, WorkVariant};
use crate::graph::Graph;

/// Kernels and steps of a plan.
pub(super) struct Steps {
    pub(super) kernels: Vec<PlanKernel>,
    pub(super) weight_steps: Vec<Step>,
    pub(super) steps: Vec<Step>,
    by_text: BTreeMap<String, Vec<usize>>,
}

impl Steps {
    /// Makes steps of the work, in its order, and copies results to where they must stand.
    pub(super) fn arrange(graph: &Graph, work: &[Work], slots: &mut Slots) -> Steps {
        let mut steps = Steps {
            kernels: Vec::new(),
            weight_steps: Vec::new(),
            steps: Vec::new(),
            by_text: BTreeMap::new(),
        };
        for (position, item) in work.iter().enumerate() {
            let mut made: Vec<Step> = Vec::new();
            for (from, to) in &item.copies {
                // The slot may be larger than the value: others have it before and after.
                let bytes = super::slots::value_bytes(graph, *to);
                if let (Some(from), Some(to)) = (slots.of_value(*from), slots.of_value(*to)) {
                    made.push(copy(&bytes, from, to));
                }
            }
            let variants = item.variants.iter();
            made.push(Step::Run(
                variants.map(|variant| steps.variant(graph, slots, position, variant)).collect(),
            ));
            match item.weights_only {
                true => steps.weight_steps.extend(made),
                false => steps.steps.extend(made),
            }
        }
        for (from, to) in slots.results_to_copy(graph) {
            steps.steps.push(copy(slots.bytes(to), from, to));
        }
        steps
    }

    fn variant(
        &mut self,
        graph: &Graph,
        slots: &Slots,
        position: usize,
        variant: &WorkVariant,
    ) -> Variant {
        let slot = |arg: &Arg| match arg {
            Arg::Value(node) => slots.of_value(*node).expect("every bound value was given a slot"),
            Arg::Scratch(scratch) => slots.of_scratch(position, *scratch),
        };
        let bytes = |arg: &Arg| match arg {
            Arg::Value(node) => super::slots::value_bytes(graph, *node),
            Arg::Scratch(scratch) => variant.scratch[*scratch].clone(),
        };
        let dispatches = variant.kernels.iter().map(|run| Dispatch {
            kernel: self.intern(run),
            groups: run.groups.clone(),
            slots: run.args.iter().map(slot).collect(),
            bytes: run.args.iter().map(bytes).collect(),
            iterations: run.iterations.clone(),
        });
        Variant { needs: variant.needs.clone(), dispatches: dispatches.collect() }
    }

    /// The index of an equal kernel that is there already, or of this one.
    fn intern(&mut self, run: &WorkKernel) -> usize {
        let key = match &run.kernel.body {
            Body::Wgsl(code) => code.text.clone(),
            Body::Loops(kernel) => kernel.name.to_string(),
        };
        let same = self.by_text.entry(key).or_default();
        if let Some(&index) = same.iter().find(|&&i| self.kernels[i] == run.kernel) {
            return index;
        }
        same.push(self.kernels.len());
        self.kernels.push(run.kernel.clone());
        self.kernels.len() - 1
    }
}

/// A copy of a value, in whole words.
pub(super) fn copy(
    bytes: &Dim,
    from: ferrodyne_plan::plan::SlotId,
    to: ferrodyne_plan::plan::SlotId,
) -> Step {
    let bytes = (bytes + &Dim::constant(3)).floor_div(&Dim::constant(4)) * 4;
    Step::Copy { from, from_offset: Dim::constant(0), to, to_offset: Dim::constant(0), bytes }
}
