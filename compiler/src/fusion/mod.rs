//! Fusion: in comes a graph of primitives, out goes a partition of it into regions, one kernel each, and for every edge
//! between two regions the reason why it was not fused.
//!
//! A region is legal when its outputs can be computed in one walk over its space, and when no value leaves it and comes back.
//! Views are index maps in whoever reads them and need no region; reshapes of whole buffers are aliases.

mod analysis;
mod build;
mod region;

pub use region::{Alias, Cut, FusionOptions, Reason, Region, RegionKind, Regions};

use ferrodyne_plan::Target;

use crate::graph::Graph;

/// The regions of a graph whose composites are decomposed and whose calls are inlined.
pub fn partition(graph: &Graph, target: &Target, options: &FusionOptions) -> Regions {
    let analysis = analysis::Analysis::of(graph);
    let _ = (target, options);
    let groups = analysis.singles();
    build::regions(&analysis, groups)
}
