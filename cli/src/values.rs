//! Values of a command: models on devices, inputs from files or by chance.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ferrodyne::{
    BackendKind, DType, Device, Error, HostTensor, Model, Session, SessionOptions, Tensor,
};

use crate::args::{ModelArgs, Random};
use crate::npz::{self, NpzError};

/// What ends a command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A fault of the library.
    #[error(transparent)]
    Library(#[from] Error),
    /// A file of arrays.
    #[error(transparent)]
    Arrays(#[from] NpzError),
    /// Anything else that the arguments ask for and cannot be had.
    #[error("{0}")]
    Request(String),
    /// Arguments that mean nothing, whatever the model.
    #[error("{0}")]
    Usage(String),
}

impl Failure {
    /// What the command exits with: 2 for a wrong use of it, else 1.
    pub(crate) fn exit_code(&self) -> u8 {
        if matches!(self, Failure::Usage(_)) { 2 } else { 1 }
    }
}

/// What a command ends with.
pub(crate) type Outcome = Result<std::process::ExitCode, Failure>;

/// Named host tensors.
pub(crate) type Arrays = Vec<(String, HostTensor)>;

/// A model made ready as the arguments say.
pub(crate) struct Opened {
    /// The model.
    pub(crate) model: Model,
    /// Its session.
    pub(crate) session: Session,
}

/// Reads a model and makes a session on the device asked for.
///
/// # Errors
/// Faults of the file, unknown devices, backends and options.
pub(crate) fn open(args: &ModelArgs) -> Result<Opened, Failure> {
    let backend = backend(&args.backend)?;
    let mut options =
        SessionOptions { backend, specialise: args.specialise, ..SessionOptions::default() };
    for setting in &args.set {
        set(&mut options, setting)?;
    }
    let model = Model::load(&args.model)?;
    for warning in model.warnings() {
        eprintln!("warning: {warning}");
    }
    let device = device(&args.device)?;
    let session = Session::new(&model, &device, options)?;
    Ok(Opened { model, session })
}

/// The device asked for; says which one is taken where a text means several, and which there are where it means none.
fn device(name: &str) -> Result<Device, Failure> {
    if ["auto", "cpu", "gpu"].iter().any(|fixed| name.eq_ignore_ascii_case(fixed)) {
        return Ok(Device::named(name)?);
    }
    let (text, all) = (name.to_lowercase(), ferrodyne::devices());
    let fitting: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|other| *other != "cpu" && other.to_lowercase().contains(&text))
        .collect();
    if fitting.is_empty() {
        let choices = listed(["auto", "gpu"].into_iter().chain(all.iter().map(String::as_str)));
        return Err(Failure::Request(format!("no device fits `{name}`; there are {choices}")));
    }
    let device = Device::named(name)?;
    if fitting.len() > 1 {
        let names = listed(fitting.iter().copied());
        eprintln!("--device {name} fits {names}; taking `{}`", device.name());
    }
    Ok(device)
}

fn backend(name: &str) -> Result<BackendKind, Failure> {
    BackendKind::named(name).ok_or_else(|| {
        let choices = ferrodyne::backends().join(", ");
        Failure::Usage(format!("there is no backend `{name}`; there are: {choices}"))
    })
}

/// Sets one option of the compiler.
fn set(options: &mut SessionOptions, setting: &str) -> Result<(), Failure> {
    let choices = || SessionOptions::settings().join("\n  ");
    if setting == "list" {
        say!("{}", SessionOptions::settings().join("\n"));
        std::process::exit(0);
    }
    let (key, value) = setting.split_once('=').ok_or_else(|| {
        Failure::Usage(format!("--set {setting}: write KEY=VALUE, one of:\n  {}", choices()))
    })?;
    options.set(key, value).map_err(|message| Failure::Usage(format!("--set {setting}: {message}")))
}

impl Opened {
    /// Runs on host values; results come back to the host.
    ///
    /// # Errors
    /// Inputs that do not fit, faults of the device.
    pub(crate) fn run(&self, inputs: &Arrays) -> Result<Arrays, Failure> {
        let tensors = self.upload(inputs)?;
        let outputs = self
            .session
            .run_observed(&borrowed(&tensors), crate::commands::progress().as_deref())?;
        self.downloaded(&outputs)
    }

    /// Results of a run under their names, on the host.
    ///
    /// # Errors
    /// Faults of the device.
    pub(crate) fn downloaded(&self, outputs: &[Tensor]) -> Result<Arrays, Failure> {
        let infos = self.model.outputs().iter();
        infos.zip(outputs).map(|(o, tensor)| Ok((o.name.clone(), o.download(tensor)?))).collect()
    }

