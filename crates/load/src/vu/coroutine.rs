//! A stack of its own for code that waits without being `async`.
//!
//! k6's functions are synchronous: `http.get` returns when the response is there. Here thousands of users share a thread, so the
//! script of each runs on a small stack of its own, which is left while a future is awaited and entered again when it is ready.
//!
//! What must hold: a coroutine that has begun is always run to its end, never dropped in between (frames of C code are on its
//! stack, and nothing may unwind through those). Whoever stops a test therefore wakes the users, and their waits end as interrupted.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_util::future::LocalBoxFuture;
use generator::{Generator, Gn};

/// Address space of a stack, in words. Only the pages that are used cost memory.
const STACK_WORDS: usize = 128 * 1024;

/// How much of a stack scripts may use, in bytes; the rest is for native functions that they call.
pub const SCRIPT_STACK_BYTES: usize = STACK_WORDS * size_of::<usize>() - 320 * 1024;

type Body = Box<dyn FnOnce()>;

thread_local! {
    /// The body of the coroutine that is being started: the generator's own closure must be `Send`, bodies are not.
    static STARTING: RefCell<Option<Body>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Mailbox(RefCell<Option<LocalBoxFuture<'static, ()>>>);

/// Lets code inside a coroutine wait for futures.
#[derive(Clone, Default)]
pub struct Waiter(Rc<Mailbox>);

impl Waiter {
    /// Leaves the coroutine until the future is ready. Only to be called inside the coroutine that was made with this waiter.
    ///
    /// Returns nothing if the coroutine was left without the future having ended, which its driver never does.
    pub fn wait<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Option<T> {
        let result = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&result);
        *self.0.0.borrow_mut() = Some(Box::pin(async move {
            let value = future.await;
            *slot.borrow_mut() = Some(value);
        }));
        leave();
        result.take()
    }

    /// Lets the other users of this thread run, when a script computes for long.
    pub fn pause(&self) {
        let mut paused = false;
        self.wait(poll_fn(move |context| {
            if paused {
                return Poll::Ready(());
            }
            paused = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }));
    }
}

// The crate's advice is its scoped API; its handle cannot be kept by functions that live as long as the script engine.
#[allow(deprecated)]
fn leave() {
    generator::yield_with(());
}

#[allow(deprecated)]
fn begin(body: Body) -> Generator<'static, (), ()> {
    STARTING.with(|slot| *slot.borrow_mut() = Some(body));
    let mut generator = Gn::<()>::new_opt(STACK_WORDS, || {
        if let Some(body) = STARTING.with(|slot| slot.borrow_mut().take()) {
            body();
        }
    });
    generator.resume();
    generator
}

/// Runs a body on a stack of its own; ready when the body has returned.
pub struct Coroutine {
    body: Option<Body>,
    running: Option<Generator<'static, (), ()>>,
    waiter: Waiter,
    waiting: Option<LocalBoxFuture<'static, ()>>,
}

impl Coroutine {
    /// A coroutine whose body waits through `waiter`.
    pub fn new(waiter: Waiter, body: impl FnOnce() + 'static) -> Self {
        Self {
            body: Some(Box::new(body)),
            running: None,
            waiter,
            waiting: None,
        }
    }

    fn enter(&mut self) {
        match (&mut self.running, self.body.take()) {
            (Some(running), _) => {
                running.resume();
            }
            (None, Some(body)) => self.running = Some(begin(body)),
            (None, None) => {}
        }
        self.waiting = self.waiter.0.0.borrow_mut().take();
    }
}

impl Future for Coroutine {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(context));
                self.waiting = None;
            } else if self.running.as_ref().is_some_and(Generator::is_done) {
                return Poll::Ready(());
            }
            self.enter();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::time::Duration;

    #[tokio::test]
    async fn a_body_waits_in_the_middle_and_returns_values() {
        let waiter = Waiter::default();
        let inner = waiter.clone();
        let seen = Rc::new(Cell::new(0));
        let told = Rc::clone(&seen);
        Coroutine::new(waiter, move || {
            let first = inner.wait(async { 20 }).unwrap();
            let second = inner
                .wait(async {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    22
                })
                .unwrap();
            told.set(first + second);
        })
        .await;
        assert_eq!(seen.get(), 42);
    }

    #[tokio::test]
    async fn bodies_take_turns() {
        let order = Rc::new(RefCell::new(Vec::new()));
        let coroutine = |name: &'static str| {
            let (waiter, order) = (Waiter::default(), Rc::clone(&order));
            let inner = waiter.clone();
            Coroutine::new(waiter, move || {
                for step in 0..3 {
                    order.borrow_mut().push((name, step));
                    inner.pause();
                }
            })
        };
        futures_util::future::join(coroutine("a"), coroutine("b")).await;
        let expected: Vec<_> = (0..3).flat_map(|step| [("a", step), ("b", step)]).collect();
        assert_eq!(*order.borrow(), expected);
    }

    #[tokio::test]
    async fn a_body_without_waits_ends_at_once() {
        let ran = Rc::new(Cell::new(false));
        let told = Rc::clone(&ran);
        Coroutine::new(Waiter::default(), move || told.set(true)).await;
        assert!(ran.get());
    }
}
