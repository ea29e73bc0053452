//! Adapters, where they can be found without waiting, and reading without waiting: browsers allow neither.

use ferrodyne_runtime::gpu::{AdapterSummary, GpuDevice};
use ferrodyne_runtime::{Backend, Buffer, RuntimeError};

/// All adapters; none in a browser, where looking for them must be awaited.
pub(crate) fn list() -> Vec<AdapterSummary> {
    #[cfg(not(target_arch = "wasm32"))]
    return ferrodyne_runtime::gpu::adapters();
    #[cfg(target_arch = "wasm32")]
    Vec::new()
}

/// Opens an adapter by name.
///
/// # Errors
/// When nothing fits, and always in a browser.
pub(crate) fn open(name: &str) -> Result<GpuDevice, RuntimeError> {
    #[cfg(not(target_arch = "wasm32"))]
    return GpuDevice::named(name);
    #[cfg(target_arch = "wasm32")]
    Err(RuntimeError::NoAdapter {
        wanted: format!("`{name}` without waiting"),
        choices: "in a browser, `Device::open(name).await`".to_owned(),
    })
}

/// The first `len` bytes of a buffer, when all work on it is done.
///
/// # Errors
/// Faults of the device; in a browser, a read that would have to wait.
pub(crate) fn read(
    backend: &dyn Backend,
    buffer: &Buffer,
    len: usize,
) -> Result<Vec<u8>, RuntimeError> {
    #[cfg(not(target_arch = "wasm32"))]
    return backend.download_now(buffer, len);
    #[cfg(target_arch = "wasm32")]
    {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match backend.download(buffer, len).as_mut().poll(&mut context) {
            std::task::Poll::Ready(bytes) => bytes,
            std::task::Poll::Pending => Err(RuntimeError::Driver {
                device: backend.name().to_owned(),
                message: "reading would have to wait, which a browser does not allow: await `read`"
                    .to_owned(),
            }),
        }
    }
}
