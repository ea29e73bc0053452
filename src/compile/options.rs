//! How a function is compiled.

use ferrodyne_compiler::passes::{PassList, UserPass};
use ferrodyne_compiler::pipeline::{self, Int64};
use ferrodyne_plan::{Source, Target};

use super::declared::{Axis, Declared};
use crate::error::{Error, Result};

/// Which part of the compiler runs a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BackendKind {
    /// Fused kernels.
    #[default]
    Inductor,
    /// A kernel for each operation.
    NoFusion,
    /// No compilation: every operation at once.
    Eager,
    /// The interpreter, in f64 on the host.
    Reference,
    /// One that was registered under a name.
    Registered(&'static str),
}

impl BackendKind {
    /// ferrodyne's own backends, with their names.
    pub const ALL: [(&'static str, BackendKind); 4] = [
        ("inductor", BackendKind::Inductor),
        ("no_fusion", BackendKind::NoFusion),
        ("eager", BackendKind::Eager),
        ("reference", BackendKind::Reference),
    ];

    /// The backend of a name, registered ones included.
    pub fn named(name: &str) -> Option<BackendKind> {
        let own = BackendKind::ALL.into_iter().find(|(n, _)| *n == name).map(|(_, kind)| kind);
        own.or_else(|| super::backend::registered(name).map(BackendKind::Registered))
    }
}

/// How much time may be spent on compiling.
pub(crate) const MODES: [(&str, bool); 2] = [("default", false), ("max_autotune", true)];

/// Whether schedules may be timed in the mode of a name.
///
/// # Errors
/// A name that is no mode, with the choices.
pub(crate) fn tunes(mode: &str) -> Result<bool> {
    let found = MODES.into_iter().find(|(name, _)| *name == mode).map(|(_, tune)| tune);
    found.ok_or_else(|| {
        let names = MODES.map(|(name, _)| name).join(", ");
        let message = format!("there is no mode `{mode}`; there are: {names}");
        Error::at("option", message, Source::unknown())
    })
}

/// Ways to hold 64-bit integers on devices, by name.
pub(crate) const INT64: [(&str, Int64); 2] = [("narrow", Int64::Narrow), ("pair", Int64::Pair)];

/// The way to hold 64-bit integers of a name.
///
/// # Errors
/// A name that is none, with the choices.
pub(crate) fn int64(name: &str) -> Result<Int64> {
    let found = INT64.into_iter().find(|(own, _)| *own == name).map(|(_, way)| way);
    found.ok_or_else(|| {
        let names = INT64.map(|(name, _)| name).join(", ");
        let message = format!("`int64` takes {names}, not `{name}`");
        Error::at("option", message, Source::unknown())
    })
}

/// Options of a compiled function.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) backend: BackendKind,
    pub(crate) dynamic: Vec<Declared>,
    /// Axes that are numbers in every program.
    pub(crate) fixed: Vec<Axis>,
    pub(crate) programs_max: usize,
    /// A graph break is an error.
    pub(crate) fullgraph: bool,
    /// The body runs on every call.
    pub(crate) replay: bool,
    /// The body runs operator by operator.
    pub(crate) disabled: bool,
    pub(crate) name: String,
    /// Names of all arguments, tensors or not.
    pub(crate) arguments: Vec<String>,
    /// Where the function is compiled.
    pub(crate) source: Source,
    pub(crate) passes: Vec<UserPass>,
    /// What is compiled for ahead of time.
    pub(crate) target: Option<Target>,
    /// Alternative schedules are measured on the device.
    pub(crate) tune: bool,
    /// How devices hold 64-bit integers.
    pub(crate) int64: Int64,
}

impl Options {
    /// Options of the compiler's stages for a target.
    ///
    /// # Errors
    /// A pass that is to run beside one that does not run.
    pub(crate) fn compiler(&self, target: &Target) -> Result<pipeline::Options> {
        let (tune, int64) = (self.tune, self.int64);
        let mut options = pipeline::Options { tune, int64, ..pipeline::Options::default() };
        if !self.passes.is_empty() {
            let mut passes = PassList::default_for(target);
            for pass in &self.passes {
                passes = passes.with(pass.clone())?;
            }
            options.passes = Some(passes);
        }
        Ok(options)
    }

    /// As [`Options::compiler`], for the plan that the backend makes.
    ///
    /// # Errors
    /// A backend that makes no plan; as above.
    pub(crate) fn compiler_of_backend(&self, target: &Target) -> Result<pipeline::Options> {
        let mut options = self.compiler(target)?;
        match self.backend {
            BackendKind::Inductor => {}
            BackendKind::NoFusion => options.fusion.enabled = false,
            BackendKind::Eager | BackendKind::Reference | BackendKind::Registered(_) => {
                let message = format!(
                    "`{}` runs on another backend than `inductor` and `no_fusion`, so that no plan is made of it",
                    self.name
                );
                return Err(Error::at("option", message, Source::unknown()));
            }
        }
        Ok(options)
    }

    /// The options as text, by which caches are found; where a function is compiled does not matter.
    pub(crate) fn key(&self) -> String {
        format!("{:?}", Options { source: Source::unknown(), ..self.clone() })
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            backend: BackendKind::default(),
            dynamic: Vec::new(),
            fixed: Vec::new(),
            programs_max: 8,
            fullgraph: false,
            replay: false,
            disabled: false,
            name: "f".to_owned(),
            arguments: Vec::new(),
            source: Source::unknown(),
            passes: Vec::new(),
            target: None,
            tune: false,
            int64: Int64::Narrow,
        }
    }
}
