//! Random graphs: fused or not, kernels compute what the graph means, and every kernel is valid.
//!
//! Exact graphs hold small whole numbers only, so that f32 and f64 agree to the bit and comparisons and indices may stand in
//! them; smooth graphs hold transcendental functions and compare within a tolerance.

use std::collections::BTreeMap;

use ferrodyne_plan::{DType, Dim, Name, Range};
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;

use super::engine::Engine;
use crate::graph::{Attrs, Builder, InputRole, NodeId, TensorType};
use crate::ops::{Table, element};

/// The value of the symbol `n`.
const N: i64 = 3;

/// Elements of the largest value in a graph.
const ELEMENTS_MAX: i64 = 3000;

type Made = Result<NodeId, ferrodyne_plan::Diagnostic>;

struct Choices<'a> {
    left: std::slice::Iter<'a, u16>,
    exact: bool,
}

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.left.next().copied().unwrap_or(0)) % end.max(1)
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

fn number(b: &mut Builder, value: f64) -> Made {
    let value = element::host(DType::F32, &[], &[value]);
    b.add("constant", &[], Attrs::new().tensor("value", value))
}

/// Keeps values small, so that sums of products stay exact and functions stay smooth.
fn clamp(b: &mut Builder, x: NodeId) -> Made {
    let (low, high) = (number(b, -4.0)?, number(b, 4.0)?);
    let x = b.add("max", &[x, low], Attrs::new())?;
    b.add("min", &[x, high], Attrs::new())
}

/// One random operation over float values; one that does not fit adds nothing that is used.
fn step(b: &mut Builder, c: &mut Choices<'_>, pool: &[NodeId]) -> Made {
    let recent = pool.len().saturating_sub(5);
    let x = if c.below(3) == 0 { c.of(pool) } else { c.of(&pool[recent..]) };
    let y = c.of(pool);
    let ty = b.ty(x).clone();
    let rank = ty.rank();
    let axis = c.below(rank.max(1)) as i64;
    match c.below(16) {
        0 | 1 => {
            let op = if c.exact {
                c.of(&["neg", "abs", "relu"])
            } else {
                c.of(&["sin", "tanh", "sigmoid", "gelu"])
            };
            b.add(op, &[x], Attrs::new())
        }
        2..=4 => {
            let sum = b.add(c.of(&["add", "sub", "mul", "max"]), &[x, y], Attrs::new())?;
            clamp(b, sum)
        }
        5 | 6 => {
            let op = c.of(&["sum", "amax", "amin"]);
            let mut axes = vec![axis];
            if rank > 1 && c.below(4) == 0 {
                axes.push((axis + 1) % rank as i64);
            }
            let attrs = Attrs::new().ints("axes", &axes).bool("keepdim", c.below(3) > 0);
            let folded = b.add(op, &[x], attrs)?;
            let small = clamp(b, folded)?;
            match c.below(2) {
                0 => Ok(small),
                _ => b.add("sub", &[x, small], Attrs::new()),
            }
        }
        7 | 8 => view(b, c, x, &ty, axis),
        9 => {
            let joined = b.add("concat", &[x, y, x], Attrs::new().int("axis", axis));
            joined.or_else(|_| b.add("concat", &[x, x], Attrs::new().int("axis", axis)))
        }
        10 if c.exact => indexed(b, c, x, &ty, axis),
        10 => b.add("softmax", &[x], Attrs::new().int("axis", axis)),
        11 if c.exact => {
            let less = b.add(c.of(&["lt", "ge", "eq"]), &[x, y], Attrs::new())?;
            b.add("select", &[less, x, y], Attrs::new())
        }
        11 => {
            let attrs =
                Attrs::new().ints("axes", &[axis]).bool("keepdim", true).int("correction", 0);
            let var = b.add("var", &[x], attrs)?;
            let small = number(b, 0.5)?;
            let var = b.add("add", &[var, small], Attrs::new())?;
            let scale = b.add("rsqrt", &[var], Attrs::new())?;
            b.add("mul", &[x, scale], Attrs::new())
        }
        12 => dot(b, c, x, y),
        13 => conv(b, c, x, &ty),
        14 => reshape(b, c, x, &ty),
        _ => {
            let number = number(b, c.of(&[0.0, 1.0, -2.0, 0.5]))?;
            let op = if c.exact { "max" } else { "mul" };
            b.add(op, &[x, number], Attrs::new())
        }
    }
}

