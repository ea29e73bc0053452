//! A report of what was compiled: comes in the stages' values, goes out their data.

use ferrodyne_compiler::fusion::Region;
use ferrodyne_compiler::graph::{Graph, InputRole, NodeId};
use ferrodyne_compiler::pipeline::{CodeKernel, RegionCode};
use ferrodyne_plan::plan::{Access, Body, Dispatch, SlotId, SlotRole, Step};
use ferrodyne_plan::{Dim, Source};

use super::{
    CutReport, GuardReport, KernelReport, MemoryReport, NodeReport, RegionReport, Report,
    SlotReport, SourceReport, SymbolReport, VariantReport,
};
use crate::explain::Compiled;

impl SourceReport {
    fn of(source: &Source) -> Option<SourceReport> {
        let text = |name: &Option<ferrodyne_plan::Name>| {
            name.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        (!source.is_unknown()).then(|| SourceReport {
            file: text(&source.file),
            line: source.line,
            module: text(&source.module),
        })
    }
}

/// Evaluates sizes at the hints of a graph.
struct Hints<'a>(&'a Graph);

impl Hints<'_> {
    fn of(&self, dim: &Dim) -> Option<i64> {
        dim.eval(&|var| self.0.symbols.get(var.name()).and_then(|symbol| symbol.hint)).ok()
    }

    fn bytes(&self, id: NodeId) -> Option<i64> {
        let ty = self.0.ty(id);
        Some(self.of(&ty.elements())? * ty.dtype.device_bytes() as i64)
    }

    fn sum(&self, ids: &[NodeId]) -> Option<i64> {
        ids.iter().map(|&id| self.bytes(id)).sum()
    }
}

impl Compiled {
    /// All that was made, as data.
    pub fn report(&self) -> Report {
        let graph = &self.graph;
        let hints = Hints(graph);
        let regions = self.regions.regions.iter().zip(&self.kernels);
        let symbols = graph.symbols.iter().map(|(name, info)| SymbolReport {
            name: name.to_string(),
            range: info.range.to_string(),
            hint: info.hint,
        });
        let arguments = graph
            .inputs
            .iter()
            .filter(|input| matches!(input.role, InputRole::Argument | InputRole::Scalar));
        let outputs = graph.outputs.iter().map(|o| (o.name.to_string(), o.node.index()));
        let cuts = self.regions.cuts.iter().map(|cut| CutReport {
            from: cut.from.index(),
            to: cut.to.index(),
            reason: cut.reason.to_string(),
        });
        let guards = graph.guards.iter().map(|guard| GuardReport {
            text: guard.fact.to_string(),
            op: guard.op.to_string(),
            source: SourceReport::of(&guard.source),
        });
        Report {
            name: graph.name.to_string(),
            target: self.target.clone(),
            symbols: symbols.collect(),
            nodes: graph.ids().map(|id| node(graph, id)).collect(),
            nodes_captured: self.captured.inputs.len() + self.captured.operations(),
            arguments: arguments.map(|input| input.node.index()).collect(),
            owners: graph.ids().map(|id| self.regions.owner(id).index()).collect(),
            outputs: outputs.collect(),
            regions: regions.map(|(region, code)| self.region(region, code, &hints)).collect(),
            cuts: cuts.collect(),
            guards: guards.collect(),
            memory: self.memory(&hints),
            kernels: self.plan.kernels.len(),
            dispatches: self.plan.steps.iter().map(dispatches).sum(),
            weight_steps: self.plan.weight_steps.len(),
            parts: self.parts.iter().map(Compiled::report).collect(),
            stages: self.stages.clone(),
        }
    }

    fn region(&self, region: &Region, code: &RegionCode, hints: &Hints<'_>) -> RegionReport {
        let numbers = |ids: &[NodeId]| ids.iter().map(|id| id.index()).collect::<Vec<_>>();
        let owners = region.inputs.iter().map(|&id| self.regions.owner(id).index());
        RegionReport {
            name: region.name.to_string(),
            kind: region.kind.to_string(),
            weights_only: region.weights_only,
            nodes: numbers(&region.nodes),
            inputs: owners.collect(),
            outputs: numbers(&region.outputs),
            bytes_read: hints.sum(&region.inputs),
            bytes_written: hints.sum(&region.outputs),
            loops: code.lowered.kernel.to_string(),
            variants: code
                .variants
                .iter()
                .map(|variant| VariantReport {
                    needs: variant.needs.iter().map(ToString::to_string).collect(),
                    kernels: variant.kernels.iter().map(kernel).collect(),
                })
                .collect(),
            ms: None,
        }
    }

