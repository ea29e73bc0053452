//! A GPU that is open: its memory, its pipelines, its faults.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use ferrodyne_plan::{Plan, Target};

use super::adapter::{AdapterSummary, Choice, choose};
use super::buffer::{GpuBuffer, Memory};
use super::fault::{Fault, Faults, guarded, lock, poll};
use super::pipeline::Pipelines;
use super::pool::{MemoryUse, Pool};
use super::program::{GpuProgram, State};
use super::signal::Poller;
use super::target::{target, useful_features};
use super::transfer::{self, Staging};
use crate::{Backend, Buffer, Download, Prepared, Progress, RuntimeError};

/// How a device uses memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes that tensors and programs may hold together; `None` leaves it to the driver.
    pub max_memory: Option<u64>,
    /// Bytes that may lie idle for the next use.
    pub idle_memory: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { max_memory: None, idle_memory: 1 << 30 }
    }
}

/// What all clones of a device share.
pub(super) struct Shared {
    pub(super) id: u64,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) target: Target,
    pub(super) features: wgpu::Features,
    pub(super) limits: wgpu::Limits,
    pub(super) faults: Arc<Faults>,
    pub(super) pool: Arc<Pool>,
    pub(super) staging: Arc<Staging>,
    pub(super) pipelines: Pipelines,
    pub(super) poller: Poller,
    pub(super) trusted: AtomicBool,
    programs: Mutex<Vec<Weak<Mutex<State>>>>,
    summary: AdapterSummary,
}

/// A GPU that is open. Cheap to clone.
#[derive(Clone)]
pub struct GpuDevice {
    pub(super) shared: Arc<Shared>,
}

// As for `GpuBuffer`: spares crates that use devices a larger `recursion_limit`.
// SAFETY: the only field is an `Arc<Shared>`, which is `Send` because `Shared` is `Send + Sync`, as checked below.
unsafe impl Send for GpuDevice {}
// SAFETY: as above; `&GpuDevice` gives access to `&Shared` alone.
unsafe impl Sync for GpuDevice {}

const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Arc<Shared>>();
};

impl std::fmt::Debug for GpuDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GpuDevice({})", self.shared.summary)
    }
}

