//! What the compiler made of a graph, as plain data that serialises: comes in the stages' values, goes out a [`Report`].

use ferrodyne_compiler::fusion::Region;
use ferrodyne_compiler::graph::{Graph, InputRole, NodeId};
use ferrodyne_compiler::pipeline::{CodeKernel, RegionCode};
use ferrodyne_plan::plan::{Access, Body, Dispatch, SlotId, SlotRole, Step};
use ferrodyne_plan::{Dim, Source};
use serde::Serialize;

use super::Compiled;

/// Everything that [`Report::to_html`](Report::to_html) shows: the graph, its regions and kernels, the memory plan, guards.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Name of the function or model.
    pub name: String,
    /// The target that it was compiled for.
    pub target: String,
    /// Sizes on which schedules were chosen.
    pub symbols: Vec<SymbolReport>,
    /// The graph after the passes; a node's place in the list is its number.
    pub nodes: Vec<NodeReport>,
    /// Number of nodes before the passes.
    pub nodes_captured: usize,
    /// Nodes that are arguments: inputs that are no weights.
    pub arguments: Vec<usize>,
    /// For each node, the node in whose buffer its value stands.
    pub owners: Vec<usize>,
    /// Results of the graph: name and node.
    pub outputs: Vec<(String, usize)>,
    /// The partition, in an order in which it can run.
    pub regions: Vec<RegionReport>,
    /// Edges that were not fused, with reasons.
    pub cuts: Vec<CutReport>,
    /// What was assumed about sizes.
    pub guards: Vec<GuardReport>,
    /// Buffers over time.
    pub memory: MemoryReport,
    /// Kernels with different code.
    pub kernels: usize,
    /// Kernel runs and copies of one call.
    pub dispatches: usize,
    /// Steps that run once, on weights alone.
    pub weight_steps: usize,
    /// What a graph that branches or loops was cut into, and what it calls, each compiled by itself.
    pub parts: Vec<Report>,
    /// Stages of the compiler with their milliseconds; empty where they were not measured.
    pub stages: Vec<(String, f64)>,
}

/// A size that is not fixed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SymbolReport {
    /// The user's name.
    pub name: String,
    /// Values allowed.
    pub range: String,
    /// Value on which schedules were chosen.
    pub hint: Option<i64>,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeReport {
    /// The user's name, or `%` and a number.
    pub label: String,
    /// Operator.
    pub op: String,
    /// Attributes as text.
    pub attrs: String,
    /// Operands.
    pub inputs: Vec<usize>,
    /// Element type and shape.
    pub ty: String,
    /// The user's line, where it is known.
    pub source: Option<SourceReport>,
}

/// A place in the user's code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceReport {
    /// File, as the Rust compiler names it, or a model's file.
    pub file: String,
    /// Line from 1; 0 where the file has none.
    pub line: u32,
    /// Path of modules, or the name of an ONNX node.
    pub module: String,
}

/// Nodes that run together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegionReport {
    /// Name made of the user's words.
    pub name: String,
    /// Kind of work.
    pub kind: String,
    /// Whether it runs once, on weights alone.
    pub weights_only: bool,
    /// Nodes that it computes.
    pub nodes: Vec<usize>,
    /// Values that it reads from memory, each by the node that owns the buffer.
    pub inputs: Vec<usize>,
    /// Values that it writes.
    pub outputs: Vec<usize>,
    /// Bytes read, where all sizes are known.
    pub bytes_read: Option<i64>,
    /// Bytes written, where all sizes are known.
    pub bytes_written: Option<i64>,
    /// Its loops before scheduling.
    pub loops: String,
    /// Ways to compute it; the last one needs nothing.
    pub variants: Vec<VariantReport>,
    /// Milliseconds of one run on the device, where they were measured.
    pub ms: Option<f64>,
}

/// A way to compute a region.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariantReport {
    /// What must hold of the sizes.
    pub needs: Vec<String>,
    /// Kernels in order.
    pub kernels: Vec<KernelReport>,
}

