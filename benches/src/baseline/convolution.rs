//! 3x3 convolutions as matrix products: rows are pixels, columns channels. In: sizes and lanes of a subgroup. Out: texts of the
//! tiles that divide the channels.
//!
//! Images lie as `[pixels, channels]` with a border of zeros, weights as `[3, 3, from, to]`. Rows beyond the last pixel read the
//! last pixel, and are not stored.

use ferrodyne::Tensor;

use super::matmul::{self, ROWS, VECTORS};
use super::{Design, Target, Text, line};
use crate::Fault;

const KERNEL: usize = 3;

/// The implementations for a square image that keeps its size.
pub(super) fn designs(from: usize, to: usize, side: usize, target: Target) -> Vec<Design> {
    let lanes = target.lanes;
    let columns = matmul::columns(lanes);
    let fits = |rows: &usize| {
        rows.is_multiple_of(lanes) && from.is_multiple_of(4) && to.is_multiple_of(columns)
    };
    let macs = side * side * from * to * KERNEL * KERNEL;
    let design = |rows: usize| {
        let text = Text {
            name: format!("subgroup tile {rows}x{VECTORS}v4 over pixels"),
            wgsl: wgsl(from, to, side, rows, lanes),
            groups: [(side * side).div_ceil(rows) as u32, (to / columns) as u32, 1],
        };
        let is_default = matmul::is_default(rows, macs, target);
        Design { is_default, ..Design::of(text, 2) }
    };
    ROWS.into_iter().filter(fits).map(design).collect()
}

/// An image `[1, C, H, W]` and weights `[O, C, 3, 3]` in the layouts of the kernels.
///
/// # Errors
/// Faults of the device.
pub(super) fn prepared(inputs: &[Tensor]) -> Result<Vec<Tensor>, Fault> {
    let padded = inputs[0].try_pad(&[(1, 1), (1, 1)], 0.0)?;
    Ok(vec![padded.try_permute(&[0, 2, 3, 1])?, inputs[1].try_permute(&[2, 3, 1, 0])?])
}

fn wgsl(from: usize, to: usize, side: usize, rows: usize, lanes: usize) -> String {
    let (pixels, padded, channels) = (side * side, side + KERNEL - 1, from / 4);
    let mut text = matmul::head(false, lanes);
    line(&mut text, &format!("  let r = w.x * {rows}u;"));
    line(&mut text, &format!("  let cb = w.y * {}u + l.x;", lanes * VECTORS));
    for part in 0..rows / lanes {
        let pixel = format!("min(r + lane + {}u, {}u)", part * lanes, pixels - 1);
        line(&mut text, &format!("  let p{part} = {pixel};"));
        let at = format!("(p{part} / {side}u * {padded}u + p{part} % {side}u) * {channels}u");
        line(&mut text, &format!("  let ra{part} = {at};"));
    }
    for (row, vector) in matmul::accumulators(rows) {
        line(&mut text, &format!("  var c{row}_{vector} = vec4f();"));
    }
    line(&mut text, &format!("  for (var t = 0u; t < {}u; t += 1u) {{", KERNEL * KERNEL));
    let tap = format!("(t / {KERNEL}u * {padded}u + t % {KERNEL}u) * {channels}u");
    line(&mut text, &format!("  let tap = {tap};"));
    line(&mut text, &format!("  for (var i = 0u; i < {channels}u; i += 1u) {{"));
    line(&mut text, &format!("    let k = t * {from}u + i * 4u;"));
    for part in 0..rows / lanes {
        line(&mut text, &format!("    let a{part} = a[ra{part} + tap + i];"));
    }
    text.push_str(&matmul::four_steps(to / 4, lanes, rows));
    line(&mut text, "  }\n  }");
    for row in 0..rows {
        line(&mut text, &format!("  if (r + {row}u < {pixels}u) {{"));
        for vector in 0..VECTORS {
            let at = format!("(r + {row}u) * {}u + cb + {}u", to / 4, vector * lanes);
            line(&mut text, &format!("    o[{at}] = c{row}_{vector};"));
        }
        line(&mut text, "  }");
    }
    text + "}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_covers_all_pixels() {
        let target = Target { lanes: 8, software: true };
        let designs = designs(64, 128, 7, target);
        assert_eq!(designs[0].kernels[0].0.groups, [4, 2, 1]);
        assert_eq!(designs[1].kernels[0].0.groups, [2, 2, 1]);
        assert!(super::designs(64, 96, 7, target).is_empty());
    }
}
