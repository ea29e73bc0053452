//! Memory whose first byte stands on a cache line.

use bytemuck::{Pod, Zeroable};

/// A cache line.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u32; 16]);

/// Owned memory, aligned to 64 bytes and a multiple of 64 bytes long.
#[derive(Clone, Debug, Default)]
pub struct Aligned {
    lines: Vec<Line>,
}

impl Aligned {
    /// Zeroed memory of at least so many bytes.
    pub fn new(bytes: usize) -> Aligned {
        Aligned { lines: vec![Line::zeroed(); bytes.div_ceil(64)] }
    }

    /// Zeroed memory of at least so many bytes; `None` where the system has not as much.
    pub fn try_new(bytes: usize) -> Option<Aligned> {
        let mut lines = Vec::new();
        lines.try_reserve_exact(bytes.div_ceil(64)).ok()?;
        lines.resize(bytes.div_ceil(64), Line::zeroed());
        Some(Aligned { lines })
    }

    /// Grows to at least so many bytes; what it held may be lost.
    pub fn reserve(&mut self, bytes: usize) {
        if self.lines.len() * 64 < bytes {
            *self = Aligned::new(bytes);
        }
    }

    /// Bytes.
    pub fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.lines)
    }

    /// Bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.lines)
    }

    /// Floats.
    pub fn floats(&self) -> &[f32] {
        bytemuck::cast_slice(&self.lines)
    }

    /// Floats, to be written.
    pub fn floats_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.lines)
    }

    /// Words, to be written.
    pub fn words_mut(&mut self) -> &mut [u32] {
        bytemuck::cast_slice_mut(&mut self.lines)
    }
}
