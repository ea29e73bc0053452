//! Rules about views: views that show everything, views of views, and concatenations.

use ferrodyne_plan::Dim;

use super::{Expr, Known, Rule};
use crate::graph::{Attrs, Node, NodeId};

pub(super) static RULES: &[(&str, Rule)] = &[
    ("reshape", |k, n| whole(k, n)),
    ("reshape", reshape_of_reshape),
    ("permute", |_, n| ascending(n.attrs.get_ints("axes")).then(|| n.inputs[0].into())),
    ("permute", permute_of_permute),
    ("permute", permute_of_units),
    ("expand", |k, n| whole(k, n)),
    ("expand", expand_of_expand),
    ("slice", slice_of_all),
    ("slice", slice_of_slice),
    ("slice", slice_of_concat),
    ("flip", |_, n| n.attrs.get_ints("axes").is_empty().then(|| n.inputs[0].into())),
    ("flip", |k, n| {
        let inner = k.node(n.inputs[0], "flip")?;
        (inner.attrs == n.attrs).then(|| inner.inputs[0].into())
    }),
    ("pad", |k, n| {
        let none = |attr| n.attrs.get_dims(attr).iter().all(|by| k.equal(by, &Dim::constant(0)));
        (none("low") && none("high")).then(|| n.inputs[0].into())
    }),
    ("concat", |_, n| (n.inputs.len() == 1).then(|| n.inputs[0].into())),
    ("concat", concat_of_nothing),
    ("concat", concat_of_concat),
    ("concat", concat_of_slices),
    ("sum", fold_of_units),
    ("prod", fold_of_units),
    ("amax", fold_of_units),
    ("amin", fold_of_units),
    ("any", fold_of_units),
    ("all", fold_of_units),
];

fn ascending(axes: &[i64]) -> bool {
    axes.iter().enumerate().all(|(k, axis)| k as i64 == *axis)
}

/// A view in the shape of its operand that moves nothing.
fn whole(k: &Known<'_>, n: &Node) -> Option<Expr> {
    k.equal_all(&n.ty().dims, &k.ty(n.inputs[0]).dims).then(|| n.inputs[0].into())
}

fn reshape(x: NodeId, dims: &[Dim]) -> Expr {
    Expr::Op("reshape", vec![x.into()], Attrs::new().dims("dims", dims))
}

fn reshape_of_reshape(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let inner = k.node(n.inputs[0], "reshape")?.inputs[0];
    let sure = k.equal(&k.ty(inner).elements(), &n.ty().elements());
    sure.then(|| reshape(inner, &n.ty().dims))
}

fn permute_of_permute(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let inner = k.node(n.inputs[0], "permute")?;
    let first = inner.attrs.get_ints("axes");
    let axes: Vec<i64> = n.attrs.get_ints("axes").iter().map(|&a| first[a as usize]).collect();
    Some(Expr::Op("permute", vec![inner.inputs[0].into()], Attrs::new().ints("axes", &axes)))
}

/// Moving axes of size 1 around moves no element.
fn permute_of_units(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let dims = &k.ty(n.inputs[0]).dims;
    let long: Vec<i64> = n
        .attrs
        .get_ints("axes")
        .iter()
        .copied()
        .filter(|&axis| !k.is_one(&dims[axis as usize]))
        .collect();
    long.is_sorted().then(|| reshape(n.inputs[0], &n.ty().dims))
}

/// Repeating what was repeated, or what only got axes of size 1 in front.
fn expand_of_expand(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let inner = k.graph.node(n.inputs[0]);
    let x = *inner.inputs.first()?;
    let have = &k.ty(x).dims;
    let in_front = || {
        let front = inner.ty().rank().checked_sub(have.len());
        front.is_some_and(|front| {
            inner.ty().dims[..front].iter().all(|dim| k.is_one(dim))
                && k.equal_all(&inner.ty().dims[front..], have)
        })
    };
    let fits = match inner.op.as_str() {
        "expand" => true,
        "reshape" => in_front(),
        _ => false,
    };
    let want = &n.ty().dims;
    let offset = want.len().checked_sub(have.len())?;
    let sure = have.iter().zip(&want[offset..]).all(|(a, b)| k.is_one(a) || k.equal(a, b));
    (fits && sure)
        .then(|| Expr::Op("expand", vec![x.into()], Attrs::new().dims("dims", &n.ty().dims)))
}

fn slice(x: NodeId, starts: &[Dim], ends: &[Dim], steps: &[i64]) -> Expr {
    let attrs = Attrs::new().dims("starts", starts).dims("ends", ends).ints("steps", steps);
    Expr::Op("slice", vec![x.into()], attrs)
}

/// Whether a slice takes all of an axis.
fn takes_all(k: &Known<'_>, n: &Node, axis: usize) -> bool {
    let size = &k.ty(n.inputs[0]).dims[axis];
    n.attrs.get_ints("steps")[axis] == 1
        && k.equal(&n.attrs.get_dims("starts")[axis], &Dim::constant(0))
        && k.equal(&n.attrs.get_dims("ends")[axis], size)
}

fn slice_of_all(k: &Known<'_>, n: &Node) -> Option<Expr> {
    (0..n.ty().rank()).all(|axis| takes_all(k, n, axis)).then(|| n.inputs[0].into())
}

