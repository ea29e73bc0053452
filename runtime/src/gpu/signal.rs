//! A future that a callback of wgpu completes, and what makes the callbacks come.
//!
//! Natively wgpu calls back only while somebody polls the device: a thread does so while a future waits. In a browser the
//! event loop does.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::fault::lock;

#[derive(Debug)]
struct State<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// A value that comes later.
#[derive(Debug)]
pub(super) struct Signal<T>(Arc<Mutex<State<T>>>);

impl<T: Send + 'static> Signal<T> {
    /// The signal and what completes it.
    pub(super) fn new() -> (Signal<T>, impl FnOnce(T) + Send + 'static) {
        let state = Arc::new(Mutex::new(State { value: None, waker: None }));
        let shared = Arc::clone(&state);
        let complete = move |value| {
            let waker = {
                let mut state = lock(&shared);
                state.value = Some(value);
                state.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        };
        (Signal(state), complete)
    }

    /// Waits for the value; `poller` makes it come.
    pub(super) fn wait<'a>(&'a self, poller: &'a Poller) -> impl Future<Output = T> + 'a {
        Waiting { signal: self, poller }
    }
}

struct Waiting<'a, T> {
    signal: &'a Signal<T>,
    poller: &'a Poller,
}

impl<T> Future for Waiting<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        {
            let mut state = lock(&self.signal.0);
            if let Some(value) = state.value.take() {
                return Poll::Ready(value);
            }
            state.waker = Some(context.waker().clone());
        }
        self.poller.rouse();
        Poll::Pending
    }
}

/// Polls a device on a thread of its own while futures wait for it.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub(super) struct Poller {
    device: wgpu::Device,
    thread: std::sync::OnceLock<std::sync::mpsc::Sender<()>>,
}

#[cfg(not(target_arch = "wasm32"))]
impl Poller {
    pub(super) fn new(device: &wgpu::Device) -> Poller {
        Poller { device: device.clone(), thread: std::sync::OnceLock::new() }
    }

    /// Lets the thread wait for all work given so far. The thread ends when the device is dropped.
    fn rouse(&self) {
        let sender = self.thread.get_or_init(|| {
            let (sender, receiver) = std::sync::mpsc::channel();
            let device = self.device.clone();
            std::thread::spawn(move || {
                while receiver.recv().is_ok() {
                    super::fault::poll(&device, wgpu::PollType::wait_indefinitely());
                }
            });
            sender
        });
        let _ = sender.send(());
    }
}

/// Nothing: the browser's event loop calls back.
#[cfg(target_arch = "wasm32")]
#[derive(Debug)]
pub(super) struct Poller;

#[cfg(target_arch = "wasm32")]
impl Poller {
    pub(super) fn new(_device: &wgpu::Device) -> Poller {
        Poller
    }

    fn rouse(&self) {}
}
