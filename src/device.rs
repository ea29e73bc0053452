//! Devices: GPUs, software adapters and the CPU executor.

use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};

use ferrodyne_plan::target::DeviceClass;
use ferrodyne_plan::{DType, HostTensor, Target};
use ferrodyne_runtime::{Backend, RuntimeError, cpu, gpu};

use crate::adapters;
use crate::eager::EagerCache;
use crate::error::Result;
use crate::tensor::{Constants, Tensor};

/// A place where tensors lie and programs run. Cheap to clone; equal when it is the same device.
///
/// ```
/// use ferrodyne::Device;
/// let device = Device::cpu();
/// assert_eq!(device.name(), "cpu");
/// ```
#[derive(Clone)]
pub struct Device(Arc<Inner>);

struct Inner {
    backend: Box<dyn Backend>,
    gpu: Option<gpu::GpuDevice>,
    eager: EagerCache,
    constants: Constants,
    seed: Mutex<Seed>,
}

const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<(
        Box<dyn Backend>,
        Option<gpu::GpuDevice>,
        EagerCache,
        Constants,
        Mutex<Seed>,
    )>();
};

// SAFETY: all fields may be sent to other threads, which the compiler has checked above. Saying it here spares users the search
// through the driver's types, which is deeper than rustc goes without a higher `recursion_limit` in the user's crate.
unsafe impl Send for Inner {}
// SAFETY: all fields may be shared with other threads, as above.
unsafe impl Sync for Inner {}

/// State of a device's random numbers: a key, and how many draws were made with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seed {
    pub(crate) key: u64,
    pub(crate) draws: u64,
}

static CPU: LazyLock<Device> = LazyLock::new(|| Device::of(Box::new(cpu::CpuDevice::new()), None));
static GPUS: Mutex<Vec<Device>> = Mutex::new(Vec::new());

impl Device {
    pub(crate) fn of(backend: Box<dyn Backend>, gpu: Option<gpu::GpuDevice>) -> Device {
        let (eager, constants) = (EagerCache::default(), Constants::default());
        Device(Arc::new(Inner { backend, gpu, eager, constants, seed: Mutex::default() }))
    }

    /// A number that no other device alive has, and never 0.
    pub(crate) fn address(&self) -> i64 {
        Arc::as_ptr(&self.0).addr() as i64
    }

    /// A device of a GPU.
    pub(crate) fn of_gpu(gpu: gpu::GpuDevice) -> Device {
        Device::of(Box::new(gpu.clone()), Some(gpu))
    }

    /// The GPU, if it is one.
    pub(crate) fn gpu(&self) -> Option<&gpu::GpuDevice> {
        self.0.gpu.as_ref()
    }

    /// A real GPU if there is one, else the CPU executor, which is much faster than a software adapter.
    /// The environment variable `FERRODYNE_DEVICE` names another one.
    ///
    /// # Errors
    /// When `FERRODYNE_DEVICE` names a device that is not there.
    pub fn best() -> Result<Device> {
        if let Ok(name) = std::env::var("FERRODYNE_DEVICE")
            && !is_best(&name)
        {
            return Device::named(&name);
        }
        match adapters::list().iter().any(|adapter| !is_software(adapter)) {
            true => Device::named("gpu").or_else(|_| Ok(Device::cpu())),
            false => Ok(Device::cpu()),
        }
    }

    /// The CPU executor.
    pub fn cpu() -> Device {
        CPU.clone()
    }

    /// `"cpu"`, `"gpu"` (any adapter, real ones before software ones), `"auto"`, or part of an adapter's name without
    /// regard to case.
    ///
    /// # Errors
    /// When nothing fits; the message lists the choices.
    pub fn named(name: &str) -> Result<Device> {
        if is_best(name) {
            return Device::best();
        }
        if name.eq_ignore_ascii_case("cpu") {
            return Ok(Device::cpu());
        }
        let backend = adapters::open(name).map_err(with_words)?;
        let mut gpus = GPUS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(known) = gpus.iter().find(|d| d.name() == backend.name()) {
            return Ok(known.clone());
        }
        let device = Device::of_gpu(backend);
        gpus.push(device.clone());
        Ok(device)
    }

    /// As [`Device::named`], without blocking: needed in browsers. Every call opens a GPU anew.
    ///
    /// # Errors
    /// When nothing fits.
    pub async fn open(name: &str) -> Result<Device> {
        if name.eq_ignore_ascii_case("cpu") {
            return Ok(Device::cpu());
        }
        let choice = gpu::Choice::Named(name.to_owned());
        Ok(Device::of_gpu(gpu::GpuDevice::open_async(&choice, gpu::Options::default()).await?))
    }

