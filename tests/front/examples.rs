//! Every example runs with `--device`, on the CPU executor and on a wgpu adapter where there is one: what it prints, it asserts.
//! `demo` is run by `./x demo`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use ferrodyne::Device;

/// The folder of the examples' programs, which are built by `cargo test` for all targets, and here when they are not.
static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(|| {
    let exe = std::env::current_exe().expect("the test has an executable");
    let profile = exe.ancestors().nth(2).expect("cargo puts tests in a folder of the profile's");
    let target = profile.parent().expect("a profile has a folder in that of the target");
    let is_release = profile.ends_with("release");
    let mut build = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    build.args(["build", "--quiet", "--package", "ferrodyne", "--examples", "--manifest-path"]);
    build.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    build.arg("--target-dir").arg(target).args(is_release.then_some("--release"));
    assert!(build.status().expect("cargo runs").success(), "the examples do not build");
    profile.join("examples")
});

/// Runs an example on every kind of device.
fn run(name: &str) {
    run_on(name, "cpu");
    match Device::named("gpu") {
        Ok(_) => run_on(name, "gpu"),
        Err(error) => eprintln!("skipped `{name}` on GPUs: {error}"),
    }
}

fn run_on(name: &str, device: &str) {
    let program = PROGRAMS.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(program).args(["--device", device]).output();
    let output = output.unwrap_or_else(|error| panic!("`{name}`: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "`{name}` on {device}:\n{out}\n{err}");
    assert!(!out.is_empty(), "`{name}` on {device} shows nothing");
}

macro_rules! examples {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}
examples! {
    backends compile_attribute compile_wrapper contract control_flow dynamic_batch graph_break mlp onnx_run opt_foo2 own_device
    resnet18 trace user_pass
}

#[test]
fn no_example_is_left_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let entries = std::fs::read_dir(folder).expect("the repository has examples").flatten();
    let files = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let names = files.filter_map(|file| file.strip_suffix(".rs").map(str::to_owned));
    let found: BTreeSet<String> = names.filter(|name| name != "demo").collect();
    let run: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, run);
}
