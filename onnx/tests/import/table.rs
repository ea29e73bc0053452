//! Every standard operator at every version of the operator set that changed it.
//!
//! A line of the table is one node: `Op versions | attributes | operands | results`; `-` is an absent one. The results are those of another runtime at
//! the first of these versions, or of the specification's own evaluator; version 7 stands for all before it. A graph (`body=g:sums`) is one of
//! those written here.

use std::collections::BTreeSet;

use ferrodyne_onnx::coverage;
use ferrodyne_onnx::proto::AttributeProto;
use ferrodyne_plan::DType;
use ndarray::ArrayD;

use super::builder::{Model, array, attribute, data, float, graph, int, ints, node, text};

const TABLE: &str = include_str!("../data/versions.txt");

/// Versions before this one are read as this one where they do not differ.
const OLDEST: i64 = 7;

/// Operators whose second and later operands change a shape only when they are constants of the file.
const DATA_OPERANDS: &[&str] =
    &["Reshape", "Expand", "Range", "ConstantOfShape", "OneHot", "TopK", "Loop"];

struct Tensor {
    dtype: DType,
    dims: Vec<usize>,
    values: Vec<f64>,
}

impl Tensor {
    /// `f32[2,3] 1 2 3 4 5 6`.
    fn parse(text: &str) -> Option<Tensor> {
        let (ty, values) = text.split_once(' ').unwrap_or((text, ""));
        let (name, dims) = ty.strip_suffix(']')?.split_once('[')?;
        let all = [
            DType::F32,
            DType::F16,
            DType::I64,
            DType::I32,
            DType::U32,
            DType::I8,
            DType::U8,
            DType::Bool,
        ];
        let dtype = all.into_iter().find(|dtype| dtype.name() == name)?;
        let dims = dims.split(',').filter(|d| !d.is_empty()).map(|d| d.parse().ok());
        let values = values.split_whitespace().map(|v| v.parse().ok());
        Some(Tensor {
            dtype,
            dims: dims.collect::<Option<_>>()?,
            values: values.collect::<Option<_>>()?,
        })
    }

    fn array(&self) -> ArrayD<f64> {
        array(&self.dims, &self.values)
    }
}

/// A graph that a line of the table names, as an attribute.
fn body(attribute: &str, name: &str) -> Option<AttributeProto> {
    let row = |values: &[f32]| AttributeProto {
        floats: values.to_vec(),
        kind: Some(6),
        ..super::builder::attribute("value_floats")
    };
    Some(match name {
        "one" => {
            let nodes = [node("Constant", &[], &["a"], &[row(&[1.0, 2.0])])];
            graph(attribute, &[], &nodes, &["a"])
        }
        "two" => {
            let nodes = [node("Constant", &[], &["b"], &[row(&[3.0, 4.0])])];
            graph(attribute, &[], &nodes, &["b"])
        }
        "doubling" => {
            let nodes = [
                node("Identity", &["going"], &["goes_on"], &[]),
                node("Add", &["state", "state"], &["next"], &[]),
            ];
            let outputs = ["goes_on", "next", "next"];
            graph(attribute, &["index", "going", "state"], &nodes, &outputs)
        }
        "sums" => {
            let nodes = [node("Add", &["state", "part"], &["sum"], &[])];
            graph(attribute, &["state", "part"], &nodes, &["sum", "sum"])
        }
        _ => return None,
    })
}

/// `axis=i:1`.
fn parse_attribute(spec: &str) -> Option<AttributeProto> {
    let (name, value) = spec.split_once('=')?;
    let (kind, value) = value.split_once(':')?;
    let words = || value.split_whitespace();
    Some(match kind {
        "i" => int(name, value.parse().ok()?),
        "f" => float(name, value.parse().ok()?),
        "s" => text(name, value),
        "is" => ints(name, &words().map(|v| v.parse().ok()).collect::<Option<Vec<_>>>()?),
        "fs" => AttributeProto {
            floats: words().map(|v| v.parse().ok()).collect::<Option<_>>()?,
            kind: Some(6),
            ..attribute(name)
        },
        "g" => body(name, value)?,
        "t" => {
            let tensor = Tensor::parse(value)?;
            let proto = data("", tensor.dtype, &tensor.dims, &tensor.values);
            AttributeProto { t: Some(proto), kind: Some(4), ..attribute(name) }
        }
        _ => return None,
    })
}

