//! Integers of 64 bits on every engine: the examples of operators with their integers as pairs, and random graphs over the whole
//! range of i64 against the arithmetic of the host.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrodyne::prelude::*;
use ferrodyne::{BackendKind, HostTensor, Model, Session, SessionOptions};
use ferrodyne_compiler::fusion::FusionOptions;
use ferrodyne_compiler::graph::{
    Attrs, Builder, Graph, InputRole, NodeId, ParseCx, TensorType, parse,
};
use ferrodyne_compiler::interpret::Sizes;
use ferrodyne_compiler::ops::{Table, element};
use ferrodyne_compiler::pipeline::{Int64, Options, compile as compile_graph};
use ferrodyne_plan::loops::Number;
use ferrodyne_plan::{Dim, Target};

use super::kernels::{self, Form};
use super::{Subject, adapter, graphs, number};

/// The example with 64 bits in the place of 32, where the operator takes them.
fn widened(subject: &Subject) -> Option<Graph> {
    let text = subject.drawn.graph.to_string();
    if !text.contains("i32") && !text.contains("i64") {
        return None;
    }
    parse(&text.replace("i32", "i64"), ParseCx::new(&Table)).ok()
}

#[test]
fn every_example_with_integers_is_computed_in_64_bits() {
    let gpu = adapter("examples in 64 bits");
    let (mut faults, mut count) = (Vec::new(), 0);
    for op in graphs::drawn() {
        let mut on_gpu = true;
        for (k, case) in (op.cases)().iter().enumerate() {
            let mut subject = Subject::new(graphs::example(op, case));
            let Some(graph) = widened(&subject) else { continue };
            // The interpreter is to know that integers have 64 bits.
            subject.drawn.graph = Int64::Pair.applied(&graph).expect("the graph is right");
            subject = Subject::new(subject.drawn);
            let exact = |v: &f64| v.abs() < element::EXACT_MAX;
            if !subject.want[0].iter().all(exact) {
                continue;
            }
            subject.drawn.graph = graph;
            subject.int64 = Int64::Pair;
            let scale = subject.want[0].iter().filter(|v| v.is_finite());
            let scale = scale.fold(1.0, |m: f64, v| m.max(v.abs()));
            subject.allowed[0] = case.tolerance * scale / 2.0;
            let mut verdict = subject.check();
            if let (Ok(()), Some(gpu), true) = (&verdict, &gpu, on_gpu) {
                verdict = subject.judge(subject.on(gpu, BackendKind::Inductor), gpu.name());
                on_gpu = false;
            }
            count += 1;
            faults.extend(verdict.err().map(|text| format!("{} example {k}: {text}", op.name)));
        }
    }
    eprintln!("{count} examples");
    assert!(count > 40, "{count} examples with integers are too few");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
}

const ROWS: usize = 3;
const COLUMNS: usize = 5;

/// A value of three rows and five columns.
type Grid = Vec<i64>;

/// Random numbers (xorshift), of which many are ends of ranges, and of all lengths.
struct Source(u64);

impl Source {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 20) as usize % end
    }

    fn number(&mut self) -> i64 {
        const ENDS: [i64; 12] = [
            0,
            1,
            -1,
            i64::MIN,
            i64::MAX,
            i64::MIN + 1,
            1 << 32,
            -(1 << 32),
            (1 << 32) - 1,
            1 << 31,
            (1 << 53) + 1,
            -3,
        ];
        match self.below(3) {
            0 => ENDS[self.below(ENDS.len())],
            _ => self.next() as i64 >> self.below(64),
        }
    }

    fn grid(&mut self) -> Grid {
        (0..ROWS * COLUMNS).map(|_| self.number()).collect()
    }
}

/// A graph, and what its values are by the host's arithmetic.
struct Draft {
    b: Builder,
    source: Source,
    known: Vec<(NodeId, Grid)>,
}

type Made = Result<(NodeId, Grid), ferrodyne_plan::Diagnostic>;

fn zipped(x: &Grid, y: &Grid, f: impl Fn(i64, i64) -> i64) -> Grid {
    x.iter().zip(y).map(|(&x, &y)| f(x, y)).collect()
}

