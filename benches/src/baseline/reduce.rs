//! Sums of columns and of all numbers. In: sizes and lanes of a subgroup. Out: texts for sizes that divide among the lanes.

use super::{Design, Operand, Text};

/// Vectors that one step of a loop adds.
const UNROLL: usize = 4;
/// Subgroups of the first kernel to choose from.
const PARTS: [usize; 4] = [64, 128, 256, 512];
/// Steps of a loop that a software adapter surely takes.
const STEPS_MAX: usize = 60_000;

/// The sum of each column: a lane has a vector of four columns.
pub(super) fn columns(rows: usize, cols: usize, lanes: usize) -> Vec<Text> {
    let width = cols / 4;
    let whole = cols.is_multiple_of(4 * lanes) && rows.is_multiple_of(UNROLL);
    if !whole || rows / UNROLL > STEPS_MAX {
        return Vec::new();
    }
    let adds = each(|k| format!("    s{k} += x[(r + {k}u) * {width}u + c];\n"));
    let wgsl = format!(
        "@group(0) @binding(0) var<storage, read> x: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({lanes})\n\
         fn main(@builtin(global_invocation_id) g: vec3u) {{\n  let c = g.x;\n{}  \
         for (var r = 0u; r < {rows}u; r += {UNROLL}u) {{\n{adds}  }}\n  o[c] = {};\n}}\n",
        each(|k| format!("  var s{k} = vec4f();\n")),
        summed()
    );
    let name = "a lane for four columns".to_owned();
    vec![Text { name, wgsl, groups: [(width / lanes) as u32, 1, 1] }]
}

/// The sum of all: a part for each of many subgroups, then the parts by one.
pub(super) fn total(n: usize, lanes: usize) -> Vec<Design> {
    let step = UNROLL * lanes;
    let fits = |parts: &usize| {
        n.is_multiple_of(4 * parts * step)
            && n / (4 * parts * step) <= STEPS_MAX
            && parts.is_multiple_of(4 * lanes)
    };
    let design = |parts| Design {
        name: format!("{parts} parts, then one"),
        is_default: false,
        scratch: vec![parts],
        kernels: vec![
            (parts_of(n, parts, lanes), vec![Operand::Input(0), Operand::Scratch(0)]),
            (sum_of(parts, lanes), vec![Operand::Scratch(0), Operand::Result]),
        ],
    };
    PARTS.into_iter().filter(fits).map(design).collect()
}

/// The sum of each of so many equal parts, by a subgroup that walks through it.
fn parts_of(n: usize, parts: usize, lanes: usize) -> Text {
    let own = n / 4 / parts;
    let adds = each(|k| format!("    s{k} += x[at + {}u];\n", k * lanes));
    let body = format!(
        "{}  let first = w.x * {own}u + lane;\n  \
         for (var at = first; at < first + {own}u; at += {}u) {{\n{adds}  }}\n  let s = {};\n",
        each(|k| format!("  var s{k} = vec4f();\n")),
        UNROLL * lanes,
        summed()
    );
    subgroup_sum("sums of parts", parts, lanes, &body)
}

/// The sum of so many numbers by one subgroup.
fn sum_of(parts: usize, lanes: usize) -> Text {
    let terms: Vec<String> =
        (0..parts / 4 / lanes).map(|k| format!("x[lane + {}u]", k * lanes)).collect();
    subgroup_sum("sum of the parts", 1, lanes, &format!("  let s = {};\n", terms.join(" + ")))
}

/// A kernel in which each subgroup writes one sum over the vectors `s` of its lanes.
fn subgroup_sum(name: &str, groups: usize, lanes: usize, body: &str) -> Text {
    let wgsl = format!(
        "@group(0) @binding(0) var<storage, read> x: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read_write> o: array<f32>;\n\
         @compute @workgroup_size({lanes})\n\
         fn main(@builtin(workgroup_id) w: vec3u, @builtin(subgroup_invocation_id) lane: u32) {{\n\
         {body}  let sum = subgroupAdd(s.x + s.y + s.z + s.w);\n  \
         if (lane == 0u) {{\n    o[w.x] = sum;\n  }}\n}}\n"
    );
    Text { name: name.to_owned(), wgsl, groups: [groups as u32, 1, 1] }
}

fn each(statement: impl Fn(usize) -> String) -> String {
    (0..UNROLL).map(statement).collect()
}

fn summed() -> String {
    (0..UNROLL).map(|k| format!("s{k}")).collect::<Vec<_>>().join(" + ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_divide_among_the_lanes() {
        assert_eq!(columns(1024, 1024, 8)[0].groups, [32, 1, 1]);
        assert!(columns(1024, 1000, 32).is_empty());
        assert!(columns(1023, 1024, 8).is_empty());
    }

    #[test]
    fn parts_divide_the_numbers() {
        assert_eq!(total(1 << 20, 8).len(), 4);
        assert_eq!(total(1 << 14, 8).len(), 2);
        assert!(total(1000, 8).is_empty());
    }
}
