//! Pooling: reductions of windows over the trailing, spatial axes.

use ferrodyne_plan::{Diagnostic, Dim};

use super::case::{Case, Domain};
use super::reduce::extreme;
use super::row::Op;
use super::shorthand::ints_or;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] =
    &[&MAX_POOL, &AVG_POOL, &LP_POOL, &GLOBAL_AVG_POOL, &GLOBAL_MAX_POOL, &ADAPTIVE_AVG_POOL];

/// The geometry of a pooling: one entry for each spatial axis.
struct Windows {
    /// First spatial axis.
    first: usize,
    sizes: Vec<Dim>,
    strides: Vec<i64>,
    dilations: Vec<i64>,
    low: Vec<i64>,
    high: Vec<i64>,
    /// What a window may reach beyond the padding when the number of windows is rounded up.
    overhang: Vec<Dim>,
}

fn windows(b: &Builder, node: &Node, x: NodeId) -> Result<Windows, Diagnostic> {
    let sizes = node.attrs.get_ints("sizes");
    let n = sizes.len();
    let Some(first) = b.rank(x).checked_sub(n) else {
        let rule = format!("{}: a window has {n} axes", b.describe(x));
        return Err(b.fault(&node.op, "shape", rule));
    };
    let (ones, zeros) = (vec![1; n], vec![0; 2 * n]);
    let strides = ints_or(node, "strides", sizes).to_vec();
    let dilations = ints_or(node, "dilations", &ones).to_vec();
    let pads = ints_or(node, "pads", &zeros);
    if strides.len() != n || dilations.len() != n || pads.len() != 2 * n {
        let rule =
            format_args!("strides, dilations and pads must have {n}, {n} and {} entries", 2 * n);
        return Err(b.fault(&node.op, "attribute", rule));
    }
    let (low, high) = (pads[..n].to_vec(), pads[n..].to_vec());
    let dims = b.dims(x);
    let overhang = (0..n).map(|k| match node.attrs.get_bool("ceil_mode") {
        false => Dim::constant(0),
        true => {
            let span = (sizes[k] - 1) * dilations[k] + 1;
            let (padded, stride) =
                (&dims[first + k] + (low[k] + high[k]), Dim::constant(strides[k]));
            let rounded = &(&padded - span).ceil_div(&stride) + 1;
            let starting = (&dims[first + k] + low[k]).ceil_div(&stride);
            let count = Dim::min(&rounded, &starting);
            Dim::max(&(&(&(&(&count - 1) * &stride) + span) - &padded), &Dim::constant(0))
        }
    });
    let overhang = overhang.collect();
    let sizes = sizes.iter().map(|&size| Dim::constant(size)).collect();
    Ok(Windows { first, sizes, strides, dilations, low, high, overhang })
}

impl Windows {
    /// The operand's windows, padded with a number; the elements of a window are the last axes.
    fn of(&self, b: &mut Builder, x: NodeId, fill: f64) -> Value {
        let offset = b.rank(x) - self.sizes.len();
        let lead = vec![Dim::constant(0); offset];
        let side = |from: Vec<Dim>| [lead.as_slice(), &from].concat();
        let low = side(self.low.iter().map(|&n| Dim::constant(n)).collect());
        let high = side((0..self.high.len()).map(|k| &self.overhang[k] + self.high[k]).collect());
        let padded = b.pad(x, &low, &high, fill)?;
        let axes: Vec<i64> = (offset..b.rank(x)).map(|axis| axis as i64).collect();
        b.window(padded, &axes, &self.sizes, &self.strides, &self.dilations)
    }

    /// The reduction of every window.
    fn reduced(&self, b: &mut Builder, op: &str, x: NodeId, fill: f64) -> Value {
        let windows = self.of(b, x, fill)?;
        let axes: Vec<i64> = (1..=self.sizes.len() as i64).map(|k| -k).collect();
        b.reduce(op, windows, &axes, false)
    }

    /// How many elements of a window are counted by a mean: those of the data, and those of the padding if it counts.
    fn counts(&self, b: &mut Builder, x: NodeId, padding: bool) -> Value {
        let whole: i64 = self.sizes.iter().filter_map(Dim::as_const).product();
        let none = |pads: &[i64]| pads.iter().all(|&p| p == 0);
        let exact = self.overhang.iter().all(|o| o.as_const() == Some(0));
        if exact && (padding || (none(&self.low) && none(&self.high))) {
            return b.scalar_like(x, whole as f64);
        }
        let dims = b.dims(x)[self.first..].to_vec();
        let mut ones = b.full(b.dtype(x), &dims, 1.0)?;
        if padding {
            let side =
                |pads: &[i64]| -> Vec<Dim> { pads.iter().map(|&n| Dim::constant(n)).collect() };
            ones = b.pad(ones, &side(&self.low), &side(&self.high), 1.0)?;
            let zeros = vec![0; self.low.len()];
            let inner = Windows { low: zeros.clone(), high: zeros, ..self.copy() };
            return inner.reduced(b, "sum", ones, 0.0);
        }
        self.reduced(b, "sum", ones, 0.0)
    }