/// A kernel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KernelReport {
    /// Name.
    pub name: String,
    /// Steps of the schedule.
    pub schedule: Vec<String>,
    /// Loops after scheduling.
    pub loops: String,
    /// Code; empty for the CPU executor, which runs the loops.
    pub wgsl: String,
    /// Workgroups along x, y and z.
    pub groups: [String; 3],
    /// Invocations of a workgroup; empty for the CPU executor.
    pub workgroup: Vec<u32>,
    /// Lines that it computes.
    pub sources: Vec<SourceReport>,
}

/// An edge that was not fused.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutReport {
    /// The value that goes through memory.
    pub from: usize,
    /// The node that reads it.
    pub to: usize,
    /// Why, in words.
    pub reason: String,
}

/// Something that was assumed about sizes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GuardReport {
    /// What must hold.
    pub text: String,
    /// The operation that needed it.
    pub op: String,
    /// Where.
    pub source: Option<SourceReport>,
}

/// Buffers over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemoryReport {
    /// Most bytes of activations and scratch at once, as an expression.
    pub peak: String,
    /// The same, at the sizes of the hints.
    pub peak_bytes: Option<i64>,
    /// Names of the steps of one call, in order.
    pub steps: Vec<String>,
    /// Buffers.
    pub slots: Vec<SlotReport>,
}

/// A buffer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlotReport {
    /// Name.
    pub name: String,
    /// What it holds: `input`, `constant`, `packed`, `output` or `scratch`.
    pub role: String,
    /// Size as an expression.
    pub size: String,
    /// Size at the hints.
    pub bytes: Option<i64>,
    /// First and last step of each value that stands in it, in order.
    pub spans: Vec<(usize, usize)>,
    /// Position of the buffer that it is a part of, if it has none of its own.
    pub part_of: Option<usize>,
}

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

impl Report {
    /// A node as messages name it: by the user's name, or by operator and line.
    pub(crate) fn named(&self, node: usize) -> String {
        let node = &self.nodes[node];
        let place = node.source.as_ref().filter(|source| source.line > 0);
        let place = place.map(|s| format!(" ({}:{})", s.file, s.line)).unwrap_or_default();
        match node.label.starts_with('%') {
            true => format!("`{}`{place}", node.op),
            false => format!("`{}`{place}", node.label),
        }
    }

    /// The report with those of its parts in it, as one graph that falls into pieces.
    pub(super) fn merged(&self) -> Report {
        let mut merged = Report { parts: Vec::new(), ..self.clone() };
        for part in self.parts.iter().map(Report::merged) {
            let offset = merged.nodes.len();
            let moved =
                |nodes: Vec<usize>| nodes.into_iter().map(|n| n + offset).collect::<Vec<_>>();
            merged.nodes.extend(
                part.nodes
                    .into_iter()
                    .map(|node| NodeReport { inputs: moved(node.inputs), ..node }),
            );
            merged.arguments.extend(moved(part.arguments));
            merged.owners.extend(moved(part.owners));
            let outputs = part.outputs.into_iter();
            merged.outputs.extend(
                outputs.map(|(name, node)| (format!("{}: {name}", part.name), node + offset)),
            );
            merged.regions.extend(part.regions.into_iter().map(|region| RegionReport {
                nodes: moved(region.nodes),
                inputs: moved(region.inputs),
                outputs: moved(region.outputs),
                ..region
            }));
            merged.cuts.extend(part.cuts.into_iter().map(|cut| CutReport {
                from: cut.from + offset,
                to: cut.to + offset,
                ..cut
            }));
        }
        merged
    }

    /// Adds measured times: name and milliseconds of each kernel of a run, in the order of the run.
    pub fn measured(mut self, times: &[(String, f64)]) -> Report {
        let mut rest = times;
        for region in self.regions.iter_mut().filter(|region| !region.weights_only) {
            while rest.first().is_some_and(|(name, _)| name == "copy") {
                rest = &rest[1..];
            }
            let ran = |variant: &VariantReport| {
                let names = variant.kernels.iter().map(|kernel| &kernel.name);
                rest.len() >= variant.kernels.len()
                    && names.eq(rest[..variant.kernels.len()].iter().map(|(name, _)| name))
            };
            let Some(variant) = region.variants.iter().find(|variant| ran(variant)) else {
                continue;
            };
            let (own, others) = rest.split_at(variant.kernels.len());
            region.ms = Some(own.iter().map(|(_, ms)| ms).sum());
            rest = others;
        }
        self
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
