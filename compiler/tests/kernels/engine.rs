//! Graphs from text, kernels on made up data, and what their results must be.

use ferrodyne_compiler::graph::{Graph, ParseCx, parse};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_plan::loops::{Kernel, Literal, Role, Tensor, interpret};
use ferrodyne_plan::{Dim, Name, Scalar, Target};

pub(crate) type Sizes<'a> = &'a [(&'a str, i64)];

/// A graph from text after the passes that a target wants.
#[track_caller]
pub(crate) fn graph(text: &str, target: &Target) -> Graph {
    graph_in(text, target, &PassCx::default())
}

/// The same with what the passes may know.
#[track_caller]
pub(crate) fn graph_in(text: &str, target: &Target, cx: &PassCx) -> Graph {
    let mut graph = parse(text, ParseCx::new(&Table)).unwrap_or_else(|e| panic!("{e}\n{text}"));
    PassList::default_for(target)
        .run(&mut graph, cx, &mut |_, _| {})
        .unwrap_or_else(|e| panic!("{e}\n{text}"));
    graph
}

fn extent(dim: &Dim, sizes: Sizes<'_>) -> usize {
    let of = |name: &Name| sizes.iter().find(|(own, _)| name == own).map(|(_, size)| *size);
    let value = dim.eval(&|var| of(var.name()));
    value.unwrap_or_else(|e| panic!("{e}")) as usize
}

/// The first result of a kernel on numbers that depend on nothing but the order of its parameters.
#[track_caller]
pub(crate) fn run(
    kernel: &Kernel,
    sizes: Sizes<'_>,
    spoil: &dyn Fn(&mut Tensor, &str),
) -> Vec<f32> {
    let mut buffers = Vec::new();
    for (nth, param) in kernel.params.iter().enumerate() {
        let dims: Vec<usize> = param.dims.iter().map(|dim| extent(dim, sizes)).collect();
        let mut state = (nth as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let data = (0..dims.iter().product::<usize>()).map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            match param.dtype.scalar() {
                Scalar::Bool => Literal::Bool(!(state >> 40).is_multiple_of(3)),
                _ => Literal::F32((state >> 40) as f32 / (1 << 22) as f32 - 2.0),
            }
        });
        let mut tensor = Tensor::new(param.dtype, &dims, data.collect::<Vec<_>>());
        spoil(&mut tensor, &param.name);
        buffers.push(tensor);
    }
    let of = |name: &Name| sizes.iter().find(|(own, _)| name == own).map(|(_, size)| *size);
    interpret(kernel, &of, &mut buffers).unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
    let out = kernel.params.iter().position(|param| param.role == Role::Out);
    buffers[out.expect("a kernel writes")].to_f32()
}

/// Results are equal but for rounding.
#[track_caller]
pub(crate) fn same(got: &[f32], want: &[f32], kernel: &Kernel) {
    assert_eq!(got.len(), want.len());
    for (a, b) in got.iter().zip(want) {
        let near = (a.is_nan() && b.is_nan()) || (a - b).abs() <= 2e-5 * b.abs().max(1.0);
        assert!(near, "{a} is not {b}\n{kernel}");
    }
}
