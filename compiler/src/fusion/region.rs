//! The data types of partitions, and their text.

use std::fmt;

use ferrodyne_plan::Name;

use crate::graph::{Graph, NodeId};

/// What kind of work a region is; rules of schedules look at the loops instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RegionKind {
    /// Element by element, through any views.
    Pointwise,
    /// Folds that share their rows, with what stands before, between and after.
    Reduction,
    /// A sum of products with what stands before and after.
    Contraction,
    /// Scores of queries and keys, their softmax, and the values mixed by it, in one pass over the keys.
    Attention,
    /// Written in the order of its operands: scatter.
    Movement,
    /// Moves elements and computes nothing: transposes, slices, concatenations.
    Copy,
}

impl RegionKind {
    /// The name in text forms.
    pub fn name(self) -> &'static str {
        match self {
            RegionKind::Pointwise => "pointwise",
            RegionKind::Reduction => "reduction",
            RegionKind::Contraction => "contraction",
            RegionKind::Attention => "attention",
            RegionKind::Movement => "movement",
            RegionKind::Copy => "copy",
        }
    }
}

impl RegionKind {
    fn with_article(self) -> String {
        let article = if self == RegionKind::Attention { "an" } else { "a" };
        format!("{article} {}", self.name())
    }
}

impl fmt::Display for RegionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Nodes that one kernel computes.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Kind of work.
    pub kind: RegionKind,
    /// Nodes, operands before users. A node that is repeated instead of stored stands in several regions.
    pub nodes: Vec<NodeId>,
    /// Values read from memory: inputs of the graph, constants, outputs of other regions, and aliases of these.
    pub inputs: Vec<NodeId>,
    /// Values written.
    pub outputs: Vec<NodeId>,
    /// Name made of the user's words, unique among the regions.
    pub name: Name,
    /// Whether it depends on weights alone, so that it runs once and not at each call.
    pub weights_only: bool,
}

/// A value that is another one's buffer under a different shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The reshaped value.
    pub value: NodeId,
    /// The value that owns the buffer: an input, a constant, or an output of a region.
    pub of: NodeId,
}

/// An edge between two regions.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The value that goes through memory.
    pub from: NodeId,
    /// The node that reads it.
    pub to: NodeId,
    /// Why.
    pub reason: Reason,
}

/// Why an edge was not fused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Fusion is switched off.
    Disabled,
    /// The value is computed once from weights.
    Weights,
    /// The reader is of a kind that starts a region.
    Kinds(RegionKind, RegionKind),
    /// The reader takes elements from other places than it stands at.
    Gathers,
    /// Data tell where the value's elements lie, and the innermost loop of a contraction would look for each.
    FoundByData,
    /// With the value before its loads the reader could not load what makes it fast on this kind of device.
    LosesLoads,
    /// The reader would be stored across the rows in which a contraction is computed.
    AcrossRows,
    /// The reader reads other points than those at which the value is computed.
    OtherPoints,
    /// The reader reduces other axes than the region does.
    OtherRows,
    /// The value comes tile by tile out of a contraction, and the reader needs whole rows.
    RowsOfContraction,
    /// The value comes tile by tile out of a contraction, and a row has more columns than a tile.
    RowsBeyondTile {
        /// Elements of a row.
        columns: u64,
        /// Columns of the widest tile.
        held: u64,
    },
    /// The rows of a contraction are so few bytes that the device is ready sooner in two kernels.
    FewRowBytes {
        /// Bytes of all rows.
        bytes: u64,
    },
    /// Both sides are contractions.
    TwoContractions,
    /// The value is whole only when the last update is scattered.
    Scattered,
    /// The scores of an attention are so few that the device is ready sooner in three kernels.
    FewScores {
        /// Bytes of all scores.
        bytes: u64,
    },
    /// A pass over the keys gives each invocation a query, and most would have none.
    FewQueries {
        /// Number of queries.
        queries: u64,
    },
    /// A pass over the keys holds the query and its result in registers, and they are too long or of no known length.
    WideHeads {
        /// Elements that an invocation may hold.
        max: i64,
    },
    /// Another kernel, which computes the node, must run in between.
    Cycle(NodeId),
    /// A walk over the rows after their reduction would keep one workgroup a row busy, or one invocation a column.
    FewRows {
        /// Number of rows.
        rows: u64,
        /// Elements of a row.
        elements: u64,
    },
    /// One side has 64-bit integers, the other folds without them.
    LongIntegers,
    /// One kernel cannot bind so many buffers.
    Bindings {
        /// Buffers that it would bind.
        need: usize,
        /// The target's limit.
        max: usize,
    },
    /// The kernel would be too long.
    Size {
        /// Nodes.
        nodes: usize,
        /// Modelled operations for one element.
        flops: u64,
    },
    /// Computing the value in each reader costs more than storing it.
    Repeats {
        /// Regions that read it.
        readers: usize,
        /// Modelled operations for one element.
        flops: u64,
        /// Times each element would be computed.
        times: u64,
        /// Bytes of traffic that repeating would save.
        bytes: u64,
    },
    /// The value is what a fold leaves, and the reader stands at other points.
    Folded(RegionKind),
    /// The value is a result of the graph.
    Result,
}

