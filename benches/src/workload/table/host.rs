//! Rows about the host: starting work, and compiling it.

use ferrodyne::Tensor;

use super::super::graph::{chain, fresh, layers};
use super::super::subject::function;
use super::super::{Bound, Compilable, Fresh, Group, Setting, Work, Workload};
use super::compute;
use crate::Fault;
use crate::measure::Call;
use crate::resnet::ResNet;

pub(super) fn launch() -> Vec<Workload> {
    let row = |name, shapes, build| Workload {
        bound: Bound::Launch,
        ..compute(Group::Launch, name, shapes, (0, 0), build)
    };
    vec![
        row("one addition", "[16]", |d| function(d, &[&[16], &[16]], |x| &x[0] + &x[1])),
        row("32 operations that fuse", "[16]", |d| {
            function(d, &[&[16], &[16]], |x| (0..16).fold(x[0].clone(), |y, _| (&y + &x[1]).sin()))
        }),
        row("32 matmuls in a chain", "[8,8]", |d| {
            function(d, &[&[8, 8], &[8, 8]], |x| (0..32).fold(x[0].clone(), |y, _| y.matmul(&x[1])))
        }),
        host("eager addition", "[16]", |d| eager(d, &[16], |x| x + x)),
        host("eager relu", "[16]", |d| eager(d, &[16], Tensor::relu)),
        host("eager matmul", "[8,8]", |d| eager(d, &[8, 8], |x| x.matmul(x))),
    ]
}

/// A row about time on the host alone.
fn host(
    name: &'static str,
    shapes: &'static str,
    build: fn(&Setting<'_>) -> Result<Call, Fault>,
) -> Workload {
    unlimited(Group::Launch, name, shapes, Work::Overhead(build))
}

fn eager(
    setting: &Setting<'_>,
    shape: &[usize],
    operation: fn(&Tensor) -> Tensor,
) -> Result<Call, Fault> {
    let x = Tensor::try_randn(shape, setting.device)?;
    Ok(Box::new(move || {
        operation(&x);
        Ok(())
    }))
}

/// A row that neither memory nor operations limit.
fn unlimited(group: Group, name: &'static str, shapes: &'static str, work: Work) -> Workload {
    let bound = Bound::Launch;
    Workload { group, name, shapes, bound, flops: 0.0, bytes: 0.0, baseline: None, work }
}

/// Milliseconds that capture and compilation of ResNet-18 may take.
const RESNET18_MS: f64 = 300.0;

pub(super) fn compilation() -> Vec<Workload> {
    type Make = fn(&Setting<'_>) -> Result<Fresh, Fault>;
    let row = |name, shapes, compilable| {
        unlimited(Group::Compile, name, shapes, Work::Compile(compilable))
    };
    let of = |kind, name, size, fresh: Make| {
        row(name, "[1024]", Compilable { kind, size: Some(size), bar_ms: None, fresh })
    };
    let resnet = Compilable {
        kind: "ResNet-18",
        size: None,
        bar_ms: Some(RESNET18_MS),
        fresh: |d| fresh(d, &[1, 3, 224, 224], ResNet::resnet18(1000, d.device)),
    };
    vec![
        of("chain", "chain of 100", 100, |d| fresh(d, &[1024], chain(100))),
        of("chain", "chain of 1,000", 1000, |d| fresh(d, &[1024], chain(1000))),
        of("chain", "chain of 10,000", 10_000, |d| fresh(d, &[1024], chain(10_000))),
        of("layers", "layers of 10, 100", 100, |d| fresh(d, &[1024], layers(100, 10))),
        of("layers", "layers of 100, 1,000", 1000, |d| fresh(d, &[1024], layers(1000, 100))),
        of("layers", "layers of 100, 10,000", 10_000, |d| fresh(d, &[1024], layers(10_000, 100))),
        row("ResNet-18", "[1,3,224,224]", resnet),
    ]
}
