//! From regions to loops: in comes a region of a graph, out goes a kernel that computes its outputs.
//!
//! Lowering pulls: a store asks for its value at an index, a node asks for its operands at theirs, and so on to the loads.
//! Every value is made once per index; folds over the same thing share an axis; definitions stand in the innermost scope that
//! serves all their users. The kernel is unscheduled and passes the verifier of loops.

mod axes;
mod groups;
mod names;
mod origin;
mod place;
mod pull;
mod relax;
mod store;
mod walk;

use ferrodyne_plan::loops::{Axis, Bind, Kernel, Param, Role, Stmt, Tail};
use ferrodyne_plan::{Diagnostic, Name};

use crate::fusion::Region;
use crate::graph::{Graph, NodeId};
use pull::Pull;

/// A kernel, and the values that its parameters hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    /// The kernel.
    pub kernel: Kernel,
    /// The value that each parameter holds, in the order of the kernel's parameters.
    pub values: Vec<NodeId>,
    /// Outputs that the kernel merges into (role `InOut`), each with the value that its buffer must hold before.
    pub merged: Vec<(NodeId, NodeId)>,
}

/// The kernel of a region.
///
/// # Errors
/// When a node has no lowering: composites, calls and operators that are not in the table.
pub fn lower(graph: &Graph, region: &Region) -> Result<Lowered, Diagnostic> {
    let mut pull = Pull::new(graph, &region.nodes);
    for &input in &region.inputs {
        pull.param(input);
    }
    let written = store::drafts(&mut pull, region);
    let mut body = place::place(&mut pull, written.stores);
    if let Some(fault) = pull.fault {
        return Err(fault);
    }
    let shapes = pull.params.iter().map(|(&id, name)| (name.clone(), graph.ty(id).dims.clone()));
    relax::relax(&mut body, &pull.facts, &shapes.collect());
    let merges = |id: &NodeId| written.merged.iter().any(|(to, _)| to == id);
    let read = reads(&body);
    let mut params = Vec::new();
    let mut values = Vec::new();
    let ins = pull
        .params
        .iter()
        .filter(|(_, name)| read.contains(name))
        .map(|(id, n)| (*id, n.clone(), Role::In));
    let outs = written
        .params
        .iter()
        .map(|(id, name)| (*id, name.clone(), if merges(id) { Role::InOut } else { Role::Out }));
    for (id, name, role) in ins.chain(outs) {
        let ty = graph.ty(id);
        let (dtype, dims) = (ty.dtype, ty.dims.clone());
        params.push(Param { name, dtype, dims, role, padded: true, ranges: 1 });
        values.push(id);
    }
    let mut sources = Vec::new();
    for &id in &region.nodes {
        let source = &graph.node(id).source;
        if !source.is_unknown() && !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    let kernel = Kernel {
        name: region.name.clone(),
        params,
        axes: declare(&pull, &body),
        body,
        facts: graph.facts.clone(),
        notes: Vec::new(),
        sources,
    };
    let kernel = groups::regrouped(kernel);
    Ok(Lowered { kernel, values, merged: written.merged })
}

/// Axes that the statements use, in the order in which they were made.
fn declare(pull: &Pull<'_>, body: &[Stmt]) -> Vec<Axis> {
    let mut used: Vec<Name> = Vec::new();
    each(body, &mut |stmt| match stmt {
        Stmt::For { axes, .. } => used.extend(axes.iter().cloned()),
        Stmt::Let { over, .. } | Stmt::Store { over, .. } => used.extend(over.iter().cloned()),
        Stmt::Fold { over, red, .. } => used.extend(over.iter().chain(red).cloned()),
        Stmt::Online { .. } => {}
    });
    let axis = |a: &axes::AxisDecl| Axis {
        name: a.name.clone(),
        extent: a.extent.clone(),
        bind: Bind::Serial,
        parts: Vec::new(),
        tail: Tail::Exact,
    };
    pull.axes.all.iter().filter(|a| used.contains(&a.name)).map(axis).collect()
}

/// Parameters that the statements read.
fn reads(body: &[Stmt]) -> Vec<Name> {
    let mut read = Vec::new();
    let mut found = |val: &ferrodyne_plan::loops::Val| {
        walk::visit(
            val,
            &mut |part| {
                if let ferrodyne_plan::loops::Val::Load { buf, .. } = part {
                    read.push(buf.clone());
                }
            },
            &mut |_| {},
        );
    };
    each(body, &mut |stmt| match stmt {
        Stmt::Let { val, .. } | Stmt::Store { val, .. } => found(val),
        Stmt::Fold { args, .. } => args.iter().for_each(&mut found),
        Stmt::For { .. } | Stmt::Online { .. } => {}
    });
    read
}

fn each(body: &[Stmt], found: &mut dyn FnMut(&Stmt)) {
    for stmt in body {
        found(stmt);
        match stmt {
            Stmt::For { body, .. } | Stmt::Fold { inner: body, .. } | Stmt::Online { body, .. } => {
                each(body, found)
            }
            Stmt::Let { .. } | Stmt::Store { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
