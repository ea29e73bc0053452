//! Pipelines of a device: built in parallel, each kernel text once, and warmed up.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use ferrodyne_plan::plan::{Access, Binding, Body, PlanKernel, WgslKernel};

use super::buffer::Memory;
use super::device::Shared;
use super::fault::{Fault, guarded, lock};
use crate::{Progress, RuntimeError};

/// Bytes of each buffer that a warm-up binds; kernels that demand more are compiled by the driver at their first run.
const WARM_UP_BYTES: u64 = 64 << 10;

/// The number that stands for every size in a warm-up, and how many there are at most.
const WARM_UP_SIZE: u32 = 4099;
const WARM_UP_SIZES: usize = 256;

/// Pipelines kept beyond those that programs hold.
const KEPT: usize = 2048;

/// What fixes the layout of a kernel's bindings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Signature {
    access: Vec<Access>,
    sizes: bool,
}

/// Layouts that all kernels of one signature share.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) bindings: wgpu::BindGroupLayout,
    pipeline: wgpu::PipelineLayout,
}

/// A kernel made ready.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) raw: wgpu::ComputePipeline,
    pub(super) layout: Arc<Layout>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    text: String,
    entry: String,
    signature: Signature,
}

/// What a device has built.
#[derive(Debug, Default)]
pub(super) struct Pipelines {
    layouts: Mutex<HashMap<Signature, Arc<Layout>>>,
    built: Mutex<HashMap<Key, Arc<Pipeline>>>,
}

impl Pipelines {
    /// Kernels built and kept.
    pub(super) fn len(&self) -> usize {
        lock(&self.built).len()
    }
}

fn signature(kernel: &PlanKernel) -> Signature {
    let ranges = |b: &Binding| std::iter::repeat_n(b.access, b.count() as usize);
    let access = kernel.bindings.iter().flat_map(ranges).collect();
    Signature { access, sizes: !kernel.sizes.is_empty() }
}

/// A kernel that is to be built.
struct Job<'a> {
    kernel: &'a PlanKernel,
    wgsl: &'a WgslKernel,
    key: Key,
    /// Positions in the plan that it serves.
    serves: Vec<usize>,
}

/// Makes the plan's kernels ready, in their order. Equal kernels are built once per device; `expected` ones are warmed up.
pub(super) fn build(
    shared: &Shared,
    kernels: &[PlanKernel],
    expected: &[bool],
    progress: Option<Progress<'_>>,
) -> Result<Vec<Arc<Pipeline>>, RuntimeError> {
    let mut ready: Vec<Option<Arc<Pipeline>>> = vec![None; kernels.len()];
    let mut jobs: Vec<Job> = Vec::new();
    for (i, kernel) in kernels.iter().enumerate() {
        let Body::Wgsl(wgsl) = &kernel.body else { continue };
        let (text, entry) = (wgsl.text.clone(), wgsl.entry.clone());
        let key = Key { text, entry, signature: signature(kernel) };
        if let Some(built) = lock(&shared.pipelines.built).get(&key) {
            ready[i] = Some(Arc::clone(built));
        } else if let Some(job) = jobs.iter_mut().find(|job| job.key == key) {
            job.serves.push(i);
        } else {
            jobs.push(Job { kernel, wgsl, key, serves: vec![i] });
        }
    }
    let mut done = ready.iter().flatten().count();
    let mut warm_up = WarmUp::default();
    run_jobs(shared, &jobs, |job, pipeline| {
        let pipeline = Arc::new(pipeline?);
        if job.serves.iter().any(|&i| expected[i]) {
            warm_up.run(shared, &pipeline, &job.key.signature)?;
        }
        for &i in &job.serves {
            ready[i] = Some(Arc::clone(&pipeline));
        }
        done += job.serves.len();
        if let Some(progress) = progress {
            progress(done, kernels.len());
        }
        Ok(())
    })?;
    shared.check()?;
    let mut built = lock(&shared.pipelines.built);
    for job in jobs {
        built.extend(ready[job.serves[0]].clone().map(|pipeline| (job.key, pipeline)));
    }
    if built.len() > KEPT {
        built.retain(|_, pipeline| Arc::strong_count(pipeline) > 1);
    }
    Ok(ready.into_iter().flatten().collect())
}

/// Builds pipelines on as many threads as there are cores, and hands each to `receive` on this thread as it is done.
#[cfg(not(target_arch = "wasm32"))]
fn run_jobs<'j>(
    shared: &Shared,
    jobs: &'j [Job<'j>],
    mut receive: impl FnMut(&'j Job<'j>, Result<Pipeline, RuntimeError>) -> Result<(), RuntimeError>,
) -> Result<(), RuntimeError> {
    use std::sync::atomic::AtomicUsize;

    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::channel();
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send((job, create(shared, job))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        receiver.iter().try_for_each(|(job, outcome)| receive(job, outcome))
    })
}

/// Builds pipelines one after the other: the browser compiles them beside this thread anyway.
#[cfg(target_arch = "wasm32")]
fn run_jobs<'j>(
    shared: &Shared,
    jobs: &'j [Job<'j>],
    mut receive: impl FnMut(&'j Job<'j>, Result<Pipeline, RuntimeError>) -> Result<(), RuntimeError>,
) -> Result<(), RuntimeError> {
    jobs.iter().try_for_each(|job| receive(job, create(shared, job)))
}