struct Line<'a> {
    op: &'a str,
    versions: Vec<i64>,
    attributes: Vec<AttributeProto>,
    operands: Vec<(&'a str, Option<Tensor>)>,
    results: Vec<Option<Tensor>>,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Line<'a>> {
        let mut parts = line.split('|').map(str::trim);
        let (op, versions) = parts.next()?.split_once(' ')?;
        let list = |text: &'a str| text.split(';').map(str::trim).filter(|part| !part.is_empty());
        let attributes = list(parts.next()?).map(parse_attribute).collect::<Option<_>>()?;
        let operand = |text: &'a str| match text.split_once(' ') {
            None => Some(("", None)),
            Some((name, tensor)) => Some((name, Some(Tensor::parse(tensor)?))),
        };
        let operands = list(parts.next()?).map(operand).collect::<Option<_>>()?;
        let result = |text: &str| match text {
            "-" => Some(None),
            text => Tensor::parse(text).map(Some),
        };
        let results = list(parts.next()?).map(result).collect::<Option<_>>()?;
        let versions = versions.split(',').map(|v| v.parse().ok()).collect::<Option<_>>()?;
        Some(Line { op, versions, attributes, operands, results })
    }

    /// The node's results at a version. Short rows and numbers after the first operand are constants of the file.
    fn run(&self, version: i64) -> Vec<ArrayD<f64>> {
        let mut model = Model::new(version);
        let mut arguments = Vec::new();
        for (k, (name, tensor)) in self.operands.iter().enumerate() {
            let Some(tensor) = tensor else { continue };
            let short = k > 0 && tensor.dims.len() <= 1 && tensor.values.len() <= 8;
            if short || DATA_OPERANDS.contains(&self.op) {
                model = model.weight(name, tensor.dtype, &tensor.dims, &tensor.values);
                continue;
            }
            let dims: Vec<String> = tensor.dims.iter().map(ToString::to_string).collect();
            let dims: Vec<&str> = dims.iter().map(String::as_str).collect();
            model = model.input(name, tensor.dtype, &dims);
            arguments.push(tensor.array());
        }
        let operands: Vec<&str> = self.operands.iter().map(|(name, _)| *name).collect();
        let name = |(k, result): (usize, &Option<Tensor>)| match result {
            Some(_) => format!("result_{k}"),
            None => String::new(),
        };
        let results: Vec<String> = self.results.iter().enumerate().map(name).collect();
        let results: Vec<&str> = results.iter().map(String::as_str).collect();
        let outputs: Vec<&str> = results.iter().copied().filter(|name| !name.is_empty()).collect();
        let model = model.node(self.op, &operands, &results, &self.attributes);
        model.outputs(&outputs).run(&arguments)
    }
}

fn lines() -> Vec<Line<'static>> {
    let parse = |line: &'static str| Line::parse(line).unwrap_or_else(|| panic!("{line}"));
    TABLE.lines().map(parse).collect()
}

/// Whether two results agree to the digits that the table holds.
fn agree(got: &ArrayD<f64>, want: &Tensor) -> bool {
    let tolerance = if want.dtype == DType::F16 { 2e-3 } else { 2e-5 };
    let close = |(&a, &b): (&f64, &f64)| {
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * (1.0 + b.abs())
    };
    got.shape() == want.dims && got.iter().zip(&want.values).all(close)
}

#[test]
fn every_line_of_the_table_holds_at_each_of_its_versions() {
    let mut wrong = Vec::new();
    for line in lines() {
        for &version in &line.versions {
            let run = || line.run(version);
            let got = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
            let right = got.as_ref().is_ok_and(|got| {
                got.iter().zip(line.results.iter().flatten()).all(|(got, want)| agree(got, want))
            });
            if !right {
                wrong.push(format!("{} {version}: {got:?}", line.op));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_each_operator_at_each_version_that_changed_it() {
    let held: BTreeSet<(&str, i64)> = lines()
        .iter()
        .flat_map(|line| line.versions.iter().map(|&version| (line.op, version)))
        .collect();
    let mut missing = Vec::new();
    for row in coverage().iter().filter(|row| row.domain.is_empty()) {
        let first = row.since.iter().rev().find(|&&version| version <= OLDEST);
        let later = row.since.iter().filter(|&&version| version > OLDEST);
        for version in first.map(|_| OLDEST).into_iter().chain(later.copied()) {
            if !held.contains(&(row.op, version)) {
                missing.push(format!("{} {version}", row.op));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
