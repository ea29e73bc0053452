//! A kernel at given sizes, ready to run: the form that fits its loops best.

use ferrodyne_plan::loops::Kernel;
use ferrodyne_plan::plan::Sizes;

use super::blocks::{Blocks, Buffers};
use super::form::{Refusal, form};
use super::{Level, Pool, blocks};

/// A kernel, ready to run.
pub(super) enum Code {
    /// Blocks of lanes: any loops.
    Blocks(Blocks),
}

impl Code {
    /// The code of a kernel at given sizes.
    pub(super) fn new(kernel: &Kernel, sizes: &Sizes, level: Level) -> Result<Code, Refusal> {
        let form = form(kernel, sizes)?;
        Ok(Code::Blocks(blocks::compile(&form, level)?))
    }

    /// Runs the kernel.
    ///
    /// # Safety
    /// The buffers are those of the kernel's parameters at the sizes of the code: as many, each
    /// large enough and aligned to 4 bytes, alive, used by nobody else in a way that conflicts,
    /// and different where one of them is written.
    pub(super) unsafe fn run(&self, pool: &Pool, buffers: &Buffers) {
        match self {
            // SAFETY: the caller's promise.
            Code::Blocks(blocks) => unsafe { blocks.run(pool, buffers) },
        }
    }
}