/// Whether `start..end` lies in `0..size` for certain, so that no guard is needed.
fn lies_in(k: &Known<'_>, start: &Dim, end: &Dim, size: &Dim) -> bool {
    k.at_most(&Dim::constant(0), start) && k.at_most(start, end) && k.at_most(end, size)
}

fn slice_of_slice(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let inner = k.node(n.inputs[0], "slice")?;
    let (from, steps) = (inner.attrs.get_dims("starts"), inner.attrs.get_ints("steps"));
    let (starts, ends) = (n.attrs.get_dims("starts"), n.attrs.get_dims("ends"));
    if steps.iter().any(|&step| step != 1) {
        return None;
    }
    let dims = &k.ty(inner.inputs[0]).dims;
    let moved = |at: &[Dim]| -> Vec<Dim> { at.iter().zip(from).map(|(a, b)| a + b).collect() };
    let (starts, ends) = (moved(starts), moved(ends));
    let sure = (0..dims.len()).all(|axis| {
        let whole = k.equal(&starts[axis], &Dim::constant(0))
            && starts[axis].is_const()
            && ends[axis] == dims[axis];
        whole || lies_in(k, &starts[axis], &ends[axis], &dims[axis])
    });
    sure.then(|| slice(inner.inputs[0], &starts, &ends, n.attrs.get_ints("steps")))
}

/// A slice that lies in one operand of a concatenation reads that operand.
fn slice_of_concat(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let concat = k.node(n.inputs[0], "concat")?;
    let axis = concat.attrs.get_int("axis") as usize;
    let (mut starts, mut ends) =
        (n.attrs.get_dims("starts").to_vec(), n.attrs.get_dims("ends").to_vec());
    let mut from = Dim::constant(0);
    for &operand in &concat.inputs {
        let size = &k.ty(operand).dims[axis];
        let to = &from + size;
        if k.at_most(&from, &starts[axis]) && k.at_most(&ends[axis], &to) {
            starts[axis] = &starts[axis] - &from;
            ends[axis] = &ends[axis] - &from;
            let dims = &k.ty(operand).dims;
            let sure = (0..dims.len()).all(|axis| {
                (starts[axis] == Dim::constant(0) && ends[axis] == dims[axis])
                    || lies_in(k, &starts[axis], &ends[axis], &dims[axis])
            });
            return sure.then(|| slice(operand, &starts, &ends, n.attrs.get_ints("steps")));
        }
        if !k.at_most(&to, &starts[axis]) {
            return None;
        }
        from = to;
    }
    None
}

fn concat(inputs: Vec<NodeId>, axis: i64) -> Expr {
    Expr::Op(
        "concat",
        inputs.into_iter().map(Expr::Value).collect(),
        Attrs::new().int("axis", axis),
    )
}

fn concat_of_nothing(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let axis = n.attrs.get_int("axis");
    let empty = |id: &NodeId| k.equal(&k.ty(*id).dims[axis as usize], &Dim::constant(0));
    let rest: Vec<NodeId> = n.inputs.iter().copied().filter(|id| !empty(id)).collect();
    (rest.len() < n.inputs.len() && !rest.is_empty()).then(|| concat(rest, axis))
}

fn concat_of_concat(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let inner = |id: &NodeId| k.node(*id, "concat").filter(|c| c.attrs == n.attrs);
    if !n.inputs.iter().any(|id| inner(id).is_some()) {
        return None;
    }
    let parts = n.inputs.iter().flat_map(|id| inner(id).map_or(vec![*id], |c| c.inputs.clone()));
    Some(concat(parts.collect(), n.attrs.get_int("axis")))
}

/// Neighbouring slices of one value, put together again, are one slice.
fn concat_of_slices(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let axis = n.attrs.get_int("axis") as usize;
    let cut = |id: NodeId| k.node(id, "slice").filter(|s| s.attrs.get_ints("steps")[axis] == 1);
    let first = cut(n.inputs[0])?;
    let mut end = first.attrs.get_dims("ends")[axis].clone();
    for &id in &n.inputs[1..] {
        let next = cut(id)?;
        let like = |attr: &str| {
            let (a, b) = (first.attrs.get_dims(attr), next.attrs.get_dims(attr));
            (0..a.len()).all(|other| other == axis || a[other] == b[other])
        };
        let follows = next.inputs == first.inputs
            && next.attrs.get_ints("steps") == first.attrs.get_ints("steps")
            && like("starts")
            && like("ends")
            && k.equal(&next.attrs.get_dims("starts")[axis], &end);
        if !follows {
            return None;
        }
        end = next.attrs.get_dims("ends")[axis].clone();
    }
    let starts = first.attrs.get_dims("starts");
    let mut ends = first.attrs.get_dims("ends").to_vec();
    ends[axis] = end;
    let sure = lies_in(k, &starts[axis], &ends[axis], &k.ty(first.inputs[0]).dims[axis]);
    sure.then(|| slice(first.inputs[0], starts, &ends, first.attrs.get_ints("steps")))
}

/// A fold over axes of size 1 folds nothing.
fn fold_of_units(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let dims = &k.ty(n.inputs[0]).dims;
    let units = n.attrs.get_ints("axes").iter().all(|&axis| k.is_one(&dims[axis as usize]));
    units.then(|| reshape(n.inputs[0], &n.ty().dims))
}
