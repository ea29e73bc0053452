//! Matrix products by subgroup broadcasts. In: sizes and lanes of a subgroup. Out: texts of the tiles that divide the sizes.
//!
//! Each lane holds columns of B as vectors of four, and rows of A whose scalars it hands to all lanes. Statements visit an
//! accumulator with two steps of k at a time, in which order Mesa's compiler keeps most accumulators in registers.

use super::{Design, Target, Text, line};

/// Rows of the tiles to choose from; each is two vectors of four columns wide for every lane.
pub(super) const ROWS: [usize; 2] = [16, 32];
pub(super) const VECTORS: usize = 2;
/// Rows that the compiler's rules take on a software adapter.
const DEFAULT_ROWS: usize = 16;
/// Multiply-adds from which on they do.
const DEFAULT_FROM: usize = 1 << 21;

/// What is done to the results before they are stored.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Epilogue {
    /// Nothing.
    None,
    /// They are multiplied by a number.
    Scale(f64),
    /// A row is added, and gelu taken in its form with tanh.
    BiasGelu,
}

/// A product `[batch, m, k] x [batch, k, n]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product {
    pub(crate) batch: usize,
    pub(crate) m: usize,
    pub(crate) k: usize,
    pub(crate) n: usize,
    pub(crate) epilogue: Epilogue,
}

/// The implementations of a product.
pub(super) fn designs(product: Product, target: Target) -> Vec<Design> {
    let inputs = if matches!(product.epilogue, Epilogue::BiasGelu) { 3 } else { 2 };
    let Product { batch, m, k, n, .. } = product;
    let design = |rows| {
        let text = text(product, rows, target.lanes)?;
        let is_default = is_default(rows, batch * m * k * n, target);
        Some(Design { is_default, ..Design::of(text, inputs) })
    };
    ROWS.into_iter().filter_map(design).collect()
}

/// Whether the compiler's rules take a tile of so many rows for so many multiply-adds.
pub(super) fn is_default(rows: usize, macs: usize, target: Target) -> bool {
    target.software && rows == DEFAULT_ROWS && macs >= DEFAULT_FROM
}

/// Columns of a tile.
pub(super) fn columns(lanes: usize) -> usize {
    lanes * VECTORS * 4
}

/// The kernel of a product by tiles of so many rows, if they divide its sizes.
pub(super) fn text(product: Product, rows: usize, lanes: usize) -> Option<Text> {
    let Product { batch, m, k, n, .. } = product;
    let fits = rows.is_multiple_of(lanes)
        && m.is_multiple_of(rows)
        && n.is_multiple_of(columns(lanes))
        && k.is_multiple_of(4);
    fits.then(|| Text {
        name: format!("subgroup tile {rows}x{VECTORS}v4"),
        wgsl: wgsl(product, rows, lanes),
        groups: [(m / rows) as u32, (n / columns(lanes)) as u32, batch as u32],
    })
}

fn wgsl(product: Product, rows: usize, lanes: usize) -> String {
    let Product { m, k, n, epilogue, .. } = product;
    let mut text = head(matches!(epilogue, Epilogue::BiasGelu), lanes);
    line(&mut text, &format!("  let r = w.x * {rows}u;"));
    line(&mut text, &format!("  let c = w.y * {}u + l.x;", lanes * VECTORS));
    line(&mut text, &format!("  let ra = w.z * {}u + (r + lane) * {}u;", m * k / 4, k / 4));
    line(&mut text, &format!("  let cb = w.z * {}u + c;", k * n / 4));
    line(&mut text, &format!("  let to = w.z * {}u + r * {}u + c;", m * n / 4, n / 4));
    for (row, vector) in accumulators(rows) {
        line(&mut text, &format!("  var c{row}_{vector} = vec4f();"));
    }
    line(&mut text, &format!("  for (var k = 0u; k < {k}u; k += 4u) {{"));
    for part in 0..rows / lanes {
        let start = part * lanes * (k / 4);
        line(&mut text, &format!("    let a{part} = a[ra + {start}u + k / 4u];"));
    }
    text.push_str(&four_steps(n / 4, lanes, rows));
    line(&mut text, "  }");
    if matches!(epilogue, Epilogue::BiasGelu) {
        for vector in 0..VECTORS {
            line(&mut text, &format!("  let e{vector} = bias[c + {}u];", vector * lanes));
        }
    }
    for (row, vector) in accumulators(rows) {
        let value = match epilogue {
            Epilogue::None => format!("c{row}_{vector}"),
            Epilogue::Scale(factor) => format!("c{row}_{vector} * {factor:?}"),
            Epilogue::BiasGelu => format!("gelu(c{row}_{vector} + e{vector})"),
        };
        let at = row * (n / 4) + vector * lanes;
        line(&mut text, &format!("  o[to + {at}u] = {value};"));
    }
    text + "}\n"
}

