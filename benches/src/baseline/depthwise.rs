//! 3x3 convolutions of each channel. In: sizes. Out: texts in which an invocation has four neighbours along x in several rows, and
//! reads each of its rows once.
//!
//! Rows lie with one zero before and three behind, so that the vectors of a window are aligned; a channel has three vectors of
//! weights, the last numbers of which are zeros.

use ferrodyne::Tensor;

use super::{Text, line};
use crate::Fault;

/// Rows of an invocation to choose from.
const ROWS: [usize; 3] = [4, 8, 14];
const GROUP: usize = 64;
/// Workgroups that one dimension of the grid holds in WebGPU.
const GROUPS_MAX: usize = 65_535;

/// The kernels for a square image that keeps its size.
pub(super) fn texts(channels: usize, side: usize) -> Vec<Text> {
    let groups = |rows: usize| (side / 4 * (side / rows) * channels).div_ceil(GROUP);
    let fits = |rows: &usize| {
        side.is_multiple_of(4) && side.is_multiple_of(*rows) && groups(*rows) <= GROUPS_MAX
    };
    let text = |rows: usize| Text {
        name: format!("four along x, {rows} rows an invocation"),
        wgsl: wgsl(channels, side, rows),
        groups: [groups(rows) as u32, 1, 1],
    };
    ROWS.into_iter().filter(fits).map(text).collect()
}

/// An image `[1, C, H, W]` and weights `[C, 1, 3, 3]` in the layouts of the kernels.
///
/// # Errors
/// Faults of the device.
pub(super) fn prepared(inputs: &[Tensor]) -> Result<Vec<Tensor>, Fault> {
    let image = inputs[0].try_pad(&[(1, 3), (1, 1)], 0.0)?;
    Ok(vec![image, inputs[1].try_reshape([-1, 9])?.try_pad(&[(0, 3)], 0.0)?])
}

fn wgsl(channels: usize, side: usize, rows: usize) -> String {
    let (width, padded, blocks) = (side / 4, side / 4 + 1, side / rows);
    let mut text = format!(
        "@group(0) @binding(0) var<storage, read> x: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read> w: array<vec4f>;\n\
         @group(0) @binding(2) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({GROUP})\n\
         fn main(@builtin(global_invocation_id) g: vec3u) {{\n  \
         if (g.x >= {}u) {{\n    return;\n  }}\n  \
         let c = g.x % {width}u;\n  let block = g.x / {width}u % {blocks}u;\n  \
         let channel = g.x / {}u;\n  \
         let from_ = (channel * {}u + block * {rows}u) * {padded}u + c;\n  \
         let to = (channel * {side}u + block * {rows}u) * {width}u + c;\n",
        width * blocks * channels,
        width * blocks,
        side + 2
    );
    for k in 0..3 {
        line(&mut text, &format!("  let w{k} = w[channel * 3u + {k}u];"));
    }
    for row in 0..rows + 2 {
        let at = row * padded;
        line(&mut text, &format!("  let a{row} = x[from_ + {at}u];"));
        line(&mut text, &format!("  let d{row} = x[from_ + {}u];", at + 1));
        line(&mut text, &format!("  let b{row} = vec4f(a{row}.yzw, d{row}.x);"));
        line(&mut text, &format!("  let c{row} = vec4f(a{row}.zw, d{row}.xy);"));
        if let Some(row) = row.checked_sub(2) {
            let term = |tap: usize| {
                let window = ["a", "b", "c"][tap % 3];
                format!("{window}{} * w{}[{}]", row + tap / 3, tap / 4, tap % 4)
            };
            let sum = (0..9).map(term).collect::<Vec<_>>().join(" + ");
            line(&mut text, &format!("  o[to + {}u] = {sum};", row * width));
        }
    }
    text + "}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_that_divide_the_image_are_given() {
        assert_eq!(texts(256, 56).len(), 3);
        assert_eq!(texts(256, 28).len(), 2);
        assert!(texts(256, 14).is_empty());
    }

    #[test]
    fn each_row_is_read_once() {
        let text = &texts(8, 16)[0];
        assert_eq!(text.groups, [2, 1, 1]);
        assert_eq!(text.wgsl.matches("= x[").count(), 2 * (4 + 2));
        assert_eq!(text.wgsl.matches("o[").count(), 4);
    }
}