/// Division rounded down, as ONNX and Python have it; a zero divisor leaves what truncation leaves.
fn floor_div(x: i64, y: i64) -> i64 {
    let (quotient, rest) = (div(x, y), rem(x, y));
    if rest != 0 && (rest < 0) != (y < 0) { quotient.wrapping_sub(1) } else { quotient }
}

fn floor_mod(x: i64, y: i64) -> i64 {
    let rest = rem(x, y);
    if rest != 0 && (rest < 0) != (y < 0) { rest.wrapping_add(y) } else { rest }
}

fn div(x: i64, y: i64) -> i64 {
    if y == 0 { x } else { x.wrapping_div(y) }
}

fn rem(x: i64, y: i64) -> i64 {
    if y == 0 { 0 } else { x.wrapping_rem(y) }
}

/// An operator, and what it does to numbers.
type Named<F> = (&'static str, F);
type OnOne = fn(i64) -> i64;
type OnTwo = fn(i64, i64) -> i64;
type Holds = fn(&i64, &i64) -> bool;

const BINARY: [Named<OnTwo>; 14] = [
    ("add", i64::wrapping_add),
    ("sub", i64::wrapping_sub),
    ("mul", i64::wrapping_mul),
    ("div", div),
    ("rem", rem),
    ("floor_div", floor_div),
    ("mod_floor", floor_mod),
    ("min", |x, y| x.min(y)),
    ("max", |x, y| x.max(y)),
    ("and", |x, y| x & y),
    ("or", |x, y| x | y),
    ("xor", |x, y| x ^ y),
    ("shl", |x, y| x.wrapping_shl(y as u32)),
    ("shr", |x, y| x.wrapping_shr(y as u32)),
];

const UNARY: [Named<OnOne>; 4] = [
    ("neg", i64::wrapping_neg),
    ("abs", i64::wrapping_abs),
    ("sign", i64::signum),
    ("not", |x| !x),
];

const ORDER: [Named<Holds>; 6] = [
    ("eq", i64::eq),
    ("ne", i64::ne),
    ("lt", i64::lt),
    ("le", i64::le),
    ("gt", i64::gt),
    ("ge", i64::ge),
];

const CASTS: [(DType, OnOne); 6] = [
    (DType::F32, |x| x as f32 as i64),
    (DType::I32, |x| (x as i32).into()),
    (DType::U32, |x| (x as u32).into()),
    (DType::I8, |x| (x as i8).into()),
    (DType::U8, |x| (x as u8).into()),
    (DType::Bool, |x| (x != 0).into()),
];

const REDUCTIONS: [Named<OnTwo>; 4] = [
    ("sum", i64::wrapping_add),
    ("prod", i64::wrapping_mul),
    ("amin", |x, y| x.min(y)),
    ("amax", |x, y| x.max(y)),
];

/// Of each row, what `f` makes of it.
fn by_rows(x: &Grid, f: impl Fn(&[i64]) -> Vec<i64>) -> Grid {
    x.chunks(COLUMNS).flat_map(f).collect()
}

/// An index that may count from the end; `None` out of range.
fn place(index: i64, size: usize) -> Option<usize> {
    let from_end = if index < 0 { index.checked_add(size as i64)? } else { index };
    usize::try_from(from_end).ok().filter(|&at| at < size)
}

impl Draft {
    fn new(seed: u64) -> Draft {
        let mut draft =
            Draft { b: Builder::new("wide", &Table), source: Source(seed), known: Vec::new() };
        for name in ["x", "y", "z"] {
            let ty = TensorType::new(DType::I64, [ROWS, COLUMNS]);
            let node = draft.b.input(name, InputRole::Argument, ty);
            let values = draft.source.grid();
            draft.known.push((node, values));
        }
        draft
    }

    fn any(&mut self) -> (NodeId, Grid) {
        let at = self.source.below(self.known.len());
        self.known[at].clone()
    }

    /// Constant data, a grid or a number.
    fn constant(&mut self) -> Made {
        let values = match self.source.below(2) {
            0 => self.source.grid(),
            _ => vec![self.source.number(); ROWS * COLUMNS],
        };
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let host = HostTensor::new(DType::I64, vec![ROWS, COLUMNS], bytes).expect("the bytes fit");
        Ok((self.b.constant(host.into())?, values))
    }

    fn reduced(&mut self) -> Made {
        let (x, values) = self.any();
        let (op, f) = REDUCTIONS[self.source.below(REDUCTIONS.len())];
        let fold = |row: &[i64]| row.iter().copied().reduce(f).expect("a row has elements");
        if self.source.below(2) == 0 {
            let rows = self.b.reduce(op, x, &[1], true)?;
            let want = by_rows(&values, |row| vec![fold(row); COLUMNS]);
            return Ok((self.spread(rows)?, want));
        }
        let all = self.b.reduce(op, x, &[0, 1], true)?;
        Ok((self.spread(all)?, vec![fold(&values); ROWS * COLUMNS]))
    }

    fn spread(&mut self, x: NodeId) -> Result<NodeId, ferrodyne_plan::Diagnostic> {
        self.b.expand(x, &[ROWS.into(), COLUMNS.into()])
    }

    /// The index of the largest or smallest element of each row.
    fn best(&mut self) -> Made {
        let (x, values) = self.any();
        let largest = self.source.below(2) == 0;
        let attrs = Attrs::new().int("axis", 1).bool("keepdim", true);
        let node = self.b.add(if largest { "argmax" } else { "argmin" }, &[x], attrs)?;
        let want = by_rows(&values, |row| {
            let most = if largest { row.iter().max() } else { row.iter().min() };
            let at = row.iter().position(|x| Some(x) == most).expect("it is in the row");
            vec![at as i64; COLUMNS]
        });
        Ok((self.spread(node)?, want))
    }

    fn running(&mut self) -> Made {
        let (x, values) = self.any();
        let node = self.b.add("cumsum", &[x], Attrs::new().int("axis", 1))?;
        let scan = |row: &[i64]| {
            let step = |sum: &mut i64, &x: &i64| {
                *sum = sum.wrapping_add(x);
                Some(*sum)
            };
            row.iter().scan(0i64, step).collect()
        };
        Ok((node, by_rows(&values, scan)))
    }

    fn ordered(&mut self) -> Made {
        let (x, values) = self.any();
        let descending = self.source.below(2) == 0;
        let attrs = Attrs::new().int("axis", 1).bool("descending", descending);
        let node = self.b.add("sort", &[x], attrs)?;
        let sorted = |row: &[i64]| {
            let mut row = row.to_vec();
            row.sort_unstable();
            if descending {
                row.reverse();
            }
            row
        };
        Ok((node, by_rows(&values, sorted)))
    }

    /// Elements by indices of which many are out of range, some by a multiple of 2^32.
    fn taken(&mut self) -> Made {
        let (x, values) = self.any();
        let index: Grid = (0..ROWS * COLUMNS)
            .map(|_| match self.source.below(3) {
                0 => self.source.number(),
                1 => (1 << 32) + self.source.below(COLUMNS) as i64,
                _ => self.source.below(2 * COLUMNS) as i64 - COLUMNS as i64,
            })
            .collect();
        let bytes = index.iter().flat_map(|x| x.to_le_bytes()).collect();
        let host = HostTensor::new(DType::I64, vec![ROWS, COLUMNS], bytes).expect("the bytes fit");
        let by = self.b.constant(host.into())?;
        let node = self.b.add("take_along", &[x, by], Attrs::new().int("axis", 1))?;
        let want = (0..ROWS * COLUMNS).map(|at| {
            let row = &values[at / COLUMNS * COLUMNS..][..COLUMNS];
            place(index[at], COLUMNS).map_or(0, |place| row[place])
        });
        Ok((node, want.collect()))
    }

    /// Sums into elements that indices name; one that is out of range goes nowhere.
    fn scattered(&mut self) -> Made {
        let ((x, values), (y, updates)) = (self.any(), self.any());
        let (by, index) = self.any();
        let attrs = Attrs::new().int("axis", 1).str("mode", "add");
        let node = self.b.add("scatter", &[x, by, y], attrs)?;
        let mut want = values;
        for at in 0..ROWS * COLUMNS {
            if let Some(place) = place(index[at], COLUMNS) {
                let to = &mut want[at / COLUMNS * COLUMNS + place];
                *to = to.wrapping_add(updates[at]);
            }
        }
        Ok((node, want))
    }

    /// A product of matrices, three by five by five.
    fn product(&mut self) -> Made {
        let ((x, left), (y, right)) = (self.any(), self.any());
        let turned = self.b.permute(y, &[1, 0])?;
        let square = self.b.add("matmul", &[turned, y], Attrs::new())?;
        let node = self.b.add("matmul", &[x, square], Attrs::new())?;
        let dot = |n: usize, f: &dyn Fn(usize) -> (i64, i64)| {
            let product = |k| f(k).0.wrapping_mul(f(k).1);
            (0..n).map(product).fold(0i64, i64::wrapping_add)
        };
        let inner =
            |i: usize, j: usize| dot(ROWS, &|k| (right[k * COLUMNS + i], right[k * COLUMNS + j]));
        let want = (0..ROWS * COLUMNS).map(|at| {
            let (row, column) = (at / COLUMNS, at % COLUMNS);
            dot(COLUMNS, &|k| (left[row * COLUMNS + k], inner(k, column)))
        });
        Ok((node, want.collect()))
    }

    /// Rows of one value behind those of another, of which the middle ones stay.
    fn moved(&mut self) -> Made {
        let ((x, first), (y, second)) = (self.any(), self.any());
        let node = self.b.add("concat", &[x, y], Attrs::new().int("axis", 0))?;
        let node = self.b.slice_axis(node, 0, &Dim::constant(2), &Dim::constant(5), 1)?;
        Ok((node, [&first[2 * COLUMNS..], &second[..2 * COLUMNS]].concat()))
    }

    /// A choice by a comparison, beside the sum of floats made of a comparison: neighbours of another type.
    fn chosen(&mut self) -> Made {
        let ((x, a), (y, b)) = (self.any(), self.any());
        let (op, holds) = ORDER[self.source.below(ORDER.len())];
        let truth = self.b.binary(op, x, y)?;
        let float = self.b.cast(truth, DType::F32)?;
        let float = self.b.with_number("mul", float, 1.5e12)?;
        let float = self.b.cast(float, DType::I64)?;
        let node = self.b.select(truth, x, float)?;
        Ok((node, zipped(&a, &b, |a, b| if holds(&a, &b) { a } else { 0 })))
    }

    fn step(&mut self) -> Made {
        match self.source.below(17) {
            0..5 => {
                let (op, f) = BINARY[self.source.below(BINARY.len())];
                let ((x, a), (y, b)) = (self.any(), self.any());
                Ok((self.b.binary(op, x, y)?, zipped(&a, &b, f)))
            }
            5 => {
                let (op, f) = UNARY[self.source.below(UNARY.len())];
                let (x, values) = self.any();
                Ok((self.b.unary(op, x)?, values.into_iter().map(f).collect()))
            }
            6 => {
                let (dtype, f) = CASTS[self.source.below(CASTS.len())];
                let (x, values) = self.any();
                let there = self.b.cast(x, dtype)?;
                Ok((self.b.cast(there, DType::I64)?, values.into_iter().map(f).collect()))
            }
            7 => self.reduced(),
            8 => self.best(),
            9 => self.running(),
            10 => self.ordered(),
            11 => self.taken(),
            12 => self.scattered(),
            13 => self.product(),
            14 => self.moved(),
            15 => self.chosen(),
            _ => self.constant(),
        }
    }

    /// The graph, with what was made last as its results.
    fn finish(mut self, steps: usize) -> (Graph, Vec<Grid>, Vec<Grid>) {
        for _ in 0..steps {
            let made = self.step().unwrap_or_else(|fault| panic!("{fault}"));
            self.known.push(made);
        }
        let inputs = self.known[..3].iter().map(|(_, values)| values.clone()).collect();
        let results = self.known.split_off(self.known.len() - 3);
        for (k, (node, _)) in results.iter().enumerate() {
            self.b.output(format!("r{k}"), *node);
        }
        (self.b.finish(), inputs, results.into_iter().map(|(_, values)| values).collect())
    }
}

fn on_device(
    graph: &Graph,
    inputs: &[Grid],
    device: &Device,
    backend: BackendKind,
) -> ferrodyne::Result<Vec<Grid>> {
    let model = Model::new(graph.clone(), Vec::new(), Vec::new());
    let mut options = SessionOptions { backend, ..SessionOptions::default() };
    options.set("int64", "pair").expect("the option is there");
    options.set("checked", "on").expect("the option is there");
    let session = Session::new(&model, device, options)?;
    let mut tensors = Vec::new();
    for (info, values) in model.inputs().iter().zip(inputs) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let host = HostTensor::new(DType::I64, vec![ROWS, COLUMNS], bytes).expect("the bytes fit");
        tensors.push((info.name.clone(), session.upload(info, &host)?));
    }
    let named: Vec<(String, &Tensor)> = tensors.iter().map(|(n, t)| (n.clone(), t)).collect();
    session.run(&named)?.iter().map(Tensor::to_vec::<i64>).collect()
}