/// Bindings and the entry's first lines. Beyond ten, the argument's tanh is one, and overflows on some devices.
pub(super) fn head(has_bias: bool, lanes: usize) -> String {
    let mut text = "@group(0) @binding(0) var<storage, read> a: array<vec4f>;\n\
         @group(0) @binding(1) var<storage, read> b: array<vec4f>;\n"
        .to_owned();
    if has_bias {
        text += "@group(0) @binding(2) var<storage, read> bias: array<vec4f>;\n\
             fn gelu(x: vec4f) -> vec4f {\n  \
             let y = 0.7978845608028654 * (x + 0.044715 * x * x * x);\n  \
             return 0.5 * x * (1.0 + tanh(clamp(y, vec4f(-10.0), vec4f(10.0))));\n}\n";
    }
    text += &format!(
        "@group(0) @binding({}) var<storage, read_write> o: array<vec4f>;\n\
         @compute @workgroup_size({lanes})\n\
         fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u,\n        \
         @builtin(subgroup_invocation_id) lane: u32) {{\n",
        if has_bias { 3 } else { 2 }
    );
    text
}

/// Four steps of `k`: the rows of A wait in `a0`, `a1` and so on, B begins at `cb`.
pub(super) fn four_steps(row_vectors: usize, lanes: usize, rows: usize) -> String {
    [0, 2].map(|half| two_steps(half, row_vectors, lanes, rows)).concat()
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
                    "    let b{step}_{vector} = b[(k + {step}u) * {row_vectors}u + cb + {column}u];"
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

pub(super) fn accumulators(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(|row| (0..VECTORS).map(move |vector| (row, vector)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOFTWARE: Target = Target { lanes: 8, software: true };

    fn product(m: usize, k: usize, n: usize) -> Product {
        Product { batch: 1, m, k, n, epilogue: Epilogue::None }
    }

    #[test]
    fn only_tiles_that_divide_the_sizes_are_given() {
        let count = |m, k, n, lanes| designs(product(m, k, n), Target { lanes, ..SOFTWARE }).len();
        assert_eq!(count(512, 512, 512, 8), 2);
        assert_eq!(count(48, 512, 512, 8), 1);
        assert_eq!(count(512, 512, 512, 32), 1);
        assert_eq!(count(512, 510, 512, 8), 0);
        assert_eq!(count(512, 512, 500, 8), 0);
    }

    #[test]
    fn the_grid_covers_the_result() {
        let product = Product { batch: 3, ..product(64, 128, 256) };
        let text = text(product, 16, 8).expect("the sizes divide");
        assert_eq!(text.groups, [4, 4, 3]);
        assert_eq!(text.wgsl.matches("o[").count(), 32);
    }

    #[test]
    fn one_tile_is_the_default_of_the_rules() {
        let defaults = |target| {
            let designs = designs(product(512, 512, 512), target).into_iter();
            designs.filter(|design| design.is_default).map(|design| design.name).collect::<Vec<_>>()
        };
        assert_eq!(defaults(SOFTWARE), ["subgroup tile 16x2v4"]);
        assert!(defaults(Target { software: false, ..SOFTWARE }).is_empty());
    }
}
