//! constant-arrival-rate and ramping-arrival-rate: iterations begin when they are due, whether others have ended or not.
//!
//! A thread of its own keeps the time, because a timer of the runtime is exact to a millisecond only. What is due while no user is free
//! is dropped and counted, as in k6.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{Arrival, Crew, Pace, Seats};
use crate::options::{Executor, schedule::Arrivals};
use crate::run::{Event, Pool, Scenario, Test};

/// The longest sleep of the thread, so that it sees the end of a test in time.
const NAP: Duration = Duration::from_millis(20);

pub async fn run(test: &Arc<Test>, scenario: &Arc<Scenario>, pool: &Pool, start: Instant) {
    let (mut have, most) = match &scenario.plan.executor {
        Executor::ConstantArrivalRate {
            pre_allocated_vus,
            max_vus,
            ..
        }
        | Executor::RampingArrivalRate {
            pre_allocated_vus,
            max_vus,
            ..
        } => (*pre_allocated_vus, *max_vus),
        _ => return,
    };
    let mut users = pool.take(have).await;
    let seats = Seats::default();
    let crew = Crew::new();
    for user in &users {
        crew.send(user, scenario, Pace::arrivals(scenario, &seats));
    }
    // The first arrivals find them seated.
    while seats.lock().unwrap_or_else(PoisonError::into_inner).len() < users.len()
        && !test.load.is_cancelled()
    {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let start = start.max(Instant::now());
    // One user is made at a time, so that a burst does not make all that are allowed.
    let growing = Arc::new(AtomicBool::new(false));
    let (wanted, mut wants) = mpsc::unbounded_channel();
    let growth = Growth {
        growing: Arc::clone(&growing),
        wanted,
    };
    let clock = clock(test, scenario, &seats, start, growth);
    // The channel closes when the thread ends.
    let mut told = false;
    while let Some(()) = wants.recv().await {
        if have >= most {
            if !std::mem::replace(&mut told, true) {
                test.tell(Event::Warning(insufficient(scenario, most)));
            }
        } else {
            have += 1;
            for user in pool.take(1).await {
                crew.send(&user, scenario, Pace::arrivals(scenario, &seats));
                users.push(user);
            }
        }
        growing.store(false, Ordering::Relaxed);
    }
    if clock.is_err() {
        test.abort(crate::run::Abort::failure(
            "cannot start the thread that keeps the arrival rate".to_owned(),
        ));
    }
    scenario.over.cancel();
    let end = start + scenario.plan.executor.duration();
    crew.finish(scenario, end).await;
    pool.give_back(users);
}

fn insufficient(scenario: &Scenario, most: u64) -> String {
    format!(
        "Insufficient VUs: all {most} virtual users of the scenario {} are busy, so that iterations are dropped; give it more maxVUs",
        scenario.plan.name
    )
}

fn clock(
    test: &Arc<Test>,
    scenario: &Arc<Scenario>,
    seats: &Seats,
    start: Instant,
    growth: Growth,
) -> std::io::Result<()> {
    let Some(arrivals) = Arrivals::of(&scenario.plan.executor) else {
        return Ok(());
    };
    let (test, scenario, seats) = (Arc::clone(test), Arc::clone(scenario), Arc::clone(seats));
    std::thread::Builder::new()
        .name(format!("arrivals of {}", scenario.plan.name))
        .stack_size(128 * 1024)
        .spawn(move || {
            for offset in arrivals {
                let due = start + offset;
                if !sleep_until(due, &scenario) {
                    return;
                }
                if !begin(&scenario, &seats, due) {
                    test.dropped(1);
                    growth.ask();
                }
            }
            let end = start + scenario.plan.executor.duration();
            sleep_until(end, &scenario);
        })
        .map(drop)
}

/// False if the scenario ended meanwhile.
fn sleep_until(due: Instant, scenario: &Scenario) -> bool {
    loop {
        if scenario.interrupt.is_cancelled() {
            return false;
        }
        match due.checked_duration_since(Instant::now()) {
            Some(rest) if !rest.is_zero() => std::thread::sleep(rest.min(NAP)),
            _ => return true,
        }
    }
}

fn begin(scenario: &Scenario, seats: &Seats, due: Instant) -> bool {
    let Some(seat) = seats.lock().unwrap_or_else(PoisonError::into_inner).pop() else {
        return false;
    };
    seat.send(Arrival {
        due,
        number: scenario.count(),
    })
    .is_ok()
}

/// Asks for another user.
struct Growth {
    growing: Arc<AtomicBool>,
    wanted: mpsc::UnboundedSender<()>,
}

impl Growth {
    fn ask(&self) {
        if !self.growing.swap(true, Ordering::Relaxed) {
            let _ = self.wanted.send(());
        }
    }
}
