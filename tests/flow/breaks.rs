//! What breaks a graph: told all at once where it must be one, left out on purpose, or refused.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use ferrodyne::prelude::*;
use ferrodyne::{Result, disable, reset_function};

use crate::tensor::close;

fn vec(values: &[f32]) -> Tensor {
    Tensor::from_slice(values, [values.len()], &Device::cpu())
}

#[compile(fullgraph)]
fn broken_in_four_places(x: &Tensor) -> Result<Tensor> {
    let n: f32 = x.sum().item()?;
    let held = Cell::new(n);
    if x.mean() > 0 {
        held.set(2.0);
    }
    let y = if x.sum() > 1 { x * 2 } else { x * 3 };
    let z = leave_out(&y);
    assert!(!z.to_string().is_empty());
    Ok(z * held.get())
}

#[compile(disable)]
fn leave_out(x: &Tensor) -> Tensor {
    x + 1
}

#[test]
fn all_breaks_of_a_full_graph_are_told_at_once_and_what_can_stay_is_not() {
    let error = broken_in_four_places(&vec(&[1.0, 2.0])).unwrap_err().to_string();
    assert!(error.contains("breaks in 4 places"), "{error}");
    for part in [
        "reading needs a tensor's value (tests/flow/breaks.rs:18",
        "a decision on a tensor changes something that a compiled function cannot follow",
        "(tests/flow/breaks.rs:20",
        "`leave_out` is disabled, and runs eagerly (tests/flow/breaks.rs:24",
        "printing needs a tensor's value",
        "help: ",
    ] {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
    assert!(
        !error.contains("breaks.rs:23"),
        "a branch that the graph can hold is no break: {error}"
    );
}

#[test]
fn a_full_graph_that_breaks_changes_no_state() {
    let device = Device::cpu();
    let total = Buffer::new(Tensor::zeros([1], &device));
    let f = compile(|x: &Tensor| -> Result<f32> {
        total.set(&(total.tensor() + x))?;
        total.tensor().item()
    })
    .fullgraph();
    assert!(f.call(&Tensor::ones([1], &device)).is_err());
    assert_eq!(total.tensor().item::<f32>().unwrap(), 0.0);
}

#[test]
fn a_disabled_function_runs_eagerly_on_every_call() {
    let seen = RefCell::new(Vec::new());
    let inner = disable(|x: &Tensor| {
        seen.borrow_mut().push(x.item::<f32>().unwrap());
        x * 10
    });
    let f = compile(|x: &Tensor| -> Result<Tensor> { Ok(inner.call(&(x + 1))? - 1) });
    for k in 0..3 {
        let y = f.call(&vec(&[k as f32])).unwrap().unwrap();
        close(&y, &[10.0 * (k as f32 + 1.0) - 1.0], "through the break");
    }
    assert_eq!(*seen.borrow(), [1.0, 2.0, 3.0]);
    let stats = f.stats();
    assert_eq!(stats.breaks.len(), 1, "{stats:?}");
    assert!(stats.breaks[0].source.contains("tests/flow/breaks.rs"), "{stats:?}");
    assert!(
        (2..=3).contains(&stats.segments),
        "what stands before and behind is compiled: {stats:?}"
    );
}

#[test]
fn what_a_disabled_function_calls_is_not_compiled_either() {
    #[compile]
    fn called_inside(x: &Tensor) -> Tensor {
        x.exp()
    }
    let inner = disable(|x: &Tensor| called_inside(x));
    close(&inner.call(&vec(&[0.0])).unwrap(), &[1.0], "eager");
    // One function of that name is known, if it was compiled.
    assert_eq!(inner.stats().compilations, 0);
    let before = ferrodyne::reset_function("called_inside");
    called_inside(&vec(&[0.0]));
    assert!(before <= reset_function("called_inside"));
}

#[test]
fn a_disabled_function_beside_a_decision_is_replayed() {
    #[compile]
    fn decides(x: &Tensor) -> Tensor {
        if x.sum() > 0 { leave_out(x) } else { x * 2 }
    }
    for (value, want) in [(1.0, 2.0), (-1.0, -2.0), (3.0, 4.0)] {
        close(&decides(&vec(&[value])), &[want], "either side");
    }
}

#[test]
fn a_panic_in_a_disabled_function_leaves_nothing_behind() {
    let inner = disable(|x: &Tensor| {
        assert!(x.item::<f32>().unwrap() > 0.0, "negative");
        x * 2
    });
    let f = compile(|x: &Tensor| -> Result<Tensor> { Ok(inner.call(&(x + 0))? + 1) });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f.call(&vec(&[-1.0]))));
    assert!(caught.is_err());
    close(&f.call(&vec(&[1.0])).unwrap().unwrap(), &[3.0], "afterwards");
}

