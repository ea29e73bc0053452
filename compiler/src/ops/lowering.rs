//! How an operator is read at an index: the contract between operators and the stage that makes loops of them.

use ferrodyne_plan::loops::{Coord, FoldKind, Literal, Val};
use ferrodyne_plan::{DType, Dim, Facts, Scalar};

use crate::graph::Node;

/// The lowering of a primitive to loops: its value at an index, pulled from the values of its operands.
#[derive(Clone, Copy)]
pub enum Lower {
    /// Element by element. The operands' values at the same index (broadcast already applied) give the result's value.
    Pointwise(fn(&Node, &[Val]) -> Val),
    /// A view of one operand: the operand's coordinates at an index of the result, and the fill where one is out of range.
    View(fn(&mut dyn Lowering, &Node, &[Dim]) -> Viewed),
    /// Anything else that can be read at an index: folds, gathers, concatenations, contractions.
    At(fn(&mut dyn Lowering, &Node, &[Dim]) -> Val),
    /// Written in the order of its operands instead of its results (scatter). The function gives, for an index of the last
    /// operand (the updates), the coordinates written, the value, and how it merges; the first operand is copied before.
    Scatter(ScatterFn),
    /// Has no lowering of its own: composites are decomposed before, calls are inlined.
    None,
}

/// The coordinates that a view reads, and the value where a checked one is out of range.
pub type Viewed = (Vec<Coord>, Option<Literal>);

/// The coordinates that a scatter writes, the value, and how it merges with the one that stands there.
pub type Scattered = (Vec<Coord>, Val, Option<FoldKind>);

/// How a scatter writes an element of its updates.
pub type ScatterFn = fn(&mut dyn Lowering, &Node, &[Dim]) -> Scattered;

/// What a fold folds, from the index expressions of its axes.
pub type FoldArgs<'a> = dyn FnMut(&mut dyn Lowering, &[Dim]) -> Vec<Val> + 'a;

/// What a lowering function may ask for.
pub trait Lowering {
    /// Shape of an operand.
    fn dims(&self, operand: usize) -> Vec<Dim>;

    /// Element type of an operand.
    fn dtype(&self, operand: usize) -> DType;

    /// Shape of the node's result.
    fn out_dims(&self) -> Vec<Dim>;

    /// What is known of the sizes.
    fn facts(&self) -> &Facts;

    /// Whether all elements of an operand are known to lie in `0..size`.
    fn lies_in(&self, operand: usize, size: &Dim) -> bool;

    /// An element of the node's own data (operator `constant`), which lies in a buffer.
    fn constant(&mut self, at: &[Dim]) -> Val;

    /// The value of an operand at coordinates; `fill` is required when one of them is checked.
    fn input(&mut self, operand: usize, at: &[Coord], fill: Option<Literal>) -> Val;

    /// A fold over new axes of the given extents: `args` is called once with the axes' index expressions and gives what is
    /// folded. Results are the fold's state after its finish (one value; two for `ArgMax` and `ArgMin`; three for `Welford`).
    fn fold(&mut self, kind: FoldKind, extents: &[Dim], args: &mut FoldArgs<'_>) -> Vec<Val>;

    /// An integer value as an index expression. It lies in `0..extent` unless data says otherwise: coordinates made of it
    /// are to be checked.
    fn data(&mut self, val: Val, extent: &Dim) -> Dim;
}

/// A number as a literal of the type in which a kernel computes with elements of `dtype`; out of its range it saturates.
pub fn literal(dtype: DType, value: f64) -> Literal {
    match dtype.scalar() {
        Scalar::F32 => Literal::F32(value as f32),
        Scalar::I32 => Literal::I32(value as i32),
        Scalar::U32 => Literal::U32(value as u32),
        Scalar::Long => Literal::Long(value as i64),
        Scalar::Bool => Literal::Bool(value != 0.0),
    }
}

/// Coordinates that are known to be in range.
pub fn coords(at: impl IntoIterator<Item = Dim>) -> Vec<Coord> {
    at.into_iter().map(|ix| Coord { ix, checked: false }).collect()
}