fn create(shared: &Shared, job: &Job<'_>) -> Result<Pipeline, RuntimeError> {
    let refused = |fault| match fault {
        Fault::Refused(message) if !shared.faults.is_lost() => RuntimeError::KernelRefused {
            device: shared.name().to_owned(),
            kernel: job.kernel.name.to_string(),
            message,
        },
        fault => shared.error(fault),
    };
    let layout = layout(shared, &job.key.signature)?;
    let module = guarded(&shared.device, || module(shared, job)).map_err(refused)?;
    let zero_workgroup = !shared.trusted.load(Ordering::Relaxed);
    let raw = guarded(&shared.device, || {
        shared.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(job.kernel.name.as_ref()),
            layout: Some(&layout.pipeline),
            module: &module,
            entry_point: Some(&job.wgsl.entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: zero_workgroup,
                ..Default::default()
            },
            cache: None,
        })
    })
    .map_err(refused)?;
    Ok(Pipeline { raw, layout })
}

fn module(shared: &Shared, job: &Job<'_>) -> wgpu::ShaderModule {
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: Some(job.kernel.name.as_ref()),
        source: wgpu::ShaderSource::Wgsl(job.wgsl.text.as_str().into()),
    };
    if !shared.trusted.load(Ordering::Relaxed) {
        return shared.device.create_shader_module(descriptor);
    }
    let mut checks = wgpu::ShaderRuntimeChecks::checked();
    checks.force_loop_bounding = false;
    // SAFETY: the caller of `GpuDevice::trust_kernels` promised that every loop ends; all other checks stay.
    unsafe { shared.device.create_shader_module_trusted(descriptor, checks) }
}

fn layout(shared: &Shared, signature: &Signature) -> Result<Arc<Layout>, RuntimeError> {
    if let Some(layout) = lock(&shared.pipelines.layouts).get(signature) {
        return Ok(Arc::clone(layout));
    }
    let storage = |access| wgpu::BufferBindingType::Storage { read_only: access == Access::Read };
    let kinds = signature.access.iter().map(|&access| storage(access));
    let kinds = kinds.chain(signature.sizes.then_some(wgpu::BufferBindingType::Uniform));
    let entry = |(binding, ty)| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    };
    let entries: Vec<_> = (0..).zip(kinds).map(entry).collect();
    let layout = shared.attempt(|| {
        let bindings = shared.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        });
        let pipeline = shared.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&bindings)],
            immediate_size: 0,
        });
        Arc::new(Layout { bindings, pipeline })
    })?;
    Ok(Arc::clone(lock(&shared.pipelines.layouts).entry(signature.clone()).or_insert(layout)))
}

/// Runs kernels over no workgroups: software drivers compile at the first dispatch, and it is to fall into the preparation.
#[derive(Default)]
struct WarmUp {
    memories: Vec<Arc<Memory>>,
    groups: HashMap<Signature, wgpu::BindGroup>,
}

impl WarmUp {
    /// Fills the sizes with a large number: Mesa compiles a kernel anew for sizes at which its loops end at once.
    fn fill_sizes(&self, shared: &Shared, at: usize) {
        let sizes = WARM_UP_SIZE.to_le_bytes().repeat(WARM_UP_SIZES);
        shared.queue.write_buffer(&self.memories[at].buffer, self.memories[at].offset, &sizes);
    }

    fn run(
        &mut self,
        shared: &Shared,
        pipeline: &Pipeline,
        signature: &Signature,
    ) -> Result<(), RuntimeError> {
        if cfg!(target_arch = "wasm32") {
            return Ok(());
        }
        while self.memories.len() < signature.access.len() + 1 {
            self.memories.push(shared.take(WARM_UP_BYTES, None)?);
        }
        if signature.sizes {
            self.fill_sizes(shared, signature.access.len());
        }
        let memories = &self.memories;
        let bytes = WARM_UP_BYTES.min(shared.target.binding_bytes_max);
        let group = self.groups.entry(signature.clone()).or_insert_with(|| {
            let bindings = signature.access.len() + usize::from(signature.sizes);
            let entries: Vec<_> = (0..)
                .zip(&memories[..bindings])
                .map(|(binding, memory)| wgpu::BindGroupEntry {
                    binding,
                    resource: memory.binding(0, memory.size.min(bytes)),
                })
                .collect();
            shared.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.layout.bindings,
                entries: &entries,
            })
        });
        // A kernel whose bindings demand more bytes than the warm-up binds refuses this, and only loses the warm-up.
        let _ = guarded(&shared.device, || {
            let mut encoder = shared.device.create_command_encoder(&Default::default());
            {
                let mut pass = encoder.begin_compute_pass(&Default::default());
                pass.set_pipeline(&pipeline.raw);
                pass.set_bind_group(0, &*group, &[]);
                pass.dispatch_workgroups(0, 1, 1);
            }
            shared.queue.submit([encoder.finish()]);
        });
        super::fault::poll(&shared.device, wgpu::PollType::wait_indefinitely());
        Ok(())
    }
}
