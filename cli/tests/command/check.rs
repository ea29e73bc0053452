//! `check`: how outputs are compared, several cases in one process, and random inputs.

use super::workshop::{EXP, MLP, Workshop, f32s};

#[test]
fn the_last_line_is_the_number_of_programs_on_disagreement_too() {
    let workshop = Workshop::new("differ");
    workshop.file("exp.fd", EXP.as_bytes());
    workshop.arrays("x.npz", &[("x", f32s(&[1, 4], &[0.0; 4]))]);
    workshop.arrays("y.npz", &[("y", f32s(&[1, 4], &[1.0, 1.0, 3.0, 1.0]))]);
    let check = ["check", "exp.fd", "--inputs", "x.npz", "--expect", "y.npz", "--device", "cpu"];
    let run = workshop.run(&check);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    let want = "case 1: `y` DIFFERS: worst absolute error 2.000e0, relative 6.667e-1, at [0, 2]\n\
                programs: 1\n";
    assert_eq!(run.out, want);
    let loose = workshop.run(&[&check[..], &["--atol", "2"]].concat());
    assert_eq!((loose.code, loose.last()), (0, "programs: 1"));
    for backend in ["eager", "reference"] {
        let run = workshop.run(&[&check[..], &["--atol", "2", "--backend", backend]].concat());
        assert_eq!((run.code, run.last()), (0, "programs: 0"), "{backend}: {}", run.err);
    }
}

#[test]
fn equal_infinities_and_nans_agree() {
    let workshop = Workshop::new("infinite");
    workshop.file("exp.fd", EXP.as_bytes());
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    workshop.arrays("x.npz", &[("x", f32s(&[1, 4], &[inf, -inf, nan, 0.0]))]);
    let against = |values: [f32; 4]| {
        workshop.arrays("y.npz", &[("y", f32s(&[1, 4], &values))]);
        let check =
            ["check", "exp.fd", "--inputs", "x.npz", "--expect", "y.npz", "--device", "cpu"];
        workshop.run(&check).code
    };
    assert_eq!(against([inf, 0.0, nan, 1.0]), 0);
    assert_eq!(against([-inf, 0.0, nan, 1.0]), 1);
    assert_eq!(against([inf, 0.0, 0.0, 1.0]), 1);
    assert_eq!(against([inf, 0.0, nan, nan]), 1);
}

#[test]
fn cases_of_other_sizes_share_a_program_unless_sizes_are_fixed() {
    let workshop = Workshop::new("cases");
    workshop.file("exp.fd", EXP.as_bytes());
    for (case, rows) in [("a", 1), ("b", 3)] {
        let shape = [rows, 4];
        workshop.arrays(&format!("{case}.npz"), &[("x", f32s(&shape, &vec![0.0; 4 * rows]))]);
        workshop.arrays(&format!("{case}_y.npz"), &[("y", f32s(&shape, &vec![1.0; 4 * rows]))]);
    }
    let check = [
        "check", "exp.fd", "--device", "cpu", "--inputs", "a.npz", "--expect", "a_y.npz",
        "--inputs", "b.npz", "--expect", "b_y.npz",
    ];
    let run = workshop.run(&check);
    assert_eq!((run.code, run.out.lines().count()), (0, 3), "{}{}", run.out, run.err);
    assert!(run.out.contains("case 1: `y` agrees") && run.out.contains("case 2: `y` agrees"));
    assert_eq!(run.last(), "programs: 1");
    let fixed = workshop.run(&[&check[..], &["--static"]].concat());
    assert_eq!((fixed.code, fixed.last()), (0, "programs: 2"));
    let json = workshop.run(&[&check[..], &["--json"]].concat());
    assert!(json.out.starts_with("{\"case\":1,\"output\":\"y\",\"agrees\":true,"), "{}", json.out);
    assert_eq!(json.last(), "programs: 1");
}

#[test]
fn every_output_must_be_expected_and_no_other() {
    let workshop = Workshop::new("expected");
    workshop.file("exp.fd", EXP.as_bytes());
    let ones = f32s(&[1, 4], &[1.0; 4]);
    workshop.arrays("x.npz", &[("x", f32s(&[1, 4], &[0.0; 4]))]);
    workshop.arrays("none.npz", &[]);
    workshop.arrays("more.npz", &[("y", ones.clone()), ("z", ones)]);
    workshop.arrays("shape.npz", &[("y", f32s(&[4], &[1.0; 4]))]);
    let against = |expect: &str| {
        workshop
            .run(&["check", "exp.fd", "--inputs", "x.npz", "--expect", expect, "--device", "cpu"])
    };
    assert_eq!(against("none.npz").fault(1), "none.npz: output `y` is missing");
    assert_eq!(against("more.npz").fault(1), "more.npz: the model has no output `z`");
    let shape = against("shape.npz");
    assert_eq!((shape.code, shape.last()), (1, "programs: 1"));
    assert!(shape.out.contains("`y` DIFFERS: it is f32[1, 4], but f32[4] was expected"));
}

#[test]
fn random_inputs_are_judged_by_the_interpreter() {
    let workshop = Workshop::new("random");
    let run = workshop.run(&["check", MLP, "--device", "cpu"]);
    assert_eq!((run.code, run.last()), (0, "programs: 1"), "{}{}", run.out, run.err);
    assert!(run.out.starts_with("sizes taken to be 1: batch (--dim NAME=N)\n"), "{}", run.out);
    let given = workshop.run(&["check", MLP, "--device", "cpu", "--dim", "batch=5"]);
    assert!(given.out.starts_with("case 1: `y` agrees"), "{}", given.out);
    let embed = "graph embed(%table: f32[6, 2], %token: i64[3]) {\n  \
                 %y = gather %table %token {axis = 0} : f32[3, 2]\n  return %y\n}\n";
    workshop.file("embed.fd", embed.as_bytes());
    let wide = workshop.run(&["check", "embed.fd", "--device", "cpu", "--range", "token=0..6"]);
    assert_eq!((wide.code, wide.last()), (0, "programs: 1"), "{}{}", wide.out, wide.err);
}

#[test]
fn agreement_with_eager_execution_that_is_far_off_is_said() {
    let workshop = Workshop::new("far-off");
    let lost = "graph lost(%x: f32[64]) {\n  %c = constant {value=f32[](1e9)} : f32[]\n  \
                %a = mul %x %c : f32[64]\n  %b = add %a %x : f32[64]\n  \
                %y = sub %b %a : f32[64]\n  return %y\n}\n";
    workshop.file("lost.fd", lost.as_bytes());
    let run = workshop.run(&["check", "lost.fd", "--device", "cpu"]);
    assert_eq!((run.code, run.last()), (0, "programs: 1"), "{}{}", run.out, run.err);
    assert!(
        run.err.contains("`y` is off by") && run.err.contains("eager execution"),
        "{}",
        run.err
    );
}
