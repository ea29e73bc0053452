//! What can be seen of a compiled model: the report as data, the page, measured kernels.

use std::collections::BTreeMap;

use ferrodyne::explain::Report;
use ferrodyne::prelude::*;
use ferrodyne::{Model, Session, SessionOptions};

const NETWORK: &str = "graph network(%x: f32[n, 8], %w: f32[8, 8]) where n in 1..=64 hint 4 {
  %y = matmul %x %w : f32[n, 8]
  %z = softmax %y {axis=1} : f32[n, 8]
  return %z as probabilities
}
";

fn session() -> Session {
    let unique = format!("ferrodyne-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = std::env::temp_dir().join(unique);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("network.fd");
    std::fs::write(&path, NETWORK).unwrap();
    let model = Model::load(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    Session::new(&model, &Device::cpu(), SessionOptions::default()).unwrap()
}

fn report() -> Report {
    let shapes = BTreeMap::from([("x".to_owned(), vec![4, 8]), ("w".to_owned(), vec![8, 8])]);
    session().explain(&shapes).unwrap().report()
}

#[test]
fn a_report_names_regions_kernels_and_sizes() {
    let report = report();
    assert_eq!(report.name, "network");
    assert_eq!(report.symbols[0].name, "n");
    assert_eq!(report.symbols[0].hint, Some(4));
    assert!(report.regions.iter().any(|region| region.kind == "contraction"));
    assert!(report.regions.iter().all(|region| !region.variants.is_empty()));
    assert_eq!(report.outputs[0].0, "probabilities");
    assert_eq!(report.dispatches, report.memory.steps.len());
}

#[test]
fn a_page_stands_alone_and_shows_every_region() {
    let report = report();
    let page = report.to_html(&|_, _| None);
    for (index, region) in report.regions.iter().enumerate() {
        assert!(
            page.contains(&format!("<article id=\"r{index}\"")),
            "no article of {}",
            region.name
        );
        assert!(page.contains(&region.name));
    }
    let outside = page.matches("http").count() - page.matches("http://www.w3.org/2000/svg").count();
    assert_eq!(outside, 0, "a page loads nothing from elsewhere");
    assert!(!page.contains("src="));
}

#[test]
fn text_of_a_model_cannot_break_the_page() {
    let mut report = report();
    report.name = "<script>alert(1)</script>".to_owned();
    assert!(!report.to_html(&|_, _| None).contains("<script>alert"));
}

#[test]
fn measured_times_belong_to_regions() {
    let session = session();
    let (x, w) = (Tensor::ones([4, 8], &Device::cpu()), Tensor::ones([8, 8], &Device::cpu()));
    let inputs = [("x".to_owned(), &x), ("w".to_owned(), &w)];
    session.run(&inputs).unwrap();
    let times = session.measure(&inputs).unwrap();
    let report = report().measured(&times);
    let run = report.regions.iter().filter(|region| !region.weights_only);
    assert!(run.clone().count() > 0);
    assert!(run.into_iter().all(|region| region.ms.is_some()), "{times:?}");
}

#[test]
fn a_page_shows_times_reasons_and_ranges_with_links_to_regions() {
    let report = report();
    let quiet = report.to_html(&|_, _| None);
    assert!(!quiet.contains("Time on the device"));
    assert!(quiet.contains("<code>n in 1..=64</code> (schedules are chosen at 4)"));
    let times: Vec<(String, f64)> = report
        .regions
        .iter()
        .flat_map(|region| &region.variants[0].kernels)
        .map(|kernel| (kernel.name.clone(), 0.25))
        .collect();
    let page = report.measured(&times).to_html(&|_, _| None);
    assert!(page.contains("Time on the device") && page.contains("0.250 ms"));
    assert!(page.contains("not fused into <a class=\"region\" href=\"#r"));
}

#[test]
fn the_code_of_a_kernel_stands_without_the_loops_that_stand_beside_it() {
    let mut session = SessionOptions::default();
    session.set("target", "webgpu-default").unwrap();
    let model = ferrodyne_compiler::graph::parse(
        NETWORK,
        ferrodyne_compiler::graph::ParseCx::new(&ferrodyne_compiler::ops::Table),
    );
    let model = Model::new(model.unwrap(), Vec::new(), Vec::new());
    let target = ferrodyne::Target::webgpu_default();
    let report = model.explain_aot(&target, &session).unwrap().report();
    let page = report.to_html(&|_, _| None);
    assert!(page.contains("<pre class=\"wgsl\">@group(0)"), "code begins with its bindings");
    let kernel = &report.regions[0].variants[0].kernels[0];
    assert!(kernel.wgsl.starts_with("// kernel"), "the text itself says its loops");
}

#[test]
fn a_page_of_a_function_that_branches_shows_the_regions_of_its_parts() {
    #[compile]
    fn chosen(x: &Tensor) -> Tensor {
        if x.sum() > 0.0 { x.softmax(-1) } else { x.matmul(&x.t()) }
    }
    let x = Tensor::ones([3, 3], &Device::cpu());
    let told = ferrodyne::explain::explain(&chosen, &x).unwrap();
    let report = told.calls[0].programs[0].report.as_ref().unwrap();
    let page = told.to_html(&|_, _| None).unwrap();
    let parts = report.parts.iter().flat_map(|part| &part.regions);
    for region in parts.chain(&report.regions) {
        assert!(page.contains(&format!("{}</h2>", region.name)), "no region {}", region.name);
    }
    assert!(page.contains("<article id=\"r1\""), "{told}");
}
