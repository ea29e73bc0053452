//! A device that binds little at once: buffers that are larger are bound in ranges, at sizes of any kind.

use ferrodyne::prelude::*;
use ferrodyne::wgpu;

use super::{BackendKind, Subject, adapter, graphs, number};
use crate::tensor::close;

/// Bytes that the device binds at once: those of 1024 numbers.
const BYTES: u64 = 4096;

/// The first adapter, with a limit far below its own.
fn narrow() -> Option<Device> {
    adapter("ranges of buffers")?;
    let open = async {
        let instance = wgpu::Instance::default();
        let adapter =
            instance.request_adapter(&wgpu::RequestAdapterOptions::default()).await.ok()?;
        let required_limits =
            wgpu::Limits { max_storage_buffer_binding_size: BYTES, ..adapter.limits() };
        let required_features = adapter.features() & wgpu::Features::SUBGROUP;
        let descriptor = wgpu::DeviceDescriptor {
            required_limits,
            required_features,
            ..wgpu::DeviceDescriptor::default()
        };
        adapter.request_device(&descriptor).await.ok()
    };
    let (device, queue) = pollster::block_on(open)?;
    Some(Device::from_wgpu(device, queue))
}

type Function = fn(&Tensor) -> Tensor;

/// Functions of a matrix, each with the name of what it is about.
const FUNCTIONS: &[(&str, Function)] = &[
    ("pointwise", |x| (x * 2.0 + 1.0).relu().exp().sqrt()),
    ("softmax", |x| x.softmax(-1)),
    ("softmax of columns", |x| x.softmax(0)),
    ("norm", |x| x.layer_norm(x.size(1), None, None, 1e-5)),
    ("sum", |x| x.sum()),
    ("sums of columns", |x| x.sum_dim(0, false)),
    ("transpose", |x| x.transpose(0, 1) + 1.0),
    ("argmax", |x| x.argmax(1, false)),
    ("argmax of columns", |x| x.argmax(0, true)),
    ("product", |x| x.matmul(x.transpose(0, 1)).gelu("none")),
    ("product over columns", |x| x.transpose(0, 1).matmul(x.narrow(1, 0, 3))),
    ("halves", |x| x.to_dtype(DType::F16) * 2.0),
    ("truth", |x| x.gt(0.25)),
    ("rows", |x| x.index_select(0, x.argmax(1, false) % x.size(0))),
    ("gather", |x| x.gather(1, x.argmax(1, true))),
    ("scatter", |x| x.scatter_add(0, x.argmax(0, true) % x.size(0), x.narrow(0, 0, 1))),
    ("running", |x| x.cumsum(1)),
    ("sort", |x| x.narrow(1, 0, 3).sort(1, false).0),
    ("largest", |x| x.narrow(1, 0, 3).topk(2, 1, true).0),
    ("join", |x| Tensor::cat(&[x, x], 1)),
    ("pooling", |x| x.unsqueeze(0).unsqueeze(0).max_pool2d(2, 2, 0, 1)),
    ("window", |x| {
        let weight = x.narrow(0, 0, 2).narrow(1, 0, 3).reshape([1, 1, 2, 3]);
        x.unsqueeze(0).unsqueeze(0).conv2d(weight, None, 1, 1, 1, 1)
    }),
];

/// A small one, then one of several ranges in the same program, larger ones, and a small one again.
const SIZES: &[[usize; 2]] = &[[3, 5], [40, 36], [31, 97], [7, 700], [96, 3], [4, 5]];

#[test]
fn functions_are_computed_in_ranges() {
    let Some(device) = narrow() else { return };
    let cpu = Device::cpu();
    cpu.manual_seed(1);
    for (name, function) in FUNCTIONS {
        let compiled = compile(function);
        for &[rows, columns] in SIZES {
            let x = Tensor::rand([rows, columns], &cpu);
            let want = function(&x).to_dtype(DType::F32).to_vec::<f32>().unwrap();
            let own = x.to_device(&device).unwrap();
            let told = format!("{name} [{rows}, {columns}]");
            close(&function(&own), &want, &format!("{told}, eager"));
            close(&compiled.call(&own).unwrap(), &want, &told);
        }
        assert!(compiled.stats().programs <= 2, "{name}: {:?}", compiled.stats());
    }
}

#[test]
fn random_graphs_are_computed_in_ranges() {
    let Some(device) = narrow() else { return };
    let mut left = number("FERRODYNE_ENGINE_NARROW_CASES", 10);
    let mut state = 1_u64;
    while left > 0 {
        let mut choice = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 48) as u16
        };
        let choices: Vec<u16> = (0..200).map(|_| choice()).collect();
        let Some(drawn) = graphs::draw(&choices) else { continue };
        let mut subject = Subject::new(drawn);
        subject.check().unwrap_or_else(|text| panic!("{text}"));
        let got = subject.on(&device, BackendKind::Inductor);
        // What an operator is made of may be larger than all that a kernel binds.
        if got.as_ref().is_err_and(|text| text.contains("max_storage_buffer_binding_size")) {
            continue;
        }
        left -= 1;
        subject.judge(got, "a device that binds little").unwrap_or_else(|text| panic!("{text}"));
    }
}
