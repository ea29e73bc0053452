//! Contracts: promises about kernels and memory, kept or broken by plans for targets that are not here.

use std::panic::catch_unwind;

use ferrodyne::Contract;
use ferrodyne::prelude::*;

#[compile(
    args(x = "f32[batch in 1..=64, 1024]"),
    kernels <= 1,
    dispatches <= 1,
    peak <= "256KiB",
    targets("webgpu-default", "vulkan-desktop", "metal-apple", "cpu")
)]
fn probabilities(x: &Tensor) -> Tensor {
    x.softmax(-1)
}

#[compile(args(x = "f32[batch in 1..=8, 16]", w = "f32[16, 4]", how = "sum", scale = 0.5), kernels <= 2)]
fn loss(x: &Tensor, w: Tensor, how: &str, scale: f32) -> Tensor {
    let y = x.matmul(&w) * scale;
    match how {
        "sum" => y.sum_dim([1], false),
        _ => y,
    }
}

#[derive(Module)]
struct Net {
    fc1: Linear,
    fc2: Linear,
}

#[module]
impl Net {
    #[compile(args(x = "f32[batch in 1..=64, 10]"), kernels <= 2, peak <= "65KiB", targets("webgpu-default"))]
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc2.forward(&self.fc1.forward(x).relu())
    }

    #[compile(args(x = "f32[batch in 1..=64, 10]"), kernels <= 1, peak <= "1KiB", targets("webgpu-default", "vulkan-desktop"))]
    fn too_much(&self, x: &Tensor) -> Tensor {
        self.fc2.forward(&self.fc1.forward(x).relu()).softmax(0)
    }
}

fn net() -> Net {
    let device = Device::cpu();
    Net { fc1: Linear::new(10, 256, &device), fc2: Linear::new(256, 2, &device) }
}

fn spec(text: &str) -> Tensor {
    Tensor::of_spec(&text.parse().unwrap())
}

#[test]
fn a_method_has_a_checker() {
    net().forward_keeps_its_contract().unwrap();
}

#[test]
fn a_function_under_contract_is_called_as_before() {
    let x = Tensor::ones([2, 1024], &Device::cpu());
    assert!((probabilities(&x).sum().item::<f32>().unwrap() - 2.0).abs() < 1e-5);
    let w = Tensor::ones([16, 4], &Device::cpu());
    let y = loss(&Tensor::ones([2, 16], &Device::cpu()), w, "sum", 0.5);
    assert_eq!(y.to_vec::<f32>().unwrap(), [32.0, 32.0]);
}

#[test]
fn a_broken_promise_is_told_with_target_figure_and_reason() {
    let text = net().too_much_keeps_its_contract().unwrap_err().to_string();
    for part in [
        "`too_much` breaks its contract",
        "kernels <= 1 on `webgpu-default`: they are",
        "kernels <= 1 on `vulkan-desktop`: they are",
        "kernel `",
        "not fused: ",
        "contracts.rs:",
        "peak <= 1.0 KiB on `webgpu-default`: it is ",
        "at batch = 64",
        " takes ",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn the_checker_of_a_module_checks_all_of_its_methods() {
    let text = net().check_contracts().unwrap_err().to_string();
    assert!(text.starts_with("`too_much` breaks its contract"), "{text}");
}

#[test]
#[allow(unnameable_test_items)]
fn a_broken_contract_of_a_function_fails_its_test() {
    #[compile(args(x = "f32[1024]"), kernels <= 0)]
    fn one_kernel(x: &Tensor) -> Tensor {
        x.sin()
    }
    let panic = catch_unwind(one_kernel_keeps_its_contract).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("`one_kernel` breaks its contract"), "{text}");
    assert!(text.contains("kernels <= 0 on `webgpu-default`: they are 1"), "{text}");
}

#[test]
fn memory_without_an_upper_end_breaks_a_promise() {
    let contract = Contract::new("probabilities").peak(1 << 30);
    let text = contract.check(|| probabilities(&spec("f32[n, 8]"))).unwrap_err().to_string();
    assert!(text.contains("it grows without end with `n`: declare an upper end"), "{text}");
}

#[test]
fn a_program_for_fewer_sizes_than_promised_breaks_a_contract() {
    #[compile]
    fn fixed(x: &Tensor) -> Tensor {
        x * x.dim(0).get() as f32
    }
    let check = || Contract::new("fixed").check(|| fixed(&spec("f32[n in 1..=8]")));
    let text = check().unwrap_err().to_string();
    assert!(text.contains("holds only where n == 8") && text.contains("contracts.rs:"), "{text}");
    Contract::new("fixed").check(|| fixed(&spec("f32[8]"))).unwrap();
}

#[test]
fn what_cannot_be_checked_is_a_fault() {
    let plain = Contract::new("plain").check(|| spec("f32[3]").try_sin()).unwrap_err().to_string();
    assert!(plain.contains("`plain` is no compiled function: put `#[compile]` on it"), "{plain}");
    let unknown = Contract::new("probabilities").targets(["voodoo"]);
    let text = unknown.check(|| probabilities(&spec("f32[2, 3]"))).unwrap_err().to_string();
    assert!(text.contains("there is no target `voodoo`; there are: webgpu-default"), "{text}");
}

#[test]
fn a_buffer_that_a_target_cannot_hold_breaks_a_contract() {
    let check = |target: &str, text: &str| {
        Contract::new("probabilities").targets([target]).check(|| probabilities(&spec(text)))
    };
    let large = "f32[n in 1..=70000, 1024]";
    let text = check("webgpu-default", large).unwrap_err().to_string();
    assert!(text.contains("`x` takes 273.4 MiB, and one holds 256.0 MiB"), "{text}");
    check("vulkan-desktop", large).unwrap();
    check("webgpu-default", "f32[n in 1..=65536, 1024]").unwrap();
}
