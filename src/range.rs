//! Ranges of `for` loops in compiled functions: what the macro makes of `a..b`. Host ends give Rust's own range, and the loop is unrolled;
//! a tensor as the end gives a range whose positions are tensors, and the loop is one of the graph.

use std::ops::{Range, RangeInclusive};

use crate::capture::{self, Leaves, Loop, Tree, Val};
use crate::condition::{Cond, Condition, IsTensor, loop_test};
use crate::shape::Size;
use crate::tensor::{Operand, Tensor};

/// The ends of a range, whose meaning is chosen by method resolution.
pub struct Ends<A, B>(pub A, pub B);

/// The positions of a `for` loop.
pub trait Positions {
    /// What the loop's pattern takes.
    type Item;

    /// The next position, if there is one.
    fn next(&mut self, this: &mut Loop) -> Option<Self::Item>;

    /// What trips change of it.
    fn val(&mut self) -> Val<'_>;
}

/// Positions of the host.
pub struct HostPositions<I>(I);

impl<I: Iterator> Positions for HostPositions<I> {
    type Item = I::Item;

    fn next(&mut self, this: &mut Loop) -> Option<I::Item> {
        capture::unroll(this);
        self.0.next()
    }

    fn val(&mut self) -> Val<'_> {
        Val::Missing
    }
}

/// Positions that are tensors: from one on, as long as they lie below the end.
pub struct TensorPositions {
    at: Tensor,
    end: Tensor,
    inclusive: bool,
}

impl Tree for TensorPositions {
    fn leaves(&mut self, leaves: &mut dyn Leaves) {
        self.at.leaves(leaves);
    }
}

impl Positions for TensorPositions {
    type Item = Tensor;

    #[track_caller]
    fn next(&mut self, this: &mut Loop) -> Option<Tensor> {
        let below = match self.inclusive {
            true => self.at.le(&self.end),
            false => self.at.lt(&self.end),
        };
        let Cond::Tensor(below) = below.condition() else { return None };
        loop_test(this, Cond::Tensor(below)).then(|| {
            let next = &self.at + 1;
            std::mem::replace(&mut self.at, next)
        })
    }

    fn val(&mut self) -> Val<'_> {
        Val::Tree(self)
    }
}

/// Ranges that end at a tensor or at a size.
pub trait SpecialRange {
    /// Its positions.
    type Positions: Positions;

    /// The range.
    #[track_caller]
    fn fd_range(&self, inclusive: bool) -> Self::Positions;
}

impl<A: Operand, B: IsTensor> SpecialRange for Ends<A, B> {
    type Positions = TensorPositions;

    #[track_caller]
    fn fd_range(&self, inclusive: bool) -> TensorPositions {
        let end = self.1.tensor().clone();
        let at = end.zeros_like().add(&self.0);
        TensorPositions { at, end, inclusive }
    }
}

/// Ranges of host values.
pub trait HostRange {
    /// Its positions.
    type Positions: Positions;

    /// The range.
    fn fd_range(&self, inclusive: bool) -> Self::Positions;
}

/// A range of the host with its end or without.
pub enum Either<A> {
    /// `a..b`
    Open(Range<A>),
    /// `a..=b`
    Closed(RangeInclusive<A>),
}

impl<A> Iterator for Either<A>
where
    Range<A>: Iterator<Item = A>,
    RangeInclusive<A>: Iterator<Item = A>,
{
    type Item = A;

    fn next(&mut self) -> Option<A> {
        match self {
            Either::Open(range) => range.next(),
            Either::Closed(range) => range.next(),
        }
    }
}

impl<A: Clone> HostRange for &Ends<A, A>
where
    Range<A>: Iterator<Item = A>,
    RangeInclusive<A>: Iterator<Item = A>,
{
    type Positions = HostPositions<Either<A>>;

    fn fd_range(&self, inclusive: bool) -> HostPositions<Either<A>> {
        let (from, to) = (self.0.clone(), self.1.clone());
        HostPositions(match inclusive {
            true => Either::Closed(from..=to),
            false => Either::Open(from..to),
        })
    }
}

/// Ranges that end at a size, which the program is made for.
pub trait SizeRange {
    /// Its positions.
    type Positions: Positions;

    /// The range.
    #[track_caller]
    fn fd_range(&self, inclusive: bool) -> Self::Positions;
}

impl SizeRange for &&Ends<usize, Size> {
    type Positions = HostPositions<Either<usize>>;

    #[track_caller]
    fn fd_range(&self, inclusive: bool) -> HostPositions<Either<usize>> {
        let (from, to) = (self.0, self.1.get());
        HostPositions(match inclusive {
            true => Either::Closed(from..=to),
            false => Either::Open(from..to),
        })
    }
}
