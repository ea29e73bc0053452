//! Rules about contractions: a permuted operand is read along other axes.

use super::{Expr, Known, Rule};
use crate::graph::Node;

pub(super) static RULES: &[(&str, Rule)] =
    &[("dot", |k, n| dot_of_permute(k, n, 0)), ("dot", |k, n| dot_of_permute(k, n, 1))];

/// A contraction names its axes, so a permutation of an operand is a matter of names, as long as its free axes keep their order.
fn dot_of_permute(k: &Known<'_>, n: &Node, side: usize) -> Option<Expr> {
    let inner = k.node(n.inputs[side], "permute")?;
    let axes = inner.attrs.get_ints("axes");
    let (batch, contract) = [("lhs_batch", "lhs_contract"), ("rhs_batch", "rhs_contract")][side];
    let (b, c) = (n.attrs.get_ints(batch), n.attrs.get_ints(contract));
    let free = (0..axes.len()).filter(|axis| {
        let axis = *axis as i64;
        !b.contains(&axis) && !c.contains(&axis)
    });
    if !free.map(|axis| axes[axis]).is_sorted() {
        return None;
    }
    let of = |list: &[i64]| list.iter().map(|&axis| axes[axis as usize]).collect::<Vec<_>>();
    let attrs = n.attrs.clone().ints(batch, &of(b)).ints(contract, &of(c));
    let mut inputs = n.inputs.clone();
    inputs[side] = inner.inputs[0];
    Some(Expr::Op("dot", inputs.into_iter().map(Expr::Value).collect(), attrs))
}
