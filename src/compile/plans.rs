//! The plans of a graph on a device: one, and others for sizes that its kernels serve badly or not at all.
//!
//! A plan's kernels compute the same at all sizes, but they are made for the sizes at hand: the levels of a running sum, who folds a
//! row, the steps of a loop and the ranges that a buffer is bound in hang on them. Where a call's are large and far from those of every plan, or a device refuses
//! them, the same graph is compiled once more for those, and the caller sees no difference.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferrodyne_compiler::graph::Graph;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_runtime::{Buffer, Prepared};

use crate::error::Result;

/// A size below this is never far from another.
const LARGE: i64 = 1 << 14;

/// How many times larger a size must be than the one that a plan was made for to be far from it.
const FAR: i64 = 64;

/// Plans of one graph, at most.
const PLANS_MAX: usize = 6;

/// A plan made ready.
struct Made {
    sizes: Sizes,
    plan: Box<dyn Prepared>,
}

/// The plans of a graph.
pub(crate) struct Plans {
    /// The one for the sizes that the graph came with stands first.
    all: Mutex<Vec<Arc<Made>>>,
    ran: Mutex<Arc<Made>>,
}

impl Plans {
    /// A graph's plan for the hints of its symbols.
    pub(crate) fn new(graph: &Graph, plan: Box<dyn Prepared>) -> Plans {
        let hints = graph.symbols.iter();
        let sizes = Sizes::new(hints.filter_map(|(name, info)| Some((name.clone(), info.hint?))));
        let first = Arc::new(Made { sizes, plan });
        Plans { all: Mutex::new(vec![first.clone()]), ran: Mutex::new(first) }
    }

    /// Runs on buffers; `remade` compiles for the sizes.
    ///
    /// # Errors
    /// Faults of the device, also where a plan made for the very sizes does not serve them.
    pub(crate) fn run(
        &self,
        sizes: &Sizes,
        buffers: &[Buffer],
        remade: impl Fn() -> Result<Box<dyn Prepared>>,
    ) -> Result<Vec<Buffer>> {
        let near = match self.near(sizes) {
            Some(near) => near,
            None => self.add(sizes, remade()?),
        };
        match near.plan.run(sizes, buffers) {
            Err(error) if error.is_of_sizes() && near.sizes != *sizes => {
                let own = self.add(sizes, remade()?);
                let done = own.plan.run(sizes, buffers)?;
                *lock(&self.ran) = own;
                Ok(done)
            }
            done => {
                *lock(&self.ran) = near;
                Ok(done?)
            }
        }
    }

    /// The plan that ran last.
    pub(crate) fn with_last<T>(&self, read: impl FnOnce(&dyn Prepared) -> T) -> T {
        let last = lock(&self.ran).clone();
        read(&*last.plan)
    }

    /// The plan whose sizes are the nearest; none where all are far and there may be one more.
    fn near(&self, sizes: &Sizes) -> Option<Arc<Made>> {
        let all = lock(&self.all);
        let nearest = all.iter().min_by_key(|made| times(&made.sizes, sizes))?;
        let is_near = times(&nearest.sizes, sizes) < FAR || all.len() >= PLANS_MAX;
        is_near.then(|| nearest.clone())
    }

    fn add(&self, sizes: &Sizes, plan: Box<dyn Prepared>) -> Arc<Made> {
        let made = Arc::new(Made { sizes: sizes.clone(), plan });
        let mut all = lock(&self.all);
        if all.len() >= PLANS_MAX {
            all.pop();
        }
        all.push(made.clone());
        made
    }
}

/// How many times larger than those of a plan large sizes are, at most.
fn times(made: &Sizes, sizes: &Sizes) -> i64 {
    let large = sizes.iter().filter(|(_, size)| *size >= LARGE);
    let times = large.filter_map(|(name, size)| Some(size / made.get(name)?.max(1)));
    times.max().unwrap_or(1)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
