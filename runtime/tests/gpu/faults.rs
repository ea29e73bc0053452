//! Faults of plans, kernels and devices: each is a typed error.

use ferrodyne_plan::loops::Kernel;
use ferrodyne_plan::plan::{Body, Sizes, SlotId, SlotRole};
use ferrodyne_plan::{Dim, Facts, Name};
use ferrodyne_runtime::gpu::{Choice, GpuDevice, Options};
use ferrodyne_runtime::{Backend, Prepared, RuntimeError};

use super::plans::{Builder, map, unary};
use super::{device, floats, open, upload};

fn refuse(text: &str, bindings: usize) -> Option<RuntimeError> {
    let gpu = device()?;
    let mut plan = Builder::new("refused");
    plan.kernel("layer1_conv", text, bindings, &[]);
    let error = gpu.program(plan.finish(), None).err().expect("the kernel is refused");
    let works = gpu.program(map("a[i] + 2.0", 4), None).expect("the device stays usable");
    let outputs = works.run(&Sizes::default(), &[upload(gpu, &[0.0; 4])]).unwrap();
    assert_eq!(floats(gpu, &outputs[0], 4), [2.0; 4]);
    Some(error)
}

#[test]
fn a_kernel_that_does_not_parse_is_refused_by_name() {
    let Some(error) = refuse(&unary("a[i] +"), 2) else { return };
    assert!(
        matches!(&error, RuntimeError::KernelRefused { kernel, .. } if kernel == "layer1_conv")
    );
}

#[test]
fn a_kernel_with_other_bindings_than_declared_is_refused_by_name() {
    let Some(error) = refuse(&unary("a[i]"), 1) else { return };
    assert!(
        matches!(&error, RuntimeError::KernelRefused { kernel, .. } if kernel == "layer1_conv")
    );
}

#[test]
fn a_panic_inside_the_shader_translator_is_a_refusal() {
    let text = "@group(0) @binding(0) var<storage, read_write> out: array<f32>;
        fn f(p: ptr<function, f32>) -> f32 { return *p; }
        @compute @workgroup_size(64) fn main() {
            var x = array<f32, 4>(); out[0] = f(&x[1]);
        }";
    let Some(error) = refuse(text, 1) else { return };
    assert!(matches!(error, RuntimeError::KernelRefused { .. }), "{error}");
}

#[test]
fn workgroup_memory_beyond_the_limit_is_an_error() {
    let text = "var<workgroup> tile: array<f32, 100000>;
        @group(0) @binding(0) var<storage, read_write> out: array<f32>;
        @compute @workgroup_size(64) fn main() { tile[0] = out[0]; out[1] = tile[0]; }";
    let Some(error) = refuse(text, 1) else { return };
    let RuntimeError::Limit { what, limit, need, .. } = error else { panic!("{error}") };
    assert_eq!(
        (&*what, limit, need),
        ("layer1_conv", "max_compute_workgroup_storage_size", 400_000)
    );
}

#[test]
fn too_many_bindings_are_an_error_that_names_the_limit() {
    let Some(error) = refuse(&unary("a[i]"), 1000) else { return };
    let RuntimeError::Limit { limit, need, .. } = error else { panic!("{error}") };
    assert_eq!((limit, need), ("max_storage_buffers_per_shader_stage", 1000));
}

#[test]
fn too_many_workgroups_are_an_error_that_names_the_limit() {
    let Some(gpu) = device() else { return };
    let mut plan = Builder::new("wide");
    let (n, groups) = (Dim::from(64), Dim::from(64 * 65_536));
    let a = plan.argument("a", &n);
    let out = plan.output("out", &n);
    let kernel = plan.kernel("wide", &unary("a[i]"), 2, &[]);
    plan.run(kernel, &groups, &[a, out]);
    let program = gpu.program(plan.finish(), None).unwrap();
    let error = program.run(&Sizes::default(), &[upload(gpu, &[0.0; 64])]).unwrap_err();
    assert!(error.to_string().contains("max_compute_workgroups_per_dimension = 65536"), "{error}");
}

