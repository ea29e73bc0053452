//! The limits that a device's results are held against. In: a device. Out: a call that copies memory and one that multiplies and
//! adds in registers, with the units of each. Promise: both run on the device itself, so that they can take turns with a workload.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};

use ferrodyne::{Device, wgpu};

use crate::Fault;
use crate::baseline::{Kernels, limits, storage, whole};
use crate::measure::Call;

/// The limits of a device.
pub(crate) struct Floors {
    /// Copies memory.
    pub(crate) copy: Call,
    /// Bytes that one copy reads and writes.
    pub(crate) copy_bytes: f64,
    /// Multiplies and adds in registers; none for the host in a build without optimisations, which keeps nothing in registers.
    pub(crate) fma: Option<Call>,
    /// Operations of one such call.
    pub(crate) fma_flops: f64,
}

impl Floors {
    /// The limits of a device.
    pub(crate) fn of(device: &Device) -> Floors {
        match device.wgpu() {
            Some((gpu, queue)) => Floors::of_gpu(gpu, queue),
            None => Floors::of_host(),
        }
    }

    fn of_gpu(gpu: &wgpu::Device, queue: &wgpu::Queue) -> Floors {
        let (from, to) = (storage(gpu, limits::COPY_BYTES), storage(gpu, limits::COPY_BYTES));
        let copy = Kernels::new(gpu, queue).then(&limits::copy(), vec![whole(&from), whole(&to)]);
        let software = gpu.adapter_info().device_type == wgpu::DeviceType::Cpu;
        let iterations = if software { 128 } else { 4096 };
        let constants = storage(gpu, 32);
        let numbers: Vec<u8> =
            [0.999f32, 1e-3].iter().flat_map(|x| [*x; 4]).flat_map(f32::to_le_bytes).collect();
        queue.write_buffer(&constants, 0, &numbers);
        let out = storage(gpu, limits::FMA_BYTES);
        let fma = Kernels::new(gpu, queue)
            .then(&limits::fma(iterations), vec![whole(&constants), whole(&out)]);
        Floors {
            copy: dispatch(copy),
            copy_bytes: 2.0 * limits::COPY_BYTES as f64,
            fma: Some(dispatch(fma)),
            fma_flops: limits::fma_flops(iterations) as f64,
        }
    }

    /// The limits of the host, by one thread for each core.
    fn of_host() -> Floors {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let floats = limits::COPY_BYTES as usize / 4;
        let buffers = Arc::new(Mutex::new((vec![1f32; floats], vec![0f32; floats])));
        let part = floats.div_ceil(threads);
        let copy = move || {
            let mut buffers = buffers.lock().unwrap_or_else(PoisonError::into_inner);
            let (from, to) = &mut *buffers;
            std::thread::scope(|scope| {
                for (from, to) in from.chunks(part).zip(to.chunks_mut(part)) {
                    scope.spawn(move || to.copy_from_slice(black_box(from)));
                }
            });
            Ok(())
        };
        let fma = move || -> Result<(), Fault> {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| black_box(multiply_add(HOST_STEPS)));
                }
            });
            Ok(())
        };
        Floors {
            copy: Box::new(copy),
            copy_bytes: 2.0 * limits::COPY_BYTES as f64,
            fma: (!cfg!(debug_assertions)).then(|| Box::new(fma) as Call),
            fma_flops: (threads * HOST_STEPS * HOST_LANES * 2) as f64,
        }
    }
}

const HOST_STEPS: usize = 4_000_000;
/// Ten vectors of eight: enough for the latency of two units, few enough for sixteen registers.
const HOST_LANES: usize = 80;

fn multiply_add(steps: usize) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
        // SAFETY: the processor has both features, as was just asked.
        return unsafe { multiply_add_avx2(steps) };
    }
    multiply_add_with(steps, |x, factor, term| x * factor + term)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_add_avx2(steps: usize) -> f32 {
    multiply_add_with(steps, f32::mul_add)
}

#[inline(always)]
fn multiply_add_with(steps: usize, step: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let (factor, term) = (black_box(0.999f32), black_box(1e-3f32));
    let mut lanes = [0f32; HOST_LANES];
    for _ in 0..steps {
        for x in &mut lanes {
            *x = step(*x, factor, term);
        }
    }
    lanes.iter().sum()
}

/// Kernels as a call.
pub(crate) fn dispatch(kernels: Kernels) -> Call {
    Box::new(move || {
        kernels.run();
        Ok::<(), Fault>(())
    })
}
