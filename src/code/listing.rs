//! From a graph to Rust text: a function for the graph and one for each graph that it calls.

mod control;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ferrodyne_compiler::graph::{Attr, Graph, INPUT, Node, NodeId};
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::DType;

use super::words::{dtype, identifier, number, size, snake, variant};

/// Constants with more elements are parameters of the function.
const INLINE_MAX: usize = 16;

/// The visibility of the function of the whole graph.
const PUBLIC: &str = "pub ";

/// Functions with more results give a list.
const TUPLE_MAX: usize = 5;

/// Operators that are methods without arguments, where the names differ.
const METHODS: &[(&str, &str)] = &[
    ("neg", "neg"),
    ("abs", "abs"),
    ("exp", "exp"),
    ("log", "log"),
    ("sin", "sin"),
    ("cos", "cos"),
    ("tanh", "tanh"),
    ("sqrt", "sqrt"),
    ("rsqrt", "rsqrt"),
    ("recip", "reciprocal"),
    ("floor", "floor"),
    ("ceil", "ceil"),
    ("round", "round"),
    ("trunc", "trunc"),
    ("erf", "erf"),
    ("sign", "sign"),
    ("relu", "relu"),
    ("sigmoid", "sigmoid"),
    ("silu", "silu"),
];

/// Operators that are signs between two operands.
const SIGNS: &[(&str, &str)] = &[("add", "+"), ("sub", "-"), ("mul", "*"), ("div", "/")];

/// Operators that are methods with one more operand.
const WITH_ONE: &[(&str, &str)] = &[
    ("matmul", "matmul"),
    ("min", "minimum"),
    ("max", "maximum"),
    ("pow", "pow"),
    ("atan2", "atan2"),
    ("eq", "eq"),
    ("ne", "ne"),
    ("lt", "lt"),
    ("le", "le"),
    ("gt", "gt"),
    ("ge", "ge"),
];

/// A graph as a Rust function over tensors, with one function for each graph that it calls. Each line ends with the place that it
/// comes from. Constants of more than 16 elements are parameters, after the inputs.
pub fn rust(graph: &Graph) -> String {
    let mut functions = Functions { text: String::new(), taken: BTreeSet::new() };
    functions.add(graph, PUBLIC);
    let helpers = ["constant", "op", "source"];
    let used: Vec<&str> =
        helpers.into_iter().filter(|name| functions.text.contains(&format!(" {name}("))).collect();
    let imports = match used.as_slice() {
        [] => String::new(),
        [one] => format!("use ferrodyne::code::{one};\n"),
        many => format!("use ferrodyne::code::{{{}}};\n", many.join(", ")),
    };
    format!("{imports}use ferrodyne::prelude::*;\n{}", functions.text)
}

/// What a function takes besides the inputs of its graph, and what it is called.
#[derive(Clone)]
struct Signature {
    name: String,
    /// Which inputs of the graph it takes: those that it reads.
    used: Vec<bool>,
    constants: Vec<(String, DType, String)>,
    /// The last parameter is a device, since no other one has it.
    needs_device: bool,
}

struct Functions {
    text: String,
    taken: BTreeSet<String>,
}

impl Functions {
    /// Writes the functions of a graph, those that it calls first.
    fn add(&mut self, graph: &Graph, visibility: &str) -> Signature {
        let mut called = BTreeMap::new();
        for (key, sub) in &graph.subgraphs {
            called.insert(key.to_string(), self.add(sub, ""));
        }
        let name = self.fresh(&snake(&identifier(&graph.name)));
        let mut body = Body::new(graph, called);
        let lines = body.lines();
        let named = |input: NodeId| {
            let symbols = graph.ty(input).dims.iter().filter_map(|dim| dim.as_var());
            symbols.into_iter().any(|var| names(&lines, &identifier(var.name())))
        };
        let is_used = |input: NodeId| reads(graph, input) || named(input);
        let used = graph.inputs.iter().map(|input| visibility == PUBLIC || is_used(input.node));
        let used: Vec<bool> = used.collect();
        let kept = graph.inputs.iter().zip(&used).filter(|(_, used)| **used);
        let parameters = kept.map(|(input, _)| body.labels[input.node.index()].clone());
        let mut parameters: Vec<String> =
            parameters.chain(body.constants.iter().map(|(name, ..)| name.clone())).collect();
        let needs_device = parameters.is_empty() && names_device(&lines);
        if needs_device {
            parameters.push("device".to_owned());
        }
        let result = match graph.outputs.len() {
            1 => "Tensor".to_owned(),
            n if n > TUPLE_MAX => "Vec<Tensor>".to_owned(),
            n => format!("({})", vec!["Tensor"; n].join(", ")),
        };
        let branches = graph.nodes.iter().any(|node| matches!(node.op.as_str(), "cond" | "while"));
        let compile = if branches { "#[compile]\n" } else { "" };
        let allow = match parameters.len() > 7 {
            true => "#[allow(clippy::too_many_arguments)]\n",
            false => "",
        };
        // Writing to a string cannot fail.
        let _ = write!(
            self.text,
            "\n{allow}{compile}{visibility}fn {name}({}) -> {result} {{\n{lines}}}\n",
            parameter_list(&parameters)
        );
        Signature { name, used, constants: body.constants, needs_device }
    }

