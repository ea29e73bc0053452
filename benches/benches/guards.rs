//! What a check of guards costs: `cargo bench -p ferrodyne-benches --bench guards`.

use std::hint::black_box;

use criterion::Criterion;
use ferrodyne::prelude::*;

type Ten<'a> = (&'a [Tensor], bool, f32);

/// The sum of ten tensors of rank 4.
fn sum(xs: &[Tensor]) -> Tensor {
    xs.iter().skip(1).fold(xs[0].clone(), |sum, x| sum + x)
}

fn tensors(n: usize) -> Vec<Tensor> {
    vec![Tensor::ones([n, 3, 4, 4], &Device::cpu()); 10]
}

fn main() -> ferrodyne::Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let f =
        compile(|xs: &[Tensor], half: bool, by: f32| sum(xs) * if half { by / 2.0 } else { by });
    let (fixed, varying) = (tensors(2), tensors(7));
    let args = |xs| -> Ten<'_> { (xs, true, 0.5) };
    f.call(args(&fixed))?;
    f.call(args(&varying))?;
    assert!(f.has_program(args(&fixed)) && f.has_program(args(&varying)));
    let mut group = criterion.benchmark_group("guards");
    group.bench_function("ten tensors, sizes that are numbers", |b| {
        b.iter(|| f.has_program(black_box(args(&fixed))));
    });
    group.bench_function("ten tensors, sizes that are symbols, by the second program", |b| {
        b.iter(|| f.has_program(black_box(args(&varying))));
    });
    let net = (0..8).fold(Sequential::new(), |net, _| {
        net.add(Linear::new(4, 4, &Device::cpu())).add(Dropout::new(0.1)).add(Relu::new())
    });
    let model = compile(net);
    let x = Tensor::ones([2, 4], &Device::cpu());
    model.call(&x)?;
    assert!(model.has_program(&x));
    group.bench_function("a module of 24 layers", |b| b.iter(|| model.has_program(black_box(&x))));
    group.finish();
    criterion.final_summary();
    Ok(())
}
