//! Bytes to the device and back, and the budget.

use ferrodyne_plan::Dim;
use ferrodyne_plan::plan::{Sizes, SlotRole};
use ferrodyne_runtime::gpu::Options;
use ferrodyne_runtime::{Backend, Prepared, RuntimeError};

use super::plans::{Builder, map, unary};
use super::{device, floats, open, upload};

#[test]
fn bytes_come_back_as_they_went() {
    let Some(gpu) = device() else { return };
    for len in [0usize, 1, 3, 4, 5, 17, 1000] {
        let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let buffer = gpu.upload(&bytes).unwrap();
        assert!(buffer.len() >= len && buffer.len() % 16 == 0);
        assert_eq!(gpu.download_now(&buffer, len).unwrap(), bytes);
        assert_eq!(pollster::block_on(gpu.download(&buffer, len)).unwrap(), bytes);
    }
}

#[test]
fn transfers_larger_than_a_piece_are_cut() {
    let Some(gpu) = device() else { return };
    let words: Vec<u32> = (0..(64 << 20) / 4 + 5).collect();
    let buffer = gpu.upload(bytemuck::cast_slice(&words)).unwrap();
    let back = gpu.download_now(&buffer, words.len() * 4).unwrap();
    assert!(bytemuck::cast_slice::<u8, u32>(&back) == words);
}

#[test]
fn identities_are_never_used_twice() {
    let Some(gpu) = device() else { return };
    let first = gpu.allocate(64).unwrap().id();
    let second = gpu.allocate(64).unwrap().id();
    assert_ne!(first, second);
}

#[test]
fn a_budget_is_an_error_that_leaves_the_device_usable() {
    let Some(gpu) = open(Options { max_memory: Some(1 << 20), idle_memory: 1 << 20 }) else {
        return;
    };
    let held = gpu.allocate(600 << 10).unwrap();
    let error = gpu.allocate(600 << 10).unwrap_err();
    let RuntimeError::OutOfMemory { need, used, .. } = &error else { panic!("{error}") };
    assert!(*need >= 600 << 10 && *used >= 600 << 10);
    assert!(error.to_string().ends_with("the budget is 1048576"), "{error}");
    drop(held);
    let other = gpu.allocate(900 << 10).expect("what lies idle is freed for another size");
    drop(other);
    let program = gpu.program(map("a[i] + 1.0", 64), None).unwrap();
    let outputs = program.run(&Sizes::default(), &[upload(&gpu, &[1.0; 64])]).unwrap();
    assert_eq!(floats(&gpu, &outputs[0], 64), [2.0; 64]);
}

#[test]
fn idle_memory_stays_below_its_cap() {
    let Some(gpu) = open(Options { max_memory: None, idle_memory: 10_000 }) else { return };
    let buffers: Vec<_> = (0..8).map(|_| gpu.allocate(4096).unwrap()).collect();
    assert_eq!(gpu.memory().live, 8 * 4096);
    drop(buffers);
    assert_eq!(gpu.memory().live, 0);
    assert_eq!(gpu.memory().idle, 2 * 4096);
    let again = gpu.allocate(4096).unwrap();
    assert_eq!(gpu.memory().created, 8, "idle memory serves again");
    drop(again);
    gpu.free_idle_memory();
    assert_eq!(gpu.memory().idle, 0);
}

#[test]
fn a_program_that_does_not_run_gives_up_its_scratch_when_memory_is_short() {
    let Some(gpu) = open(Options { max_memory: Some(1 << 20), idle_memory: 1 << 20 }) else {
        return;
    };
    let elements = 100 << 10;
    let n = Dim::from(elements);
    let mut plan = Builder::new("scratch");
    let a = plan.argument("a", &Dim::from(4));
    let scratch = plan.slot("scratch", SlotRole::Scratch, &n);
    let out = plan.output("out", &Dim::from(4));
    let fill = plan.kernel("fill", &unary("a[0] + f32(i)"), 2, &[]);
    plan.run(fill, &n, &[a, scratch]);
    plan.run(fill, &Dim::from(4), &[scratch, out]);
    let program = gpu.program(plan.finish(), None).unwrap();
    let inputs = [upload(&gpu, &[7.0; 4])];
    let run = || program.run(&Sizes::default(), &inputs).map(|o| floats(&gpu, &o[0], 4));
    assert_eq!(run().unwrap(), [7.0, 8.0, 9.0, 10.0]);
    let large = gpu.allocate(900 << 10).expect("the scratch memory is given up");
    assert!(matches!(run(), Err(RuntimeError::OutOfMemory { .. })));
    drop(large);
    assert_eq!(run().unwrap(), [7.0, 8.0, 9.0, 10.0]);
}
