//! The first and the last hook of a control: each is called once for a control's name, outside the experiment.

use std::rc::Rc;

use super::super::Runner;
use super::super::beside::Stage;
use super::all_controls;
use super::call::{Fault, foreground};
use crate::control::Hook;
use crate::value::{Map, Value};

impl Runner {
    /// Configures global controls, then the experiment's, each name once. A global one that fails is left out.
    pub(crate) async fn configure_controls(self: &Rc<Self>) {
        let global = self.state.borrow().global_controls.clone();
        let mut configured = Vec::new();
        for control in global {
            let Some(map) = control.as_map() else { continue };
            if self.configure(map, true).await {
                configured.push(control);
            }
        }
        self.state.borrow_mut().global_controls = configured;
        for control in self.declared_controls() {
            self.configure(&control, false).await;
        }
    }

    /// False when the hook raised. Settings are shown to global controls only, as in the peer. A Python control
    /// cannot end the experiment here, as in the peer; a native one can.
    async fn configure(self: &Rc<Self>, control: &Map, global: bool) -> bool {
        let Some(mut call) = self.hook_call(Hook::Configure, control).await else {
            return true;
        };
        call.settings = global.then(|| self.state.borrow().settings.clone());
        self.tell_start(&call);
        let mut occasion = foreground(Hook::Configure);
        match self.ports.stop.guard(self.play_hook(&call, &occasion)).await {
            Ok(played) => {
                let Err(fault) = self.hook_ended(&call, played, &mut occasion) else {
                    return true;
                };
                if self.ends_the_run(&fault, control)
                    && let Some(cause) = fault.cause()
                {
                    self.ports.stop.put_back(cause);
                }
                false
            }
            Err(cause) => {
                // taken up again by the first thing that the run waits for
                self.ports.stop.put_back(cause);
                true
            }
        }
    }

    /// A run that is being recovered has nothing left to end but its rollbacks.
    fn ends_the_run(&self, fault: &Fault, control: &Map) -> bool {
        match fault {
            Fault::Exit(_) => true,
            Fault::Interrupt(_) => {
                self.stage.get() == Stage::Playing && self.native_control(control).is_some()
            }
            Fault::Raised(_) => false,
        }
    }

    /// Cleans up in the order of configuration, global controls last.
    pub(crate) async fn cleanup_controls(self: &Rc<Self>) {
        let global = std::mem::take(&mut self.state.borrow_mut().global_controls);
        let global = global.into_iter().filter_map(|control| match control {
            Value::Map(control) => Some(control),
            _ => None,
        });
        for control in self.declared_controls().into_iter().chain(global) {
            let Some(call) = self.hook_call(Hook::Cleanup, &control).await else {
                continue;
            };
            self.tell_start(&call);
            let mut occasion = foreground(Hook::Cleanup);
            let Ok(played) = self.ports.stop.guard(self.play_hook(&call, &occasion)).await else {
                continue;
            };
            // nothing is left that it could end
            let _ = self.hook_ended(&call, played, &mut occasion);
        }
        // whatever controls had under way ends here
        let kept = std::mem::take(&mut *self.kept_by_controls.borrow_mut());
        drop(kept);
    }

    /// The experiment's own controls, each name once, in the order of declaration.
    fn declared_controls(&self) -> Vec<Map> {
        let state = self.state.borrow();
        let mut controls: Vec<Map> = Vec::new();
        for control in all_controls(&state.experiment) {
            let name = control
                .get("name")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty());
            let seen = controls
                .iter()
                .any(|known| known.get("name").and_then(Value::as_str) == name);
            if name.is_some() && !seen {
                controls.push(control.clone());
            }
        }
        controls
    }
}