fn reshape(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, ty: &TensorType) -> Made {
    let (front, back) = ty.dims.split_at(c.below(ty.rank() + 1));
    let mut dims: Vec<Dim> = front.to_vec();
    match c.below(3) {
        0 => dims.push(back.iter().cloned().product()),
        1 => {
            dims.push(Dim::constant(1));
            dims.extend_from_slice(back);
        }
        _ => dims = vec![ty.elements()],
    }
    b.add("reshape", &[x], Attrs::new().dims("dims", &dims))
}

fn view(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, ty: &TensorType, axis: i64) -> Made {
    let rank = ty.rank();
    let zeros = vec![Dim::constant(0); rank];
    match c.below(6) {
        0 => {
            let mut axes: Vec<i64> = (0..rank as i64).collect();
            axes.rotate_left(1.min(rank));
            b.add("permute", &[x], Attrs::new().ints("axes", &axes))
        }
        1 => {
            let (mut starts, ends) = (zeros, ty.dims.clone());
            let Some(start) = starts.get_mut(axis as usize) else { return Ok(x) };
            *start = Dim::constant(1);
            let steps = vec![c.of(&[1, 2]); rank];
            b.add(
                "slice",
                &[x],
                Attrs::new().dims("starts", &starts).dims("ends", &ends).ints("steps", &steps),
            )
        }
        2 => {
            let (mut low, mut high) = (zeros.clone(), zeros);
            let Some(at) = low.get_mut(axis as usize) else { return Ok(x) };
            (*at, high[axis as usize]) =
                (Dim::constant(c.of(&[1, 0])), Dim::constant(c.of(&[2, 1])));
            let value = c.of(&[0.0, 1.0]);
            b.add(
                "pad",
                &[x],
                Attrs::new().dims("low", &low).dims("high", &high).float("value", value),
            )
        }
        3 => b.add("flip", &[x], Attrs::new().ints("axes", &[axis])),
        4 => {
            let mut dims = vec![Dim::constant(2)];
            dims.extend_from_slice(&ty.dims);
            b.add("expand", &[x], Attrs::new().dims("dims", &dims))
        }
        _ => {
            let attrs = Attrs::new()
                .ints("axes", &[axis])
                .dims("sizes", &[Dim::constant(2)])
                .ints("strides", &[c.of(&[1, 2])])
                .ints("dilations", &[1]);
            let windows = b.add("window", &[x], attrs)?;
            let last = b.ty(windows).rank() as i64 - 1;
            b.add("amax", &[windows], Attrs::new().ints("axes", &[last]).bool("keepdim", false))
        }
    }
}

/// Gathers, scatters and positions; indices are made of values and may be out of range, where they are clamped.
fn indexed(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, ty: &TensorType, axis: i64) -> Made {
    let Some(size) = ty.dims.get(axis as usize).and_then(Dim::as_const).filter(|&n| n > 0) else {
        return Ok(x);
    };
    let index = |b: &mut Builder, of: NodeId| -> Made {
        let (low, high) = (number(b, 0.0)?, number(b, (size - 1) as f64)?);
        let of = b.add("max", &[of, low], Attrs::new())?;
        let of = b.add("min", &[of, high], Attrs::new())?;
        b.add("cast", &[of], Attrs::new().dtype("dtype", DType::I64))
    };
    match c.below(4) {
        0 => {
            let arg = b.add(
                c.of(&["argmax", "argmin"]),
                &[x],
                Attrs::new().int("axis", axis).bool("keepdim", true),
            )?;
            b.add("cast", &[arg], Attrs::new().dtype("dtype", DType::F32))
        }
        1 => {
            let index = index(b, x)?;
            b.add("take_along", &[x, index], Attrs::new().int("axis", axis))
        }
        2 => {
            let index = index(b, x)?;
            let added = b.add(
                "scatter",
                &[x, index, x],
                Attrs::new().int("axis", axis).str("mode", c.of(&["add", "max"])),
            )?;
            clamp(b, added)
        }
        _ => {
            let flat = b.add("reshape", &[x], Attrs::new().dims("dims", &[ty.elements()]))?;
            let index = index(b, flat)?;
            b.add("gather", &[x, index], Attrs::new().int("axis", axis))
        }
    }
}

