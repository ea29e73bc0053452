//! Memory of a GPU: what a tensor holds on to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::pool::Pool;

fn fresh_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A range of a wgpu buffer. Goes back to its pool when it is dropped.
///
/// Its id is that of the buffer or of the user's range, and outlives one use: bind groups are kept by it and the offset.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) id: u64,
    pub(super) buffer: wgpu::Buffer,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) device: u64,
    /// Whether it was created for its present use.
    pub(super) fresh: bool,
    home: Option<Arc<Pool>>,
}

impl Memory {
    /// A whole buffer of a pool, with its id from an earlier use or a new one.
    pub(super) fn pooled(pool: &Arc<Pool>, id: Option<u64>, buffer: wgpu::Buffer) -> Memory {
        let (size, device) = (buffer.size(), pool.device_id());
        let fresh = id.is_none();
        let id = id.unwrap_or_else(fresh_id);
        Memory { id, buffer, offset: 0, size, device, fresh, home: Some(Arc::clone(pool)) }
    }

    /// A range of a user's buffer.
    pub(super) fn foreign(device: u64, buffer: wgpu::Buffer, offset: u64, size: u64) -> Memory {
        Memory { id: fresh_id(), buffer, offset, size, device, fresh: false, home: None }
    }

    /// A part of this range, which must be kept for as long as the part is used.
    pub(super) fn range(&self, offset: u64, size: u64) -> Memory {
        let (id, buffer, device) = (self.id, self.buffer.clone(), self.device);
        Memory { id, buffer, offset: self.offset + offset, size, device, fresh: false, home: None }
    }

    /// What tells this range from all others.
    pub(super) fn identity(&self) -> (u64, u64) {
        (self.id, self.offset)
    }

    /// A part, as a binding.
    pub(super) fn binding(&self, offset: u64, bytes: u64) -> wgpu::BindingResource<'_> {
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &self.buffer,
            offset: self.offset + offset,
            size: wgpu::BufferSize::new(bytes),
        })
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            home.take_back(self.id, self.buffer.clone());
        }
    }
}

/// Memory of a GPU.
pub struct GpuBuffer {
    id: u64,
    len: usize,
    pub(super) memory: Arc<Memory>,
}

// The compiler would find these two by itself, but through so many of wgpu's types that crates which use tensors would need a
// larger `recursion_limit`.
// SAFETY: the only fields are numbers and an `Arc<Memory>`, which is `Send` because `Memory` is `Send + Sync`, as checked below.
unsafe impl Send for GpuBuffer {}
// SAFETY: as above; `&GpuBuffer` gives access to `&Memory` alone.
unsafe impl Sync for GpuBuffer {}

const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Arc<Memory>>();
};

impl std::fmt::Debug for GpuBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GpuBuffer({}, {} bytes)", self.id, self.len)
    }
}

impl GpuBuffer {
    /// A handle with an id of its own.
    pub(super) fn new(memory: Arc<Memory>, len: usize) -> GpuBuffer {
        GpuBuffer { id: fresh_id(), len, memory }
    }

    /// A number that no other buffer has had.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Bytes that may be used.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The wgpu buffer, the offset into it in bytes, and the bytes from there on that belong to this buffer.
    ///
    /// The range is reused once the last handle is dropped: keep one until the user's own commands are submitted.
    pub fn raw(&self) -> (&wgpu::Buffer, u64, u64) {
        (&self.memory.buffer, self.memory.offset, self.memory.size)
    }
}
