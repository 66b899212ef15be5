//! What native activities tell their run while they run: what they leave behind, and that they choose at random.

use std::rc::Rc;

use super::Runner;
use super::event::Event;
use super::seed::Place;
use crate::activity::{Context, Ending, News};
use crate::provider::bridge::Changes;
use crate::scope::Scope;
use crate::value::Map;

impl Runner {
    /// What the activity at that place is given.
    pub(super) fn context(self: &Rc<Self>, place: &Place, scope: &Scope, secrets: Map) -> Context {
        let runner = Rc::downgrade(self);
        let listener = move |news| {
            if let Some(runner) = runner.upgrade() {
                runner.hear(news);
            }
        };
        let configuration = Rc::new(scope.configuration.clone());
        let host = Rc::new(self.ports.host.borrow().clone());
        let ending = Ending::default();
        self.endings.borrow_mut().insert(place.clone(), ending.clone());
        Context::new(configuration, Rc::new(secrets), host, self.seed.at(place))
            .heard_by(Rc::new(listener))
            .ended_by(ending)
    }

    fn hear(&self, news: News) {
        if !self.begun.get() {
            // nothing can be recorded yet
            self.early_news.borrow_mut().push(news);
            return;
        }
        match news {
            News::Random => self.take_seed(),
            News::Configuration(key, value) => {
                let mut configuration = self.state.borrow().scope.configuration.clone();
                configuration.insert(key, value);
                let changes = Changes {
                    configuration: Some(configuration),
                    ..Changes::default()
                };
                self.apply(changes, &mut None);
            }
            News::Variable(name, text) => {
                self.say(&Event::Changed {
                    experiment: None,
                    configuration: None,
                    variable: Some((&name, &text)),
                });
                self.ports.host.borrow_mut().set_var(name, text);
            }
        }
    }

    /// The run can be recorded from here on: hears what activities told before.
    pub(super) fn hear_early_news(&self) {
        self.begun.set(true);
        let early = std::mem::take(&mut *self.early_news.borrow_mut());
        early.into_iter().for_each(|news| self.hear(news));
    }
}
