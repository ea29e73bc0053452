//! Bad input: a line that names what is wrong, an exit code, and nothing written.

use super::workshop::{EXP, MLP, Run, Workshop, f32s, npy, onnx};

const FLOAT: i32 = 1;

/// A folder with an archive `x.npz` that fits the model of the repository, and results `out.npz` of an earlier day.
fn workshop(name: &str) -> Workshop {
    let workshop = Workshop::new(name);
    workshop.arrays("x.npz", &[("x", f32s(&[1, 4], &[1.0, 2.0, 3.0, 4.0]))]);
    workshop.file("out.npz", b"kept");
    workshop
}

/// Runs a model into `out.npz`; refuses a run that changed it, or left something beside it.
fn run(workshop: &Workshop, model: &str, inputs: &str) -> Run {
    let before = workshop.names();
    let run = workshop.run(&[
        "run",
        model,
        "--inputs",
        inputs,
        "--outputs",
        "out.npz",
        "--device",
        "cpu",
    ]);
    assert_eq!(workshop.read("out.npz"), b"kept");
    let after: Vec<String> = workshop.names().into_iter().filter(|n| n != "cache").collect();
    assert_eq!(after, before.into_iter().filter(|n| n != "cache").collect::<Vec<_>>());
    run
}

#[test]
fn arrays_that_do_not_fit_are_named() {
    let workshop = workshop("arrays");
    let with = |array: (&str, Vec<u8>)| {
        workshop.arrays("bad.npz", &[array]);
        run(&workshop, MLP, "bad.npz")
    };
    let ints: Vec<u8> = (0..4i32).flat_map(i32::to_le_bytes).collect();
    let cases: &[((&str, Vec<u8>), &str)] = &[
        (("x", npy("<i4", false, &[1, 4], &ints)), "input `x` must be f32, but the array is i32"),
        (
            ("x", f32s(&[4], &[0.0; 4])),
            "input `x` has rank 2 (shape [batch, 4]), but the value given has rank 1",
        ),
        (("x", f32s(&[1, 3], &[0.0; 3])), "dim 1 of input `x` must be 4, but it is 3"),
        (("z", f32s(&[1, 4], &[0.0; 4])), "the inputs lack an array `x`; there are `z`"),
        (
            ("x", npy("<i2", false, &[1, 4], &ints[..8])),
            "bad.npz: array `x`: element type '<i2' is not supported",
        ),
        (
            ("x", f32s(&[1, 4], &[0.0; 3])),
            "bad.npz: array `x`: f32[1, 4] needs 16 bytes, but it has 12",
        ),
    ];
    for (array, want) in cases {
        assert_eq!(with(array.clone()).fault(1), *want);
    }
    let x = f32s(&[1, 4], &[0.0; 4]);
    workshop.arrays("more.npz", &[("x", x.clone()), ("z", x.clone())]);
    let more = run(&workshop, MLP, "more.npz");
    assert_eq!(more.fault(1), "the model has no input `z`; its inputs are `x`");
    let twice = [("x.npy".to_owned(), x.clone()), ("x".to_owned(), x)];
    workshop.archive("twice.npz", &twice, zip::CompressionMethod::Stored);
    assert_eq!(run(&workshop, MLP, "twice.npz").fault(1), "twice.npz: there are two arrays `x`");
}

#[test]
fn files_that_are_no_archives_or_no_models_are_named() {
    let workshop = workshop("nothing");
    workshop.file("empty", b"").file("empty.onnx", b"").file("empty.fd", b"");
    for inputs in ["empty", "nowhere.npz", ".", "empty.onnx"] {
        assert!(run(&workshop, MLP, inputs).fault(1).starts_with(&format!("{inputs}: ")));
    }
    for model in ["empty.onnx", "nowhere.onnx", ".", "x.npz", "empty.fd", "nowhere.fd"] {
        assert!(run(&workshop, model, "x.npz").fault(1).starts_with(&format!("{model}: ")));
    }
}

#[test]
fn a_model_cut_anywhere_or_changed_anywhere_is_a_fault_or_a_model() {
    let workshop = workshop("cut");
    let whole = std::fs::read(MLP).expect("it comes with the repository");
    for end in (0..whole.len()).step_by(64) {
        workshop.file("cut.onnx", &whole[..end]);
        assert!(!run(&workshop, "cut.onnx", "x.npz").fault(1).is_empty());
    }
    let unknown: &[(&str, &[&str], &str)] =
        &[("Strange", &["x"], "a"), ("Relu", &["a"], "b"), ("Stranger", &["b"], "y")];
    workshop.file("unknown.onnx", &onnx(FLOAT, &[1, 4], &["x"], unknown, &["y"]));
    let fault = run(&workshop, "unknown.onnx", "x.npz");
    let want = "unknown.onnx: 2 nodes have operators that are not supported:";
    assert_eq!(fault.fault(1), want);
    assert!(fault.err.contains("ai.onnx.Strange (opset 17) at `a`"), "{}", fault.err);
    assert!(fault.err.contains("ai.onnx.Stranger (opset 17) at `y`"), "{}", fault.err);
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let workshop = workshop("unwritable");
    let to = |path: &str| {
        workshop.run(&["run", MLP, "--inputs", "x.npz", "--outputs", path, "--device", "cpu"])
    };
    assert!(to("nowhere/out.npz").fault(1).starts_with("nowhere/out.npz: "));
    assert!(to(".").fault(1).starts_with(".: "));
}