    /// Name: the adapter's, or `cpu`.
    pub fn name(&self) -> &str {
        self.0.backend.name()
    }

    /// The driver, with its version; empty for the CPU executor.
    pub fn driver(&self) -> &str {
        self.0.backend.driver()
    }

    /// What the device can do.
    pub fn target(&self) -> &Target {
        self.0.backend.target()
    }

    /// Lets the tensors and programs of this device hold so many bytes together; `None` leaves it to the driver or the system,
    /// as it is at first. What would exceed the budget is an error, [`RuntimeError::OutOfMemory`], after which
    /// the device is as usable as before; what is held already stays. All handles on the device share the budget.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let device = Device::cpu();
    /// device.set_max_memory(Some(1 << 20));
    /// let error = Tensor::try_zeros([1 << 20], &device).unwrap_err();
    /// assert!(error.to_string().contains("the budget is 1048576"));
    /// assert_eq!(Tensor::ones([4], &device).sum().item::<f32>()?, 4.0);
    /// device.set_max_memory(None);
    /// assert_eq!(Tensor::zeros([1 << 20], &device).shape(), [1 << 20]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    pub fn set_max_memory(&self, bytes: Option<u64>) {
        self.0.backend.set_max_memory(bytes);
    }

    /// Waits until all work given to the device is done.
    ///
    /// # Errors
    /// When the device was lost.
    pub fn synchronize(&self) -> Result<()> {
        Ok(self.0.backend.synchronize()?)
    }

    /// Starts the device's random numbers anew.
    pub fn manual_seed(&self, seed: u64) {
        *self.seed() = Seed { key: seed, draws: 0 };
    }

    /// The next draw of random numbers: a key and a counter that no other draw has.
    pub(crate) fn next_draw(&self) -> Seed {
        let mut seed = self.seed();
        let draw = *seed;
        seed.draws += 1;
        draw
    }

    /// Where the device's random numbers stand.
    pub(crate) fn present_seed(&self) -> Seed {
        *self.seed()
    }

    /// Goes back to where the random numbers stood.
    pub(crate) fn restore_seed(&self, seed: Seed) {
        *self.seed() = seed;
    }

    /// The seed of the next draw, which no other draw has: `u32[2]`.
    pub(crate) fn next_key(&self) -> Result<Tensor> {
        let Seed { key, draws } = self.next_draw();
        let mixed = mix(mix(key).wrapping_add(draws));
        let words = [mixed as u32, (mixed >> 32) as u32];
        let host = HostTensor::new(DType::U32, vec![2], bytemuck::cast_slice(&words).to_vec());
        Tensor::from_host(&host.expect("two words fill the shape"), self)
    }

    fn seed(&self) -> std::sync::MutexGuard<'_, Seed> {
        self.0.seed.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.0.backend
    }

    pub(crate) fn constants(&self) -> &Constants {
        &self.0.constants
    }

    pub(crate) fn eager(&self) -> &EagerCache {
        &self.0.eager
    }
}

/// A fault that lists, besides the adapters, the words that name devices.
fn with_words(fault: RuntimeError) -> RuntimeError {
    match fault {
        RuntimeError::NoAdapter { wanted, choices } => {
            RuntimeError::NoAdapter { wanted, choices: format!("{choices}, `cpu`, `gpu`, `auto`") }
        }
        other => other,
    }
}

/// Whether a name leaves the choice to ferrodyne.
fn is_best(name: &str) -> bool {
    ["", "auto", "best"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

impl PartialEq for Device {
    fn eq(&self, other: &Device) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Device {}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names of all devices, best first; the CPU executor is always among them.
pub fn devices() -> Vec<String> {
    let (software, real): (Vec<_>, Vec<_>) = adapters::list().into_iter().partition(is_software);
    let names =
        |list: Vec<gpu::AdapterSummary>| list.into_iter().map(|a| a.name).collect::<Vec<_>>();
    [names(real), vec!["cpu".to_owned()], names(software)].concat()
}

/// A permutation of 64-bit words without visible order (the finaliser of SplitMix64, Steele et al., 2014).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

fn is_software(adapter: &gpu::AdapterSummary) -> bool {
    adapter.class == DeviceClass::Software
}

/// Seeds every device in use: the CPU executor and the GPUs named so far.
pub fn manual_seed(seed: u64) {
    CPU.manual_seed(seed);
    for gpu in GPUS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter() {
        gpu.manual_seed(seed);
    }
}

/// A fault that says that two operands lie on different devices.
pub(crate) fn wrong_device(tensor: &str, there: &Device, here: &Device) -> RuntimeError {
    RuntimeError::WrongDevice {
        tensor: tensor.to_owned(),
        there: there.name().to_owned(),
        here: here.name().to_owned(),
    }
}
