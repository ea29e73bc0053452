//! Bytes to the device and back. Read-back goes through mappable buffers that are kept for the next time.

use std::sync::{Arc, Mutex};

use super::buffer::Memory;
use super::device::Shared;
use super::fault::lock;
#[cfg(not(target_arch = "wasm32"))]
use super::fault::poll;
use super::signal::Signal;
use crate::{Buffer, RuntimeError};

/// Bytes that cross in one piece: larger ones would hold as much staging memory at once.
const PIECE: usize = 64 << 20;

/// Staging buffers kept for the next read-back.
const STAGING_KEPT: usize = 8;

/// Writes bytes to the start of memory, before everything that is submitted later. The last bytes are padded to four.
pub(super) fn write(queue: &wgpu::Queue, memory: &Memory, bytes: &[u8]) {
    let pieces = bytes.chunks(PIECE).enumerate();
    for (i, piece) in pieces {
        let offset = memory.offset + (i * PIECE) as u64;
        let (whole, rest) = piece.split_at(piece.len() & !3);
        if !whole.is_empty() {
            queue.write_buffer(&memory.buffer, offset, whole);
        }
        if !rest.is_empty() {
            let mut last = [0u8; 4];
            last[..rest.len()].copy_from_slice(rest);
            queue.write_buffer(&memory.buffer, offset + whole.len() as u64, &last);
        }
        if bytes.len() > PIECE {
            queue.submit([]);
        }
    }
}

/// Mappable buffers that nobody reads at the moment.
#[derive(Debug, Default)]
pub(super) struct Staging(Mutex<Vec<wgpu::Buffer>>);

impl Staging {
    fn take(&self, device: &wgpu::Device, bytes: u64) -> wgpu::Buffer {
        let size = bytes.max(4096).next_power_of_two().min(PIECE as u64);
        let mut kept = lock(&self.0);
        if let Some(at) = kept.iter().position(|b| b.size() == size) {
            return kept.swap_remove(at);
        }
        drop(kept);
        device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("ferrodyne read-back"),
            size,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    fn give(&self, buffer: wgpu::Buffer) {
        buffer.unmap();
        let mut kept = lock(&self.0);
        if kept.len() < STAGING_KEPT {
            kept.push(buffer);
        }
    }
}

/// A piece on its way to the host. Dropped before it has arrived, its staging buffer is given up.
struct Piece {
    staging: wgpu::Buffer,
    bytes: usize,
    mapped: Signal<Result<(), wgpu::BufferAsyncError>>,
}

/// Bytes on their way to the host.
pub(super) struct ReadBack {
    pieces: Vec<Piece>,
    len: usize,
}

impl ReadBack {
    /// Asks for `len` bytes from `offset` on, behind all work submitted so far.
    pub(super) fn start(
        shared: &Shared,
        buffer: &wgpu::Buffer,
        offset: u64,
        len: usize,
    ) -> Result<ReadBack, RuntimeError> {
        let starts = (0..len).step_by(PIECE);
        let pieces = starts.map(|start| {
            let bytes = (len - start).min(PIECE);
            shared.attempt(|| piece(shared, buffer, offset + start as u64, bytes))
        });
        Ok(ReadBack { pieces: pieces.collect::<Result<_, _>>()?, len })
    }

    /// The bytes, when they have arrived.
    pub(super) async fn finish(self, shared: &Shared) -> Result<Vec<u8>, RuntimeError> {
        let mut bytes = Vec::with_capacity(self.len);
        for piece in self.pieces {
            let lost = |message: String| shared.faults.error(&shared.device, message);
            let mapped = piece.mapped.wait(&shared.poller).await;
            mapped.map_err(|_| lost("a read-back was cut off".to_owned()))?;
            {
                let view = piece.staging.get_mapped_range(..);
                let view = view.map_err(|e| lost(e.to_string()))?;
                bytes.extend_from_slice(&view[..piece.bytes]);
            }
            shared.staging.give(piece.staging);
        }
        Ok(bytes)
    }
}

fn piece(shared: &Shared, buffer: &wgpu::Buffer, offset: u64, bytes: usize) -> Piece {
    let staging = shared.staging.take(&shared.device, bytes as u64);
    let mut encoder = shared.device.create_command_encoder(&Default::default());
    let size = bytes.next_multiple_of(4) as u64;
    encoder.copy_buffer_to_buffer(buffer, offset, &staging, 0, size);
    shared.queue.submit([encoder.finish()]);
    let (mapped, complete) = Signal::new();
    staging.map_async(wgpu::MapMode::Read, .., complete);
    Piece { staging, bytes, mapped }
}

fn start(shared: &Shared, buffer: &Buffer, len: usize) -> Result<ReadBack, RuntimeError> {
    shared.check()?;
    let buffer = shared.own("the buffer to read", buffer)?;
    if len > buffer.len() {
        let (need, have) = (len as u64, buffer.len() as u64);
        let tensor = "the buffer to read".to_owned();
        return Err(RuntimeError::BufferTooSmall { tensor, need, have });
    }
    ReadBack::start(shared, &buffer.memory.buffer, buffer.memory.offset, len)
}

/// The first `len` bytes of a buffer, behind all work submitted so far.
pub(super) async fn download(
    shared: &Arc<Shared>,
    buffer: &Buffer,
    len: usize,
) -> Result<Vec<u8>, RuntimeError> {
    let bytes = start(shared, buffer, len)?.finish(shared).await?;
    shared.check()?;
    Ok(bytes)
}

/// As [`download`], polling the device on this thread: no other thread is roused.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn download_now(
    shared: &Arc<Shared>,
    buffer: &Buffer,
    len: usize,
) -> Result<Vec<u8>, RuntimeError> {
    let read_back = start(shared, buffer, len)?;
    poll(&shared.device, wgpu::PollType::wait_indefinitely());
    let bytes = crate::blocking::wait(read_back.finish(shared))?;
    shared.check()?;
    Ok(bytes)
}

/// The first word of memory, behind all work submitted so far.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn read_word(shared: &Shared, memory: &Memory) -> Result<u32, RuntimeError> {
    let read_back = ReadBack::start(shared, &memory.buffer, memory.offset, 4)?;
    poll(&shared.device, wgpu::PollType::wait_indefinitely());
    let bytes = crate::blocking::wait(read_back.finish(shared))?;
    shared.check()?;
    Ok(bytes.first_chunk().map_or(0, |word| u32::from_le_bytes(*word)))
}

/// In a browser no thread may wait for a value.
#[cfg(target_arch = "wasm32")]
pub(super) fn read_word(shared: &Shared, _memory: &Memory) -> Result<u32, RuntimeError> {
    Err(RuntimeError::MissingFeature {
        device: shared.name().to_owned(),
        feature: "way to wait for the condition of a branch or a loop in a browser".to_owned(),
        what: "the program".to_owned(),
    })
}
