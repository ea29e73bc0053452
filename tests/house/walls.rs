//! Which room of a crate may import which: the table that `ARCHITECTURE.md` quotes.

use super::rust_sources;

/// A room of a crate, and the rooms of the same crate that it may import.
type Room = (&'static str, &'static [&'static str]);

const PLAN: &[Room] = &[
    ("text", &[]),
    ("dims", &["text"]),
    ("dtype", &[]),
    ("source", &["text"]),
    ("diagnostic", &["source"]),
    ("host", &["dtype"]),
    ("target", &["text"]),
    ("loops", &["text", "dims", "dtype", "source"]),
    ("plan", &["text", "dims", "dtype", "source", "loops"]),
];

const COMPILER: &[Room] = &[
    ("graph", &[]),
    ("ops", &["graph"]),
    ("interpret", &["graph", "ops"]),
    ("passes", &["graph", "ops"]),
    ("fusion", &["graph", "ops"]),
    ("lower", &["graph", "ops", "fusion"]),
    ("schedule", &[]),
    ("wgsl", &["schedule"]),
    ("planning", &["graph"]),
    (
        "pipeline",
        &["graph", "ops", "interpret", "passes", "fusion", "lower", "schedule", "wgsl", "planning"],
    ),
];

const RUNTIME: &[Room] = &[
    ("gpu", &["backend", "error", "transfer", "blocking", "profile"]),
    ("cpu", &["backend", "error", "transfer"]),
];

/// The rooms that lines of a file name by `crate::room`, comments and tests left out.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = Vec::new();
    for line in lines {
        for rest in line.split("crate::").skip(1) {
            let room: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !room.is_empty() {
                rooms.push(room);
            }
        }
    }
    rooms
}

fn trespasses(source: &str, rooms: &[Room]) -> Vec<String> {
    let mut found = Vec::new();
    for (room, allowed) in rooms {
        let folder = format!("{source}/{room}");
        for file in rust_sources(&[source]) {
            let inside =
                file.path.starts_with(&format!("{folder}/")) || file.path == format!("{folder}.rs");
            let is_test = file.path.contains("/tests");
            if !inside || is_test {
                continue;
            }
            for other in imports(&file.text) {
                let known = rooms.iter().any(|(name, _)| *name == other);
                if known && other != *room && !allowed.contains(&other.as_str()) {
                    found.push(format!("{} imports {other}", file.path));
                }
            }
        }
    }
    found
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let found = [
        trespasses("plan/src", PLAN),
        trespasses("compiler/src", COMPILER),
        trespasses("runtime/src", RUNTIME),
    ]
    .concat();
    assert!(found.is_empty(), "walls were climbed:\n{}", found.join("\n"));
}

#[test]
fn wgpu_is_named_in_the_gpu_room_alone() {
    let files = rust_sources(&["runtime/src", "compiler/src", "plan/src", "onnx/src", "cli/src"]);
    let bad: Vec<&str> = files
        .iter()
        .filter(|f| !f.path.starts_with("runtime/src/gpu/") && imports_crate(&f.text, "wgpu::"))
        .map(|f| f.path.as_str())
        .collect();
    assert!(bad.is_empty(), "wgpu outside its room: {bad:?}");
}

#[test]
fn naga_is_named_in_one_module_alone() {
    let files = rust_sources(&["compiler/src"]);
    let bad: Vec<&str> = files
        .iter()
        .filter(|f| {
            !f.path.starts_with("compiler/src/wgsl/check") && imports_crate(&f.text, "naga::")
        })
        .map(|f| f.path.as_str())
        .collect();
    assert!(bad.is_empty(), "naga outside its module: {bad:?}");
}

fn imports_crate(text: &str, path: &str) -> bool {
    text.lines().any(|line| {
        let code = line.split("//").next().unwrap_or_default();
        code.match_indices(path).any(|(at, _)| {
            !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
        })
    })
}
