//! A vector by a matrix that lies as `[n, k]`. In: sizes and lanes of a subgroup. Out: texts in which each subgroup has four
//! results and reads the vector once for them.

use super::Text;

const OUTPUTS: usize = 4;
/// Vectors of four that a step of the loop takes of each row, to choose from.
const UNROLLS: [usize; 2] = [1, 4];
/// Workgroups that one dimension of the grid holds in WebGPU.
const GROUPS_MAX: usize = 65_535;

/// The kernels of `[1, k]` by `[n, k]`.
pub(super) fn texts(k: usize, n: usize, lanes: usize) -> Vec<Text> {
    let fits = |unroll: &usize| {
        k.is_multiple_of(4 * lanes * unroll)
            && n.is_multiple_of(OUTPUTS)
            && n / OUTPUTS <= GROUPS_MAX
    };
    let text = |unroll| Text {
        name: format!("{OUTPUTS} results a subgroup, {unroll} vectors a step"),
        wgsl: wgsl(k, lanes, unroll),
        groups: [(n / OUTPUTS) as u32, 1, 1],
    };
    UNROLLS.into_iter().filter(fits).map(text).collect()
}

fn wgsl(k: usize, lanes: usize, unroll: usize) -> String {
    let row = k / 4;
    let step = |u: usize| {
        let at = u * lanes;
        let load = format!("    let v{u} = x[j + {at}u];\n");
        let product =
            |i: usize| format!("    s{i} = fma(w[first + j + {}u], v{u}, s{i});\n", i * row + at);
        load + &(0..OUTPUTS).map(product).collect::<String>()
    };
    let steps: String = (0..unroll).map(step).collect();
    let each = |statement: fn(usize) -> String| (0..OUTPUTS).map(statement).collect::<String>();
    let sums = each(|i| format!("  let t{i} = subgroupAdd(s{i}.x + s{i}.y + s{i}.z + s{i}.w);\n"));
    format!(
        "@group(0) @binding(0) var<storage, read> x: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read> w: array<vec4f>;\n\
         @group(0) @binding(2) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({lanes})\n\
         fn main(@builtin(workgroup_id) g: vec3u, @builtin(subgroup_invocation_id) lane: u32) {{\n  \
         let first = g.x * {}u;\n{}  \
         for (var j = lane; j < {row}u; j += {}u) {{\n{steps}  }}\n{sums}  \
         if (lane == 0u) {{\n    o[g.x] = vec4f(t0, t1, t2, t3);\n  }}\n}}\n",
        OUTPUTS * row,
        each(|i| format!("  var s{i} = vec4f();\n")),
        lanes * unroll
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_steps_that_divide_the_row_are_given() {
        assert_eq!(texts(4096, 4096, 8).len(), 2);
        assert_eq!(texts(32, 4096, 8).len(), 1);
        assert!(texts(4096, 4095, 8).is_empty());
    }
}
