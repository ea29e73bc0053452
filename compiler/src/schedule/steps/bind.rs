//! `bind i group.x`: how the values of an axis are visited. On a reduced axis it is the strategy of the reduction.

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Bind, GridDim, Kernel, Stmt};

use super::{Refusal, refuse};

/// Binds an axis without parts.
pub fn bind(kernel: &mut Kernel, name: &Name, to: Bind) -> Result<(), Refusal> {
    let Some(axis) = kernel.axis(name) else {
        return refuse("bind", name, "there is no such axis");
    };
    if !axis.parts.is_empty() {
        return refuse("bind", name, "it is split: its parts are bound");
    }
    let extent = kernel.facts.simplify(&axis.extent).as_const();
    match to {
        Bind::Vec if !matches!(extent, Some(2 | 4)) => {
            return refuse("bind", name, "a vector has 2 or 4 components");
        }
        Bind::Unroll | Bind::Lane | Bind::Local(_) | Bind::Sub if extent.is_none() => {
            return refuse("bind", name, "its extent is not constant");
        }
        Bind::Group(_) if is_reduced(kernel, name) => {
            return refuse("bind", name, "it is reduced over workgroups: that takes two kernels");
        }
        _ => {}
    }
    for axis in &mut kernel.axes {
        if axis.name == *name {
            axis.bind = to;
        }
    }
    kernel.notes.push(format!("bind {name} {}", text(to)));
    Ok(())
}

/// Whether a fold reduces over the axis.
fn is_reduced(kernel: &Kernel, name: &Name) -> bool {
    let mut found = false;
    kernel.visit(&mut |stmt| {
        if let Stmt::Fold { red, .. } = stmt {
            found |= red.contains(name);
        }
    });
    found
}

fn text(bind: Bind) -> &'static str {
    match bind {
        Bind::Serial => "serial",
        Bind::Unroll => "unroll",
        Bind::Vec => "vec",
        Bind::Group(GridDim::X) => "group.x",
        Bind::Group(GridDim::Y) => "group.y",
        Bind::Group(GridDim::Z) => "group.z",
        Bind::Sub => "sub",
        Bind::Lane => "lane",
        Bind::Local(GridDim::X) => "local.x",
        Bind::Local(GridDim::Y) => "local.y",
        Bind::Local(GridDim::Z) => "local.z",
        Bind::Thread => "thread",
        Bind::Block => "block",
    }
}
