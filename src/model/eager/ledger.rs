//! What an eager run costs: kernels, and bytes alive at once.

use std::collections::HashMap;

use ferrodyne_runtime::RunStats;

use crate::tensor::Stored;

/// Counts of a run. Views of a buffer are the buffer; inputs and weights are the caller's and count for no memory.
pub(super) struct Ledger {
    /// Values alive by the identity of their buffer.
    values: HashMap<u64, usize>,
    live: u64,
    stats: RunStats,
}

impl Ledger {
    pub(super) fn new(inputs: &[&Stored]) -> Ledger {
        let values = inputs.iter().map(|input| (input.buffer.id(), 1)).collect();
        Ledger { values, live: 0, stats: RunStats::default() }
    }

    /// Notes that a value is alive.
    pub(super) fn hold(&mut self, value: &Stored) {
        let count = self.values.entry(value.buffer.id()).or_insert(0);
        *count += 1;
        if *count == 1 {
            self.live += value.buffer.held_bytes();
            self.stats.peak_bytes = self.stats.peak_bytes.max(self.live);
        }
    }

    /// Notes that a value has had its last use.
    pub(super) fn release(&mut self, value: &Stored) {
        let Some(count) = self.values.get_mut(&value.buffer.id()) else { return };
        *count -= 1;
        if *count == 0 {
            self.values.remove(&value.buffer.id());
            self.live -= value.buffer.held_bytes();
        }
    }

    /// Notes what an operator's program did beside what was alive.
    pub(super) fn ran(&mut self, program: &RunStats) {
        self.stats.kernels += program.kernels;
        self.stats.dispatches += program.dispatches;
        self.stats.peak_bytes = self.stats.peak_bytes.max(self.live + program.peak_bytes);
    }

    pub(super) fn condition_read(&mut self) {
        self.stats.condition_reads += 1;
    }

    pub(super) fn stats(self) -> RunStats {
        self.stats
    }
}