    fn copy(&self) -> Windows {
        Windows {
            first: self.first,
            sizes: self.sizes.clone(),
            strides: self.strides.clone(),
            dilations: self.dilations.clone(),
            low: self.low.clone(),
            high: self.high.clone(),
            overhang: self.overhang.clone(),
        }
    }
}

const POOL: &[AttrSpec] = &[
    AttrSpec::required("sizes", AttrKind::Ints),
    AttrSpec::optional("strides", AttrKind::Ints),
    AttrSpec::optional("pads", AttrKind::Ints),
    AttrSpec::optional("dilations", AttrKind::Ints),
    AttrSpec::optional("ceil_mode", AttrKind::Bool),
];

const AVERAGE: &[AttrSpec] = &[
    AttrSpec::required("sizes", AttrKind::Ints),
    AttrSpec::optional("strides", AttrKind::Ints),
    AttrSpec::optional("pads", AttrKind::Ints),
    AttrSpec::optional("dilations", AttrKind::Ints),
    AttrSpec::optional("ceil_mode", AttrKind::Bool),
    AttrSpec::optional("count_include_pad", AttrKind::Bool),
];

fn cases() -> Vec<Case> {
    let of = |sizes: &[i64], strides: &[i64], pads: &[i64]| {
        Attrs::new().ints("sizes", sizes).ints("strides", strides).ints("pads", pads)
    };
    let images = vec![2i64.into(), 3i64.into(), Dim::sym("h"), 6i64.into()];
    vec![
        Case::new().f32(&[1, 2, 7, 6]).with(of(&[3, 3], &[2, 2], &[1, 1, 1, 1])),
        Case::new().f32(&[2, 2, 5]).with(of(&[2], &[2], &[0, 0]).bool("ceil_mode", true)),
        Case::new().f32(&[1, 2, 9]).with(of(&[3], &[1], &[1, 0]).ints("dilations", &[2])),
        Case::new()
            .symbolic(ferrodyne_plan::DType::F32, images, Domain::Real(-2.0, 2.0))
            .size("h", 8)
            .with(Attrs::new().ints("sizes", &[2, 2])),
    ]
}

static MAX_POOL: Op = Op::composite(
    "max_pool",
    "Largest element of each window of `sizes` over the trailing axes; strides are the sizes, dilations 1 and pads 0 unless given. \
     Padding never wins. With `ceil_mode` the number of windows is rounded up, but none begins behind the data.",
    1,
    |b, node, x| {
        let windows = windows(b, node, x[0])?;
        let least = extreme(b.dtype(x[0]), false);
        windows.reduced(b, "amax", x[0], least)
    },
)
.attrs(POOL)
.cases(cases);

static AVG_POOL: Op = Op::composite(
    "avg_pool",
    "Mean of each window, as `max_pool` lays them. Padding counts only with `count_include_pad`; what `ceil_mode` adds never does.",
    1,
    |b, node, x| {
        let windows = windows(b, node, x[0])?;
        let sum = windows.reduced(b, "sum", x[0], 0.0)?;
        let count = windows.counts(b, x[0], node.attrs.get_bool("count_include_pad"))?;
        b.binary("div", sum, count)
    },
)
.attrs(AVERAGE)
.cases(|| {
    let mut all = cases();
    let counted: Vec<Case> = all
        .iter()
        .map(|case| case.clone().with(case.attrs.clone().bool("count_include_pad", true)))
        .collect();
    all.extend(counted);
    all
});

static LP_POOL: Op = Op::composite(
    "lp_pool",
    "The `p`-norm of each window, as `max_pool` lays them; `p` is 2 unless given.",
    1,
    |b, node, x| {
        let windows = windows(b, node, x[0])?;
        let p = super::shorthand::int_or(node, "p", 2) as f64;
        let size = b.unary("abs", x[0])?;
        let power = b.with_number("pow", size, p)?;
        let sum = windows.reduced(b, "sum", power, 0.0)?;
        b.with_number("pow", sum, 1.0 / p)
    },
)
.attrs(&[
    AttrSpec::required("sizes", AttrKind::Ints),
    AttrSpec::optional("strides", AttrKind::Ints),
    AttrSpec::optional("pads", AttrKind::Ints),
    AttrSpec::optional("dilations", AttrKind::Ints),
    AttrSpec::optional("ceil_mode", AttrKind::Bool),
    AttrSpec::optional("p", AttrKind::Int),
])
.cases(|| {
    vec![Case::new().f32(&[1, 2, 6]).with(Attrs::new().ints("sizes", &[3]).ints("strides", &[1]))]
});

