//! Buffers by size class, with a budget and a cap on what lies idle.

use std::sync::{Arc, Mutex};

use super::buffer::Memory;
use super::fault::{Fault, Faults, guarded, lock, poll};
use crate::RuntimeError;

/// Smallest buffer.
const BYTES_MIN: u64 = 256;

/// Uses of every pooled buffer.
const USAGE: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE
    .union(wgpu::BufferUsages::UNIFORM)
    .union(wgpu::BufferUsages::COPY_SRC)
    .union(wgpu::BufferUsages::COPY_DST);

/// Bytes of a device, as its pool counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUse {
    /// Held by tensors and programs.
    pub live: u64,
    /// Kept for the next use.
    pub idle: u64,
    /// Buffers created so far.
    pub created: u64,
}

#[derive(Debug)]
struct Idle {
    id: u64,
    buffer: wgpu::Buffer,
}

#[derive(Debug, Default)]
struct State {
    /// Oldest first.
    idle: Vec<Idle>,
    usage: MemoryUse,
    budget: Option<u64>,
}

/// The buffers of a device.
#[derive(Debug)]
pub(super) struct Pool {
    device: wgpu::Device,
    device_id: u64,
    faults: Arc<Faults>,
    buffer_bytes_max: u64,
    idle_bytes_max: u64,
    state: Mutex<State>,
    #[cfg(test)]
    pub(super) refusals: std::sync::atomic::AtomicUsize,
}

/// The size of the buffer that serves a request: steps of an eighth of a power of two, so that at most an eighth is lost.
fn class(bytes: u64, buffer_bytes_max: u64) -> u64 {
    let rounded = bytes.max(BYTES_MIN).next_multiple_of(16);
    let step = (1u64 << rounded.ilog2()) / 8;
    let class = rounded.next_multiple_of(step.max(16));
    if class > buffer_bytes_max { rounded } else { class }
}

impl Pool {
    pub(super) fn new(
        device: &wgpu::Device,
        device_id: u64,
        faults: &Arc<Faults>,
        budget: Option<u64>,
        idle_bytes_max: u64,
    ) -> Pool {
        Pool {
            device: device.clone(),
            device_id,
            faults: Arc::clone(faults),
            buffer_bytes_max: device.limits().max_buffer_size,
            idle_bytes_max,
            state: Mutex::new(State { budget, ..State::default() }),
            #[cfg(test)]
            refusals: std::sync::atomic::AtomicUsize::new(0),
        }
    }

    pub(super) fn device_id(&self) -> u64 {
        self.device_id
    }

    pub(super) fn usage(&self) -> MemoryUse {
        lock(&self.state).usage
    }

    /// Changes the budget. What lies idle is freed, since it serves again without being counted anew.
    pub(super) fn set_budget(&self, budget: Option<u64>) {
        lock(&self.state).budget = budget;
        self.free_idle();
    }

    /// Whether so many bytes more would exceed the budget, `idle` bytes being kept.
    fn exceeds(&self, more: u64, idle: u64) -> bool {
        let state = lock(&self.state);
        state.budget.is_some_and(|budget| (state.usage.live + idle).saturating_add(more) > budget)
    }

    /// Memory of so many bytes, if possible the one with the preferred id.
    ///
    /// Runs are ordered on the queue, so that memory may serve again before the device has done with it.
    pub(super) fn take(
        self: &Arc<Pool>,
        bytes: u64,
        preferred: Option<u64>,
    ) -> Result<Arc<Memory>, RuntimeError> {
        let class = class(bytes, self.buffer_bytes_max);
        if class > self.buffer_bytes_max {
            return Err(RuntimeError::Limit {
                device: self.faults.device().to_owned(),
                what: "a buffer".to_owned(),
                limit: "max_buffer_size",
                need: class,
                have: self.buffer_bytes_max,
            });
        }
        if let Some(idle) = self.take_idle(class, preferred) {
            return Ok(Arc::new(Memory::pooled(self, Some(idle.id), idle.buffer)));
        }
        let buffer = self.create(class)?;
        Ok(Arc::new(Memory::pooled(self, None, buffer)))
    }

    fn take_idle(&self, class: u64, preferred: Option<u64>) -> Option<Idle> {
        let mut state = lock(&self.state);
        let fits = |idle: &Idle| idle.buffer.size() == class;
        let wanted = |idle: &Idle| Some(idle.id) == preferred && fits(idle);
        let at = state.idle.iter().rposition(wanted);
        let at = at.or_else(|| state.idle.iter().rposition(fits))?;
        state.usage.idle -= class;
        state.usage.live += class;
        Some(state.idle.remove(at))
    }

