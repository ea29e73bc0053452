//! `tile a b c`: loops are distributed over the statements below; their values become tiles of registers.

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Bind, Kernel, Stmt};

use super::{Refusal, refuse};

/// Takes axes out of the one nest of the kernel and gives them to each statement in it.
pub fn tile(kernel: &mut Kernel, tile: &[Name]) -> Result<(), Refusal> {
    for name in tile {
        if !kernel.axis(name).is_some_and(|axis| matches!(axis.bind, Bind::Unroll | Bind::Vec)) {
            return refuse(
                "tile",
                name,
                "a tile of registers needs axes that are unrolled or form vectors",
            );
        }
    }
    let [Stmt::For { axes, body }] = kernel.body.as_mut_slice() else {
        return refuse("tile", &kernel.name, "it is not one nest of loops");
    };
    if let Some(missing) = tile.iter().find(|name| !axes.contains(name)) {
        return refuse("tile", missing, "the nest does not walk it");
    }
    if let Some(Stmt::For { axes, .. }) = body.iter().find(|stmt| matches!(stmt, Stmt::For { .. }))
    {
        return refuse("tile", &axes[0], "a nest inside may depend on the order of points");
    }
    axes.retain(|axis| !tile.contains(axis));
    for stmt in body {
        match stmt {
            Stmt::Let { over, .. } | Stmt::Fold { over, .. } | Stmt::Store { over, .. } => {
                over.splice(0..0, tile.iter().cloned());
            }
            Stmt::For { .. } | Stmt::Online { .. } => {}
        }
    }
    let names: Vec<&str> = tile.iter().map(Name::as_str).collect();
    kernel.notes.push(format!("tile {}", names.join(" ")));
    Ok(())
}
