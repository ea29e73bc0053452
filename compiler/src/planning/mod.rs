//! From kernels to a plan: which buffer holds which value and when, and the steps that run the kernels.
//!
//! Comes in: the graph, the kernels of its regions in an executable order, and which values are other names for a value's
//! buffer. Goes out: a [`Plan`]. Promised: on GPUs no dispatch reads and writes one buffer unless the kernel says so; bytes are used
//! again when their value is dead; results and values written back stand in slots of their own.

mod conflicts;
mod device_layout;
pub mod eager;
mod link;
mod packing;
mod partials;
mod places;
mod sharing;
mod slots;
mod steps;

use std::collections::BTreeMap;

use ferrodyne_plan::plan::{
    Condition, Plan, PlanInput, PlanKernel, PlanOutput, SymbolDecl, WriteBack,
};
use ferrodyne_plan::{Dim, Target};

use crate::graph::{Graph, NodeId};

pub use link::{Life, Linker, When, standing};

/// A region made into kernels: what the planner arranges.
#[derive(Clone, Debug)]
pub struct Work {
    /// Values that the region computes.
    pub outputs: Vec<NodeId>,
    /// Values copied into another value's buffer before the kernels run: `(from, to)`.
    pub copies: Vec<(NodeId, NodeId)>,
    /// Ways to compute it; the last one needs nothing.
    pub variants: Vec<WorkVariant>,
    /// Whether it depends on parameters and constants alone, so that it runs once.
    pub weights_only: bool,
}

/// A way to compute a region.
#[derive(Clone, Debug)]
pub struct WorkVariant {
    /// What must hold of the sizes.
    pub needs: Vec<Condition>,
    /// Kernels, in order.
    pub kernels: Vec<WorkKernel>,
    /// Sizes in bytes of buffers that only these kernels use.
    pub scratch: Vec<Dim>,
}

/// One run of a kernel on values.
#[derive(Clone, Debug)]
pub struct WorkKernel {
    /// The kernel.
    pub kernel: PlanKernel,
    /// Workgroups.
    pub groups: [Dim; 3],
    /// Loop iterations of an invocation, where they may be more than the target runs.
    pub iterations: Option<Dim>,
    /// What is bound, in the order of the kernel's bindings.
    pub args: Vec<Arg>,
}

/// What a kernel is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arg {
    /// A value of the graph.
    Value(NodeId),
    /// A buffer of the variant, by index.
    Scratch(usize),
}

/// Values that stand in another value's buffer: from the value to the one whose buffer it is.
pub type Aliases = BTreeMap<NodeId, NodeId>;

/// What memory a plan may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// What the plan is for.
    pub target: &'a Target,
    /// Bytes that eager execution of the captured graph holds at most, by the hints of its symbols, where those are known: see [`eager`].
    pub eager_bytes: Option<u64>,
}

/// Arranges kernels into a plan.
pub fn plan(graph: &Graph, work: &[Work], aliases: &Aliases, limits: &Limits<'_>) -> Plan {
    let mut slots = slots::Slots::assign(graph, work, aliases, limits);
    let steps = steps::Steps::arrange(graph, work, &mut slots);
    let symbols = graph
        .symbols
        .iter()
        .map(|(name, info)| SymbolDecl { name: name.clone(), range: info.range, hint: info.hint })
        .collect();
    let inputs = graph.inputs.iter().map(|input| {
        let ty = graph.ty(input.node);
        let (name, role) = (input.name.clone(), input.role);
        PlanInput {
            name,
            role,
            dtype: ty.dtype,
            dims: ty.dims.clone(),
            slot: slots.of_input(input.node),
        }
    });
    let outputs = graph.outputs.iter().enumerate().map(|(index, output)| {
        let ty = graph.ty(output.node);
        let slot = slots.of_output(index);
        PlanOutput { name: output.name.clone(), dtype: ty.dtype, dims: ty.dims.clone(), slot }
    });
    let write_backs = graph.write_backs.iter().enumerate().map(|(index, (input, _))| WriteBack {
        input: *input,
        slot: slots.of_write_back(graph, index),
    });
    Plan {
        name: graph.name.clone(),
        symbols,
        facts: graph.facts.clone(),
        inputs: inputs.collect(),
        outputs: outputs.collect(),
        write_backs: write_backs.collect(),
        constants: slots.constants(),
        peak_bytes: slots.peak_bytes(),
        slots: slots.finish(),
        kernels: steps.kernels,
        weight_steps: steps.weight_steps,
        steps: steps.steps,
    }
}
