//! How many programs are kept, which go, and what is told of it; calls from several threads.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use ferrodyne::prelude::*;
use ferrodyne::{EventKind, Stats};

use super::values;
use crate::tensor::sample;

fn ones(n: usize) -> Tensor {
    Tensor::ones([n], &Device::cpu())
}

fn count(stats: &Stats, kind: EventKind) -> usize {
    stats.events.iter().filter(|event| event.kind == kind).map(|event| event.count).sum()
}

#[test]
fn the_program_used_longest_ago_goes_first_and_the_argument_is_named() {
    let f = compile(|x: &Tensor, by: f32| x * by).arguments(&["x", "by"]).programs_max(2);
    let x = ones(2);
    for by in [1.0, 2.0, 1.0, 3.0, 1.0] {
        assert_eq!(values(&f.call((&x, by)).unwrap()), [by; 2]);
    }
    let stats = f.stats();
    assert_eq!((stats.programs, stats.compilations, stats.evictions), (2, 3, 1), "{stats:?}");
    f.call((&x, 2.0)).unwrap();
    assert_eq!(f.stats().compilations, 4, "the program of 2 was dropped, since 1 was used later");
    let eviction = stats.events.iter().find(|event| event.kind == EventKind::Eviction).unwrap();
    assert_eq!(
        eviction.reason,
        "more than 2 programs, so one was dropped: `by` keeps them apart: pass a number that varies as a `Scalar`, or allow more with `programs_max`"
    );
    assert!(eviction.source.starts_with("tests/guards/policy.rs:"), "{eviction:?}");
}

#[test]
fn a_dim_that_keeps_programs_apart_is_named() {
    let f = compile(|x: &Tensor| x.sum() + x.dim(0).get()).arguments(&["x"]).programs_max(3);
    for n in 1..7 {
        assert_eq!(values(&f.call(&ones(n)).unwrap()), [2.0 * n as f32]);
    }
    let stats = f.stats();
    assert_eq!((stats.programs, stats.compilations, stats.evictions), (3, 6, 3));
    let eviction = stats.events.iter().find(|event| event.kind == EventKind::Eviction).unwrap();
    assert!(
        eviction
            .reason
            .contains("x's dim 0 keeps them apart: declare it with `dynamic(x[0] = \"name\")`"),
        "{eviction:?}"
    );
    assert_eq!(eviction.count, 3, "what happens again is counted");
}

#[test]
fn eight_programs_are_kept_by_default() {
    let f = compile(|x: &Tensor, by: usize| x * by);
    for by in 0..9 {
        f.call((&ones(1), by)).unwrap();
    }
    assert_eq!((f.stats().programs, f.stats().evictions), (8, 1));
}

#[test]
fn what_happens_is_an_event_with_its_reason_and_place() {
    let f = compile(|x: &Tensor| -> f32 {
        let y = x * 2;
        y.sum().item::<f32>().unwrap()
    })
    .programs_max(2);
    for n in [1, 2, 3] {
        assert_eq!(f.call(&ones(n)).unwrap(), 2.0 * n as f32);
    }
    let stats = f.stats();
    assert_eq!(count(&stats, EventKind::Break), 3, "{:?}", stats.events);
    let broken = stats.events.iter().find(|event| event.kind == EventKind::Break).unwrap();
    assert!(broken.reason.contains("needs a tensor's value"), "{broken:?}");
    assert!(broken.source.starts_with("tests/guards/policy.rs:"), "{broken:?}");
    let f = compile(|x: &Tensor| x + 1);
    f.call(&ones(1)).unwrap();
    f.call(&ones(2)).unwrap();
    f.call(&ones(3)).unwrap();
    let stats = f.stats();
    assert_eq!(
        (count(&stats, EventKind::Compile), count(&stats, EventKind::Recompile), stats.hits),
        (1, 1, 1)
    );
    assert_eq!(stats.events[1].reason, stats.reasons[0]);
}

#[test]
fn calls_that_break_in_many_ways_fall_back_to_replay_and_say_so() {
    let f = compile(|x: &Tensor, by: f32| x.sum().item::<f32>().unwrap() * by).programs_max(2);
    for by in [1.0, 2.0, 3.0, 4.0] {
        assert_eq!(f.call((&ones(2), by)).unwrap(), 2.0 * by);
    }
    let stats = f.stats();
    assert!(count(&stats, EventKind::Fallback) >= 1, "{:?}", stats.events);
}

#[test]
fn threads_that_call_at_once_compile_each_program_once() {
    static RECORDED: AtomicUsize = AtomicUsize::new(0);
    let f = compile(|x: &Tensor, by: usize| {
        RECORDED.fetch_add(1, Ordering::Relaxed);
        (x * by).sum_dim(-1, false)
    })
    .programs_max(16);
    let (threads, start) = (12, Barrier::new(12));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (f, start) = (&f, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..40 {
                    let by = (thread + round) % 3;
                    let x = sample(&[2 + round % 2, 3], &Device::cpu());
                    let want = values(&(&x * by).sum_dim(-1, false));
                    assert_eq!(values(&f.call((&x, by)).unwrap()), want);
                }
            });
        }
    });
    let stats = f.stats();
    assert_eq!(
        stats.compilations, 6,
        "three values, each with one size and then any: {:?}",
        stats.reasons
    );
    assert_eq!(
        RECORDED.load(Ordering::Relaxed),
        6,
        "a body was recorded that another thread had recorded"
    );
    assert_eq!(stats.hits + stats.compilations, 12 * 40);
}

#[derive(Module)]
struct Passing {
    weight: Parameter,
    fc: Linear,
}

#[module]
impl Passing {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc.forward(x) * self.weight.tensor()
    }

    #[compile]
    fn passing_method(&self, x: &Tensor) -> Tensor {
        self.fc.forward(x) + self.weight.tensor()
    }
}

#[compile]
fn passing_function(x: &Tensor, weight: &Buffer) -> Tensor {
    x * weight.tensor()
}

#[test]
fn programs_go_with_the_model_that_they_were_made_for() {
    let device = Device::cpu();
    let x = Tensor::ones([1, 2], &device);
    let held = |name: &str| ferrodyne::function_stats(name).map_or(0, |stats| stats.programs);
    for _ in 0..3 {
        let weight = || Tensor::ones([2], &device);
        let model = Passing { weight: weight().into(), fc: Linear::new(2, 2, &device) };
        let buffer = Buffer::from(weight());
        for _ in 0..2 {
            compile(&model).named("passing_model").call(&x).unwrap();
            model.passing_method(&x);
            passing_function(&x, &buffer);
        }
        for name in ["passing_model", "passing_method", "passing_function"] {
            assert_eq!(held(name), 1, "{name}, while its model is there");
        }
        let shared = model.weight.clone();
        drop((model, buffer));
        assert_eq!(held("passing_function"), 0);
        drop(shared);
        for name in ["passing_model", "passing_method"] {
            assert_eq!(held(name), 0, "{name}, when its model is gone");
        }
    }
}