    /// A name that no function has yet.
    fn fresh(&mut self, stem: &str) -> String {
        let numbered = (2..).map(|n| format!("{stem}_{n}"));
        let mut names = std::iter::once(stem.to_owned()).chain(numbered);
        let name = names.find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }
}

/// Parameters on one line, or each on its own where they are many.
fn parameter_list(names: &[String]) -> String {
    let ty = |name: &str| if name == "device" { "Device" } else { "Tensor" };
    let one = names.iter().map(|name| format!("{name}: &{}", ty(name))).collect::<Vec<_>>();
    match one.iter().map(String::len).sum::<usize>() > 80 {
        true => {
            one.iter().map(|parameter| format!("\n    {parameter},")).collect::<String>() + "\n"
        }
        false => one.join(", "),
    }
}

/// The lines of one function.
struct Body<'a> {
    graph: &'a Graph,
    called: BTreeMap<String, Signature>,
    labels: Vec<String>,
    constants: Vec<(String, DType, String)>,
}

impl<'a> Body<'a> {
    fn new(graph: &'a Graph, called: BTreeMap<String, Signature>) -> Body<'a> {
        let mut taken: BTreeSet<String> =
            BTreeSet::from(["op", "source", "constant", "device"].map(str::to_owned));
        taken.extend(graph.symbols.keys().map(|name| identifier(name)));
        let mut labels = vec![String::new(); graph.nodes.len()];
        let inputs: BTreeMap<NodeId, String> =
            graph.inputs.iter().map(|input| (input.node, identifier(&input.name))).collect();
        for id in graph.ids() {
            let wanted = match (inputs.get(&id), &graph.node(id).name) {
                (Some(name), _) => name.clone(),
                (None, Some(name)) => identifier(name),
                (None, None) => format!("v{}", id.0),
            };
            let numbered = (2..).map(|n| format!("{wanted}_{n}"));
            let mut names = std::iter::once(wanted.clone()).chain(numbered);
            let label = names.find(|name| !taken.contains(name)).unwrap_or_default();
            taken.insert(label.clone());
            labels[id.index()] = label;
        }
        Body { graph, called, labels, constants: Vec::new() }
    }

    fn lines(&mut self) -> String {
        let mut lines = String::new();
        let read = live(self.graph);
        let last = read.iter().rposition(|&live| live);
        let computed = |id: &NodeId| read[id.index()] && self.graph.node(*id).op.as_str() != INPUT;
        for id in self.graph.ids().filter(computed).collect::<Vec<_>>() {
            let node = self.graph.node(id);
            let Some(code) = self.expression(id, node) else { continue };
            let place = match node.source.is_unknown() {
                true => String::new(),
                false => format!(" // {}", node.source),
            };
            let result = self.graph.outputs.len() == 1 && self.graph.outputs[0].node == id;
            // Writing to a string cannot fail.
            let _ = match result && Some(id.index()) == last {
                true => writeln!(lines, "    {code}{place}"),
                false => writeln!(lines, "    let {} = {code};{place}", self.labels[id.index()]),
            };
        }
        lines.push_str(&self.results(last));
        self.preamble(&lines) + &lines
    }

    /// The line of the results, unless the last line is the only one.
    fn results(&self, last: Option<usize>) -> String {
        let graph = self.graph;
        let results =
            graph.outputs.iter().map(|output| format!("{}.clone()", self.value(output.node)));
        let results: Vec<String> = results.collect();
        match (results.as_slice(), graph.outputs.as_slice()) {
            ([_], [output])
                if Some(output.node.index()) == last
                    && graph.node(output.node).op.as_str() != INPUT =>
            {
                String::new()
            }
            ([one], _) => format!("    {one}\n"),
            (many, _) if many.len() > TUPLE_MAX => format!("    vec![{}]\n", many.join(", ")),
            (many, _) => format!("    ({})\n", many.join(", ")),
        }
    }

    /// The device and the sizes that the lines name.
    fn preamble(&self, lines: &str) -> String {
        let mut text = String::new();
        let first = self.graph.inputs.iter().find(|input| reads(self.graph, input.node));
        let first = first.map(|input| &self.labels[input.node.index()]);
        if let Some(first) = first.filter(|_| names_device(lines)) {
            let _ = writeln!(text, "    let device = {first}.device();");
        }
        for name in self.graph.symbols.keys() {
            let label = identifier(name);
            let place = self.graph.inputs.iter().find_map(|input| {
                let dims = &self.graph.ty(input.node).dims;
                let axis = dims
                    .iter()
                    .position(|dim| dim.as_var().is_some_and(|var| var.name() == name))?;
                Some((&self.labels[input.node.index()], axis))
            });
            if let Some((input, axis)) = place.filter(|_| names(lines, &label)) {
                let _ = writeln!(text, "    let {label} = {input}.dim({axis});");
            }
        }
        text
    }

    /// How a value is named: an input is a reference already.
    fn value(&self, id: NodeId) -> &str {
        &self.labels[id.index()]
    }

    /// A value as a reference to a tensor.
    fn reference(&self, id: NodeId) -> String {
        let label = self.value(id);
        let given = self.graph.node(id).op.as_str() == INPUT
            || self.constants.iter().any(|(name, ..)| name == label);
        if given { label.to_owned() } else { format!("&{label}") }
    }

    /// The code that computes a node; `None` for what needs no line of its own.
    fn expression(&mut self, id: NodeId, node: &Node) -> Option<String> {
        let op = node.op.as_str();
        if op == "constant" {
            return self.constant(id, node);
        }
        if op == "call" {
            return Some(self.call(node, 0, &node.inputs, None));
        }
        if op == "cond" {
            return Some(self.branch(node));
        }
        if op == "while" {
            return Some(self.repeat(node));
        }
        if op == "scan" {
            return Some(self.scan(node));
        }
        if op == "result" {
            return Some(self.result(node));
        }
        let find = |table: &[(&str, &'static str)]| {
            table.iter().find(|(name, _)| *name == op).map(|(_, code)| *code)
        };
        if node.attrs.is_empty() {
            match node.inputs.as_slice() {
                [x] => {
                    if let Some(method) = find(METHODS) {
                        return Some(format!("{}.{method}()", self.value(*x)));
                    }
                }
                [x, y] => {
                    let (x, y) = (*x, *y);
                    if let Some(sign) = find(SIGNS) {
                        return Some(format!("{} {sign} {}", self.reference(x), self.reference(y)));
                    }
                    if let Some(method) = find(WITH_ONE) {
                        return Some(format!("{}.{method}({})", self.value(x), self.reference(y)));
                    }
                }
                _ => {}
            }
        }
        let attributes: Vec<String> = node
            .attrs
            .iter()
            .map(|(name, attr)| format!("({:?}, {})", name.as_str(), self.attribute(attr)))
            .collect();
        let attributes = attributes.join(", ");
        Some(match node.inputs.is_empty() {
            true => format!("source({op:?}, device, &[{attributes}])"),
            false => {
                let operands: Vec<String> =
                    node.inputs.iter().map(|&input| self.reference(input)).collect();
                format!("op({op:?}, &[{}], &[{attributes}])", operands.join(", "))
            }
        })
    }

    fn constant(&mut self, id: NodeId, node: &Node) -> Option<String> {
        let Some(Attr::Tensor(value)) = node.attrs.get("value") else { return None };
        if value.len() > INLINE_MAX {
            let shape = value.dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            self.constants.push((self.labels[id.index()].clone(), value.dtype, shape));
            return None;
        }
        let values: Vec<String> = element::values(value).into_iter().map(number).collect();
        Some(format!(
            "constant({}, &{:?}, &[{}], device)",
            dtype(value),
            value.dims,
            values.join(", ")
        ))
    }

    fn attribute(&self, attr: &Attr) -> String {
        match attr {
            Attr::Int(value) => format!("{value}i64.into()"),
            Attr::Float(value) => format!("{}.into()", number(*value)),
            Attr::Bool(value) => format!("{value}.into()"),
            Attr::Str(value) => format!("{:?}.into()", value.as_str()),
            Attr::DType(value) => format!("DType::{}.into()", variant(*value)),
            Attr::Ints(values) => {
                format!("{values:?}.into()").replace("[].into()", "shape![].into()")
            }
            Attr::Dims(dims) => {
                format!("shape![{}].into()", dims.iter().map(size).collect::<Vec<_>>().join(", "))
            }
            Attr::Tensor(value) => format!("{:?}.into()", element::values(value)),
        }
    }
}

/// Whether a graph reads an input.
fn reads(graph: &Graph, input: NodeId) -> bool {
    graph.nodes.iter().any(|node| node.inputs.contains(&input))
        || graph.roots().any(|root| root == input)
}

/// For each node, whether a result depends on it: what nothing reads has no line.
fn live(graph: &Graph) -> Vec<bool> {
    let mut live = vec![false; graph.nodes.len()];
    graph.roots().for_each(|root| live[root.index()] = true);
    for id in graph.ids().collect::<Vec<_>>().into_iter().rev() {
        if live[id.index()] {
            graph.node(id).inputs.iter().for_each(|input| live[input.index()] = true);
        }
    }
    live
}

/// Whether lines hand a device on.
fn names_device(lines: &str) -> bool {
    lines.contains("device)") || lines.contains("device,")
}

/// Whether a text names an identifier.
fn names(text: &str, label: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == label)
}
