//! Attention in one pass over the keys. In: sizes and lanes of a subgroup. Out: texts for the queries a lane may have, where they
//! divide the sizes.
//!
//! Each lane holds queries and their results; a block of keys, and of values, is spread over the lanes, and each of them is handed
//! to all. The running maximum rescales what was summed once a block.

use std::fmt::Write;

use super::Text;

/// Queries of a lane to choose from.
const QUERIES: [usize; 3] = [1, 2, 4];
/// Vectors of four of a query that a lane may hold.
const VECTORS_MAX: usize = 32;

/// Sizes of an attention whose queries, keys and values have one width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) heads: usize,
    pub(crate) queries: usize,
    pub(crate) keys: usize,
    pub(crate) width: usize,
}

/// The kernels of `[heads, queries, width]` over `[heads, keys, width]`.
pub(super) fn texts(sizes: Sizes, lanes: usize) -> Vec<Text> {
    let Sizes { heads, queries, keys, width } = sizes;
    let vectors = width / 4;
    let whole = width.is_multiple_of(4) && vectors <= VECTORS_MAX && keys.is_multiple_of(lanes);
    let fits = |own: &usize| whole && queries.is_multiple_of(own * lanes);
    let text = |own| Text {
        name: format!("one pass, {own} queries a lane"),
        wgsl: wgsl(sizes, lanes, own),
        groups: [(queries / (own * lanes)) as u32, heads as u32, 1],
    };
    QUERIES.into_iter().filter(fits).map(text).collect()
}

fn wgsl(sizes: Sizes, lanes: usize, own: usize) -> String {
    let Sizes { queries, keys, width, .. } = sizes;
    let vectors = width / 4;
    let mut text = format!(
        "@group(0) @binding(0) var<storage, read> q: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read> k: array<vec4f>;\n\
         @group(0) @binding(2) var<storage, read> v: array<vec4f>;\n\
         @group(0) @binding(3) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({lanes})\n\
         fn main(@builtin(workgroup_id) w: vec3u, @builtin(subgroup_invocation_id) lane: u32) {{\n  \
         let row = (w.y * {queries}u + w.x * {}u + lane) * {vectors}u;\n  \
         let first = (w.y * {keys}u + lane) * {vectors}u;\n",
        own * lanes
    );
    let scale = 1.0 / (width as f64).sqrt();
    for t in 0..own {
        line(&mut text, &format!("  var m{t} = -3.4028234e38;\n  var z{t} = 0.0;"));
        for c in 0..vectors {
            let at = t * lanes * vectors + c;
            line(&mut text, &format!("  let q{t}_{c} = q[row + {at}u] * {scale:?};"));
            line(&mut text, &format!("  var y{t}_{c} = vec4f();"));
        }
    }
    line(&mut text, &format!("  for (var j = 0u; j < {keys}u; j += {lanes}u) {{"));
    line(&mut text, &format!("    let at = first + j * {vectors}u;"));
    scores(&mut text, vectors, lanes, own);
    for t in 0..own {
        weights(&mut text, t, lanes);
        each(&mut text, vectors, |c| format!("    y{t}_{c} *= f{t};"));
    }
    for c in 0..vectors {
        line(&mut text, &format!("    let v{c} = v[at + {c}u];"));
        for u in 0..lanes {
            line(&mut text, &format!("    {{ let b = subgroupBroadcast(v{c}, {u}u);"));
            each(&mut text, own, |t| {
                format!("      y{t}_{c} = fma(vec4f(e{t}_{u}), b, y{t}_{c});")
            });
            line(&mut text, "    }");
        }
    }
    line(&mut text, "  }");
    for t in 0..own {
        each(&mut text, vectors, |c| {
            format!("  o[row + {}u] = y{t}_{c} / z{t};", t * lanes * vectors + c)
        });
    }
    text + "}\n"
}

/// The scores of a block of keys, before the maximum is known.
fn scores(text: &mut String, vectors: usize, lanes: usize, own: usize) {
    for t in 0..own {
        each(text, lanes, |u| format!("    var s{t}_{u} = vec4f();"));
    }
    for c in 0..vectors {
        line(text, &format!("    let k{c} = k[at + {c}u];"));
        for u in 0..lanes {
            line(text, &format!("    {{ let b = subgroupBroadcast(k{c}, {u}u);"));
            each(text, own, |t| format!("      s{t}_{u} = fma(q{t}_{c}, b, s{t}_{u});"));
            line(text, "    }");
        }
    }
}

/// The weights of a block for one query, and by how much its sums shrink.
fn weights(text: &mut String, t: usize, lanes: usize) {
    each(text, lanes, |u| {
        format!("    let x{t}_{u} = (s{t}_{u}.x + s{t}_{u}.y) + (s{t}_{u}.z + s{t}_{u}.w);")
    });
    let most = (0..lanes).fold(format!("m{t}"), |all, u| format!("max({all}, x{t}_{u})"));
    line(
        text,
        &format!("    let n{t} = {most};\n    let f{t} = exp(m{t} - n{t});\n    m{t} = n{t};"),
    );
    each(text, lanes, |u| format!("    let e{t}_{u} = exp(x{t}_{u} - n{t});"));
    let sum: Vec<String> = (0..lanes).map(|u| format!("e{t}_{u}")).collect();
    line(text, &format!("    z{t} = z{t} * f{t} + {};", sum.join(" + ")));
}

fn each(text: &mut String, count: usize, statement: impl Fn(usize) -> String) {
    (0..count).for_each(|at| line(text, &statement(at)));
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_queries_that_divide_the_sizes_are_given() {
        let sizes = |queries, keys| Sizes { heads: 12, queries, keys, width: 64 };
        assert_eq!(texts(sizes(128, 128), 8).len(), 3);
        assert_eq!(texts(sizes(16, 128), 8).len(), 2);
        assert!(texts(sizes(128, 100), 8).is_empty());
    }

    #[test]
    fn the_grid_covers_the_result() {
        let text = &texts(Sizes { heads: 3, queries: 64, keys: 8, width: 8 }, 8)[2];
        assert_eq!(text.groups, [2, 3, 1]);
        assert_eq!(text.wgsl.matches("o[row").count(), 8);
    }
}
