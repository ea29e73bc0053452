//! A static thread pool: a region of numbered tasks goes in, and returns when all have run.
//!
//! Tasks are claimed from one atomic word, so an idle region costs well under a microsecond.
//! Completion counts *finished tasks*: the caller runs everything that no worker has begun, and
//! never waits for a worker that the scheduler has not let run. What a task computes must not
//! depend on which thread runs it; then results are equal for every number of threads.

use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::*};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{JoinHandle, Thread};

/// Turns that a worker spins before it parks.
const SPINS: u32 = 20_000;
/// Turns that the caller spins for begun tasks before it yields its core.
const CALLER_SPINS: u32 = 2_000;

type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// A region being run: the function, and how many tasks it has.
#[derive(Clone, Copy)]
struct Job {
    task: *const Task<'static>,
    n_tasks: usize,
}

/// What caller and workers share.
struct Shared {
    /// Generation in the upper half, unclaimed tasks in the lower.
    state: AtomicU64,
    /// Written only while `state` says that no task is unclaimed and all claimed ones finished.
    job: UnsafeCell<Option<Job>>,
    finished: AtomicUsize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    parked: Vec<AtomicBool>,
    stop: AtomicBool,
}

// SAFETY: `job` is written only by the thread that holds `Pool::caller`, while no task is
// unclaimed and every claimed one has been counted as finished; it is read only after a claim.
unsafe impl Sync for Shared {}
// SAFETY: the pointer in `job` is used only while the caller of `run` keeps its referent alive.
unsafe impl Send for Shared {}

impl Shared {
    /// Claims one task of the current region and runs it; false where none is left.
    fn run_one(&self) -> bool {
        let mut seen = self.state.load(Acquire);
        loop {
            let left = seen as u32;
            if left == 0 {
                return false;
            }
            match self.state.compare_exchange_weak(seen, seen - 1, AcqRel, Acquire) {
                Ok(_) => break self.run_claimed(left as usize),
                Err(now) => seen = now,
            }
        }
        true
    }

    fn run_claimed(&self, left: usize) {
        // SAFETY: a task of this region is claimed and not finished, so the caller waits and
        // neither rewrites `job` nor lets the function go.
        let job = unsafe { (*self.job.get()).expect("a claim implies a job") };
        let index = job.n_tasks - left;
        // SAFETY: as above.
        let task = unsafe { &*job.task };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| task(index))) {
            *self.panic.lock().unwrap_or_else(|e| e.into_inner()) = Some(payload);
        }
        self.finished.fetch_add(1, Release);
    }

    fn work(&self, worker: usize) {
        let mut idle = 0;
        while !self.stop.load(Acquire) {
            if self.run_one() {
                idle = 0;
            } else if idle < SPINS {
                idle += 1;
                std::hint::spin_loop();
            } else {
                self.parked[worker].store(true, SeqCst);
                // The state is read after the flag is set, and `publish` does it the other way
                // round: one of the two sees the other.
                if self.state.load(SeqCst) as u32 == 0 && !self.stop.load(SeqCst) {
                    std::thread::park();
                }
                self.parked[worker].store(false, SeqCst);
                idle = 0;
            }
        }
    }
}

/// A fixed number of threads that run regions of tasks, the calling thread being one of them.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    threads: Vec<Thread>,
    caller: Mutex<()>,
}

impl Pool {
    /// A pool of `n_threads` threads, the caller among them. One thread, and every pool on
    /// targets without threads, runs regions in the calling thread.
    pub fn new(n_threads: usize) -> Pool {
        let n_workers = if cfg!(target_family = "wasm") { 0 } else { n_threads.saturating_sub(1) };
        let shared = Arc::new(Shared {
            state: AtomicU64::new(0),
            job: UnsafeCell::new(None),
            finished: AtomicUsize::new(0),
            panic: Mutex::new(None),
            parked: (0..n_workers).map(|_| AtomicBool::new(false)).collect(),
            stop: AtomicBool::new(false),
        });
        // A thread that the system refuses is one thread fewer, not a fault.
        let workers: Vec<_> = (0..n_workers)
            .map_while(|worker| {
                let shared = shared.clone();
                let name = format!("ferrodyne-cpu-{worker}");
                std::thread::Builder::new().name(name).spawn(move || shared.work(worker)).ok()
            })
            .collect();
        let threads = workers.iter().map(|w| w.thread().clone()).collect();
        Pool { shared, workers, threads, caller: Mutex::new(()) }
    }

