//! Random histories of calls: whatever is kept from call to call, no result depends on it.

use ferrodyne_plan::plan::{Sizes, SlotRole};
use ferrodyne_plan::{Dim, Name};
use ferrodyne_runtime::gpu::{GpuProgram, Options};
use ferrodyne_runtime::{Buffer, Prepared};
use proptest::prelude::*;

use super::plans::{ADD_SIZE, Builder, unary};
use super::{floats, open, upload};

#[derive(Clone, Debug)]
enum Event {
    /// Calls with so many elements of a value; the result is kept or dropped.
    Call { n: usize, value: u8, keep: bool },
    /// Drops one of the kept results.
    Forget(usize),
    /// Feeds a kept result back, where it has as many elements.
    Feed(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let n = prop::sample::select(vec![0usize, 1, 63, 64, 65, 300, 5000]);
    let call = (n, any::<u8>(), any::<bool>());
    prop_oneof![
        4 => call.prop_map(|(n, value, keep)| Event::Call { n, value, keep }),
        1 => (0usize..8).prop_map(Event::Forget),
        1 => (0usize..8).prop_map(Event::Feed),
    ]
}

/// A result that is held, and the value of all its elements.
struct Kept {
    n: usize,
    buffer: Buffer,
    value: f32,
}

fn call(program: &GpuProgram, n: usize, input: Buffer, value: f32) -> Kept {
    let sizes = Sizes::new([(Name::from("n"), n as i64)]);
    let buffer = program.run(&sizes, &[input]).expect("the program runs").remove(0);
    Kept { n, buffer, value: (value + n as f32) * 0.5 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn results_do_not_depend_on_earlier_calls(events in prop::collection::vec(event(), 1..40)) {
        let options = Options { max_memory: None, idle_memory: 40_000 };
        let Some(gpu) = open(options) else { return Ok(()) };
        let n = Dim::sym("n");
        let mut plan = Builder::new("history");
        let a = plan.argument("a", &n);
        let sum = plan.slot("sum", SlotRole::Scratch, &n);
        let out = plan.output("out", &n);
        let add = plan.kernel("add_size", ADD_SIZE, 2, std::slice::from_ref(&n));
        let half = plan.kernel("half", &unary("a[i] * 0.5"), 2, &[]);
        plan.run(add, &n, &[a, sum]);
        plan.run(half, &n, &[sum, out]);
        let program = gpu.program(plan.finish(), None).expect("the plan is sound");
        let mut kept: Vec<Kept> = Vec::new();
        for event in events {
            match event {
                Event::Call { n, value, keep } => {
                    let value = f32::from(value);
                    let result = call(&program, n, upload(&gpu, &vec![value; n]), value);
                    prop_assert_eq!(floats(&gpu, &result.buffer, n), vec![result.value; n]);
                    if keep {
                        kept.push(result);
                    }
                }
                Event::Forget(i) if i < kept.len() => drop(kept.swap_remove(i)),
                Event::Feed(i) if i < kept.len() => {
                    let Kept { n, buffer, value } = kept.swap_remove(i);
                    kept.push(call(&program, n, buffer, value));
                }
                Event::Forget(_) | Event::Feed(_) => {}
            }
        }
        for Kept { n, buffer, value } in kept {
            prop_assert_eq!(floats(&gpu, &buffer, n), vec![value; n]);
        }
    }
}
