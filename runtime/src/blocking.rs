//! Waits for a future on the calling thread. Absent in browsers, where a thread may not wait.

use std::future::Future;

/// The value of a future, once it has one.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    pollster::block_on(future)
}
