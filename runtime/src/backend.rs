//! What a device offers: memory, and programs made of plans.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{Plan, Target};

use crate::{Profile, RuntimeError};

/// Memory of a device. Cheap to clone; the memory goes back to the device's pool when the last clone is dropped.
#[derive(Clone, Debug)]
pub enum Buffer {
    /// Of the CPU executor.
    Cpu(Arc<crate::cpu::Block>),
    /// Of a GPU.
    Gpu(Arc<crate::gpu::GpuBuffer>),
}

impl Buffer {
    /// A number that no other buffer alive has: changes of parameters are seen by it.
    pub fn id(&self) -> u64 {
        match self {
            Buffer::Cpu(block) => block.id(),
            Buffer::Gpu(buffer) => buffer.id(),
        }
    }

    /// Bytes that may be used.
    pub fn len(&self) -> usize {
        match self {
            Buffer::Cpu(block) => block.len(),
            Buffer::Gpu(buffer) => buffer.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the memory that it holds: pools hand out sizes of classes.
    pub fn held_bytes(&self) -> u64 {
        match self {
            Buffer::Cpu(block) => block.len() as u64,
            Buffer::Gpu(buffer) => buffer.raw().2,
        }
    }
}

/// Called while kernels compile: how many are done, and how many there are.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// What a program has cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunStats {
    /// Kernels of the plan that were made ready.
    pub kernels: usize,
    /// Dispatches and copies of the last run; kernels executed, on the CPU.
    pub dispatches: usize,
    /// Milliseconds spent on making pipelines, the driver's compiler included.
    pub pipeline_ms: f64,
    /// Milliseconds of the last weight program.
    pub weights_ms: f64,
    /// Bytes held for activations and scratch.
    pub peak_bytes: u64,
    /// Bytes held for parameters, constants and their packed copies.
    pub weight_bytes: u64,
    /// Buffers, bind groups and pipelines created by the last run.
    pub created: usize,
    /// Conditions of branches and loops that the host read during the last run.
    pub condition_reads: usize,
}

/// The bytes of a buffer, once they have arrived.
pub type Download<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, RuntimeError>> + 'a>>;

/// A timed run, once its times have arrived.
pub type Profiling<'a> = Pin<Box<dyn Future<Output = Result<Profile, RuntimeError>> + 'a>>;

/// A device.
pub trait Backend: Send + Sync {
    /// Name for people: the adapter's, or `cpu`.
    fn name(&self) -> &str;

    /// The driver, with its version; empty where there is none.
    fn driver(&self) -> &str {
        ""
    }

    /// What it can do.
    fn target(&self) -> &Target;

    /// Memory of so many bytes, rounded up to 16; its content means nothing.
    ///
    /// # Errors
    /// Out of memory, over a limit, lost.
    fn allocate(&self, bytes: usize) -> Result<Buffer, RuntimeError>;

    /// Memory that holds the given bytes, which are in device layout.
    ///
    /// # Errors
    /// As [`Backend::allocate`].
    fn upload(&self, bytes: &[u8]) -> Result<Buffer, RuntimeError>;

    /// The first `len` bytes of a buffer, when all work on it is done.
    fn download<'a>(&'a self, buffer: &'a Buffer, len: usize) -> Download<'a>;

    /// As [`Backend::download`], waiting on the calling thread.
    ///
    /// # Errors
    /// A buffer that is too small or of another device, lost.
    #[cfg(not(target_arch = "wasm32"))]
    fn download_now(&self, buffer: &Buffer, len: usize) -> Result<Vec<u8>, RuntimeError> {
        crate::blocking::wait(self.download(buffer, len))
    }

    /// Makes a plan ready: compiles its kernels, uploads its constants.
    ///
    /// # Errors
    /// Features or limits that the plan exceeds, out of memory, kernels refused, lost.
    fn prepare(
        &self,
        plan: Arc<Plan>,
        progress: Option<Progress<'_>>,
    ) -> Result<Box<dyn Prepared>, RuntimeError>;

    /// Lets tensors and programs hold so many bytes together, or as many as there are. What would exceed it is
    /// [`RuntimeError::OutOfMemory`]. A backend that does not count its memory leaves it as it is.
    fn set_max_memory(&self, bytes: Option<u64>) {
        let _ = bytes;
    }

    /// Waits until all work given so far is done.
    ///
    /// # Errors
    /// When the device was lost.
    fn synchronize(&self) -> Result<(), RuntimeError>;
}

/// A plan made ready on a device. Runs may come from several threads; they are put in order.
pub trait Prepared: Send + Sync {
    /// The plan.
    fn plan(&self) -> &Plan;

    /// Runs the plan. `inputs` are all of its inputs in order, parameters included; the weight program runs again when the
    /// identity of a parameter's buffer has changed. Results are in the order of the plan's outputs, then of its write-backs.
    ///
    /// # Errors
    /// Buffers that are too small or of another device, out of memory, lost.
    fn run(&self, sizes: &Sizes, inputs: &[Buffer]) -> Result<Vec<Buffer>, RuntimeError>;

    /// Runs the plan as [`Prepared::run`] does and times each kernel on the device. Slower than a run.
    ///
    /// # Errors
    /// As [`Prepared::run`]; a device that cannot time kernels.
    fn profile<'a>(&'a self, sizes: &'a Sizes, inputs: &'a [Buffer]) -> Profiling<'a> {
        let _ = (sizes, inputs);
        let what = self.plan().name.to_string();
        let error = RuntimeError::MissingFeature {
            device: "the device".to_owned(),
            feature: "timer of kernels".to_owned(),
            what,
        };
        Box::pin(std::future::ready(Err(error)))
    }

    /// As [`Prepared::profile`], waiting on the calling thread.
    ///
    /// # Errors
    /// As [`Prepared::profile`].
    #[cfg(not(target_arch = "wasm32"))]
    fn profile_now(&self, sizes: &Sizes, inputs: &[Buffer]) -> Result<Profile, RuntimeError> {
        crate::blocking::wait(self.profile(sizes, inputs))
    }

    /// What it has cost so far.
    fn stats(&self) -> RunStats;
}