#[test]
fn a_wrong_use_is_2_and_a_failure_is_1() {
    let workshop = workshop("usage");
    workshop.file("exp.fd", EXP.as_bytes());
    let usage: &[&[&str]] = &[
        &[],
        &["nothing"],
        &["run", MLP],
        &["check", MLP, "--rtol", "much"],
        &["check", MLP, "--inputs", "x.npz"],
        &["check", MLP, "--inputs", "x.npz", "--expect", "x.npz", "--dim", "batch=2"],
        &["check", MLP, "--backend", "nothing"],
        &["check", MLP, "--set", "nothing"],
        &["check", MLP, "--set", "nothing=1"],
        &["check", MLP, "--set", "fusion=perhaps"],
        &["check", MLP, "--device", "cpu", "--dim", "batch"],
        &["check", MLP, "--device", "cpu", "--dim", "batch=-1"],
        &["check", MLP, "--device", "cpu", "--range", "x=3..1"],
        &["bench", MLP, "--runs", "0"],
        &["explain", MLP, "--stage", "nothing"],
    ];
    for arguments in usage {
        let run = workshop.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{arguments:?}: {}", run.out);
    }
    let of = |arguments: &[&str]| workshop.run(&[&["check", "exp.fd"], arguments].concat());
    let no_dim = of(&["--device", "cpu", "--dim", "m=2"]);
    assert_eq!(no_dim.fault(1), "--dim m: the model has no symbolic dim `m`; it has `n`");
    let no_input = of(&["--device", "cpu", "--range", "z=0..2"]);
    assert_eq!(no_input.fault(1), "--range z: the model has no input `z`; it has `x`");
    let no_integer = of(&["--device", "cpu", "--range", "x=0..2"]);
    assert_eq!(no_integer.fault(1), "--range x: `x` is f32; ranges are for integers");
    let no_device = of(&["--device", "a device of nobody"]);
    assert!(
        no_device.fault(1).starts_with("no device fits `a device of nobody`; there are `auto`")
    );
    assert!(no_device.fault(1).contains("`cpu`"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_is_gone_ends_the_command_without_a_word() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ferrodyne"));
    let (reader, writer) = std::io::pipe().expect("the system has pipes");
    drop(reader);
    command.args(["inspect", MLP, "--json"]).stdout(writer);
    let ended = command.output().expect("the command was built with the test");
    assert_eq!((ended.status.code(), ended.stderr), (Some(141), Vec::new()));
}

#[test]
fn random_inputs_for_which_there_is_no_memory_are_named() {
    let workshop = Workshop::new("memory");
    let sizes = [
        (999_999_999_999_999i64, "15999999999999984".to_owned()),
        (i64::MAX, format!("more than {}", usize::MAX)),
    ];
    for (size, bytes) in sizes {
        for command in ["check", "bench"] {
            let dim = format!("batch={size}");
            let run = workshop.run(&[command, MLP, "--device", "cpu", "--dim", &dim]);
            let want = format!(
                "input `x`: f32[{size}, 4] has {bytes} bytes, for which there is no memory; \
                 give smaller sizes (--dim NAME=N)"
            );
            assert_eq!(run.fault(1), want);
        }
    }
}

#[test]
fn a_tolerance_is_a_finite_number_that_is_not_negative() {
    let workshop = Workshop::new("tolerance");
    for (option, value) in [("--rtol", "nan"), ("--atol", "inf"), ("--rtol=-1", "0")] {
        let run = workshop.run(&["check", MLP, "--device", "cpu", option, value]);
        assert_eq!(run.code, 2, "{option} {value}: {}", run.err);
    }
    let run = workshop.run(&["check", MLP, "--rtol", "nan"]);
    assert!(run.err.contains("write a finite number that is not negative"), "{}", run.err);
}

#[test]
fn a_text_with_parameters_says_what_can_be_given_in_its_place() {
    let workshop = Workshop::new("parameters");
    let text = "graph add(%x: f32[2], parameter %w: f32[2]) {\n  %y = add %x %w : f32[2]\n  return %y\n}\n";
    workshop.file("add.fd", text.as_bytes());
    let run = workshop.run(&["check", "add.fd", "--device", "cpu"]);
    let want = "parameter `w` has no value: a text holds no weights; give the .onnx file, \
                or make it an input by taking the word `parameter` away";
    assert!(run.fault(1).ends_with(want), "{}", run.err);
}
