//! A kernel at given sizes, ready to run: the form that fits its loops best.

use ferrodyne_plan::loops::Kernel;
use ferrodyne_plan::plan::Sizes;

use super::blocks::Blocks;
use super::form::{Refusal, form};
use super::product::{Cache, Product, Scratch, Setting, product};
use super::window::{Windows, window};
use super::{Level, blocks};

/// A kernel, ready to run.
pub(super) enum Code {
    /// Blocks of lanes: any loops.
    Blocks(Blocks),
    /// A contraction.
    Product(Box<Product>),
    /// A fold over windows.
    Windows(Box<Windows>),
}

impl Code {
    /// The code of a kernel at given sizes.
    pub(super) fn new(kernel: &Kernel, sizes: &Sizes, level: Level) -> Result<Code, Refusal> {
        let form = form(kernel, sizes)?;
        if let Some(product) = product(&form, level)? {
            return Ok(Code::Product(Box::new(product)));
        }
        if let Some(windows) = window(&form, level)? {
            return Ok(Code::Windows(Box::new(windows)));
        }
        Ok(Code::Blocks(blocks::compile(&form, level)?))
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
        cache: &mut Cache,
        scratch: &mut Scratch,
    ) {
        match self {
            // SAFETY: the caller's promise.
            Code::Blocks(blocks) => unsafe { blocks.run(setting.pool, setting.buffers) },
            // SAFETY: as above.
            Code::Product(product) => unsafe { product.run(setting, cache, scratch) },
            Code::Windows(windows) => {
                // SAFETY: as above.
                unsafe { windows.run(setting.pool, setting.level, setting.buffers) }
            }
        }
    }
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
