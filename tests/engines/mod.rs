//! All engines agree: the f64 interpreter, loops before and after scheduling, the CPU executor and a wgpu adapter, on every
//! operator's examples and on random graphs.
//!
//! `FERRODYNE_ENGINE_CASES` sets the number of random graphs, `FERRODYNE_ENGINE_GPU_CASES` how many of them run on the
//! adapter too, `FERRODYNE_ENGINE_NARROW_CASES` how many on a device that binds little, and `PROPTEST_RNG_SEED` which ones are drawn.

mod alternatives;
mod graphs;
mod judge;
mod kernels;
mod long;
mod narrow;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use ferrodyne::prelude::*;
use ferrodyne::{BackendKind, HostTensor, Model, Session, SessionOptions};
use ferrodyne_compiler::fusion::FusionOptions;
use ferrodyne_compiler::graph::InputRole;
use ferrodyne_compiler::interpret::interpret;
use ferrodyne_compiler::ops::element;
use ferrodyne_compiler::pipeline::{Int64, Options, compile as compile_graph};
use ferrodyne_plan::Target;
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::{ProptestConfig, any, prop};
use proptest::test_runner::{TestCaseError, TestRunner};

use graphs::Drawn;
use kernels::Form;

/// A graph with what its results must be.
struct Subject {
    drawn: Drawn,
    want: Vec<ArrayD<f64>>,
    /// Error that each result may have, before it is doubled.
    allowed: Vec<f64>,
    /// How devices hold 64-bit integers.
    int64: Int64,
}

impl Subject {
    fn new(drawn: Drawn) -> Subject {
        let want = interpret(&drawn.graph, &drawn.inputs, &drawn.sizes)
            .unwrap_or_else(|error| panic!("{error}\n{}", drawn.graph));
        let allowed = drawn.noise.clone();
        Subject { drawn, want, allowed, int64: Int64::Narrow }
    }

    fn hosts(&self) -> Vec<HostTensor> {
        let graph = &self.drawn.graph;
        let host = |(input, values): (&ferrodyne_compiler::graph::Input, &ArrayD<f64>)| {
            let elements: Vec<f64> = values.iter().copied().collect();
            (*element::host(graph.ty(input.node).dtype, values.shape(), &elements)).clone()
        };
        graph.inputs.iter().zip(&self.drawn.inputs).map(host).collect()
    }

    /// The results on a device.
    fn on(&self, device: &Device, backend: BackendKind) -> Result<Vec<ArrayD<f64>>, String> {
        let graph = &self.drawn.graph;
        let (mut weights, mut arguments) = (Vec::new(), Vec::new());
        for (input, host) in graph.inputs.iter().zip(self.hosts()) {
            match input.role {
                InputRole::Argument => arguments.push((input.name.to_string(), host)),
                _ => weights.push(host),
            }
        }
        let model = Model::new(graph.clone(), weights, Vec::new());
        let mut options = SessionOptions { backend, ..SessionOptions::default() };
        options.compiler.int64 = self.int64;
        let text = |error: ferrodyne::Error| error.to_string();
        let session = Session::new(&model, device, options).map_err(text)?;
        let tensors: Vec<(String, Tensor)> = arguments
            .into_iter()
            .map(|(name, host)| Ok((name, Tensor::from_host(&host, device).map_err(text)?)))
            .collect::<Result<_, String>>()?;
        let named: Vec<(String, &Tensor)> =
            tensors.iter().map(|(name, tensor)| (name.clone(), tensor)).collect();
        let results = session.run(&named).map_err(text)?;
        let array = |tensor: &Tensor| {
            let host = tensor.to_host().map_err(text)?;
            ArrayD::from_shape_vec(IxDyn(&host.dims), element::values(&host))
                .map_err(|error| error.to_string())
        };
        results.iter().map(array).collect()
    }

    /// The results of kernels on the interpreter of loops.
    fn on_loops(
        &self,
        target: &Target,
        fuse: bool,
        form: Form,
    ) -> Result<Vec<ArrayD<f64>>, String> {
        let options = Options {
            int64: self.int64,
            fusion: FusionOptions { enabled: fuse, ..FusionOptions::default() },
            ..Options::default()
        };
        let compiled = compile_graph(&self.drawn.graph, target, &options)
            .map_err(|error| error.to_string())?;
        kernels::run(&compiled, &self.drawn.inputs, &self.drawn.sizes, form)
    }

    fn judge(&self, got: Result<Vec<ArrayD<f64>>, String>, engine: &str) -> Result<(), String> {
        let graph = &self.drawn.graph;
        let told = |text: String| Err(format!("{engine}: {text}\n{graph}"));
        let got = match got {
            Ok(got) => got,
            Err(text) => return told(text),
        };
        for (k, output) in graph.outputs.iter().enumerate() {
            let dtype = graph.ty(output.node).dtype;
            if let Some(text) = judge::fault(dtype, &self.want[k], &got[k], self.allowed[k]) {
                return told(format!("{}: {text}", output.name));
            }
        }
        Ok(())
    }

