//! What a tuner may take instead of the rules' choice computes the same on the device.

use ferrodyne::{Model, Session, SessionOptions};
use ferrodyne_compiler::graph::{ParseCx, parse};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::pipeline::Picks;

use crate::tensor::{close, devices, sample};

/// More alternatives than any rule has.
const PICKS: usize = 24;

/// Graphs of two arguments, and the shapes of these.
const GRAPHS: [(&str, [&[usize]; 2]); 4] = [
    (
        "graph product(%x: f32[130, 80], %w: f32[80, 72]) {
          %0 = matmul %x %w : f32[130, 72] %y = gelu %0 : f32[130, 72] return %y as y }",
        [&[130, 80], &[80, 72]],
    ),
    (
        "graph scores(%x: f32[3, 70, 20], %w: f32[3, 66, 20]) {
          %0 = permute %w {axes=[0, 2, 1]} : f32[3, 20, 66]
          %y = matmul %x %0 : f32[3, 70, 66] return %y as y }",
        [&[3, 70, 20], &[3, 66, 20]],
    ),
    (
        "graph filter(%x: f32[2, 16, 14, 13], %w: f32[32, 16, 3, 3]) {
          %y = conv %x %w {layout=\"nchw\", dilations=[1, 1], groups=1, pads=[1, 1, 1, 1], strides=[1, 1]} : f32[2, 32, 14, 13]
          return %y as y }",
        [&[2, 16, 14, 13], &[32, 16, 3, 3]],
    ),
    (
        "graph rows(%x: f32[37, 300], %w: f32[300]) {
          %0 = mul %x %w : f32[37, 300] %y = softmax %0 {axis=1} : f32[37, 300] return %y as y }",
        [&[37, 300], &[300]],
    ),
];

#[test]
fn every_alternative_computes_what_the_rules_choice_does() {
    for device in devices() {
        for (text, [x, w]) in &GRAPHS {
            let graph = parse(text, ParseCx::new(&Table)).unwrap_or_else(|e| panic!("{e}"));
            let model = Model::new(graph, Vec::new(), Vec::new());
            let (x, w) = (sample(x, &device), sample(w, &device));
            let results = |pick: usize| {
                let mut options = SessionOptions::default();
                options.compiler.picks = Picks::all(pick);
                options.compiler.schedule.shared_sizes = false;
                let session = Session::new(&model, &device, options).unwrap();
                session.run(&[("x".to_owned(), &x), ("w".to_owned(), &w)]).unwrap().swap_remove(0)
            };
            let want = results(0).to_vec::<f32>().unwrap();
            for pick in 1..=if device.target().is_cpu() { 1 } else { PICKS } {
                close(&results(pick), &want, &format!("{text} alternative {pick}"));
            }
        }
    }
}
