//! Attention in one pass over the keys, and by three kernels. In: sizes and lanes of a subgroup. Out: texts for the queries a lane
//! may have, and for the tiles of the products, where they divide the sizes.
//!
//! In one pass, each lane holds queries and their results; a block of keys, and of values, is spread over the lanes, and each of them is handed
//! to all. The running maximum rescales what was summed once a block.

use ferrodyne::Tensor;

use super::matmul::{self, Epilogue, Product, ROWS};
use super::{Design, Operand, Target, Text, line, rows};
use crate::Fault;

/// Queries of a lane to choose from.
const QUERIES: [usize; 3] = [1, 2, 4];
/// Queries that the compiler's rules give a lane of a software adapter for heads of 64 numbers.
const DEFAULT_QUERIES: usize = 4;
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

/// The implementations.
pub(super) fn designs(sizes: Sizes, target: Target) -> Vec<Design> {
    let passes = one_pass(sizes, target.lanes).into_iter().map(|(own, text)| Design {
        is_default: target.software && own == DEFAULT_QUERIES,
        ..Design::of(text, 3)
    });
    passes.chain(ROWS.into_iter().filter_map(|rows| three(sizes, rows, target.lanes))).collect()
}

/// Queries, keys and values `[1, heads, length, width]`, and the transposed keys.
///
/// # Errors
/// Faults of the device.
pub(super) fn prepared(inputs: &[Tensor]) -> Result<Vec<Tensor>, Fault> {
    let transposed = inputs[1].try_transpose(2, 3)?;
    Ok([inputs, &[transposed]].concat())
}

/// Scores, their softmax and the mixture of the values, by tiles of so many rows.
fn three(sizes: Sizes, tile: usize, lanes: usize) -> Option<Design> {
    let Sizes { heads, queries, keys, width } = sizes;
    let scale = Epilogue::Scale(1.0 / (width as f64).sqrt());
    let product = |k, n, epilogue| {
        matmul::text(Product { batch: heads, m: queries, k, n, epilogue }, tile, lanes)
    };
    let scores = product(width, keys, scale)?;
    let softmax = rows::softmax(heads * queries, keys, lanes).pop()?;
    let mixture = product(keys, width, Epilogue::None)?;
    let numbers = heads * queries * keys;
    let (first, second) = (Operand::Scratch(0), Operand::Scratch(1));
    Some(Design {
        name: format!("three kernels, {}", scores.name),
        is_default: false,
        scratch: vec![numbers, numbers],
        kernels: vec![
            (scores, vec![Operand::Input(0), Operand::Input(3), first]),
            (softmax, vec![first, second]),
            (mixture, vec![second, Operand::Input(2), Operand::Result]),
        ],
    })
}

/// The kernels of `[heads, queries, width]` over `[heads, keys, width]` in one pass, with the queries of a lane.
fn one_pass(sizes: Sizes, lanes: usize) -> Vec<(usize, Text)> {
    let Sizes { heads, queries, keys, width } = sizes;
    let vectors = width / 4;
    let whole = width.is_multiple_of(4) && vectors <= VECTORS_MAX && keys.is_multiple_of(lanes);
    let fits = |own: &usize| whole && queries.is_multiple_of(own * lanes);
    let text = |own| Text {
        name: format!("one pass, {own} queries a lane"),
        wgsl: wgsl(sizes, lanes, own),
        groups: [(queries / (own * lanes)) as u32, heads as u32, 1],
    };
    QUERIES.into_iter().filter(fits).map(|own| (own, text(own))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_queries_that_divide_the_sizes_are_given() {
        let sizes = |queries, keys| Sizes { heads: 12, queries, keys, width: 64 };
        assert_eq!(one_pass(sizes(128, 128), 8).len(), 3);
        assert_eq!(one_pass(sizes(16, 128), 8).len(), 2);
        assert!(one_pass(sizes(128, 100), 8).is_empty());
    }

    #[test]
    fn the_grid_covers_the_result() {
        let (own, text) = &one_pass(Sizes { heads: 3, queries: 64, keys: 8, width: 8 }, 8)[2];
        assert_eq!((*own, text.groups), (4, [2, 3, 1]));
        assert_eq!(text.wgsl.matches("o[row").count(), 8);
    }

    #[test]
    fn three_kernels_need_whole_tiles() {
        let sizes = |keys| Sizes { heads: 12, queries: 128, keys, width: 64 };
        assert!(three(sizes(128), 16, 8).is_some_and(|design| design.kernels.len() == 3));
        assert!(three(sizes(96), 16, 8).is_none());
    }
}
