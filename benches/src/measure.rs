//! Times calls. In: calls that hand work to one device. Out: the median and spread of each. Promise: the calls take turns in one
//! run, so that what disturbs the machine disturbs all of them, and their ratios hold where absolute times do not.

use std::time::Instant;

use ferrodyne::Device;
use serde::Serialize;

use crate::Fault;

/// Hands the work of one call to the device, without waiting for it.
pub(crate) type Call = Box<dyn Fn() -> Result<(), Fault>>;

/// Seconds that one turn of a call lasts at least, by repeating the call.
const TURN: f64 = 0.02;
/// Seconds that all turns of one call may last together, unless they would be fewer than [`ROUNDS_MIN`].
const SHARE: f64 = 2.0;
const ROUNDS_MIN: usize = 3;
const ROUNDS_MAX: usize = 21;
const REPEATS_MAX: f64 = 500.0;
/// Calls in a row of which the host's part is timed, and how often they take turns.
const HOST_CALLS: usize = 50;
const HOST_ROUNDS: usize = 40;

/// How long a call takes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Timing {
    /// The median over the turns.
    pub(crate) median_us: f64,
    /// Distance between the quartiles, as a share of the median.
    pub(crate) spread: f64,
    /// Turns taken.
    pub(crate) rounds: usize,
    /// Calls in each turn.
    pub(crate) repeats: usize,
}

impl Timing {
    /// Units done in each second, in thousands of millions, if a call does so many.
    pub(crate) fn giga_per_second(&self, units: f64) -> f64 {
        units / self.median_us / 1e3
    }

    /// The median and spread of seconds.
    pub(crate) fn of(mut seconds: Vec<f64>, repeats: usize) -> Timing {
        seconds.sort_by(f64::total_cmp);
        let median = quantile(&seconds, 0.5);
        let between = quantile(&seconds, 0.75) - quantile(&seconds, 0.25);
        Timing {
            median_us: median * 1e6,
            spread: if median > 0.0 { between / median } else { 0.0 },
            rounds: seconds.len(),
            repeats,
        }
    }
}

/// A quantile of ascending values, between two of them where it falls between.
fn quantile(ascending: &[f64], q: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let at = q * last as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    ascending[low] + (ascending[high] - ascending[low]) * at.fract()
}

/// Seconds for each of so many calls in a row, with the wait for the last.
fn turn(device: &Device, call: &Call, repeats: usize) -> Result<f64, Fault> {
    let start = Instant::now();
    for _ in 0..repeats {
        call()?;
    }
    device.synchronize()?;
    Ok(start.elapsed().as_secs_f64() / repeats as f64)
}

/// Times calls in turn; the timings come in their order. Long calls have fewer turns, spread over those of the short ones.
///
/// # Errors
/// What the calls and the device report.
pub(crate) fn interleaved(device: &Device, calls: &[&Call]) -> Result<Vec<Timing>, Fault> {
    let mut turns = Vec::new();
    for call in calls {
        // The first call compiles, and the first after it fills caches.
        turn(device, call, 1)?;
        let seconds = turn(device, call, 1)?.max(1e-9);
        let repeats = (TURN / seconds).ceil().clamp(1.0, REPEATS_MAX);
        let rounds = ((SHARE / (seconds * repeats)) as usize).clamp(ROUNDS_MIN, ROUNDS_MAX);
        turns.push(Turns { repeats: repeats as usize, rounds });
    }
    let rounds = turns.iter().map(|turns| turns.rounds).max().unwrap_or(0);
    let mut seconds = vec![Vec::new(); calls.len()];
    for round in 0..rounds {
        for at in 0..calls.len() {
            // Whose turn it was before has filled the caches: nobody always follows the same call.
            let at = if round % 2 == 0 { at } else { calls.len() - 1 - at };
            if !turns[at].has_one_in(round, rounds) {
                continue;
            }
            if turns[at].repeats > 1 {
                turn(device, calls[at], 1)?;
            }
            seconds[at].push(turn(device, calls[at], turns[at].repeats)?);
        }
    }
    Ok(seconds.into_iter().zip(turns).map(|(s, turns)| Timing::of(s, turns.repeats)).collect())
}

/// Times what calls take of the host until their work is handed over; the timings come in their order. Each call is timed by
/// itself, so that the median is that of calls which nothing interrupts, but many follow each other, as they do in a program.
///
/// # Errors
/// What the calls and the device report.
pub(crate) fn on_host(device: &Device, calls: &[&Call]) -> Result<Vec<Timing>, Fault> {
    for call in calls {
        turn(device, call, 1)?;
    }
    let mut seconds = vec![Vec::new(); calls.len()];
    for _ in 0..HOST_ROUNDS {
        for (call, seconds) in calls.iter().zip(&mut seconds) {
            for _ in 0..HOST_CALLS {
                let start = Instant::now();
                call()?;
                seconds.push(start.elapsed().as_secs_f64());
            }
            device.synchronize()?;
        }
    }
    Ok(seconds.into_iter().map(|seconds| Timing::of(seconds, 1)).collect())
}

/// How often a call is timed.
#[derive(Clone, Copy)]
struct Turns {
    /// Calls in each turn.
    repeats: usize,
    /// Turns.
    rounds: usize,
}

impl Turns {
    /// Whether its turns, spread evenly over so many rounds, have one in this round.
    fn has_one_in(self, round: usize, rounds: usize) -> bool {
        (round + 1) * self.rounds / rounds > round * self.rounds / rounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_quartiles_stand_in_the_middle() {
        let timing = Timing::of(vec![5.0, 1.0, 3.0, 2.0, 4.0], 7);
        assert_eq!(timing.median_us, 3e6);
        assert!((timing.spread - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!((timing.rounds, timing.repeats), (5, 7));
    }

    #[test]
    fn a_rate_counts_units_in_a_second() {
        let timing = Timing::of(vec![0.5], 1);
        assert_eq!(timing.giga_per_second(1e9), 2.0);
    }

    #[test]
    fn few_turns_are_spread_over_all_rounds() {
        let turns = Turns { repeats: 1, rounds: 3 };
        let taken: Vec<usize> = (0..21).filter(|round| turns.has_one_in(*round, 21)).collect();
        assert_eq!(taken, [6, 13, 20]);
    }

    #[test]
    fn each_call_has_a_timing_of_its_own() -> Result<(), Fault> {
        let sleep = |ms: u64| -> Call {
            Box::new(move || {
                std::thread::sleep(std::time::Duration::from_millis(ms));
                Ok(())
            })
        };
        let (short, long) = (sleep(1), sleep(30));
        let timings = interleaved(&Device::cpu(), &[&short, &long])?;
        assert!(timings[0].median_us >= 1e3 && timings[1].median_us >= 30e3);
        assert_eq!(timings[1].repeats, 1);
        let hosts = on_host(&Device::cpu(), &[&short])?;
        assert!(hosts[0].median_us >= 1e3);
        assert_eq!((hosts[0].rounds, hosts[0].repeats), (HOST_ROUNDS * HOST_CALLS, 1));
        Ok(())
    }
}