/// A reduction over all axes behind the second.
fn global(b: &mut Builder, node: &Node, x: NodeId, op: &str) -> Value {
    let axes: Vec<i64> = (2..b.rank(x) as i64).collect();
    if axes.is_empty() {
        let rule = format!("{}: must have at least rank 3", b.describe(x));
        return Err(b.fault(&node.op, "shape", rule));
    }
    b.reduce(op, x, &axes, true)
}

static GLOBAL_AVG_POOL: Op = Op::composite(
    "global_avg_pool",
    "Mean over all axes behind the second, which keep size 1.",
    1,
    |b, node, x| global(b, node, x[0], "mean"),
)
.cases(|| vec![Case::new().f32(&[2, 3, 4, 5])]);

static GLOBAL_MAX_POOL: Op = Op::composite(
    "global_max_pool",
    "Largest element over all axes behind the second, which keep size 1.",
    1,
    |b, node, x| global(b, node, x[0], "amax"),
)
.cases(|| vec![Case::new().f32(&[2, 3, 4, 5])]);

/// For each of `to` places of an axis, the share that each of its `from` elements has in the mean over
/// `floor(i * from / to) .. ceil((i + 1) * from / to)`: a matrix `[to, from]`.
fn shares(b: &mut Builder, like: NodeId, from: &Dim, to: i64) -> Value {
    use ferrodyne_plan::DType::{Bool, I64};
    let dims = [Dim::constant(to), from.clone()];
    let (place, element) = (b.iota(&dims, 0, I64)?, b.iota(&dims, 1, I64)?);
    let size = b.size(from, I64)?;
    let scaled = b.binary("mul", place, size)?;
    let start = b.with_number("div", scaled, to as f64)?;
    let end = b.binary("add", scaled, size)?;
    let end = b.with_number("add", end, (to - 1) as f64)?;
    let end = b.with_number("div", end, to as f64)?;
    let (after, before) = (b.binary("ge", element, start)?, b.binary("lt", element, end)?);
    let inside = b.binary("and", after, before)?;
    let inside = b.cast(inside, Bool)?;
    let length = b.binary("sub", end, start)?;
    let length = b.cast(length, b.dtype(like))?;
    let share = b.unary("recip", length)?;
    let zero = b.scalar_like(like, 0.0)?;
    b.select(inside, share, zero)
}

fn adaptive_avg_pool(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let sizes = node.attrs.get_ints("sizes").to_vec();
    let Some(first) = b.rank(x[0]).checked_sub(sizes.len()) else {
        let rule = format!("{}: has fewer axes than `sizes`", b.describe(x[0]));
        return Err(b.fault("adaptive_avg_pool", "shape", rule));
    };
    let mut value = x[0];
    for (k, &to) in sizes.iter().enumerate() {
        let axis = (first + k) as i64;
        let from = b.dims(value)[first + k].clone();
        value = match from.as_const() {
            Some(n) if n == to => value,
            _ if to == 1 => b.reduce("mean", value, &[axis], true)?,
            Some(n) if n % to == 0 => {
                let mut dims = b.dims(value);
                dims.splice(first + k..=first + k, [Dim::constant(to), Dim::constant(n / to)]);
                let split = b.reshape(value, &dims)?;
                b.reduce("mean", split, &[axis + 1], false)?
            }
            _ => {
                let shares = shares(b, value, &from, to)?;
                let pooled = b.dot(value, shares, &[], &[(axis, 1)])?;
                let rank = b.rank(value) as i64;
                let order: Vec<i64> = (0..axis).chain([rank - 1]).chain(axis..rank - 1).collect();
                b.permute(pooled, &order)?
            }
        };
    }
    Ok(value)
}

static ADAPTIVE_AVG_POOL: Op = Op::composite(
    "adaptive_avg_pool",
    "Means over windows so laid that the trailing axes take the given `sizes`: place `i` of `n` covers \
     `floor(i * size / n) .. ceil((i + 1) * size / n)`.",
    1,
    adaptive_avg_pool,
)
.attrs(&[AttrSpec::required("sizes", AttrKind::Ints)])
.cases(|| {
    let to = |sizes: &[i64]| Attrs::new().ints("sizes", sizes);
    vec![
        Case::new().f32(&[1, 2, 6, 7]).with(to(&[3, 1])),
        Case::new().f32(&[2, 2, 7, 5]).with(to(&[3, 3])),
    ]
});
