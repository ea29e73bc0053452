//! Softmax and layer norm of rows that fit into a subgroup's registers. In: sizes and lanes of a subgroup. Out: the text, or none
//! where a row does not divide into vectors of four for each lane or needs too many registers.

use super::{Design, Text};

/// Vectors of four that a lane may hold.
const VECTORS_MAX: usize = 32;
/// Rows that one dimension of the grid holds in WebGPU.
const ROWS_MAX: usize = 65_535;

/// Softmax of each row: binding 0 into binding 1.
pub(super) fn softmax(rows: usize, cols: usize, lanes: usize) -> Vec<Text> {
    let Some(n) = vectors(rows, cols, lanes) else { return Vec::new() };
    let body = [
        each(n, |k| format!("let x{k} = x[at + {}u];", k * lanes)),
        format!("  let m4 = {};\n", chained(n, "max", "x")),
        "  let m = subgroupMax(max(max(m4.x, m4.y), max(m4.z, m4.w)));\n".to_owned(),
        each(n, |k| format!("let e{k} = exp(x{k} - m);")),
        format!("  let s4 = {};\n", summed(n, "e")),
        "  let scale = 1.0 / subgroupAdd(s4.x + s4.y + s4.z + s4.w);\n".to_owned(),
        each(n, |k| format!("o[at + {}u] = e{k} * scale;", k * lanes)),
    ];
    vec![text("softmax in registers", &["x"], rows, cols, lanes, &body.concat())]
}

/// Rows that a subgroup takes together, which then share scale and shift: the more, the fewer loads, and the longer the driver
/// compiles. Rows of a thousand columns are taken one by one unless the schedule is tuned.
const TOGETHER: [usize; 3] = [1, 2, 4];

/// Layer norm of each row, by an exact variance in two passes over registers: bindings are data, scale, shift and result.
pub(super) fn layer_norm(rows: usize, cols: usize, lanes: usize) -> Vec<Design> {
    let Some(n) = vectors(rows, cols, lanes) else { return Vec::new() };
    let fits = TOGETHER.into_iter().filter(|together| rows.is_multiple_of(*together));
    let inputs = ["x", "weight", "bias"];
    fits.map(|together| {
        let name = format!("layer norm in registers, {together} rows a subgroup");
        let mut body: String = (0..together).map(|row| normalised(row, n, cols, lanes)).collect();
        for k in 0..n {
            let column = k * lanes;
            body += &format!("  let w{k} = weight[lane + {column}u];\n");
            body += &format!("  let b{k} = bias[lane + {column}u];\n");
            for row in 0..together {
                let place = row * cols / 4 + column;
                body += &format!("  o[at + {place}u] = d{row}_{k} * scale{row} * w{k} + b{k};\n");
            }
        }
        let text = text(&name, &inputs, rows / together, cols * together, lanes, &body);
        Design { is_default: together == 1, ..Design::of(text, inputs.len()) }
    })
    .collect()
}

/// A row less its mean, and what it is multiplied by.
fn normalised(row: usize, n: usize, cols: usize, lanes: usize) -> String {
    let first = row * cols / 4;
    [
        each(n, |k| format!("let x{row}_{k} = x[at + {}u];", first + k * lanes)),
        format!("  let s{row} = {};\n", summed(n, &format!("x{row}_"))),
        format!("  let mean{row} = subgroupAdd(s{row}.x + s{row}.y + s{row}.z + s{row}.w) / {cols}.0;\n"),
        each(n, |k| format!("let d{row}_{k} = x{row}_{k} - mean{row};")),
        each(n, |k| format!("let q{row}_{k} = d{row}_{k} * d{row}_{k};")),
        format!("  let v{row} = {};\n", summed(n, &format!("q{row}_"))),
        format!("  let variance{row} = subgroupAdd(v{row}.x + v{row}.y + v{row}.z + v{row}.w) / {cols}.0;\n"),
        format!("  let scale{row} = inverseSqrt(variance{row} + {:e});\n", crate::workload::EPS),
    ]
    .concat()
}

fn vectors(rows: usize, cols: usize, lanes: usize) -> Option<usize> {
    let n = cols / (4 * lanes);
    (cols.is_multiple_of(4 * lanes) && (1..=VECTORS_MAX).contains(&n) && rows <= ROWS_MAX)
        .then_some(n)
}

fn text(name: &str, inputs: &[&str], rows: usize, cols: usize, lanes: usize, body: &str) -> Text {
    let mut wgsl = String::new();
    for (binding, input) in inputs.iter().enumerate() {
        wgsl +=
            &format!("@group(0) @binding({binding}) var<storage, read> {input}: array<vec4f>;\n");
    }
    let (result, width) = (inputs.len(), cols / 4);
    wgsl += &format!(
        "@group(0) @binding({result}) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({lanes})\n\
         fn main(@builtin(workgroup_id) w: vec3u, @builtin(subgroup_invocation_id) lane: u32) {{\n  \
         let at = w.x * {width}u + lane;\n{body}}}\n"
    );
    Text { name: name.to_owned(), wgsl, groups: [rows as u32, 1, 1] }
}

fn each(n: usize, statement: impl Fn(usize) -> String) -> String {
    (0..n).map(|k| format!("  {}\n", statement(k))).collect()
}

fn chained(n: usize, function: &str, name: &str) -> String {
    (1..n).fold(format!("{name}0"), |text, k| format!("{function}({text}, {name}{k})"))
}

fn summed(n: usize, name: &str) -> String {
    (0..n).map(|k| format!("{name}{k}")).collect::<Vec<_>>().join(" + ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_the_registers_have_no_kernel() {
        assert_eq!(softmax(16, 1024, 8).len(), 1);
        assert!(softmax(16, 2048, 8).is_empty());
        assert!(layer_norm(16, 1000, 8).is_empty());
        assert!(layer_norm(70_000, 1024, 8).is_empty());
    }
}
