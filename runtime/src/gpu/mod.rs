//! GPUs through wgpu.

/// Memory of a GPU.
#[derive(Debug)]
pub struct GpuBuffer {
    id: u64,
    buffer: wgpu::Buffer,
}

impl GpuBuffer {
    /// A number that no other buffer alive has.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Bytes that may be used.
    pub fn len(&self) -> usize {
        self.buffer.size() as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.buffer.size() == 0
    }
}
