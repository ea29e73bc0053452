//! Times of single dispatches, by timestamps at the ends of a pass for each.

use super::device::Shared;
use super::transfer::ReadBack;
use crate::{KernelTime, RuntimeError};

/// Queries of one set; a WebGPU limit.
const QUERIES: u32 = 4096;

/// Takes the time of each dispatch of a run.
pub(super) struct Timer {
    sets: Vec<wgpu::QuerySet>,
    kernels: Vec<usize>,
}

impl Timer {
    /// A timer for so many dispatches.
    pub(super) fn new(
        shared: &Shared,
        what: &str,
        dispatches: usize,
    ) -> Result<Timer, RuntimeError> {
        if !shared.features.contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Err(RuntimeError::MissingFeature {
                device: shared.name().to_owned(),
                feature: "timestamp queries".to_owned(),
                what: what.to_owned(),
            });
        }
        let set = |_| {
            shared.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: None,
                ty: wgpu::QueryType::Timestamp,
                count: QUERIES,
            })
        };
        let sets = (2 * dispatches).div_ceil(QUERIES as usize);
        let sets = shared.attempt(|| (0..sets).map(set).collect())?;
        Ok(Timer { sets, kernels: Vec::with_capacity(dispatches) })
    }

    /// The timestamps of the next pass, which runs the given kernel; `None` where loops have run more passes than there is room for.
    pub(super) fn next(&mut self, kernel: usize) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        let query = 2 * self.kernels.len();
        let query_set = self.sets.get(query / QUERIES as usize)?;
        self.kernels.push(kernel);
        // The remainder is below the number of queries of a set, a u32.
        let first = (query % QUERIES as usize) as u32;
        Some(wgpu::ComputePassTimestampWrites {
            query_set,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        })
    }

    /// Asks for the times, behind all work submitted so far.
    pub(super) fn read(&self, shared: &Shared) -> Result<Vec<ReadBack>, RuntimeError> {
        let counts = (0..self.sets.len()).map(|i| {
            (2 * self.kernels.len()).saturating_sub(i * QUERIES as usize).min(QUERIES as usize)
        });
        let read = |(set, count): (&wgpu::QuerySet, usize)| {
            let resolved = shared.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("ferrodyne times"),
                size: 8 * u64::from(QUERIES),
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            });
            shared.attempt(|| {
                let mut encoder = shared.device.create_command_encoder(&Default::default());
                encoder.resolve_query_set(set, 0..count as u32, &resolved, 0);
                shared.queue.submit([encoder.finish()]);
            })?;
            ReadBack::start(shared, &resolved, 0, 8 * count)
        };
        self.sets.iter().zip(counts).filter(|(_, count)| *count > 0).map(read).collect()
    }

    /// The times, when they have arrived.
    pub(super) async fn times(
        &self,
        shared: &Shared,
        reads: Vec<ReadBack>,
        name: impl Fn(usize) -> String,
    ) -> Result<Vec<KernelTime>, RuntimeError> {
        let mut stamps: Vec<u64> = Vec::new();
        for read in reads {
            let bytes = read.finish(shared).await?;
            let (words, _) = bytes.as_chunks::<8>();
            stamps.extend(words.iter().map(|w| u64::from_le_bytes(*w)));
        }
        let period_ns = f64::from(shared.queue.get_timestamp_period());
        let (pairs, _) = stamps.as_chunks::<2>();
        let time = |(&kernel, [start, end]): (&usize, &[u64; 2])| KernelTime {
            name: name(kernel),
            ms: end.saturating_sub(*start) as f64 * period_ns / 1e6,
        };
        Ok(self.kernels.iter().zip(pairs).map(time).collect())
    }
}
