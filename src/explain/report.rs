//! What the compiler made of a graph, as plain data that serialises.

mod made;

use serde::Serialize;

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
