//! The kernels by which an adapter's limits are measured. Out: texts, with the bytes and operations of one dispatch.

use super::Text;

/// Bytes of each buffer of the copy.
pub(crate) const COPY_BYTES: u64 = 64 << 20;

const COPY_GROUP: u64 = 256;
const COPY_EACH: u64 = 4;

/// A copy of [`COPY_BYTES`]: binding 0 into binding 1, by four vectors of four in each invocation.
pub(crate) fn copy() -> Text {
    let groups = COPY_BYTES / 16 / COPY_GROUP / COPY_EACH;
    let moves: String = (0..COPY_EACH)
        .map(|k| format!("  to[at + {0}u] = from_[at + {0}u];\n", k * COPY_GROUP))
        .collect();
    let wgsl = format!(
        "@group(0) @binding(0) var<storage, read> from_: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read_write> to: array<vec4f>;\n\
         @compute @workgroup_size({COPY_GROUP})\n\
         fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u) {{\n  \
         let at = w.x * {}u + l.x;\n{moves}}}\n",
        COPY_GROUP * COPY_EACH
    );
    Text { name: "copy".to_owned(), wgsl, groups: [groups as u32, 1, 1] }
}

const FMA_GROUP: u64 = 64;
const FMA_GROUPS: u64 = 1024;
const FMA_UNROLL: u64 = 4;
const FMA_ACCUMULATORS: u64 = 4;

/// Bytes of what the kernel of [`fma`] writes.
pub(crate) const FMA_BYTES: u64 = FMA_GROUP * FMA_GROUPS * 16;

/// Multiplications and additions of one dispatch of [`fma`].
pub(crate) fn fma_flops(iterations: u64) -> u64 {
    FMA_GROUP * FMA_GROUPS * iterations * FMA_UNROLL * FMA_ACCUMULATORS * 4 * 2
}

/// Multiply-adds on registers alone; binding 0 holds the factor and the term, so that no compiler knows them.
pub(crate) fn fma(iterations: u64) -> Text {
    let starts: String =
        (0..FMA_ACCUMULATORS).map(|k| format!("  var c{k} = start + {k}.0;\n")).collect();
    let step: String =
        (0..FMA_ACCUMULATORS).map(|k| format!("    c{k} = fma(c{k}, factor, term);\n")).collect();
    let steps = step.repeat(FMA_UNROLL as usize);
    let sum = (0..FMA_ACCUMULATORS).map(|k| format!("c{k}")).collect::<Vec<_>>().join(" + ");
    let wgsl = format!(
        "@group(0) @binding(0) var<storage, read> constants: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read_write> to: array<vec4f>;\n\
         @compute @workgroup_size({FMA_GROUP})\n\
         fn main(@builtin(global_invocation_id) g: vec3u) {{\n  \
         let factor = constants[0];\n  let term = constants[1];\n  let start = vec4f(f32(g.x));\n{starts}  \
         for (var i = 0u; i < {iterations}u; i += 1u) {{\n{steps}  }}\n  to[g.x] = {sum};\n}}\n"
    );
    Text { name: "multiply-add".to_owned(), wgsl, groups: [FMA_GROUPS as u32, 1, 1] }
}