#[test]
fn a_malformed_plan_is_an_error_and_no_panic() {
    let Some(gpu) = device() else { return };
    let n = Dim::from(64);
    let refusal = |change: &dyn Fn(&mut Builder, SlotId, usize)| {
        let mut plan = Builder::new("bad");
        let a = plan.argument("a", &n);
        let kernel = plan.kernel("k", &unary("a[i]"), 2, &[]);
        change(&mut plan, a, kernel);
        let error = gpu.program(plan.finish(), None).err().expect("the plan is refused");
        assert!(matches!(error, RuntimeError::MalformedPlan { .. }), "{error}");
        error.to_string()
    };
    let text = refusal(&|plan, a, kernel| plan.run(kernel, &n, &[a, SlotId(9)]));
    assert_eq!(text, "the plan `bad` is malformed: slot s9 does not exist");
    let text = refusal(&|plan, a, kernel| plan.run(kernel, &n, &[a]));
    assert_eq!(text, "the plan `bad` is malformed: kernel `k` has 2 bindings, not 1");
    let text = refusal(&|plan, a, kernel| plan.run(kernel, &n, &[a, a]));
    assert_eq!(text, "the plan `bad` is malformed: kernel `k` writes `a` and binds it twice");
    refusal(&|plan, a, kernel| plan.run(kernel + 1, &n, &[a, a]));
    refusal(&|plan, _, _| {
        plan.slot("table", SlotRole::Constant(3), &n);
    });
}

#[test]
fn inputs_that_do_not_fit_are_named() {
    let Some(gpu) = device() else { return };
    let program = gpu.program(map("a[i]", 1000), None).unwrap();
    let error = program.run(&Sizes::default(), &[upload(gpu, &[0.0; 8])]).unwrap_err();
    assert_eq!(error.to_string(), "`a` needs a buffer of 4000 bytes, but it has 256");
    let error = program.run(&Sizes::default(), &[]).unwrap_err();
    assert_eq!(error.to_string(), "`map` takes 1 inputs, not 0");
}

#[test]
fn a_buffer_of_another_device_is_refused() {
    let (Some(gpu), Some(other)) = (device(), open(Options::default())) else { return };
    let program = gpu.program(map("a[i]", 8), None).unwrap();
    let error = program.run(&Sizes::default(), &[upload(&other, &[0.0; 8])]).unwrap_err();
    assert!(matches!(&error, RuntimeError::WrongDevice { tensor, .. } if tensor == "a"), "{error}");
}

#[test]
fn an_adapter_that_is_not_there_is_an_error_that_lists_the_choices() {
    let choice = Choice::Named("no such adapter".to_owned());
    let error = GpuDevice::open(&choice, Options::default()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("no GPU adapter named `no such adapter`; there are: "), "{text}");
}

#[test]
fn a_lost_device_is_an_error_from_then_on() {
    let Some(gpu) = open(Options::default()) else { return };
    let program = gpu.program(map("a[i]", 8), None).unwrap();
    let input = upload(&gpu, &[0.0; 8]);
    gpu.wgpu().0.destroy();
    let lost = |error: RuntimeError| {
        assert!(matches!(error, RuntimeError::DeviceLost { .. }), "{error}");
    };
    lost(program.run(&Sizes::default(), std::slice::from_ref(&input)).unwrap_err());
    lost(gpu.upload(&[0; 64]).unwrap_err());
    lost(gpu.allocate(1 << 20).unwrap_err());
    lost(gpu.download_now(&input, 32).unwrap_err());
    lost(pollster::block_on(gpu.download(&input, 32)).unwrap_err());
    lost(gpu.program(map("a[i] * 3.0", 8), None).err().expect("nothing compiles any more"));
    lost(gpu.synchronize().unwrap_err());
}

#[test]
fn a_plan_for_the_cpu_executor_is_refused() {
    let Some(gpu) = device() else { return };
    let mut plan = Builder::new("cpu plan");
    plan.kernel("k", "", 1, &[]);
    let kernel = Kernel {
        name: Name::from("k"),
        params: Vec::new(),
        axes: Vec::new(),
        body: Vec::new(),
        facts: Facts::default(),
        notes: Vec::new(),
        sources: Vec::new(),
    };
    plan.0.kernels[0].body = Body::Loops(Box::new(kernel));
    let error = gpu.program(plan.finish(), None).err().expect("it carries loops");
    assert!(matches!(error, RuntimeError::MissingFeature { .. }), "{error}");
}
