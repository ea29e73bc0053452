//! What can go wrong on a device.

use ferrodyne_plan::plan::BindError;

/// A fault of a device or of what is asked of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RuntimeError {
    /// No adapter fits.
    #[error("no GPU adapter {wanted}; there are: {choices}")]
    NoAdapter {
        /// What was asked for.
        wanted: String,
        /// Names of the adapters found, or `none`.
        choices: String,
    },
    /// The device lacks a feature that the plan needs.
    #[error("`{device}` has no {feature}, which `{what}` needs")]
    MissingFeature {
        /// Device.
        device: String,
        /// Feature.
        feature: String,
        /// Kernel or plan.
        what: String,
    },
    /// A limit of the device is exceeded.
    #[error("`{what}` needs {limit} = {need}, but `{device}` allows {have}")]
    Limit {
        /// Device.
        device: String,
        /// Kernel, slot or plan.
        what: String,
        /// Name of the limit.
        limit: &'static str,
        /// Needed.
        need: u64,
        /// Allowed.
        have: u64,
    },
    /// There is not enough memory.
    #[error("`{device}` is out of memory: {need} bytes more are needed, {used} are in use{budget}")]
    OutOfMemory {
        /// Device.
        device: String,
        /// Bytes asked for.
        need: u64,
        /// Bytes in use.
        used: u64,
        /// `, the budget is N` or empty.
        budget: String,
    },
    /// The device is gone; a new one must be made.
    #[error("`{device}` was lost: {reason}")]
    DeviceLost {
        /// Device.
        device: String,
        /// The driver's words.
        reason: String,
    },
    /// The driver refused a kernel. This is a fault of the compiler.
    #[error("`{device}` refused kernel `{kernel}`: {message}")]
    KernelRefused {
        /// Device.
        device: String,
        /// Kernel.
        kernel: String,
        /// The driver's words.
        message: String,
    },
    /// Shapes that do not fit the plan.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A value that the device's type cannot hold.
    #[error(
        "`{tensor}` holds {value}, which does not fit {dtype} on the device; compile with `int64 = pair` for 64 bits"
    )]
    Range {
        /// Name of the tensor.
        tensor: String,
        /// The value.
        value: String,
        /// Type on the device.
        dtype: &'static str,
    },
    /// An element type that devices do not have.
    #[error("`{tensor}` is {dtype}, which devices do not have: convert it to {instead}")]
    HostOnly {
        /// Name of the tensor.
        tensor: String,
        /// Its element type.
        dtype: &'static str,
        /// The type to take instead.
        instead: &'static str,
    },
    /// A buffer that cannot hold its tensor.
    #[error("`{tensor}` needs a buffer of {need} bytes, but it has {have}")]
    BufferTooSmall {
        /// Name of the tensor.
        tensor: String,
        /// Bytes needed, padding included.
        need: u64,
        /// Bytes there are.
        have: u64,
    },
    /// A buffer that a program cannot use as it is.
    #[error("`{tensor}` cannot be used: {reason}")]
    UnusableBuffer {
        /// Name of the tensor or of the buffer.
        tensor: String,
        /// The rule that it breaks, and what to do.
        reason: String,
    },
    /// A plan that contradicts itself. This is a fault of the compiler, or of the file that the plan was read from.
    #[error("the plan `{plan}` is malformed: {message}")]
    MalformedPlan {
        /// Plan.
        plan: String,
        /// What is wrong.
        message: String,
    },
    /// A buffer of another device.
    #[error(
        "`{tensor}` lies on `{there}`, but the program runs on `{here}`: move it with `to_device`"
    )]
    WrongDevice {
        /// Name of the tensor.
        tensor: String,
        /// Its device.
        there: String,
        /// The program's device.
        here: String,
    },
    /// Anything else the driver reports.
    #[error("`{device}`: {message}")]
    Driver {
        /// Device.
        device: String,
        /// The driver's words.
        message: String,
    },
}

/// How [`RuntimeError::OutOfMemory`] tells a budget.
pub(crate) fn told(budget: Option<u64>) -> String {
    budget.map(|bytes| format!(", the budget is {bytes}")).unwrap_or_default()
}

impl RuntimeError {
    /// The limit on the bytes of a buffer that a kernel binds, or of the ranges that it is bound in.
    pub(crate) const BINDING_BYTES: &'static str = "max_storage_buffer_binding_size";
    /// The limit of drivers that end long loops.
    pub(crate) const ITERATIONS: &'static str = "loop iterations of one invocation";

    /// Whether the kernels of a plan do not serve sizes that kernels made for these may serve.
    pub fn is_of_sizes(&self) -> bool {
        let limits = [RuntimeError::BINDING_BYTES, RuntimeError::ITERATIONS];
        matches!(self, RuntimeError::Limit { limit, .. } if limits.contains(limit))
    }
}
