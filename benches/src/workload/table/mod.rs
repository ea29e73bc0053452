//! The table of workloads.

mod host;
mod networks;
mod tensors;

use super::{Bound, Group, Setting, Subject, Work, Workload};
use crate::Fault;
use crate::baseline::Baseline;

type Build = fn(&Setting<'_>) -> Result<Subject, Fault>;

const MI: usize = 1 << 20;

/// All workloads, by groups.
pub(crate) fn table() -> Vec<Workload> {
    let groups = [
        tensors::pointwise(),
        tensors::reduction(),
        tensors::normalisation(),
        tensors::matmul(),
        networks::convolution(),
        networks::attention(),
        host::launch(),
        networks::models(),
        host::compilation(),
    ];
    groups.concat()
}

/// A row limited by memory, which reads and writes so many numbers of four bytes.
fn memory(
    group: Group,
    name: &'static str,
    shapes: &'static str,
    numbers: usize,
    build: Build,
) -> Workload {
    let bytes = (numbers * 4) as f64;
    Workload {
        group,
        name,
        shapes,
        bound: Bound::Memory,
        flops: 0.0,
        bytes,
        baseline: None,
        work: Work::Calls(build),
    }
}

/// A row limited by so many multiply-adds, over so many numbers of four bytes.
fn compute(
    group: Group,
    name: &'static str,
    shapes: &'static str,
    (macs, numbers): (usize, usize),
    build: Build,
) -> Workload {
    let (flops, bytes) = (2.0 * macs as f64, (numbers * 4) as f64);
    Workload {
        group,
        name,
        shapes,
        bound: Bound::Compute,
        flops,
        bytes,
        baseline: None,
        work: Work::Calls(build),
    }
}

/// A row with a hand-written kernel beside it.
fn with(baseline: Baseline, row: Workload) -> Workload {
    Workload { baseline: Some(baseline), ..row }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_rows_in_the_order_of_the_groups() {
        let mut groups: Vec<Group> = table().iter().map(|w| w.group).collect();
        groups.dedup();
        assert_eq!(groups, Group::ALL);
    }

    #[test]
    fn what_is_limited_by_memory_or_operations_has_some() {
        for row in table() {
            match row.bound {
                Bound::Memory => assert!(row.bytes > 0.0, "{}", row.name),
                Bound::Compute => assert!(row.flops > 0.0 && row.bytes > 0.0, "{}", row.name),
                Bound::Launch => {}
            }
        }
    }
}
