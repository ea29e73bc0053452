//! Small models as messages, and their results.

use ferrodyne_compiler::graph::{InputRole, verify};
use ferrodyne_compiler::interpret::interpret;
use ferrodyne_compiler::ops::{Table, element};
use ferrodyne_onnx::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use ferrodyne_onnx::tensor::Element;
use ferrodyne_onnx::{OnnxError, OnnxModel, import};
use ferrodyne_plan::DType;
use ndarray::{ArrayD, IxDyn};
use prost::Message;

/// A model in the making.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) proto: ModelProto,
}

/// An attribute of a node.
pub(crate) fn attribute(name: &str) -> AttributeProto {
    AttributeProto { name: name.to_owned(), ..AttributeProto::default() }
}

/// An integer attribute.
pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), kind: Some(2), ..attribute(name) }
}

/// An integers attribute.
pub(crate) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), kind: Some(7), ..attribute(name) }
}

/// A number attribute.
pub(crate) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), kind: Some(1), ..attribute(name) }
}

/// A text attribute.
pub(crate) fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.as_bytes().to_vec()), kind: Some(3), ..attribute(name) }
}

/// A graph attribute of `x: f32` inputs and results, whose types are not read.
pub(crate) fn graph(
    name: &str,
    inputs: &[&str],
    nodes: &[NodeProto],
    outputs: &[&str],
) -> AttributeProto {
    let values = |names: &[&str]| names.iter().map(|n| declared(n, DType::F32, &[])).collect();
    let graph = GraphProto {
        name: name.to_owned(),
        node: nodes.to_vec(),
        input: values(inputs),
        output: values(outputs),
        ..GraphProto::default()
    };
    AttributeProto { g: Some(graph), kind: Some(5), ..attribute(name) }
}

/// Data as a message, with raw bytes.
pub(crate) fn data(name: &str, dtype: DType, dims: &[usize], values: &[f64]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.iter().map(|&d| d as i64).collect(),
        data_type: Some(Element::code_of(dtype)),
        raw_data: Some(element::host(dtype, dims, values).bytes.to_vec()),
        ..TensorProto::default()
    }
}

