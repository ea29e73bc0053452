//! A folder of its own for a test, with models and arrays in it, and the command run there.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ferrodyne_onnx::proto::{
    DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto,
};
use prost::Message;

/// The model that comes with the repository: `x: f32[batch, 4]` to `y: f32[batch, 3]`.
pub(crate) const MLP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/mlp.onnx");

/// A graph in text form: `x: f32[n, 4]` to `y: f32[n, 4]`.
pub(crate) const EXP: &str =
    "graph exp(%x: f32[n, 4]) where n in 0.. {\n  %y = exp %x : f32[n, 4]\n  return %y\n}\n";

/// A folder that goes when the test ends.
pub(crate) struct Workshop(PathBuf);

/// What a run of the command left.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The last line on stdout.
    pub(crate) fn last(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }

    /// The error, refused where it is not one line of the command, or more than one or none.
    pub(crate) fn fault(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        // What a driver says on stderr is not the command's.
        let lines: Vec<&str> = self.err.lines().filter(|l| l.starts_with("ferrodyne: ")).collect();
        assert_eq!(lines.len(), 1, "{}", self.err);
        lines[0].trim_start_matches("ferrodyne: ")
    }
}

impl Workshop {
    /// An empty folder.
    pub(crate) fn new(name: &str) -> Workshop {
        let folder = std::env::temp_dir().join(format!("ferrodyne-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
        Workshop(folder)
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> &Workshop {
        fs::write(self.path(name), bytes).expect("the test made the folder");
        self
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("the file was written")
    }

    /// Writes stored arrays.
    pub(crate) fn arrays(&self, name: &str, arrays: &[(&str, Vec<u8>)]) -> &Workshop {
        let members: Vec<(String, Vec<u8>)> =
            arrays.iter().map(|(name, bytes)| (format!("{name}.npy"), bytes.clone())).collect();
        self.archive(name, &members, zip::CompressionMethod::Stored)
    }

    /// Writes an archive of members.
    pub(crate) fn archive(
        &self,
        name: &str,
        members: &[(String, Vec<u8>)],
        method: zip::CompressionMethod,
    ) -> &Workshop {
        let file = fs::File::create(self.path(name)).expect("the test made the folder");
        let mut archive = zip::ZipWriter::new(file);
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        for (member, bytes) in members {
            archive.start_file(member.as_str(), options).expect("members have plain names");
            archive.write_all(bytes).expect("the file can be written");
        }
        archive.finish().expect("the file can be written");
        self
    }

    /// Runs the command in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferrodyne"));
        let Output { status, stdout, stderr } = command
            .args(arguments)
            .current_dir(&self.0)
            .env("FERRODYNE_CACHE_DIR", self.path("cache"))
            .env_remove("FERRODYNE_DEVICE")
            .output()
            .expect("the command was built with the test");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let err = text(stderr);
        assert!(!err.contains("panicked"), "{err}");
        let code = status.code().expect("the command ends by itself");
        Run { code, out: text(stdout), err }
    }

    /// The names of the files in the folder.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the test made the folder");
        let names =
            entries.filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned()));
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

impl AsRef<Path> for Workshop {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

/// An array of a numpy type, its elements as bytes.
pub(crate) fn npy(descr: &str, fortran: bool, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let order = if fortran { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({sizes}), }}");
    let padding = 63 - (10 + header.len()) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let length = u16::try_from(header.len()).expect("the header is short").to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), bytes].concat()
}

/// An array of 32-bit floats.
pub(crate) fn f32s(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    npy("<f4", false, shape, &bytes)
}

/// An array of 64-bit floats.
pub(crate) fn f64s(shape: &[usize], values: &[f64]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    npy("<f8", false, shape, &bytes)
}

/// An ONNX model of nodes `(operator, operands, result)`; all values have the element type and the sizes.
pub(crate) fn onnx(
    element: i32,
    sizes: &[i64],
    inputs: &[&str],
    nodes: &[(&str, &[&str], &str)],
    outputs: &[&str],
) -> Vec<u8> {
    let value = |name: &&str| {
        let dim =
            |&size: &i64| DimensionProto { dim_value: Some(size), ..DimensionProto::default() };
        let shape = TensorShapeProto { dim: sizes.iter().map(dim).collect() };
        let tensor = TensorTypeProto { elem_type: Some(element), shape: Some(shape) };
        let ty = TypeProto { tensor_type: Some(tensor), ..TypeProto::default() };
        ValueInfoProto { name: (*name).to_owned(), r#type: Some(ty) }
    };
    let node = |(op, operands, result): &(&str, &[&str], &str)| NodeProto {
        op_type: (*op).to_owned(),
        input: operands.iter().map(|&name| name.to_owned()).collect(),
        output: vec![(*result).to_owned()],
        ..NodeProto::default()
    };
    let graph = GraphProto {
        name: "test".to_owned(),
        node: nodes.iter().map(node).collect(),
        input: inputs.iter().map(value).collect(),
        output: outputs.iter().map(value).collect(),
        ..GraphProto::default()
    };
    let opset = OperatorSetIdProto { domain: String::new(), version: Some(17) };
    let model = ModelProto {
        ir_version: Some(8),
        graph: Some(graph),
        opset_import: vec![opset],
        ..ModelProto::default()
    };
    model.encode_to_vec()
}
