//! Pointwise work by vectors of four, one in each invocation. In: how many numbers. Out: the text, or none where they make no
//! whole vectors or too many workgroups.

use super::Text;

const GROUP: usize = 256;
/// Workgroups that one dimension of the grid holds in WebGPU.
const GROUPS_MAX: usize = 65_535;

/// `|(tanh(relu(1.5 x + y) y) - x) 0.5 + y|`; beyond nine, tanh is one in f32, and overflows on some devices.
const CHAIN: &str = "abs((tanh(min(max(x * 1.5 + y, vec4f()) * y, vec4f(9.0))) - x) * 0.5 + y)";

/// Nine operations over two inputs.
pub(super) fn chain(n: usize) -> Vec<Text> {
    let groups = n.div_ceil(4 * GROUP);
    let fits = n.is_multiple_of(4) && groups <= GROUPS_MAX;
    fits.then(|| text("one vector an invocation", n, groups, CHAIN)).into_iter().collect()
}

/// The sum of two inputs of four numbers.
pub(crate) fn addition() -> Text {
    text("addition", 4, 1, "x + y")
}

fn text(name: &str, n: usize, groups: usize, expression: &str) -> Text {
    let wgsl = format!(
        "@group(0) @binding(0) var<storage, read> xs: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read> ys: array<vec4f>;\n\
         @group(0) @binding(2) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({GROUP})\n\
         fn main(@builtin(global_invocation_id) g: vec3u) {{\n  \
         if (g.x < {}u) {{\n    let x = xs[g.x];\n    let y = ys[g.x];\n    o[g.x] = {expression};\n  }}\n}}\n",
        n / 4
    );
    Text { name: name.to_owned(), wgsl, groups: [groups as u32, 1, 1] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_covers_numbers_that_make_whole_vectors() {
        assert_eq!(chain(4 * GROUP + 4)[0].groups, [2, 1, 1]);
        assert!(chain(1023).is_empty());
    }
}
