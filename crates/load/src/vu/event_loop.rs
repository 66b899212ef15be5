//! Callbacks that are still to come: timers, asynchronous requests.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use rquickjs::{Ctx, Result};

/// What to do in the script's engine when something awaited is there.
pub type Callback = Box<dyn for<'js> FnOnce(&Ctx<'js>) -> Result<()>>;

/// The callbacks of one user.
#[derive(Clone, Default)]
pub struct EventLoop {
    waiting: Rc<RefCell<FuturesUnordered<LocalBoxFuture<'static, Option<Callback>>>>>,
    /// Added while the others are polled.
    added: Rc<RefCell<Vec<LocalBoxFuture<'static, Option<Callback>>>>>,
}

impl EventLoop {
    /// Has a callback run when a future is ready; none when the future has it that there is nothing to do any more.
    pub fn add(&self, future: impl Future<Output = Option<Callback>> + 'static) {
        self.added.borrow_mut().push(Box::pin(future));
    }

    /// Whether nothing is to come.
    pub fn is_empty(&self) -> bool {
        self.added.borrow().is_empty() && self.waiting.borrow().is_empty()
    }

    /// Forgets what is to come.
    pub fn clear(&self) {
        self.added.borrow_mut().clear();
        self.waiting.borrow_mut().clear();
    }

    /// The next callback; none if nothing is to come.
    pub fn next(&self) -> impl Future<Output = Option<Option<Callback>>> + 'static {
        let this = self.clone();
        poll_fn(move |context| {
            let mut waiting = this.waiting.borrow_mut();
            waiting.extend(this.added.borrow_mut().drain(..));
            if waiting.is_empty() {
                return Poll::Ready(None);
            }
            waiting.poll_next_unpin(context)
        })
    }
}