    /// Checks that the arrays are the model's inputs, and brings them to the device.
    ///
    /// # Errors
    /// A missing, unknown or misshapen array.
    pub(crate) fn upload(&self, inputs: &Arrays) -> Result<Vec<(String, Tensor)>, Failure> {
        for info in self.model.inputs() {
            if !inputs.iter().any(|(name, _)| *name == info.name) {
                let have = listed(inputs.iter().map(|(name, _)| name.as_str()));
                return Err(Failure::Request(format!(
                    "the inputs lack an array `{}`; there are {have}",
                    info.name
                )));
            }
        }
        let upload = |(name, host): &(String, HostTensor)| -> Result<_, Failure> {
            let known = self.model.inputs().iter().find(|info| info.name == *name);
            let info = known.ok_or_else(|| {
                let names: Vec<_> =
                    self.model.inputs().iter().map(|i| format!("`{}`", i.name)).collect();
                Failure::Request(format!(
                    "the model has no input `{name}`; its inputs are {}",
                    names.join(", ")
                ))
            })?;
            Ok((name.clone(), self.session.upload(info, host)?))
        };
        inputs.iter().map(upload).collect()
    }
}

/// Pairs of names and references, as sessions take them.
pub(crate) fn borrowed(tensors: &[(String, Tensor)]) -> Vec<(String, &Tensor)> {
    tensors.iter().map(|(name, tensor)| (name.clone(), tensor)).collect()
}

/// Arrays of a file.
///
/// # Errors
/// Faults of the file.
pub(crate) fn load(path: &Path) -> Result<Arrays, Failure> {
    Ok(npz::read(path)?)
}

/// Random inputs for a model: floats of the standard normal distribution, integers from {0, 1} unless a range is given. Dims
/// that are not given are 1; the returned text says which.
///
/// # Errors
/// Sizes and ranges that cannot be read, and dims that no symbol gives.
pub(crate) fn random_inputs(
    model: &Model,
    random: &Random,
) -> Result<(Arrays, Option<String>), Failure> {
    let sizes = sizes(&random.dim)?;
    let ranges = ranges(&random.range)?;
    fit(model, &sizes, &ranges)?;
    let mut missing: Vec<String> = Vec::new();
    let mut source = Source(0x9e37_79b9_7f4a_7c15);
    let mut arrays = Vec::new();
    for info in model.inputs() {
        let mut dims = Vec::new();
        for dim in &info.dims {
            let value = dim.eval(&|var| {
                let name = var.name().to_string();
                Some(sizes.get(&name).copied().unwrap_or(1))
            });
            for var in dim.vars() {
                let name = var.name().to_string();
                if !sizes.contains_key(&name) && !missing.contains(&name) {
                    missing.push(name);
                }
            }
            let value = value
                .map_err(|error| Failure::Request(format!("input `{}`: {error}", info.name)))?;
            dims.push(value.max(0) as usize);
        }
        let range = ranges.get(&info.name).copied().unwrap_or((0, 2));
        let tensor = random_tensor(info.dtype, dims, range, &mut source);
        let tensor =
            tensor.map_err(|rule| Failure::Request(format!("input `{}`: {rule}", info.name)))?;
        arrays.push((info.name.clone(), tensor));
    }
    let note = (!missing.is_empty())
        .then(|| format!("sizes taken to be 1: {} (--dim NAME=N)", missing.join(", ")));
    Ok((arrays, note))
}

/// Refuses sizes of dims that the model does not have, and ranges of inputs that it does not have or that hold no integers.
fn fit(
    model: &Model,
    sizes: &BTreeMap<String, i64>,
    ranges: &BTreeMap<String, (i64, i64)>,
) -> Result<(), Failure> {
    let dims = model.inputs().iter().flat_map(|info| &info.dims).flat_map(|dim| dim.vars());
    let known: BTreeSet<String> = dims.map(|var| var.name().to_string()).collect();
    if let Some(name) = sizes.keys().find(|name| !known.contains(*name)) {
        let choices = listed(known.iter().map(String::as_str));
        let text =
            format!("--dim {name}: the model has no symbolic dim `{name}`; it has {choices}");
        return Err(Failure::Request(text));
    }
    for name in ranges.keys() {
        let Some(info) = model.inputs().iter().find(|info| info.name == *name) else {
            let choices = listed(model.inputs().iter().map(|info| info.name.as_str()));
            let text = format!("--range {name}: the model has no input `{name}`; it has {choices}");
            return Err(Failure::Request(text));
        };
        if info.dtype.is_float() {
            let dtype = info.dtype;
            let text = format!("--range {name}: `{name}` is {dtype}; ranges are for integers");
            return Err(Failure::Request(text));
        }
    }
    Ok(())
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn sizes(given: &[String]) -> Result<BTreeMap<String, i64>, Failure> {
    let parse = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.parse::<i64>().ok().filter(|&size| size >= 0)?))
    };
    let fault = |text: &String| {
        Failure::Usage(format!(
            "--dim {text}: write NAME=N, with a whole number that is not negative"
        ))
    };
    given.iter().map(|text| parse(text).ok_or_else(|| fault(text))).collect()
}