    /// A new buffer; when there is no room, what lies idle is freed and it is tried once more.
    fn create(&self, class: u64) -> Result<wgpu::Buffer, RuntimeError> {
        self.faults.check()?;
        if self.exceeds(class, self.usage().idle) {
            self.free_idle();
            if self.exceeds(class, 0) {
                return Err(self.out_of_memory(class));
            }
        }
        let outcome = match self.try_create(class) {
            Err(Fault::Memory) => {
                self.free_idle();
                poll(&self.device, wait());
                self.try_create(class)
            }
            outcome => outcome,
        };
        match outcome {
            Ok(buffer) => {
                let mut state = lock(&self.state);
                state.usage.live += class;
                state.usage.created += 1;
                Ok(buffer)
            }
            Err(Fault::Memory) => Err(self.out_of_memory(class)),
            Err(Fault::Refused(message)) => Err(self.faults.error(&self.device, message)),
        }
    }

    fn try_create(&self, class: u64) -> Result<wgpu::Buffer, Fault> {
        #[cfg(test)]
        {
            use std::sync::atomic::Ordering::Relaxed;
            let less = |n: usize| n.checked_sub(1);
            if self.refusals.fetch_update(Relaxed, Relaxed, less).is_ok() {
                return Err(Fault::Memory);
            }
        }
        guarded(&self.device, || {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("ferrodyne"),
                size: class,
                usage: USAGE,
                mapped_at_creation: false,
            })
        })
    }

    fn out_of_memory(&self, need: u64) -> RuntimeError {
        let state = lock(&self.state);
        let budget = crate::error::told(state.budget);
        let (device, used) = (self.faults.device().to_owned(), state.usage.live);
        RuntimeError::OutOfMemory { device, need, used, budget }
    }

    /// Gives all idle buffers back to the driver.
    pub(super) fn free_idle(&self) {
        let idle = {
            let mut state = lock(&self.state);
            state.usage.idle = 0;
            std::mem::take(&mut state.idle)
        };
        for entry in idle {
            entry.buffer.destroy();
        }
    }

    /// Keeps the buffer of a dropped [`Memory`]; the oldest go when more lies idle than the cap.
    pub(super) fn take_back(&self, id: u64, buffer: wgpu::Buffer) {
        let size = buffer.size();
        let mut state = lock(&self.state);
        state.usage.live -= size;
        state.usage.idle += size;
        state.idle.push(Idle { id, buffer });
        while state.usage.idle > self.idle_bytes_max && !state.idle.is_empty() {
            let oldest = state.idle.remove(0);
            state.usage.idle -= oldest.buffer.size();
            oldest.buffer.destroy();
        }
    }
}

fn wait() -> wgpu::PollType {
    wgpu::PollType::wait_indefinitely()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::class;
    use crate::gpu::GpuDevice;
    use crate::{Backend, RuntimeError};

    #[test]
    fn a_driver_out_of_memory_is_asked_once_more_and_then_is_an_error() {
        let Ok(gpu) = GpuDevice::software() else {
            println!("skip: no software adapter");
            return;
        };
        let refuse = |n| gpu.shared.pool.refusals.store(n, Ordering::Relaxed);
        drop(gpu.allocate(1 << 20).unwrap());
        refuse(1);
        gpu.allocate(4096).expect("the second attempt has room");
        assert_eq!(gpu.memory().idle, 4096, "what lay idle was freed first");
        refuse(4);
        let error = gpu.allocate(8192).unwrap_err();
        assert!(matches!(error, RuntimeError::OutOfMemory { need: 8192, .. }), "{error}");
        gpu.allocate(8192).expect("the device stays usable");
    }

    #[test]
    fn classes_lose_at_most_an_eighth_and_hold_the_request() {
        for bytes in (0..100_000).step_by(7) {
            let class = class(bytes, 1 << 30);
            assert!(class >= bytes.max(256));
            assert!(class.is_multiple_of(16));
            assert!(bytes < 256 || class - bytes <= bytes / 8 + 16, "{bytes} -> {class}");
        }
    }

    #[test]
    fn a_class_never_exceeds_the_largest_buffer_when_the_request_fits() {
        assert_eq!(class(1000, 1000), 1008);
        assert_eq!(class((1 << 31) - 16, (1 << 31) - 1), (1 << 31) - 16);
    }
}
