//! Which of the rules' alternatives kernels take: what a tuner measured, as data.

use std::collections::BTreeMap;

/// Alternatives by kernel; 0 is what the rules take by themselves.
///
/// A kernel is known by its text with numbered names, as [`super::RegionCode::key`] gives it, so that a pick holds for every
/// graph that has the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picks {
    /// For kernels that are not listed.
    pub others: usize,
    /// By the key of the kernel.
    pub of: BTreeMap<String, usize>,
}

impl Picks {
    /// The same alternative for every kernel that has it.
    pub fn all(pick: usize) -> Picks {
        Picks { others: pick, of: BTreeMap::new() }
    }

    /// The pick for a kernel.
    pub fn of(&self, key: &str) -> usize {
        self.of.get(key).copied().unwrap_or(self.others)
    }
}
