//! The page of supported operators says what the table holds; files can be looked into without being imported.

use std::fmt::Write;
use std::path::Path;

use ferrodyne_onnx::{DeclaredValue, Inspection, OperatorCount, Support, coverage, inspect};
use ferrodyne_plan::DType;

use super::builder::Model;

fn page(rows: &[Support]) -> String {
    let mut text = format!(
        "# Operators of ONNX\n\n\
         {} operators are imported, from the given version of the operator set on. Listed are the versions that changed an \
         operator; files of all of them are read. Nodes with other operators are refused, all at once, before anything is \
         compiled.\n\n\
         | operator | versions | not supported |\n| --- | --- | --- |\n",
        rows.len()
    );
    for row in rows {
        let domain = if row.domain.is_empty() { String::new() } else { format!("{}.", row.domain) };
        let versions: Vec<String> = row.since.iter().map(ToString::to_string).collect();
        writeln!(text, "| {domain}{} | {} | {} |", row.op, versions.join(", "), row.limits)
            .expect("a string can be written to");
    }
    text
}

/// Set to 1, the environment variable writes the page anew.
#[test]
fn the_page_says_what_the_table_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("OPERATORS.md");
    let page = page(&coverage());
    if std::env::var("FERRODYNE_BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "OPERATORS.md differs from the table: run the tests with FERRODYNE_BLESS=1"
    );
}

#[test]
fn rows_are_unique_and_versions_ascend() {
    let rows = coverage();
    for pair in rows.windows(2) {
        assert!(
            (pair[0].domain, pair[0].op) < (pair[1].domain, pair[1].op),
            "{} twice",
            pair[0].op
        );
    }
    for row in rows {
        assert!(row.since.is_sorted_by(|a, b| a < b) && !row.since.is_empty(), "{}", row.op);
    }
}

fn inspected(model: &Model, name: &str) -> Inspection {
    let file = format!("ferrodyne-inspect-{name}-{}.onnx", std::process::id());
    let path = std::env::temp_dir().join(file);
    std::fs::write(&path, model.bytes()).expect("the folder for temporary files can be written");
    let found = inspect(&path).expect("the file is whole");
    std::fs::remove_file(&path).expect("the test made the file");
    found
}

#[test]
fn a_result_without_a_type_has_the_one_that_its_node_gives_it() {
    let mut model = Model::new(17)
        .input("x", DType::F32, &["batch", "3"])
        .node("Shape", &["x"], &["sizes"], &[])
        .node("Exp", &["x"], &["y"], &[])
        .outputs(&["sizes", "y"]);
    for output in &mut model.proto.graph.get_or_insert_default().output {
        output.r#type = None;
    }
    let of = |name: &str, dtype: &str, dims: &[&str]| DeclaredValue {
        name: name.to_owned(),
        dtype: dtype.to_owned(),
        dims: dims.iter().map(|&dim| dim.to_owned()).collect(),
    };
    let want = [of("sizes", "int64", &["2"]), of("y", "float", &["batch", "3"])];
    assert_eq!(inspected(&model, "untyped").outputs, want);
}

#[test]
fn a_file_is_inspected_even_with_unsupported_nodes() {
    let model = Model::new(17)
        .input("x", DType::F16, &["batch", "3", ""])
        .weight("w", DType::F32, &[2, 2], &[0.0; 4])
        .node("Exp", &["x"], &["a"], &[])
        .node("Exp", &["a"], &["b"], &[])
        .node("StringConcat", &["b"], &["y"], &[])
        .outputs(&["y"]);
    let found = inspected(&model, "unsupported");
    let dims = ["batch", "3", "x_2"].map(str::to_owned).to_vec();
    let input = DeclaredValue { name: "x".to_owned(), dtype: "float16".to_owned(), dims };
    assert_eq!((found.inputs, found.opset, found.parameters), (vec![input], 17, 4));
    let count = |op: &str, count| OperatorCount { domain: String::new(), op: op.to_owned(), count };
    assert_eq!(found.operators, [count("Exp", 2), count("StringConcat", 1)]);
    assert_eq!(found.unsupported[0].to_string(), "ai.onnx.StringConcat (opset 17) at `y`");
}