/// The declaration of a value; sizes are numbers, names, or empty for unknown ones.
pub(crate) fn declared(name: &str, dtype: DType, dims: &[&str]) -> ValueInfoProto {
    let size = |text: &&str| match text.parse::<i64>() {
        Ok(value) => DimensionProto { dim_value: Some(value), ..DimensionProto::default() },
        Err(_) => DimensionProto { dim_value: None, dim_param: (*text).to_owned() },
    };
    let shape = TensorShapeProto { dim: dims.iter().map(size).collect() };
    let tensor = TensorTypeProto { elem_type: Some(Element::code_of(dtype)), shape: Some(shape) };
    let ty = TypeProto { tensor_type: Some(tensor), ..TypeProto::default() };
    ValueInfoProto { name: name.to_owned(), r#type: Some(ty) }
}

/// An operation.
pub(crate) fn node(
    op: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[AttributeProto],
) -> NodeProto {
    let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect();
    NodeProto {
        op_type: op.to_owned(),
        input: names(inputs),
        output: names(outputs),
        attribute: attributes.to_vec(),
        ..NodeProto::default()
    }
}

impl Model {
    /// An empty model of a version of the standard operators.
    pub(crate) fn new(opset: i64) -> Model {
        let import = OperatorSetIdProto { domain: String::new(), version: Some(opset) };
        let graph = GraphProto { name: "test".to_owned(), ..GraphProto::default() };
        Model {
            proto: ModelProto {
                ir_version: Some(8),
                producer_name: "test".to_owned(),
                graph: Some(graph),
                opset_import: vec![import],
                ..ModelProto::default()
            },
        }
    }

    fn graph(&mut self) -> &mut GraphProto {
        self.proto.graph.get_or_insert_default()
    }

    /// With an input.
    pub(crate) fn input(mut self, name: &str, dtype: DType, dims: &[&str]) -> Model {
        self.graph().input.push(declared(name, dtype, dims));
        self
    }

    /// With an initialiser.
    pub(crate) fn weight(
        mut self,
        name: &str,
        dtype: DType,
        dims: &[usize],
        values: &[f64],
    ) -> Model {
        self.graph().initializer.push(data(name, dtype, dims, values));
        self
    }

    /// With an initialiser that is a row of integers.
    pub(crate) fn row(self, name: &str, values: &[i64]) -> Model {
        let numbers: Vec<f64> = values.iter().map(|&v| v as f64).collect();
        self.weight(name, DType::I64, &[values.len()], &numbers)
    }

    /// With a message as initialiser.
    pub(crate) fn tensor(mut self, tensor: TensorProto) -> Model {
        self.graph().initializer.push(tensor);
        self
    }

    /// With an operation.
    pub(crate) fn node(
        mut self,
        op: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &[AttributeProto],
    ) -> Model {
        self.graph().node.push(node(op, inputs, outputs, attributes));
        self
    }

    /// With results of no declared type.
    pub(crate) fn outputs(mut self, names: &[&str]) -> Model {
        for &name in names {
            let info = ValueInfoProto { name: name.to_owned(), r#type: None };
            self.graph().output.push(info);
        }
        self
    }

    /// The bytes of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.proto.encode_to_vec()
    }

    /// The imported model.
    pub(crate) fn load(&self) -> Result<OnnxModel, OnnxError> {
        import(&self.bytes(), "test.onnx")
    }

    /// The results for inputs in the order of the model's, by the interpreter.
    pub(crate) fn run(&self, inputs: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let model = self.load().unwrap_or_else(|error| panic!("{error}"));
        run(&model, inputs)
    }

    /// The text of the fault that the importer finds.
    pub(crate) fn fault(&self) -> String {
        match self.load() {
            Ok(model) => panic!("imported without a fault:\n{}", model.graph),
            Err(error) => error.to_string(),
        }
    }
}

/// The results of an imported model.
pub(crate) fn run(model: &OnnxModel, inputs: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
    verify(&model.graph, &Table).unwrap_or_else(|fault| panic!("{fault}\n{}", model.graph));
    let (mut arguments, mut weights) = (inputs.iter(), model.weights.iter());
    let value = |role: InputRole| match role {
        InputRole::Argument => arguments.next().expect("the test gives all inputs").clone(),
        _ => {
            let weight = weights.next().expect("there is a weight for each parameter");
            array(&weight.dims, &element::values(weight))
        }
    };
    let values: Vec<ArrayD<f64>> = model.graph.inputs.iter().map(|i| i.role).map(value).collect();
    interpret(&model.graph, &values, &Default::default())
        .unwrap_or_else(|error| panic!("{error}\n{}", model.graph))
}

/// An array.
pub(crate) fn array(dims: &[usize], values: &[f64]) -> ArrayD<f64> {
    ArrayD::from_shape_vec(IxDyn(dims), values.to_vec()).expect("the test's shape fits its values")
}

/// `0, 1, 2, ..` under a shape.
pub(crate) fn counted(dims: &[usize]) -> ArrayD<f64> {
    let count: usize = dims.iter().product();
    array(dims, &(0..count).map(|k| k as f64).collect::<Vec<_>>())
}

/// Refuses a result that differs by more than single precision explains.
pub(crate) fn close(got: &ArrayD<f64>, want: &ArrayD<f64>) {
    assert_eq!(got.shape(), want.shape(), "{got} is not {want}");
    for (a, b) in got.iter().zip(want) {
        let equal = a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-5 + 1e-5 * b.abs();
        assert!(equal, "{got} is not {want}");
    }
}

/// The result of one node `op` on float inputs, with attributes, in a version.
pub(crate) fn single(
    opset: i64,
    op: &str,
    inputs: &[ArrayD<f64>],
    attributes: &[AttributeProto],
) -> ArrayD<f64> {
    let names: Vec<String> = (0..inputs.len()).map(|k| format!("x{k}")).collect();
    let mut model = Model::new(opset);
    for (name, value) in names.iter().zip(inputs) {
        let dims: Vec<String> = value.shape().iter().map(ToString::to_string).collect();
        let dims: Vec<&str> = dims.iter().map(String::as_str).collect();
        model = model.input(name, DType::F32, &dims);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    model.node(op, &names, &["y"], attributes).outputs(&["y"]).run(inputs).remove(0)
}
