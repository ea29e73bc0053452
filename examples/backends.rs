//! Backends by name, and one of one's own that looks at the graph before it is compiled.
//!
//! ```text
//! cargo run --example backends -- --device cpu
//! ```

use std::sync::Mutex;

use ferrodyne::passes::Graph;
use ferrodyne::prelude::*;
use ferrodyne::{Backend, Executable, compile_graph, register_backend};

/// Notes the operators of each graph that it is given, and lets `inductor` compile it.
struct Recording;

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Backend for Recording {
    fn compile(&self, graph: &Graph, device: &Device) -> ferrodyne::Result<Box<dyn Executable>> {
        let operators = graph.nodes.iter().map(|node| node.op.to_string());
        SEEN.lock().expect("nobody panics while it is held").extend(operators);
        compile_graph(graph, device, "inductor")
    }
}

fn normalised(x: &Tensor) -> Tensor {
    (x - x.mean_dim(-1, true)).tanh()
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let x = Tensor::randn([4, 10], &device);
    let eager = normalised(&x).to_vec::<f32>()?;

    register_backend("recording", Recording)?;
    for backend in ferrodyne::backends() {
        let compiled = compile(normalised).backend(&backend)?;
        let y = compiled.call(&x)?.to_vec::<f32>()?;
        let worst = y.iter().zip(&eager).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{backend:>10} on {device}: largest difference from eager {worst:e}");
        assert!(worst < 1e-5);
    }

    let seen = SEEN.lock().expect("nobody panics while it is held");
    println!("the graph that a backend receives: {}", seen.join(", "));
    assert!(seen.contains(&"tanh".to_owned()));
    Ok(())
}
