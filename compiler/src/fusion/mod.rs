//! Fusion: in comes a graph of primitives, out goes a partition of it into regions, one kernel each, and for every edge
//! between two regions the reason why it was not fused.
//!
//! A region is legal when its outputs can be computed in one walk over its space, and when no value leaves it and comes back.
//! Views are index maps in whoever reads them and need no region; reshapes of whole buffers are aliases.

mod analysis;
mod attention;
mod build;
mod checks;
mod cost;
mod group;
mod horizontal;
mod names;
mod reads;
mod region;
mod repeat;
mod rows;
mod space;

pub(crate) use names::identifier;
pub(crate) use reads::reads;
pub use region::{Alias, AttentionForm, Cut, FusionOptions, Reason, Region, RegionKind, Regions};
pub(crate) use space::{axis_number, facts_of, identity, lowered, raised};

use std::collections::BTreeMap;

use ferrodyne_plan::Target;

use crate::graph::Graph;

/// The regions of a graph whose composites are decomposed and whose calls are inlined.
pub fn partition(graph: &Graph, target: &Target, options: &FusionOptions) -> Regions {
    let analysis = analysis::Analysis::of(graph, target);
    if !options.enabled {
        let mut regions = build::regions(&analysis, analysis.singles(), &BTreeMap::new());
        regions.cuts.iter_mut().for_each(|cut| cut.reason = Reason::Disabled);
        return regions;
    }
    let mut grown = group::grow(&analysis, target, options.joins_max);
    attention::join(&mut grown, options.attention);
    if options.rows_of_contractions {
        rows::join(&mut grown);
    }
    repeat::inline(&mut grown);
    horizontal::join(&mut grown);
    let groups = grown.groups.iter().flatten().map(|g| g.nodes.clone()).collect();
    build::regions(&analysis, groups, &grown.reasons)
}

#[cfg(test)]
mod tests;
