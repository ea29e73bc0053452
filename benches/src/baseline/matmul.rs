//! Matrix products by subgroup broadcasts. In: sizes and lanes of a subgroup. Out: texts of the tiles that divide the sizes.
//!
//! Each lane holds columns of B as vectors of four, and rows of A whose scalars it hands to all lanes. Statements visit an
//! accumulator with two steps of k at a time, in which order Mesa's compiler keeps most accumulators in registers.

use std::fmt::Write;

use super::Text;

/// Rows of the tiles to choose from; each is two vectors of four columns wide for every lane.
const ROWS: [usize; 2] = [16, 32];
const VECTORS: usize = 2;

/// The kernels for `[m, k] x [k, n]`.
pub(super) fn texts(m: usize, k: usize, n: usize, lanes: usize) -> Vec<Text> {
    let columns = lanes * VECTORS * 4;
    let fits = |rows: &usize| {
        rows.is_multiple_of(lanes)
            && m.is_multiple_of(*rows)
            && n.is_multiple_of(columns)
            && k.is_multiple_of(4)
    };
    let group = |rows: usize| [(m / rows) as u32, (n / columns) as u32, 1];
    let text = |rows| Text {
        name: format!("subgroup tile {rows}x{VECTORS}v4"),
        wgsl: wgsl(k, n, lanes, rows),
        groups: group(rows),
    };
    ROWS.into_iter().filter(fits).map(text).collect()
}

fn wgsl(k: usize, n: usize, lanes: usize, rows: usize) -> String {
    let mut text = format!(
        "@group(0) @binding(0) var<storage, read> a: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read> b: array<vec4f>;\n\
         @group(0) @binding(2) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({lanes})\n\
         fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u,\n        \
         @builtin(subgroup_invocation_id) lane: u32) {{\n  \
         let r = w.x * {rows}u;\n  let c = w.y * {}u + l.x;\n  let ra = (r + lane) * {}u;\n",
        lanes * VECTORS,
        k / 4
    );
    for (row, vector) in accumulators(rows) {
        line(&mut text, &format!("  var c{row}_{vector} = vec4f();"));
    }
    line(&mut text, &format!("  for (var k = 0u; k < {k}u; k += 4u) {{"));
    for part in 0..rows / lanes {
        line(
            &mut text,
            &format!("    let a{part} = a[ra + {}u + k / 4u];", part * lanes * (k / 4)),
        );
    }
    for half in [0, 2] {
        text.push_str(&two_steps(half, n / 4, lanes, rows));
    }
    line(&mut text, "  }");
    for (row, vector) in accumulators(rows) {
        line(
            &mut text,
            &format!("  o[(r + {row}u) * {}u + c + {}u] = c{row}_{vector};", n / 4, vector * lanes),
        );
    }
    text + "}\n"
}

/// Two steps of k from an offset on: loads of B, then each row in turn.
fn two_steps(offset: usize, row_vectors: usize, lanes: usize, rows: usize) -> String {
    let mut text = String::new();
    for step in offset..offset + 2 {
        for vector in 0..VECTORS {
            let column = vector * lanes;
            line(
                &mut text,
                &format!(
                    "    let b{step}_{vector} = b[(k + {step}u) * {row_vectors}u + c + {column}u];"
                ),
            );
        }
    }
    for row in 0..rows {
        for step in offset..offset + 2 {
            let scalar = format!("subgroupBroadcast(a{}[{step}], {}u)", row / lanes, row % lanes);
            line(&mut text, &format!("    {{ let s = vec4f({scalar});"));
            for vector in 0..VECTORS {
                line(
                    &mut text,
                    &format!("      c{row}_{vector} = fma(s, b{step}_{vector}, c{row}_{vector});"),
                );
            }
            line(&mut text, "    }");
        }
    }
    text
}

fn accumulators(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(|row| (0..VECTORS).map(move |vector| (row, vector)))
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tiles_that_divide_the_sizes_are_given() {
        assert_eq!(texts(512, 512, 512, 8).len(), 2);
        assert_eq!(texts(48, 512, 512, 8).len(), 1);
        assert_eq!(texts(512, 512, 512, 32).len(), 1);
        assert!(texts(512, 510, 512, 8).is_empty());
        assert!(texts(512, 512, 500, 8).is_empty());
    }

    #[test]
    fn the_grid_covers_the_result() {
        let text = &texts(64, 128, 256, 8)[0];
        assert_eq!(text.groups, [4, 4, 1]);
        assert_eq!(text.wgsl.matches("o[").count(), 32);
    }
}