impl Reason {
    /// The text of a reason without figures.
    fn plain(&self) -> &'static str {
        match self {
            Reason::Disabled => "fusion is switched off",
            Reason::Weights => "it depends on weights alone and is computed once",
            Reason::Gathers => "its reader takes elements from other places than it stands at",
            Reason::FoundByData => {
                "data tell where its elements lie, and the innermost loop of a contraction would look for each"
            }
            Reason::LosesLoads => {
                "its reader loads blocks, vectors or windows of stored values, which this device does much faster"
            }
            Reason::AcrossRows => {
                "it is computed along rows, and this device would store its reader across them element by element"
            }
            Reason::OtherPoints => {
                "its reader reads it at other points than those at which it is computed"
            }
            Reason::OtherRows => "its reader reduces other axes than its region",
            Reason::RowsOfContraction => {
                "it comes tile by tile out of a contraction, and its reader needs whole rows"
            }
            Reason::TwoContractions => "both sides are contractions",
            Reason::Scattered => "it is whole only when the last update is scattered",
            Reason::LongIntegers => "64-bit integers have no vectors, and folds do",
            Reason::Result => "it is a result of the graph and is stored anyway",
            _ => "",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Disabled
            | Reason::Weights
            | Reason::Gathers
            | Reason::FoundByData
            | Reason::LosesLoads
            | Reason::AcrossRows
            | Reason::OtherPoints
            | Reason::OtherRows
            | Reason::RowsOfContraction
            | Reason::TwoContractions
            | Reason::Scattered
            | Reason::LongIntegers
            | Reason::Result => f.write_str(self.plain()),
            Reason::Kinds(from, to) => {
                write!(f, "{} does not continue {}", to.with_article(), from.with_article())
            }
            Reason::RowsBeyondTile { columns, held } => write!(
                f,
                "it comes tile by tile out of a contraction, and its reader needs rows of {columns}, of which a tile holds {held}"
            ),
            Reason::FewRowBytes { bytes } => write!(
                f,
                "{} of rows are few for this device: reading them again takes less than a longer kernel takes to compile",
                size(*bytes)
            ),
            Reason::FewScores { bytes } => write!(
                f,
                "{} of scores are few for this device: one pass over the keys saves less than its kernel takes to compile",
                size(*bytes)
            ),
            Reason::FewQueries { queries } => write!(
                f,
                "one pass over the keys gives each invocation a query, and {queries} would leave most of them idle"
            ),
            Reason::WideHeads { max } => write!(
                f,
                "one pass over the keys holds a query and its result in registers, whose length must be known and at most {max}"
            ),
            Reason::Cycle(between) => write!(f, "the kernel of %{} must run in between", between.0),
            Reason::FewRows { rows, elements } => write!(
                f,
                "walking {rows} rows of {elements} elements again would keep as many workgroups or invocations busy and the rest of the device idle"
            ),
            Reason::Bindings { need, max } => {
                write!(
                    f,
                    "one kernel would bind {need} storage buffers, but the target allows {max}"
                )
            }
            Reason::Size { nodes, flops } => {
                write!(f, "one kernel would compute {nodes} nodes with {flops} flops per element")
            }
            Reason::Repeats { readers, flops, times, bytes } => {
                let regions = if *readers == 1 { "region" } else { "regions" };
                let bytes = size(*bytes);
                write!(
                    f,
                    "read by {readers} {regions}; repeating {flops} flops per element {times} times costs more than \
                     {bytes} of traffic"
                )
            }
            Reason::Folded(kind) => {
                let kind = kind.with_article();
                write!(f, "{kind} computes it, which its reader would have to repeat")
            }
        }
    }
}

/// A number of bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// Choices of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FusionOptions {
    /// Whether anything is fused at all; without it every operation is a region.
    pub enabled: bool,
    /// The form of attention.
    pub attention: AttentionForm,
    /// Whether what reduces the rows of a contraction may stand in its kernel.
    pub rows_of_contractions: bool,
    /// How many operations may join the kernel of an operand, in program order; all that fit when absent. A search for a wrong
    /// fusion narrows it.
    pub joins_max: Option<usize>,
}

/// How attention is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AttentionForm {
    /// As the cost model finds it faster.
    #[default]
    Chosen,
    /// In one pass over the keys wherever there is a kernel for it.
    OnePass,
    /// Scores, softmax and mixture by themselves.
    ThreeKernels,
}

impl Default for FusionOptions {
    fn default() -> FusionOptions {
        FusionOptions {
            enabled: true,
            attention: AttentionForm::Chosen,
            rows_of_contractions: true,
            joins_max: None,
        }
    }
}

/// A partition of a graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regions {
    /// Regions in an order in which they can run.
    pub regions: Vec<Region>,
    /// Edges between regions, with reasons.
    pub cuts: Vec<Cut>,
    /// Values that need no kernel: reshapes of other values' buffers.
    pub aliases: Vec<Alias>,
}

impl Regions {
    /// The value that owns the buffer in which a value stands.
    pub fn owner(&self, value: NodeId) -> NodeId {
        self.aliases.iter().find(|a| a.value == value).map_or(value, |a| a.of)
    }

    /// Why an edge was not fused, in words.
    pub fn explain(&self, graph: &Graph, cut: &Cut) -> String {
        let name = |id: NodeId| match &graph.node(id).name {
            Some(name) => name.to_string(),
            None => format!("%{}", id.0),
        };
        format!("{} -> {}: {}", name(cut.from), name(cut.to), cut.reason)
    }
}

impl fmt::Display for Regions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |ids: &[NodeId]| ids.iter().map(|id| format!(" %{}", id.0)).collect::<String>();
        for region in &self.regions {
            let weights = if region.weights_only { "weights " } else { "" };
            writeln!(
                f,
                "{weights}{} {} {{{} }} in{} out{}",
                region.kind,
                region.name,
                list(&region.nodes),
                list(&region.inputs),
                list(&region.outputs)
            )?;
        }
        for alias in &self.aliases {
            writeln!(f, "alias %{} of %{}", alias.value.0, alias.of.0)?;
        }
        for cut in &self.cuts {
            writeln!(f, "cut %{} -> %{} because {}", cut.from.0, cut.to.0, cut.reason)?;
        }
        Ok(())
    }
}