    /// The pool of the process, with as many threads as the process may use at a time
    /// (`FERRODYNE_THREADS` overrides this).
    pub fn global() -> &'static Arc<Pool> {
        static GLOBAL: OnceLock<Arc<Pool>> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            let wanted = std::env::var("FERRODYNE_THREADS").ok().and_then(|n| n.parse().ok());
            let all = || std::thread::available_parallelism().map_or(1, |n| n.get());
            Arc::new(Pool::new(wanted.unwrap_or_else(all)))
        })
    }

    /// Threads that may run tasks at a time, the caller among them.
    pub fn n_threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Runs `task(0)` to `task(n_tasks - 1)`, in any order and on any thread, and returns when
    /// all have finished. Inside another region of this pool, or while another thread runs one,
    /// the calling thread runs all tasks itself.
    ///
    /// # Panics
    /// Where a task panics, with its payload, after all others have run.
    pub fn run(&self, n_tasks: usize, task: &Task<'_>) {
        let alone = self.workers.is_empty() || n_tasks < 2 || n_tasks > u32::MAX as usize;
        let Some(caller) = (!alone).then(|| self.caller.try_lock().ok()).flatten() else {
            return (0..n_tasks).for_each(task);
        };
        self.publish(n_tasks, task);
        while self.shared.run_one() {}
        let mut turns = 0;
        while self.shared.finished.load(Acquire) < n_tasks {
            turns += 1;
            if turns < CALLER_SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
        let panic = self.shared.panic.lock().unwrap_or_else(|e| e.into_inner()).take();
        drop(caller);
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
    }

    fn publish(&self, n_tasks: usize, task: &Task<'_>) {
        // SAFETY: only the lifetime changes; `run` returns after the last use.
        let task: &'static Task<'static> = unsafe { std::mem::transmute(task) };
        // SAFETY: the lock `caller` is held, nothing is unclaimed, and all claimed tasks of the
        // region before were counted as finished before its `run` returned.
        unsafe { *self.shared.job.get() = Some(Job { task, n_tasks }) };
        self.shared.finished.store(0, Relaxed);
        let generation = (self.shared.state.load(Relaxed) >> 32).wrapping_add(1);
        self.shared.state.store(generation << 32 | n_tasks as u64, SeqCst);
        self.wake(n_tasks - 1);
    }

    /// Wakes up to `n` parked workers ahead of work to come.
    pub fn wake(&self, n: usize) {
        for (flag, thread) in self.shared.parked.iter().zip(&self.threads).take(n) {
            if flag.swap(false, SeqCst) {
                thread.unpark();
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, SeqCst);
        self.threads.iter().for_each(Thread::unpark);
        for worker in self.workers.drain(..) {
            // A worker catches its tasks' panics, so joining cannot fail; nothing is lost if so.
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pool;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    #[test]
    fn every_task_runs_exactly_once_in_every_region() {
        for n_threads in [1, 2, 5] {
            let pool = Pool::new(n_threads);
            for n_tasks in (0..300).chain([10_000]) {
                let counts: Vec<_> = (0..n_tasks).map(|_| AtomicUsize::new(0)).collect();
                pool.run(n_tasks, &|i| {
                    counts[i].fetch_add(1, Relaxed);
                });
                assert!(counts.iter().all(|c| c.load(Relaxed) == 1), "{n_threads}, {n_tasks}");
            }
        }
    }

    #[test]
    fn parked_workers_do_not_keep_a_region_from_ending() {
        let pool = Pool::new(3);
        for _ in 0..3 {
            std::thread::sleep(std::time::Duration::from_millis(20));
            let count = AtomicUsize::new(0);
            pool.run(64, &|_| {
                count.fetch_add(1, Relaxed);
            });
            assert_eq!(count.load(Relaxed), 64);
        }
    }

    #[test]
    fn nested_and_concurrent_regions_run_in_the_calling_thread() {
        let pool = Pool::new(2);
        let count = AtomicUsize::new(0);
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    pool.run(8, &|_| {
                        pool.run(8, &|_| {
                            count.fetch_add(1, Relaxed);
                        })
                    })
                });
            }
        });
        assert_eq!(count.load(Relaxed), 4 * 64);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_leaves_the_pool_usable() {
        let pool = Pool::new(2);
        let fails = || pool.run(16, &|i| assert!(i != 7, "task seven"));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(fails));
        assert!(caught.is_err());
        let count = AtomicUsize::new(0);
        pool.run(16, &|_| {
            count.fetch_add(1, Relaxed);
        });
        assert_eq!(count.load(Relaxed), 16);
    }
}
