//! A check of guards allocates nothing: counted by an allocator of this test's own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ferrodyne::prelude::*;

/// The system's allocator, which counts what each thread asks of it.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends frees what it has; there is nothing left to count.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call is passed on to the system's allocator as it is; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread in a function.
fn allocations(f: impl FnOnce()) -> usize {
    let before = COUNT.get();
    f();
    COUNT.get() - before
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Arg)]
enum Mode {
    Sum,
    Mean,
}

#[derive(Module)]
struct Net {
    layers: Sequential,
    blocks: Vec<Linear>,
    name: String,
    scale: Option<f32>,
    sizes: Vec<usize>,
    norm: LayerNorm,
}

#[module]
impl Net {
    fn forward(&self, xs: Vec<Tensor>, mode: Mode, names: &[String], lr: Scalar) -> Tensor {
        let sum = xs.iter().skip(1).fold(xs[0].clone(), |sum, x| sum + x);
        let y = self.blocks.iter().fold(self.layers.forward(&sum), |y, block| block.forward(&y));
        let y = self.norm.forward(&y) * names.len() * lr;
        let y = if y.dim(0) > 2 { y * 2 } else { y };
        match mode {
            Mode::Sum => y.sum_dim(0, false),
            Mode::Mean => y.mean_dim(0, false),
        }
    }
}

#[test]
fn a_check_of_guards_allocates_nothing() {
    let device = Device::cpu();
    let linear = || Linear::new(4, 4, &device);
    let net = Net {
        layers: Sequential::new().add(linear()).add(Dropout::new(0.5)).add(Relu::new()),
        blocks: vec![linear(), linear()],
        name: "net".to_owned(),
        scale: Some(0.5),
        sizes: vec![4, 4],
        norm: LayerNorm::new(&[4], &device),
    };
    let model = compile(net);
    let xs = |rows: usize| vec![Tensor::ones([rows, 4], &device); 10];
    let names = ["a".to_owned(), "b".to_owned()];
    let call = |rows: usize, mode: Mode| (xs(rows), mode, &names[..], Scalar::from(0.5));
    // Programs with sizes that are numbers, that are symbols, and with computed conditions.
    for (rows, mode) in [(3, Mode::Sum), (5, Mode::Sum), (2, Mode::Sum), (1, Mode::Mean)] {
        model.call(call(rows, mode)).unwrap();
    }
    for (rows, mode, has) in
        [(3, Mode::Sum, true), (9, Mode::Sum, true), (1, Mode::Mean, true), (3, Mode::Mean, false)]
    {
        let args = call(rows, mode);
        assert_eq!(model.has_program(call(rows, mode)), has, "{rows} rows, {mode:?}");
        let mut found = None;
        let n = allocations(|| found = Some(model.has_program(args)));
        assert_eq!((found, n), (Some(has), 0), "{rows} rows, {mode:?}");
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(Box::new(1))), 1);
    assert_eq!(allocations(|| drop(vec![0; 9])), 1);
}