#[test]
fn reset_drops_the_programs_of_one_function() {
    let x = vec(&[1.0]);
    let (f, g) = (compile(|x: &Tensor| x + 1), compile(|x: &Tensor| x - 1));
    f.call(&x).unwrap();
    g.call(&x).unwrap();
    f.reset();
    assert_eq!((f.stats().programs, g.stats().programs), (0, 1));
    f.call(&x).unwrap();
    assert_eq!((f.stats().programs, f.stats().compilations), (1, 1));
}

#[compile]
fn resets_by_name(x: &Tensor) -> Result<Tensor> {
    let y = x * 2;
    let n: f32 = y.sum().item()?;
    Ok(y + n)
}

#[test]
fn reset_drops_programs_and_segments_by_a_function_s_name() {
    for _ in 0..2 {
        close(&resets_by_name(&vec(&[1.0])).unwrap(), &[4.0], "before and behind");
    }
    assert_eq!(reset_function("resets_by_name"), 1);
    close(&resets_by_name(&vec(&[2.0])).unwrap(), &[8.0], "compiled anew");
    assert_eq!(reset_function("a_name_that_no_function_has"), 0);
}

#[compile(mode = "max_autotune")]
fn tuned(x: &Tensor) -> Tensor {
    x.softmax(-1)
}

#[test]
fn a_mode_is_chosen_by_name() {
    close(&tuned(&vec(&[0.0, 0.0])), &[0.5, 0.5], "by the attribute");
    let f = compile(|x: &Tensor| x.softmax(-1)).mode("max_autotune").unwrap();
    close(&f.call(&vec(&[0.0, 0.0])).unwrap(), &[0.5, 0.5], "by the method");
    let error = compile(|x: &Tensor| x.exp()).mode("fastest").err().unwrap().to_string();
    assert!(
        error.contains("there is no mode `fastest`; there are: default, max_autotune"),
        "{error}"
    );
}

#[derive(Module)]
struct Counting {
    scale: Parameter,
    calls: Cell<usize>,
    log: Mutex<Vec<String>>,
    shared: std::sync::Arc<AtomicUsize>,
}

#[module]
impl Counting {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.calls.set(self.calls.get() + 1);
        self.log.lock().unwrap().push("called".to_owned());
        x * self.scale.tensor()
    }
}

fn counting() -> Counting {
    let scale = Parameter::new(vec(&[2.0]));
    Counting {
        scale,
        calls: Cell::new(0),
        log: Mutex::default(),
        shared: std::sync::Arc::default(),
    }
}

#[test]
fn interior_mutability_is_refused_where_the_body_does_not_run() {
    let model = compile(counting());
    let error = model.call(&vec(&[1.0])).unwrap_err().to_string();
    for part in [
        "`Counting` changes behind shared references",
        "`calls` (Cell<usize>)",
        "`log` (Mutex<Vec<String>>)",
        "`shared` (Arc<AtomicUsize>)",
        "`replay`",
        "`Buffer`",
        "#[module(skip)]",
    ] {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
    assert_eq!(model.inner().calls.get(), 0, "nothing has run");
}

#[test]
fn interior_mutability_is_seen_where_the_body_runs() {
    let eager = counting();
    close(&eager.forward(&vec(&[1.0])), &[2.0], "eager");
    let model = compile(counting()).replay();
    for _ in 0..3 {
        close(&model.call(&vec(&[1.0])).unwrap(), &[2.0], "replayed");
    }
    assert_eq!((model.inner().calls.get(), model.inner().log.lock().unwrap().len()), (3, 3));
}

#[test]
fn a_field_that_is_skipped_is_the_user_s_own() {
    #[derive(Module)]
    struct Skipping {
        scale: Parameter,
        #[module(skip)]
        calls: Cell<usize>,
    }
    #[module]
    impl Skipping {
        fn forward(&self, x: &Tensor) -> Tensor {
            self.calls.set(self.calls.get() + 1);
            x * self.scale.tensor()
        }
    }
    let model = compile(Skipping { scale: Parameter::new(vec(&[2.0])), calls: Cell::new(0) });
    for _ in 0..3 {
        close(&model.call(&vec(&[1.0])).unwrap(), &[2.0], "cached");
    }
    assert_eq!(model.inner().calls.get(), 1, "the body ran once, to be recorded");
}
