//! WGSL from scheduled loops.
//!
//! In: a scheduled [`Kernel`] and its [`Target`]. Out: the text of a module with one entry point, the dispatch grid, and the
//! sizes that a uniform buffer brings. Promise: equal kernels give equal text; no index leaves its buffer; the text is
//! valid for naga and by the WGSL specification.
//!
//! [`expand`] unfolds statements, [`index`], [`value`], [`load`], [`store`], [`fold`], [`online`] and [`stage`] what stands in them, all into the
//! nodes of [`emit`], which [`render`] writes.

pub mod check;
mod emit;
mod expand;
mod fault;
mod fold;
mod grid;
mod index;
mod invocations;
mod load;
mod long;
mod math;
mod names;
mod online;
mod packed;
mod ranges;
mod render;
mod rolled;
mod rounds;
mod share;
mod stage;
mod store;
mod value;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ferrodyne_plan::loops::{Kernel, Role};
use ferrodyne_plan::plan::WgslKernel;
use ferrodyne_plan::{Dim, Target};

pub use fault::WgslFault;

use emit::Ty;
use expand::{Env, Expand};
use grid::Grid;

/// A kernel as text, with what a dispatch of it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct WgslText {
    /// The module.
    pub kernel: WgslKernel,
    /// Workgroups along x, y and z.
    pub groups: [Dim; 3],
    /// Contents of the uniform buffer, in order, each a `u32`; empty when there is none.
    pub sizes: Vec<Dim>,
}

/// Prints a scheduled kernel.
///
/// Bindings of group 0 are the parameters in order, each with its ranges, then, when `sizes` is not empty, a uniform buffer of them, padded to a
/// multiple of 16 bytes.
pub fn print(kernel: &Kernel, target: &Target) -> Result<WgslText, WgslFault> {
    let mut scalar = BTreeSet::new();
    loop {
        let mut expand = Expand::new(kernel, target, &scalar);
        let grid = expand.grid()?;
        expand.statements(&kernel.body, &Env::default())?;
        let mut wanted = expand.scalar.clone();
        let in_parts = |buffer: &&expand::Buffer| {
            buffer.vec4 && buffer.vec_uses == 0 && !expand.emit.uses_all_components(&buffer.text)
        };
        let in_parts = expand.buffers.iter().filter(|(_, buffer)| in_parts(buffer));
        wanted.extend(in_parts.map(|(name, _)| name.clone()));
        // A binding has one element type: an access that needs scalars decides for all.
        if wanted == scalar {
            return module(expand, grid);
        }
        scalar = wanted;
    }
}

fn module(mut expand: Expand<'_>, grid: Grid) -> Result<WgslText, WgslFault> {
    let kernel = expand.kernel;
    let entry = expand.names.fresh(&kernel.name);
    let mut text = header(kernel);
    if expand.subgroups && expand.target.enable_subgroups {
        text.push_str("enable subgroups;\n");
    }
    let mut bindings = 0;
    for param in &kernel.params {
        let first = bindings;
        bindings += param.ranges;
        let Some(buffer) = expand.buffers.get(&param.name) else { continue };
        let access = if param.role == Role::In { "read" } else { "read_write" };
        let width = if buffer.vec4 { 4 } else { 1 };
        let (ty, ranges) = (Ty::of(load::stored(param.dtype), width), buffer.ranges.as_ref());
        text.push_str(&ranges::declarations(&buffer.text, ranges, access, ty, first));
        if let Some(names) = ranges {
            let bytes = expand.target.range_bytes();
            expand.module.extend(ranges::functions(&buffer.text, names, param, width, bytes));
        }
    }
    if !expand.sizes.is_empty() {
        text.push_str("\nstruct Sizes {\n");
        for (at, size) in expand.sizes.iter().enumerate() {
            let _ = writeln!(text, "  s{at}: u32, // {size}");
        }
        for at in expand.sizes.len()..expand.sizes.len().next_multiple_of(4) {
            let _ = writeln!(text, "  pad{at}: u32,");
        }
        let _ = writeln!(text, "}}\n@group(0) @binding({bindings}) var<uniform> sizes: Sizes;");
    }
    let library = ferrodyne_shaders::text(expand.library.iter().map(String::as_str));
    if !library.is_empty() || !expand.module.is_empty() {
        text.push('\n');
    }
    text.push_str(&library);
    for line in &expand.module {
        let _ = writeln!(text, "{line}");
    }
    let [x, y, z] = grid.workgroup_size;
    let mut size = format!("{x}");
    if y > 1 || z > 1 {
        let _ = write!(size, ", {y}");
    }
    if z > 1 {
        let _ = write!(size, ", {z}");
    }
    let lane_missing =
        expand.running.contains_key("lane") && !grid.builtins.iter().any(|b| b.contains("lane"));
    let mut builtins = grid.builtins.clone();
    if lane_missing {
        builtins.push("@builtin(subgroup_invocation_id) lane: u32");
    }
    let _ = writeln!(
        text,
        "\n@compute @workgroup_size({size})\nfn {entry}({}) {{",
        builtins.join(", ")
    );
    let (nodes, items) = expand.emit.finish();
    for line in render::render(&nodes, &items, &mut expand.names) {
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str("}\n");
    let kernel = WgslKernel {
        text,
        entry,
        workgroup_size: grid.workgroup_size,
        subgroups: expand.subgroups,
    };
    Ok(WgslText { kernel, groups: grid.groups, sizes: expand.sizes })
}

/// What the kernel is: its loops, steps and lines of the user's code, as comments.
fn header(kernel: &Kernel) -> String {
    let mut text = String::new();
    for line in kernel.to_string().lines() {
        let _ = writeln!(text, "// {line}");
    }
    text.push('\n');
    text
}
