//! Trip counts, as a driver that limits them counts.

use super::program::{Node, Program};
use super::{InterpretError, program};
use crate::Name;
use crate::loops::{Bind, Kernel};

/// Loop iterations of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trips {
    /// Iterations of all serial loops of one invocation, each loop's added; unrolled ones are copies.
    pub per_invocation: u64,
    /// Number of invocations: the product of the extents of parallel axes.
    pub invocations: u64,
}

/// Counts without running.
///
/// # Errors
/// When a size is missing or a name is not declared.
pub fn trips(
    kernel: &Kernel,
    sizes: &dyn Fn(&Name) -> Option<i64>,
) -> Result<Trips, InterpretError> {
    Ok(of_program(&program::compile(kernel, sizes)?))
}

pub(super) fn of_program(program: &Program) -> Trips {
    let leaves = program.axes.iter().filter(|axis| axis.parts.is_empty() && is_parallel(axis.bind));
    let invocations = leaves.fold(1u64, |n, axis| n.saturating_mul(axis.extent as u64));
    Trips { per_invocation: of_body(program, &program.body), invocations }
}

fn is_parallel(bind: Bind) -> bool {
    !matches!(bind, Bind::Serial | Bind::Unroll | Bind::Vec)
}

fn of_body(program: &Program, body: &[Node]) -> u64 {
    body.iter().fold(0, |sum, node| sum.saturating_add(of_node(program, node)))
}

fn of_node(program: &Program, node: &Node) -> u64 {
    match node {
        Node::For { axes, body } => of_nest(program, axes, of_body(program, body)),
        Node::Let { value, keep: true, .. } => of_nest(program, &program.values[*value].over, 0),
        Node::Let { .. } => 0,
        Node::Fold(fold) => of_nest(program, &fold.walk, of_body(program, &fold.inner)),
        Node::Online(online) => of_nest(program, &online.axes, of_body(program, &online.body)),
        Node::Store { over, .. } => of_nest(program, over, 0),
    }
}

fn of_nest(program: &Program, axes: &[usize], inside: u64) -> u64 {
    axes.iter().rev().fold(inside, |trips, &axis| {
        let axis = &program.axes[axis];
        let extent = axis.extent as u64;
        match axis.bind {
            Bind::Serial => trips.saturating_add(1).saturating_mul(extent),
            Bind::Unroll | Bind::Vec => trips.saturating_mul(extent),
            _ => trips,
        }
    })
}
