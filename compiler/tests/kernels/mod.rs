//! Kernels on their way to WGSL: text in, schedule and module out.
//!
//! A case is a kernel; its header names the target. `FERRODYNE_BLESS=1` rewrites the sections.

mod alternatives;
mod attention;
mod contractions;
mod engine;
mod memory;
mod operators;
mod rows;
mod stencils;
mod steps;
mod targets;
mod writers;

use std::fs;
use std::path::{Path, PathBuf};

use ferrodyne_compiler::schedule::{ScheduleOptions, schedule};
use ferrodyne_compiler::wgsl;
use ferrodyne_plan::Target;
use ferrodyne_plan::loops::Kernel;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/kernels");
    let entries = fs::read_dir(folder).expect("the folder of cases stands beside this file");
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.expect("cases can be listed").path()).collect();
    cases.sort();
    cases
}

fn target(header: &str) -> Target {
    let name = header.strip_prefix("; target ").expect("the first line names the target").trim();
    Target::named(name).expect("the target is one that ships with the crate")
}

/// The sections that a kernel's text should have.
fn sections(input: &str) -> String {
    let target = target(input.lines().next().expect("a case is not empty"));
    let text: String = input.lines().skip(1).map(|line| format!("{line}\n")).collect();
    let kernel = Kernel::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let options = ScheduleOptions::default();
    let variants =
        schedule(&kernel, &target, &options, &|_| None).unwrap_or_else(|fault| panic!("{fault}"));
    let mut sections = String::new();
    for (at, variant) in variants.iter().enumerate() {
        sections.push_str(&format!("==== variant {at} needs {:?}\n", variant.needs));
        for kernel in &variant.kernels {
            let text =
                wgsl::print(kernel, &target).unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
            writers::write(&text);
            let [x, y, z] = &text.groups;
            sections.push_str(&format!(
                "---- groups {x}, {y}, {z} sizes {:?}\n{}",
                text.sizes, text.kernel.text
            ));
        }
    }
    sections
}

#[test]
fn every_case_has_the_text_that_it_states() {
    for path in cases() {
        let case = fs::read_to_string(&path).expect("cases can be read");
        let input = case.split("==== ").next().unwrap_or_default();
        let expected = format!("{input}{}", sections(input));
        if std::env::var_os("FERRODYNE_BLESS").is_some() {
            fs::write(&path, expected).expect("cases can be written");
        } else {
            assert_eq!(
                case,
                expected,
                "{} is out of date: run with FERRODYNE_BLESS=1",
                path.display()
            );
        }
    }
}