    /// Runs every engine that needs no adapter.
    fn check(&mut self) -> Result<(), String> {
        let eager = self.on(&Device::cpu(), BackendKind::Eager);
        self.judge_eager(eager)?;
        self.judge(self.on(&Device::cpu(), BackendKind::Inductor), "the CPU executor")?;
        for fuse in [false, true] {
            let lowered = self.on_loops(&Target::cpu(), fuse, Form::Lowered);
            self.judge(lowered, &format!("loops (fused: {fuse})"))?;
        }
        for target in [Target::software(), Target::webgpu_default()] {
            let scheduled = self.on_loops(&target, true, Form::Scheduled);
            self.judge(scheduled, &format!("scheduled loops ({:?})", target.class))?;
        }
        Ok(())
    }

    /// Eager execution has the error by which the others are judged; its integers are judged themselves.
    fn judge_eager(&mut self, eager: Result<Vec<ArrayD<f64>>, String>) -> Result<(), String> {
        if let Ok(eager) = &eager {
            for ((allowed, want), got) in self.allowed.iter_mut().zip(&self.want).zip(eager) {
                let scale =
                    want.iter().filter(|v| v.is_finite()).fold(1e-3, |m: f64, v| m.max(v.abs()));
                *allowed = allowed.max(judge::rms(want, got).min(1e-3 * scale));
            }
        }
        self.judge(eager, "eager execution on the CPU")
    }
}

fn number(variable: &str, usual: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// An adapter, or a line that says that there is none.
fn adapter(what: &str) -> Option<Device> {
    Device::named("gpu").map_err(|error| eprintln!("skipped {what} on GPUs: {error}")).ok()
}

#[test]
fn every_example_is_computed_by_every_engine() {
    let gpu = adapter("the examples of operators");
    let (mut faults, mut count) = (Vec::new(), 0);
    for op in graphs::drawn() {
        for (k, case) in (op.cases)().iter().enumerate() {
            let mut subject = Subject::new(graphs::example(op, case));
            let scale = subject.want[0]
                .iter()
                .filter(|v| v.is_finite())
                .fold(1.0, |m: f64, v| m.max(v.abs()));
            subject.allowed[0] = case.tolerance * scale / 2.0;
            let mut verdict = subject.check();
            // Drivers take long over a kernel: one example of an operator is enough for them.
            if let (Ok(()), Some(gpu), 0) = (&verdict, &gpu, k) {
                verdict = subject.judge(subject.on(gpu, BackendKind::Inductor), gpu.name());
            }
            count += 1;
            faults.extend(verdict.err().map(|text| format!("{} example {k}: {text}", op.name)));
        }
    }
    eprintln!("{count} examples of {} operators", graphs::drawn().len());
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n\n"));
}

#[test]
fn random_graphs_are_computed_alike_by_every_engine() {
    let (cases, on_gpu) =
        (number("FERRODYNE_ENGINE_CASES", 300), number("FERRODYNE_ENGINE_GPU_CASES", 6));
    let gpu = adapter("random graphs");
    let hits: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let (graphs, nodes, left) = (Cell::new(0), Cell::new(0), Cell::new(on_gpu));
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let verdict =
        TestRunner::new(config).run(&prop::collection::vec(any::<u16>(), 40..400), |choices| {
            let Some(drawn) = graphs::draw(&choices) else { return Ok(()) };
            for op in &drawn.ops {
                *hits.borrow_mut().entry(op.clone()).or_default() += 1;
            }
            graphs.set(graphs.get() + 1);
            nodes.set(nodes.get() + drawn.graph.nodes.len());
            let mut subject = Subject::new(drawn);
            subject.check().map_err(TestCaseError::fail)?;
            if let Some(gpu) = gpu.as_ref().filter(|_| left.get() > 0) {
                left.set(left.get() - 1);
                let got = subject.on(gpu, BackendKind::Inductor);
                subject.judge(got, gpu.name()).map_err(TestCaseError::fail)?;
            }
            Ok(())
        });
    let hits = hits.into_inner();
    let table: Vec<String> = hits.iter().map(|(op, n)| format!("{op} {n}")).collect();
    eprintln!("{} graphs of {} nodes; hits: {}", graphs.get(), nodes.get(), table.join(", "));
    verdict.unwrap_or_else(|error| panic!("{error}"));
    let never: Vec<&str> =
        graphs::drawn().iter().map(|op| op.name).filter(|op| !hits.contains_key(*op)).collect();
    assert!(never.is_empty(), "no graph has {never:?}");
}