impl GpuDevice {
    /// Opens the adapter that a choice means.
    ///
    /// # Errors
    /// No such adapter; the driver refuses to open it.
    pub async fn open_async(choice: &Choice, options: Options) -> Result<GpuDevice, RuntimeError> {
        let adapter = choose(choice).await?;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("ferrodyne"),
            required_features: adapter.features() & useful_features(),
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        };
        let name = adapter.get_info().name;
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|error| {
            RuntimeError::Driver { device: name.clone(), message: error.to_string() }
        })?;
        let gpu = GpuDevice::from_wgpu(device, queue, options);
        let faults = Arc::clone(&gpu.shared.faults);
        gpu.shared.device.on_uncaptured_error(Arc::new(move |e: wgpu::Error| {
            faults.keep(e.to_string());
        }));
        let faults = Arc::clone(&gpu.shared.faults);
        gpu.shared.device.set_device_lost_callback(move |reason, message| {
            let message = if message.is_empty() { format!("{reason:?}") } else { message };
            faults.lose(&message);
        });
        Ok(gpu)
    }

    /// Opens the adapter that a choice means.
    ///
    /// # Errors
    /// No such adapter; the driver refuses to open it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn open(choice: &Choice, options: Options) -> Result<GpuDevice, RuntimeError> {
        crate::blocking::wait(GpuDevice::open_async(choice, options))
    }

    /// Opens the fastest adapter that is hardware.
    ///
    /// # Errors
    /// There is none; the driver refuses to open it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn best() -> Result<GpuDevice, RuntimeError> {
        GpuDevice::open(&Choice::Best, Options::default())
    }

    /// Opens an adapter by a part of its name, without regard to case; `gpu` is any, hardware before software.
    ///
    /// # Errors
    /// There is none, and the error lists the choices; the driver refuses to open it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn named(text: &str) -> Result<GpuDevice, RuntimeError> {
        GpuDevice::open(&Choice::Named(text.to_owned()), Options::default())
    }

    /// Opens an adapter that runs on the CPU.
    ///
    /// # Errors
    /// There is none; the driver refuses to open it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn software() -> Result<GpuDevice, RuntimeError> {
        GpuDevice::open(&Choice::Software, Options::default())
    }

    /// Takes a user's own device. What it can do is what it was opened with, not what its adapter could.
    ///
    /// Its error handlers stay the user's: a callback for the loss of the device should call [`GpuDevice::mark_lost`].
    pub fn from_wgpu(device: wgpu::Device, queue: wgpu::Queue, options: Options) -> GpuDevice {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let (info, features, limits) = (device.adapter_info(), device.features(), device.limits());
        let faults = Arc::new(Faults::new(&info.name));
        let pool = Pool::new(&device, id, &faults, options.max_memory, options.idle_memory);
        let shared = Shared {
            id,
            target: target(&info, features, &limits),
            summary: AdapterSummary::of(&info),
            features,
            limits,
            pool: Arc::new(pool),
            staging: Arc::new(Staging::default()),
            pipelines: Pipelines::default(),
            poller: Poller::new(&device),
            trusted: AtomicBool::new(false),
            programs: Mutex::default(),
            faults,
            device,
            queue,
        };
        GpuDevice { shared: Arc::new(shared) }
    }

    /// Leaves out checks that the driver's compiler adds to kernels prepared from now on: counters that end endless loops,
    /// and zeroing of workgroup memory. Indices stay checked.
    ///
    /// # Safety
    /// Every loop of every kernel prepared on this device must end, and workgroup memory must be written before it is read,
    /// as it is in kernels that the ferrodyne compiler generates.
    pub unsafe fn trust_kernels(&self) {
        self.shared.trusted.store(true, Ordering::Relaxed);
    }

    /// Tells that the device is gone; every later call returns [`RuntimeError::DeviceLost`].
    pub fn mark_lost(&self, reason: &str) {
        self.shared.faults.lose(reason);
    }

    /// The adapter, in words.
    pub fn summary(&self) -> &AdapterSummary {
        &self.shared.summary
    }

    /// wgpu's device and queue, to work beside this crate.
    pub fn wgpu(&self) -> (&wgpu::Device, &wgpu::Queue) {
        (&self.shared.device, &self.shared.queue)
    }

    /// Bytes held and idle.
    pub fn memory(&self) -> MemoryUse {
        self.shared.pool.usage()
    }

    /// Distinct kernels built so far.
    pub fn kernels_built(&self) -> usize {
        self.shared.pipelines.len()
    }

    /// Gives idle memory back to the driver.
    pub fn free_idle_memory(&self) {
        self.shared.pool.free_idle();
    }

    /// As [`Backend::prepare`], with the program's own type.
    ///
    /// # Errors
    /// As [`Backend::prepare`].
    pub fn program(
        &self,
        plan: Arc<Plan>,
        progress: Option<Progress<'_>>,
    ) -> Result<GpuProgram, RuntimeError> {
        GpuProgram::new(self.clone(), plan, progress)
    }
}

impl Shared {
    pub(super) fn name(&self) -> &str {
        self.target.name.as_ref()
    }

    /// The first fault since the last call. wgpu tells of a lost device only when it is polled.
    pub(super) fn check(&self) -> Result<(), RuntimeError> {
        poll(&self.device, wgpu::PollType::Poll);
        self.faults.check()
    }

    /// Does work that wgpu may refuse.
    pub(super) fn attempt<T>(&self, work: impl FnOnce() -> T) -> Result<T, RuntimeError> {
        guarded(&self.device, work).map_err(|fault| self.error(fault))
    }

    pub(super) fn error(&self, fault: Fault) -> RuntimeError {
        match fault {
            Fault::Refused(message) => self.faults.error(&self.device, message),
            Fault::Memory => RuntimeError::OutOfMemory {
                device: self.name().to_owned(),
                need: 0,
                used: self.pool.usage().live,
                budget: String::new(),
            },
        }
    }