    fn memory(&self, hints: &Hints<'_>) -> MemoryReport {
        let plan = &self.plan;
        let slots = plan.slots.iter().enumerate().map(|(index, slot)| SlotReport {
            name: slot.name.to_string(),
            role: role(slot.role).to_owned(),
            size: slot.bytes.to_string(),
            bytes: hints.of(&slot.bytes),
            spans: self.spans(SlotId(index)),
            part_of: slot.place.as_ref().map(|place| place.slot.0),
        });
        MemoryReport {
            peak: plan.peak_bytes.to_string(),
            peak_bytes: hints.of(&plan.peak_bytes),
            steps: plan.steps.iter().map(|step| self.step_name(step)).collect(),
            slots: slots.collect(),
        }
    }

    /// The steps between which a slot holds one value after the other: each write of a slot that has been read begins a value.
    fn spans(&self, slot: SlotId) -> Vec<(usize, usize)> {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut was_read = true;
        for (index, step) in self.plan.steps.iter().enumerate() {
            let (reads, writes) = self.uses(step, slot);
            match spans.last_mut() {
                Some(span) if reads || (writes && !was_read) => span.1 = index,
                _ if reads || writes => spans.push((index, index)),
                _ => {}
            }
            was_read = if writes && !reads { false } else { was_read || reads };
        }
        spans
    }

    /// Whether a step reads a slot, and whether it writes it.
    fn uses(&self, step: &Step, slot: SlotId) -> (bool, bool) {
        let (mut reads, mut writes) = (false, false);
        for step in step.all() {
            let (read, written) = step.moved();
            reads |= read.contains(&slot);
            writes |= written.contains(&slot);
            for access in step.dispatches().flat_map(|dispatch| self.accesses(dispatch, slot)) {
                reads |= access == Access::Read;
                writes |= access == Access::ReadWrite;
            }
        }
        (reads, writes)
    }

    fn accesses(&self, dispatch: &Dispatch, slot: SlotId) -> Vec<Access> {
        let bindings = &self.plan.kernels[dispatch.kernel].bindings;
        let bound = dispatch.slots.iter().zip(bindings).filter(|(bound, _)| **bound == slot);
        bound.map(|(_, binding)| binding.access).collect()
    }

    fn step_name(&self, step: &Step) -> String {
        let kernel = |index: usize| self.plan.kernels[index].name.to_string();
        match step {
            Step::Run(variants) => variants
                .last()
                .and_then(|variant| variant.dispatches.first())
                .map_or_else(|| "nothing".to_owned(), |dispatch| kernel(dispatch.kernel)),
            Step::Copy { .. } => "copy".to_owned(),
            Step::Branch { .. } => "branch".to_owned(),
            Step::While { .. } => "while".to_owned(),
            Step::Repeat { .. } => "repeat".to_owned(),
        }
    }
}

fn node(graph: &Graph, id: NodeId) -> NodeReport {
    let node = graph.node(id);
    let input = graph.inputs.iter().find(|input| input.node == id);
    let label = match (input, &node.name) {
        (Some(input), _) => input.name.to_string(),
        (None, Some(name)) => name.to_string(),
        (None, None) => format!("%{}", id.0),
    };
    NodeReport {
        label,
        op: node.op.to_string(),
        attrs: node.attrs.to_string(),
        inputs: node.inputs.iter().map(|id| id.index()).collect(),
        ty: node.types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        source: SourceReport::of(&node.source),
    }
}

fn kernel(kernel: &CodeKernel) -> KernelReport {
    let (wgsl, workgroup) = match &kernel.code.body {
        Body::Wgsl(code) => (code.text.clone(), code.workgroup_size.to_vec()),
        Body::Loops(_) => (String::new(), Vec::new()),
    };
    KernelReport {
        name: kernel.code.name.to_string(),
        schedule: kernel.loops.notes.iter().map(ToString::to_string).collect(),
        loops: kernel.loops.to_string(),
        wgsl,
        groups: kernel.groups.each_ref().map(Dim::to_string),
        workgroup,
        sources: kernel.code.sources.iter().filter_map(SourceReport::of).collect(),
    }
}

/// Kernel runs and copies of a step; of a branch the longer side, of a loop one round.
fn dispatches(step: &Step) -> usize {
    let all = |steps: &[Step]| steps.iter().map(dispatches).sum::<usize>();
    match step {
        Step::Run(variants) => variants.last().map_or(0, |variant| variant.dispatches.len()),
        Step::Copy { .. } => 1,
        Step::Branch { then, otherwise, .. } => all(then).max(all(otherwise)),
        Step::While { steps, .. } => all(steps),
        Step::Repeat { slices, steps, stacks, .. } => slices.len() + all(steps) + stacks.len(),
    }
}

fn role(role: SlotRole) -> &'static str {
    match role {
        SlotRole::Input(_) => "input",
        SlotRole::Constant(_) => "constant",
        SlotRole::Packed => "packed",
        SlotRole::Output(_) => "output",
        SlotRole::Scratch => "scratch",
    }
}
