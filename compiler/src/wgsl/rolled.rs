//! Loops that a driver must not write out.
//!
//! Mesa copies the body of a loop of at most 32 iterations as often as it runs, and its software driver compiles each load to
//! a loop of its own: many loads in such a loop cost it seconds. A bound that it cannot foresee keeps the loop.

use ferrodyne_plan::target::DeviceClass;

use super::emit::{Id, Kind, Ty};
use super::expand::Expand;

/// Loads that a loop may become when it is written out, by device class whose driver does that.
const LOADS_WRITTEN_OUT: &[(DeviceClass, i64)] = &[(DeviceClass::Software, 24)];

/// Iterations up to which drivers write a loop out.
const WRITTEN_OUT_MAX: i64 = 32;

impl Expand<'_> {
    /// Keeps the innermost loop, of `trips` iterations, from being written out if that would be long.
    pub(super) fn keep_rolled(&mut self, trips: i64, end: Id) {
        let class = self.target.class;
        let most = LOADS_WRITTEN_OUT.iter().find(|(own, _)| *own == class).map(|(_, most)| *most);
        let long = most.is_some_and(|most| trips * self.emit.loads_inside() > most);
        if self.grouped && trips <= WRITTEN_OUT_MAX && long {
            let unforeseen = self.unforeseen(end);
            self.emit.change_head(end, unforeseen);
        }
    }

    /// The same number, such that a driver does not know it: workgroups are never counted up to 2^31.
    pub(super) fn unforeseen(&mut self, number: Id) -> Id {
        let x = self.emit.leaf("workgroup.x", Ty::U32, 0);
        let bits = self.literal_u32(31);
        let zero = self.emit.node(Kind::Infix(">>"), &[x, bits], Ty::U32);
        let sum = self.emit.node(Kind::Infix("+"), &[number, zero], Ty::U32);
        self.emit.hint(sum, "end");
        sum
    }
}