    pub(super) fn limit(
        &self,
        what: &str,
        limit: &'static str,
        need: u64,
        have: u64,
    ) -> Result<(), RuntimeError> {
        if need <= have {
            return Ok(());
        }
        let (device, what) = (self.name().to_owned(), what.to_owned());
        Err(RuntimeError::Limit { device, what, limit, need, have })
    }

    /// Lets a program be asked for its scratch memory when there is too little.
    pub(super) fn register(&self, program: &Arc<Mutex<State>>) {
        let mut programs = lock(&self.programs);
        programs.retain(|program| program.strong_count() > 0);
        programs.push(Arc::downgrade(program));
    }

    /// Memory from the pool; when there is too little, programs that do not run at the moment give up their scratch memory.
    pub(super) fn take(
        &self,
        bytes: u64,
        preferred: Option<u64>,
    ) -> Result<Arc<Memory>, RuntimeError> {
        match self.pool.take(bytes, preferred) {
            Err(RuntimeError::OutOfMemory { .. }) => {
                for program in lock(&self.programs).iter().filter_map(Weak::upgrade) {
                    if let Ok(mut state) = program.try_lock() {
                        state.release_scratch();
                    }
                }
                self.pool.take(bytes, preferred)
            }
            outcome => outcome,
        }
    }

    /// Memory that holds the given bytes.
    pub(super) fn upload(&self, bytes: &[u8]) -> Result<Arc<Memory>, RuntimeError> {
        let memory = self.take(bytes.len() as u64, None)?;
        self.attempt(|| transfer::write(&self.queue, &memory, bytes))?;
        Ok(memory)
    }

    /// The GPU buffer of this very device.
    pub(super) fn own<'a>(
        &self,
        name: &str,
        buffer: &'a Buffer,
    ) -> Result<&'a Arc<GpuBuffer>, RuntimeError> {
        let there = match buffer {
            Buffer::Gpu(buffer) if buffer.memory.device == self.id => return Ok(buffer),
            Buffer::Gpu(_) => "another GPU device".to_owned(),
            Buffer::Cpu(_) => "cpu".to_owned(),
        };
        let (tensor, here) = (name.to_owned(), self.name().to_owned());
        Err(RuntimeError::WrongDevice { tensor, there, here })
    }
}

impl Backend for GpuDevice {
    fn name(&self) -> &str {
        self.shared.name()
    }

    fn target(&self) -> &Target {
        &self.shared.target
    }

    fn allocate(&self, bytes: usize) -> Result<Buffer, RuntimeError> {
        self.shared.check()?;
        let memory = self.shared.take(bytes as u64, None)?;
        Ok(Buffer::Gpu(Arc::new(GpuBuffer::new(memory, bytes.next_multiple_of(16)))))
    }

    fn upload(&self, bytes: &[u8]) -> Result<Buffer, RuntimeError> {
        self.shared.check()?;
        let memory = self.shared.upload(bytes)?;
        Ok(Buffer::Gpu(Arc::new(GpuBuffer::new(memory, bytes.len().next_multiple_of(16)))))
    }

    fn download<'a>(&'a self, buffer: &'a Buffer, len: usize) -> Download<'a> {
        Box::pin(transfer::download(&self.shared, buffer, len))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn download_now(&self, buffer: &Buffer, len: usize) -> Result<Vec<u8>, RuntimeError> {
        transfer::download_now(&self.shared, buffer, len)
    }

    fn prepare(
        &self,
        plan: Arc<Plan>,
        progress: Option<Progress<'_>>,
    ) -> Result<Box<dyn Prepared>, RuntimeError> {
        Ok(Box::new(self.program(plan, progress)?))
    }

    fn set_max_memory(&self, bytes: Option<u64>) {
        self.shared.pool.set_budget(bytes);
    }

    fn synchronize(&self) -> Result<(), RuntimeError> {
        poll(&self.shared.device, wgpu::PollType::wait_indefinitely());
        self.shared.check()
    }
}
