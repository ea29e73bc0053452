//! `explain(&f, args)`: what a call did, as data and in words.

use ferrodyne::explain::{Explanation, Outcome, Report, explain};
use ferrodyne::prelude::*;
use ferrodyne::{Error, Model};

#[compile]
fn scores(x: &Tensor, w: &Tensor) -> Tensor {
    x.matmul(w).softmax(-1)
}

#[compile]
fn reads(x: &Tensor) -> Tensor {
    let scale = x.sum().item::<f32>().unwrap();
    let y = x * scale;
    let shift = y.mean().item::<f32>().unwrap();
    y + shift
}

#[derive(Module)]
struct Net {
    fc: Linear,
}

#[module]
impl Net {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc.forward(x).relu()
    }
}

fn ones(dims: &[usize]) -> Tensor {
    Tensor::ones(dims, &Device::cpu())
}

fn only(told: &Explanation) -> &Report {
    told.calls[0].programs[0].report.as_ref().unwrap()
}

#[test]
fn a_compiled_function_tells_of_its_call() {
    let f = compile(|x: &Tensor, w: &Tensor| x.matmul(w).softmax(-1));
    let (x, w) = (ones(&[4, 8]), ones(&[8, 3]));
    let told = explain(&f, (&x, &w)).unwrap();
    let call = &told.calls[0];
    assert_eq!((call.outcome, call.stats.compilations), (Outcome::Compiled, 1));
    assert!(
        call.programs[0].served && call.programs[0].guards.contains(&"x0.dim(0) == 4".to_owned())
    );
    assert!(only(&told).regions.iter().any(|region| region.kind == "contraction"));
    assert_eq!(explain(&f, (&x, &w)).unwrap().calls[0].outcome, Outcome::Found);
    let again = explain(&f, (&ones(&[5, 8]), &w)).unwrap();
    let call = &again.calls[0];
    assert_eq!(call.because.as_deref(), Some("x0's dim 0 was 4, and is 5"));
    assert_eq!(call.programs.iter().filter(|program| program.served).count(), 1);
    assert!(call.programs[1].served && call.programs[1].graph.contains("x0_0"));
}

#[test]
fn functions_with_the_attribute_closures_modules_and_models_are_explained() {
    let (x, w) = (ones(&[4, 8]), ones(&[8, 3]));
    assert_eq!(explain(&scores, (&x, &w)).unwrap().calls[0].name, "scores");
    let closure = |x: &Tensor| x.sin() + 1.0;
    assert_eq!(only(&explain(&closure, &x).unwrap()).regions.len(), 1);
    let net = Net { fc: Linear::new(8, 3, &Device::cpu()) };
    let told = explain(&net, &x).unwrap();
    assert!(told.calls[0].programs[0].graph.contains("fc.weight"), "{told}");
    let method = explain(&|x: &Tensor| net.forward(x), &x).unwrap();
    assert_eq!(method.calls.len(), 1);
    let both = |x: &Tensor| scores(x, &ones(&[8, 3])) + scores(x, &ones(&[8, 3]));
    assert_eq!(explain(&both, &x).unwrap().calls.len(), 2, "two calls in a plain function");
}

#[test]
fn a_loaded_model_is_explained_on_named_inputs() {
    let text =
        "graph rows(%x: f32[n, 8]) where n in 1..=64 { %y = softmax %x {axis=1} return %y as y }";
    let folder = std::env::temp_dir().join(format!("ferrodyne-explained-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rows.fd"), text).unwrap();
    let model = Model::load(folder.join("rows.fd")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let told = explain(&model, [("x", &ones(&[4, 8]))]).unwrap();
    assert_eq!((told.calls[0].name.as_str(), told.calls[0].outcome), ("rows", Outcome::Compiled));
    assert_eq!(only(&told).symbols[0].hint, Some(4));
    assert_eq!(explain(&model, [("x", &ones(&[9, 8]))]).unwrap().calls[0].outcome, Outcome::Found);
    let wrong = explain(&model, [("z", &ones(&[9, 8]))]).unwrap_err().to_string();
    assert!(wrong.contains("no input `z`"), "{wrong}");
}

#[test]
fn one_run_reports_all_breaks_with_their_lines() {
    let told = explain(&reads, &ones(&[3])).unwrap();
    let call = &told.calls[0];
    assert_eq!((call.outcome, call.breaks.len()), (Outcome::Replayed, 2));
    assert!(call.breaks.iter().all(|b| b.source.contains("explained.rs:")));
    assert!(call.programs.iter().all(|program| program.segment));
    let text = told.to_string();
    assert_eq!(text.matches("reading needs a tensor's value").count(), 2, "{text}");
}

#[test]
fn fullgraph_reports_all_breaks_of_a_function_with_decisions() {
    #[compile(fullgraph)]
    fn broken(x: &Tensor) -> ferrodyne::Result<Tensor> {
        let mut y = x.clone();
        if x.sum() > 0.0 {
            y = y * x.mean().item::<f32>()?;
        }
        let scale = y.sum().item::<f32>()?;
        Ok(y * scale)
    }
    let text = broken(&ones(&[3])).unwrap_err().to_string();
    assert!(text.contains("must be one graph (fullgraph), but it breaks in"), "{text}");
    assert!(text.matches("explained.rs:").count() >= 2, "{text}");
}

#[test]
fn the_text_names_guards_regions_cuts_traffic_and_memory() {
    let f = compile(|x: &Tensor, w: &Tensor| x.matmul(w).softmax(0)).named("columns");
    let text = explain(&f, (&ones(&[64, 32]), &ones(&[32, 16]))).unwrap().to_string();
    for part in [
        "`columns`: compiled",
        "guards\n      x0.dim(0) == 64",
        "graph columns(",
        "dispatches",
        "moved",
        "regions\n",
        "(contraction): reads 10.0 KiB, writes 4.0 KiB",
        "not fused\n",
        "memory, at most",
        "steps 0 to",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn an_explanation_is_data() {
    let told = explain(&scores, (&ones(&[2, 8]), &ones(&[8, 3]))).unwrap();
    let data = serde_json::to_value(&told).unwrap();
    assert_eq!(data["calls"][0]["name"], "scores");
    assert!(data["calls"][0]["programs"][0]["report"]["Ok"]["regions"].is_array(), "{data}");
    let page = told.to_html(&|_, _| None).unwrap();
    assert!(page.contains("<svg") && page.contains("scores"));
}

#[test]
fn the_fault_of_a_call_is_the_fault_of_its_explanation() {
    let fails = |x: &Tensor| -> Result<Tensor, Error> { x.try_matmul(&x.try_reshape([7])?) };
    let text = explain(&fails, &ones(&[2, 3])).unwrap_err().to_string();
    assert!(text.contains("reshape"), "{text}");
    let told = explain(&scores, (&ones(&[2, 8]), &ones(&[8, 3]))).unwrap();
    assert_eq!(told.calls.len(), 1, "a fault leaves no observer behind");
}