fn dot(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, y: NodeId) -> Made {
    let (a, z) = (b.ty(x).rank() as i64, b.ty(y).rank() as i64);
    let attrs = Attrs::new()
        .ints("lhs_batch", &[])
        .ints("rhs_batch", &[])
        .ints("lhs_contract", &[a - 1])
        .ints("rhs_contract", &[c.below(z.max(1) as usize) as i64]);
    let product = b
        .add("dot", &[x, y], attrs.clone())
        .or_else(|_| b.add("dot", &[x, x], attrs.ints("rhs_contract", &[a - 1])))?;
    clamp(b, product)
}

fn conv(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, ty: &TensorType) -> Made {
    let Some(channels) = ty.dims.get(1).and_then(Dim::as_const).filter(|_| ty.rank() == 4) else {
        return Ok(x);
    };
    let count = 2 * channels * 4;
    let values: Vec<f64> = (0..count).map(|k| f64::from((k * 7 % 3) as i32 - 1)).collect();
    let value = element::host(DType::F32, &[2, channels as usize, 2, 2], &values);
    let w = b.add("constant", &[], Attrs::new().tensor("value", value))?;
    let attrs = Attrs::new()
        .ints("strides", &[c.of(&[1, 2]), 1])
        .ints("pads", &[1, 0, c.of(&[0, 1]), 1])
        .ints("dilations", &[1, 1])
        .int("groups", 1)
        .str("layout", "nchw");
    let y = b.add("conv", &[x, w], attrs)?;
    clamp(b, y)
}

/// A graph made by choices, with values for its inputs.
fn build(choices: &[u16], exact: bool) -> Option<(Engine, Vec<ArrayD<f64>>)> {
    let mut c = Choices { left: choices.iter(), exact };
    let mut b = Builder::new("random", &Table);
    let n = b.symbol("n", Range::between(1, 9), Some(N));
    let shapes: [Vec<Dim>; 5] = [
        vec![n.clone(), Dim::constant(4)],
        vec![Dim::constant(2), Dim::constant(3), Dim::constant(4), Dim::constant(4)],
        vec![Dim::constant(4)],
        vec![Dim::constant(3), n, Dim::constant(4)],
        vec![Dim::constant(5), Dim::constant(4)],
    ];
    let roles = [InputRole::Argument, InputRole::Argument, InputRole::Parameter];
    let mut pool = Vec::new();
    let count = 2 + c.below(2);
    for (k, role) in roles.into_iter().enumerate().take(count) {
        let dims = shapes[c.below(shapes.len())].clone();
        pool.push(b.input(format!("x{k}"), role, TensorType { dtype: DType::F32, dims }));
    }
    let inputs = pool.len();
    for _ in 0..3 + c.below(25) {
        let Ok(made) = step(&mut b, &mut c, &pool) else { continue };
        let elements = b.graph().ty(made).elements().eval(&|_| Some(N)).unwrap_or(i64::MAX);
        if elements <= ELEMENTS_MAX && b.ty(made).rank() <= 5 && !pool.contains(&made) {
            pool.push(made);
        }
    }
    if pool.len() == inputs {
        return None;
    }
    b.output("y", pool[pool.len() - 1]);
    for k in 0..c.below(3) {
        let value = pool[inputs + c.below(pool.len() - inputs)];
        b.output(format!("z{k}"), value);
    }
    let graph = b.finish();
    let values = graph.inputs.iter().zip(1u64..).map(|(input, seed)| {
        let dims: Vec<usize> = graph
            .ty(input.node)
            .dims
            .iter()
            .map(|d| d.eval(&|_| Some(N)).expect("`n` is the only symbol") as usize)
            .collect();
        let count: usize = dims.iter().product();
        let at = |k: usize| (k as u64 * 2_654_435_761 + seed * 40_503) >> 7;
        let value = |k: usize| match exact {
            true => (at(k) % 7) as f64 - 3.0,
            false => f64::from((at(k) % 997) as f32 / 499.0 - 1.0),
        };
        ArrayD::from_shape_vec(IxDyn(&dims), (0..count).map(value).collect())
            .expect("as many as the shape has")
    });
    let values = values.collect();
    let sizes = BTreeMap::from([(Name::from("n"), N)]);
    Some((Engine::new(graph, sizes), values))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exact_graphs_agree_to_the_bit(choices in prop::collection::vec(any::<u16>(), 20..160)) {
        if let Some((engine, values)) = build(&choices, true) {
            engine.check(&values, 0.0);
        }
    }

    #[test]
    fn smooth_graphs_agree_closely(choices in prop::collection::vec(any::<u16>(), 20..160)) {
        if let Some((engine, values)) = build(&choices, false) {
            engine.check(&values, 2e-4);
        }
    }
}
