//! A kernel at given sizes, ready to run: each of its loop nests in the form that fits it best.

use ferrodyne_plan::loops::Kernel;
use ferrodyne_plan::plan::Sizes;

use super::blocks::Blocks;
use super::form::{Form, Refusal, St, form, fuse_axes};
use super::product::{Cache, Product, Scratch, Setting, product};
use super::window::{Planes, Windows, planes, window};
use super::{Level, blocks};

/// Values of a kept family that may be computed at each use, at most.
const FAMILY_MAX: i64 = 64;

/// A kernel, ready to run.
pub(super) struct Code(Vec<Piece>);

/// What was made of weights for each piece of a kernel.
#[derive(Debug, Default)]
pub(super) struct Caches(Vec<Cache>);

impl Caches {
    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(Cache::bytes).sum()
    }
}

/// A loop nest, ready to run.
enum Piece {
    /// Blocks of lanes: any loops.
    Blocks(Blocks),
    /// A contraction.
    Product(Box<Product>),
    /// A fold over windows with lanes of channels.
    Windows(Box<Windows>),
    /// A fold over windows with lanes of pixels.
    Planes(Box<Planes>),
}

impl Code {
    /// The code of a kernel at given sizes.
    pub(super) fn new(kernel: &Kernel, sizes: &Sizes, level: Level) -> Result<Code, Refusal> {
        let form = form(kernel, sizes)?;
        let nests = form.body.len() > 1 && form.body.iter().all(|st| matches!(st, St::For { .. }));
        if !nests {
            return Ok(Code(vec![Piece::new(&form, level)?]));
        }
        let nest = |st: &St| {
            let mut nest = form.clone();
            nest.body = vec![st.clone()];
            nest.prune();
            fuse_axes(&mut nest, &|_, _| true);
            Piece::new(&nest, level)
        };
        form.body.iter().map(nest).collect::<Result<_, _>>().map(Code)
    }

    /// Runs the kernel.
    ///
    /// # Safety
    /// The buffers are those of the kernel's parameters at the sizes of the code: as many, each
    /// large enough and aligned to 4 bytes, alive, used by nobody else in a way that conflicts,
    /// and different where one of them is written.
    pub(super) unsafe fn run(
        &self,
        setting: &Setting<'_>,
        caches: &mut Caches,
        scratch: &mut Scratch,
    ) {
        caches.0.resize_with(self.0.len(), Cache::default);
        for (piece, cache) in self.0.iter().zip(&mut caches.0) {
            match piece {
                // SAFETY: the caller's promise.
                Piece::Blocks(blocks) => unsafe { blocks.run(setting.pool, setting.buffers) },
                // SAFETY: as above.
                Piece::Product(product) => unsafe { product.run(setting, cache, scratch) },
                Piece::Windows(windows) => {
                    // SAFETY: as above.
                    unsafe { windows.run(setting, cache) }
                }
                // SAFETY: as above.
                Piece::Planes(planes) => unsafe { planes.run(setting, cache) },
            }
        }
    }
}

impl Piece {
    fn new(form: &Form, level: Level) -> Result<Piece, Refusal> {
        if let Some(product) = product(form, level)? {
            return Ok(Piece::Product(Box::new(product)));
        }
        if let Some(windows) = window(form, level)? {
            return Ok(Piece::Windows(Box::new(windows)));
        }
        if let Some(planes) = planes(form, level)? {
            return Ok(Piece::Planes(Box::new(planes)));
        }
        let kept = blocks::compile(form, level)?;
        let Some(form) = form.without_families(FAMILY_MAX) else { return Ok(Piece::Blocks(kept)) };
        let computed = blocks::compile(&form, level)?;
        Ok(Piece::Blocks(if computed.cost() < kept.cost() { computed } else { kept }))
    }
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
