//! The CPU as a device.

use std::sync::Arc;

use ferrodyne_plan::{Plan, Target};

use super::program::Program;
use super::{Block, Level, Memory, Pool};
use crate::{Backend, Buffer, Download, Prepared, Progress, RuntimeError};

/// The CPU executor.
#[derive(Clone)]
pub struct CpuDevice {
    pub(super) shared: Arc<Shared>,
}

/// What programs share with their device.
pub(super) struct Shared {
    pub(super) memory: Arc<Memory>,
    pub(super) pool: Arc<Pool>,
    pub(super) level: Level,
    target: Target,
}

impl CpuDevice {
    /// The executor at the best level of this processor, on the threads of the process.
    pub fn new() -> CpuDevice {
        CpuDevice::with(Level::current(), Pool::global().clone())
    }

    /// The executor at a level and on a pool of one's own.
    pub fn with(level: Level, pool: Arc<Pool>) -> CpuDevice {
        let memory = Arc::new(Memory::default());
        CpuDevice { shared: Arc::new(Shared { memory, pool, level, target: Target::cpu() }) }
    }
}

impl Default for CpuDevice {
    fn default() -> CpuDevice {
        CpuDevice::new()
    }
}

impl Shared {
    /// A block that holds the bytes.
    pub(super) fn hold(&self, bytes: &[u8]) -> Result<Block, RuntimeError> {
        let mut block = self.memory.block(bytes.len())?;
        block.bytes_mut()[..bytes.len()].copy_from_slice(bytes);
        Ok(block)
    }
}

/// The block of a buffer of this device.
pub(super) fn block_of<'a>(
    tensor: &str,
    buffer: &'a Buffer,
) -> Result<&'a Arc<Block>, RuntimeError> {
    match buffer {
        Buffer::Cpu(block) => Ok(block),
        Buffer::Gpu(_) => Err(RuntimeError::WrongDevice {
            tensor: tensor.to_owned(),
            there: "a GPU".to_owned(),
            here: "cpu".to_owned(),
        }),
    }
}

impl Backend for CpuDevice {
    fn name(&self) -> &str {
        "cpu"
    }

    fn target(&self) -> &Target {
        &self.shared.target
    }

    fn allocate(&self, bytes: usize) -> Result<Buffer, RuntimeError> {
        Ok(Buffer::Cpu(Arc::new(self.shared.memory.block(bytes)?)))
    }

    fn upload(&self, bytes: &[u8]) -> Result<Buffer, RuntimeError> {
        Ok(Buffer::Cpu(Arc::new(self.shared.hold(bytes)?)))
    }

    fn download<'a>(&'a self, buffer: &'a Buffer, len: usize) -> Download<'a> {
        let bytes = block_of("the buffer", buffer).and_then(|block| {
            let bytes = block.bytes().get(..len).map(<[u8]>::to_vec);
            bytes.ok_or_else(|| RuntimeError::BufferTooSmall {
                tensor: "the buffer".to_owned(),
                need: len as u64,
                have: block.len() as u64,
            })
        });
        Box::pin(std::future::ready(bytes))
    }

    fn prepare(
        &self,
        plan: Arc<Plan>,
        progress: Option<Progress<'_>>,
    ) -> Result<Box<dyn Prepared>, RuntimeError> {
        Ok(Box::new(Program::new(self.shared.clone(), plan, progress)?))
    }

    fn set_max_memory(&self, bytes: Option<u64>) {
        self.shared.memory.set_budget(bytes);
    }

    fn synchronize(&self) -> Result<(), RuntimeError> {
        Ok(())
    }
}