fn ranges(given: &[String]) -> Result<BTreeMap<String, (i64, i64)>, Failure> {
    let parse = |text: &String| {
        let (name, range) = text.split_once('=')?;
        let (low, high) = range.split_once("..")?;
        let (low, high) = (low.parse().ok()?, high.parse().ok()?);
        (low < high).then(|| (name.to_owned(), (low, high)))
    };
    let fault =
        |text: &String| Failure::Usage(format!("--range {text}: write NAME=LO..HI, with LO < HI"));
    given.iter().map(|text| parse(text).ok_or_else(|| fault(text))).collect()
}

/// A seeded source of random numbers (SplitMix64, Steele, Lea and Flood 2014).
struct Source(u64);

impl Source {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform over (0, 1].
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (2.0 * std::f64::consts::PI * self.unit()).cos()
    }
}

fn random_tensor(
    dtype: DType,
    dims: Vec<usize>,
    (low, high): (i64, i64),
    source: &mut Source,
) -> Result<HostTensor, String> {
    let (n, mut bytes) = room(dtype, &dims)?;
    for _ in 0..n {
        let value = match dtype.is_float() {
            true => source.normal(),
            false => (low + (source.next() % (high - low) as u64) as i64) as f64,
        };
        push(&mut bytes, dtype, value);
    }
    HostTensor::new(dtype, dims, bytes).map_err(|error| error.to_string())
}

/// The number of elements, and memory for them.
fn room(dtype: DType, dims: &[usize]) -> Result<(usize, Vec<u8>), String> {
    let size = |bytes: &dyn std::fmt::Display| {
        let shape = crate::commands::type_text(dtype, dims);
        format!(
            "{shape} has {bytes} bytes, for which there is no memory; give smaller sizes (--dim NAME=N)"
        )
    };
    let elements = dims.iter().try_fold(1usize, |n, &dim| n.checked_mul(dim));
    let count = elements.and_then(|n| Some((n, n.checked_mul(dtype.host_bytes())?)));
    let (n, count) = count.ok_or_else(|| size(&format_args!("more than {}", usize::MAX)))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(count).map_err(|_| size(&count))?;
    Ok((n, bytes))
}

fn push(bytes: &mut Vec<u8>, dtype: DType, value: f64) {
    match dtype {
        DType::F64 => bytes.extend(value.to_le_bytes()),
        DType::F32 => bytes.extend((value as f32).to_le_bytes()),
        DType::F16 => bytes.extend(half::f16::from_f64(value).to_le_bytes()),
        DType::BF16 => bytes.extend(half::bf16::from_f64(value).to_le_bytes()),
        DType::I64 | DType::Long => bytes.extend((value as i64).to_le_bytes()),
        DType::I32 => bytes.extend((value as i32).to_le_bytes()),
        DType::U32 => bytes.extend((value as u32).to_le_bytes()),
        DType::I8 => bytes.push((value as i8) as u8),
        DType::U8 => bytes.push(value as u8),
        DType::Bool => bytes.push(u8::from(value != 0.0)),
    }
}

/// Elements as doubles, in which every element type is exact but large 64-bit integers.
pub(crate) fn doubles(tensor: &HostTensor) -> Vec<f64> {
    let bytes = tensor.bytes.as_slice();
    match tensor.dtype {
        DType::F64 => bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
        DType::F32 => {
            bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b).into()).collect()
        }
        DType::F16 => {
            bytes.as_chunks::<2>().0.iter().map(|b| half::f16::from_le_bytes(*b).to_f64()).collect()
        }
        DType::BF16 => bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|b| half::bf16::from_le_bytes(*b).to_f64())
            .collect(),
        DType::I64 | DType::Long => {
            bytes.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b) as f64).collect()
        }
        DType::I32 => {
            bytes.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b).into()).collect()
        }
        DType::U32 => {
            bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b).into()).collect()
        }
        DType::I8 => bytes.iter().map(|&b| f64::from(b as i8)).collect(),
        DType::U8 | DType::Bool => bytes.iter().map(|&b| b.into()).collect(),
    }
}