fn on_loops(
    graph: &Graph,
    inputs: &[Grid],
    target: &Target,
    (fuse, form): (bool, Form),
) -> Result<Vec<Grid>, String> {
    let fusion = FusionOptions { enabled: fuse, ..FusionOptions::default() };
    let options = Options { int64: Int64::Pair, fusion, ..Options::default() };
    let compiled = compile_graph(graph, target, &options).map_err(|fault| fault.to_string())?;
    let inputs = inputs.iter().map(|x| x.iter().map(|&x| Number::Long(x)).collect()).collect();
    let results = kernels::run_exactly(&compiled, inputs, &Sizes::new(), form)?;
    let long = |x: &Number| if let Number::Long(x) = x { *x } else { panic!("{x:?} is no long") };
    Ok(results.iter().map(|tensor| tensor.data.iter().map(long).collect()).collect())
}

/// Runs a graph on every engine.
fn check(seed: u64, gpu: Option<&Device>) -> Result<(), String> {
    let mut source = Source(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let steps = 3 + source.below(9);
    let (graph, inputs, want) = Draft::new(source.next()).finish(steps);
    let judge = |engine: &str, got: Result<Vec<Grid>, String>| match got {
        Err(fault) => Err(format!("graph {seed}: {engine}: {fault}\n{graph}")),
        Ok(got) if got != want => {
            Err(format!("graph {seed}: {engine}: {got:?}\nis not {want:?}\nof {inputs:?}\n{graph}"))
        }
        Ok(_) => Ok(()),
    };
    let on = |device: &Device, backend| {
        on_device(&graph, &inputs, device, backend).map_err(|fault| fault.to_string())
    };
    let backends = [BackendKind::Inductor, BackendKind::NoFusion, BackendKind::Eager];
    for backend in backends {
        judge(&format!("{backend:?} on the CPU"), on(&Device::cpu(), backend))?;
    }
    for fuse in [false, true] {
        judge("loops", on_loops(&graph, &inputs, &Target::cpu(), (fuse, Form::Lowered)))?;
    }
    for target in [Target::software(), Target::vulkan_desktop()] {
        judge("scheduled loops", on_loops(&graph, &inputs, &target, (true, Form::Scheduled)))?;
    }
    match gpu {
        Some(gpu) => judge(gpu.name(), on(gpu, BackendKind::Inductor)),
        None => Ok(()),
    }
}

#[test]
fn random_graphs_over_the_whole_range_of_i64_are_exact() {
    let gpu = adapter("random graphs in 64 bits");
    let cases = u64::from(number("FERRODYNE_ENGINE_CASES", 200));
    let on_gpu = u64::from(number("FERRODYNE_ENGINE_GPU_CASES", 40));
    let mut faults = Vec::new();
    for seed in 0..cases {
        let gpu = gpu.as_ref().filter(|_| seed < on_gpu);
        let verdict = catch_unwind(AssertUnwindSafe(|| check(seed, gpu)));
        let panicked = |_| Err(format!("graph {seed}: it panics"));
        faults.extend(verdict.unwrap_or_else(panicked).err());
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults[..faults.len().min(5)].join("\n\n")
    );
}

#[ferrodyne::compile(int64 = "pair")]
fn hashed(x: &Tensor, y: &Tensor) -> Tensor {
    let factor = Tensor::from_vec(vec![6_364_136_223_846_793_005i64], [1], x.device());
    (x * factor + y).bitwise_xor(&(x / 3))
}

#[test]
fn functions_compiled_with_pairs_take_and_give_all_of_i64() {
    let devices = [Some(Device::cpu()), adapter("functions in 64 bits")];
    for device in devices.into_iter().flatten() {
        let (wide, small) = ([i64::MIN, -1, 1 << 40, i64::MAX], [3i64, -4, 5, 1 << 30]);
        // A tensor of small numbers is held in 32 bits, and widened where it comes in.
        let x = Tensor::from_longs(&wide, [4], &device);
        let y = Tensor::from_vec(small.to_vec(), [4], &device);
        assert_eq!((x.dtype(), y.dtype()), (DType::I64, DType::I64));
        let want = wide
            .iter()
            .zip(&small)
            .map(|(x, y)| x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(*y) ^ (x / 3));
        let want: Vec<i64> = want.collect();
        let got = hashed(&x, &y);
        assert_eq!(got.to_vec::<i64>().unwrap(), want);
        // Results stay as they are: in operators that run at once, and on their way to another device.
        let twice = (&got + &got).to_vec::<i64>().unwrap();
        assert_eq!(twice, want.iter().map(|x| x.wrapping_add(*x)).collect::<Vec<_>>());
        let mixed = (&got + &y).to_device(&Device::cpu()).unwrap().to_vec::<i64>().unwrap();
        let sums = want.iter().zip(&small).map(|(x, y)| x.wrapping_add(*y));
        assert_eq!(mixed, sums.collect::<Vec<_>>());
    }
}

#[test]
fn a_function_in_32_bits_takes_what_fits_of_a_tensor_in_64() {
    let f = compile(|x: &Tensor| x + 1);
    let device = Device::cpu();
    let small = Tensor::from_longs(&[1, -2], [2], &device);
    assert_eq!(f.call(&small).unwrap().to_vec::<i64>().unwrap(), [2, -1]);
    let large = Tensor::from_longs(&[1, 1 << 40], [2], &device);
    let fault = f.call(&large).expect_err("it does not fit").to_string();
    assert!(fault.contains("holds 1099511627776, which does not fit i32 on the device"), "{fault}");
    assert!(fault.contains("compile with `int64 = pair`"), "{fault}");
    let pair = compile(|x: &Tensor| x + 1).int64("pair").expect("there is such a way");
    let got = pair.call(&large).unwrap().to_vec::<i64>().unwrap();
    assert_eq!(got, [2, (1 << 40) + 1]);
    let fault = compile(|x: &Tensor| x + 1).int64("wide").err().expect("there is none");
    assert!(fault.to_string().contains("`int64` takes narrow, pair, not `wide`"), "{fault}");
}

#[test]
fn a_number_beyond_32_bits_stands_beside_integers_of_64() {
    let add = |x: &Tensor| x + 5_000_000_000i64;
    let x = Tensor::from_longs(&[1, 1 << 40], [2], &Device::cpu());
    let pair = compile(add).int64("pair").expect("there is such a way");
    let got = pair.call(&x).unwrap().to_vec::<i64>().unwrap();
    assert_eq!(got, [5_000_000_001, (1 << 40) + 5_000_000_000]);
    let small = Tensor::from_vec(vec![1i64], [1], &Device::cpu());
    let fault = compile(add).call(&small).expect_err("it is large").to_string();
    assert!(fault.contains("5000000000") && fault.contains("`int64 = pair`"), "{fault}");
    let fault = small.try_add(5_000_000_000i64).unwrap_err().to_string();
    assert!(fault.contains("5000000000") && fault.contains("`int64` `pair`"), "{fault}");
    let fault = small.try_add(1i64 << 62).unwrap_err().to_string();
    assert!(fault.contains("cannot be an operand"), "{fault}");
}

#[test]
fn a_constant_beyond_32_bits_is_refused_by_name_and_with_the_option() {
    let text = "graph f(%x: i64[2]) {
  %c = constant {value=i64[](5000000000)} : i64[]
  %y = add %x %c : i64[2]
  return %y
}
";
    let graph = parse(text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}"));
    let fault =
        compile_graph(&graph, &Target::cpu(), &Options::default()).expect_err("it is large");
    let want = "`c` holds 5000000000, which does not fit i32 on the device; compile with `int64 = pair` for 64 bits";
    assert_eq!(fault.message, want);
    let options = Options { int64: Int64::Pair, ..Options::default() };
    assert!(compile_graph(&graph, &Target::cpu(), &options).is_ok());
}
