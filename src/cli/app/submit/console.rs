//! What `submit-job` says: results and logs on standard output, all else on standard error.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::batch::{Ended, JOURNALS_BUCKET, Order, Planned, Submitted, Teller};
use crate::cli::submit::SubmitArgs;

/// Where jobs are told of.
pub(super) struct Console {
    /// Standard output is one JSON document at the end.
    json: bool,
    /// Lines need the name of their job.
    several: bool,
}

/// The requests as JSON; of sequential ones, the job before is named where its id will stand.
pub(super) fn requests(planned: &[Planned], sequential: bool) -> String {
    let mut before: Option<&str> = None;
    let mut all = Vec::new();
    for one in planned {
        let mut request = one.request.clone();
        request.after = before
            .filter(|_| sequential)
            .map(|name| format!("<id of {name}>"));
        before = Some(&one.request.job_name);
        all.push(json!(request));
    }
    pretty(&Value::from(all))
}

fn pretty(value: &Value) -> String {
    // a Value always has a JSON form
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn say(text: &str) {
    // nobody reads it if this fails
    let _ = io::stderr().write_all(text.as_bytes());
}

fn out(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

impl Console {
    pub fn new(args: &SubmitArgs) -> Self {
        Self {
            json: args.json,
            several: args.configs.len() > 1 || args.array_size.is_some(),
        }
    }

    /// What is likely not meant.
    pub fn advise(&self, order: &Order) {
        let environment = &order.job.container_overrides.environment;
        // a variable in a job is no place for one
        let secrets = environment.secrets();
        if !secrets.is_empty() {
            self.warn_of(&format!(
                "{} looks secret, and whoever may describe the job can read it: let the job definition take it from \
                 Secrets Manager or Parameter Store (`secrets`)",
                secrets.join(", ")
            ));
        }
        let several = order.job.retry.is_some_and(|retry| retry.attempts > 1);
        if several
            && [environment, &order.defaults]
                .iter()
                .all(|given| given.get(JOURNALS_BUCKET).is_none())
        {
            self.warn_of(
                "without a journals bucket a later attempt knows nothing of those before it, and injects again: give \
                 --journals-bucket",
            );
        }
    }

    pub fn warn_of(&self, text: &str) {
        say(&format!("warning: {text}\n"));
    }

    pub fn submitted(&self, one: &Planned, job: &Submitted) {
        let text = format!("submitted {} as {} ({})\n", job.name, job.id, one.config);
        if self.json { say(&text) } else { out(&text) }
    }

    /// Some jobs were not submitted, because the first of them was refused.
    pub fn partial(&self, left: &[Planned], reason: &str) {
        say(&format!("error: {reason}\n"));
        self.not_submitted(left);
    }

    fn not_submitted(&self, left: &[Planned]) {
        left.iter()
            .for_each(|one| say(&format!("not submitted: {}\n", one.config)));
    }

    pub fn interrupted(&self, left: &[Planned]) {
        say("interrupted\n");
        self.not_submitted(left);
        if let Some(one) = left.first() {
            self.warn_of(&format!(
                "{} may have reached Batch: look for {}",
                one.config, one.request.job_name
            ));
        }
    }

    pub fn cancelled(&self, job: &Submitted, error: Option<String>) {
        match error {
            None => say(&format!(
                "{}: to be ended; its rollbacks have 30 seconds\n",
                job.name
            )),
            Some(error) => say(&format!("error: {} cannot be ended: {error}\n", job.name)),
        }
    }

    /// They go on, and are looked at.
    pub fn goes_on(&self) {
        say("looking on\n");
    }

    /// The jobs go on unseen.
    pub fn left_alone(&self, jobs: &[Submitted]) {
        for job in jobs {
            say(&format!(
                "{} goes on; to end it: aws batch terminate-job --job-id {} --reason stop\n",
                job.name, job.id
            ));
        }
    }

    /// The document of `--json`.
    pub fn report(&self, planned: &[Planned], jobs: &[Submitted], ended: &[Ended]) {
        if !self.json {
            return;
        }
        let all = planned.iter().enumerate().map(|(number, one)| {
            let mut entry = json!({ "config": one.config, "submitted": number < jobs.len() });
            if let Some(job) = jobs.get(number) {
                entry["jobName"] = job.name.as_str().into();
                entry["jobId"] = job.id.as_str().into();
                if let Some(end) = ended.iter().find(|end| end.job_id == job.id) {
                    entry["end"] = json!(end);
                }
            }
            entry
        });
        out(&pretty(&all.collect()));
    }
}

impl Teller for Console {
    fn state(&mut self, job: &str, state: &str, more: &str) {
        let separator = if more.is_empty() { "" } else { ": " };
        say(&format!("{job} {state}{separator}{more}\n"));
    }

    fn line(&mut self, job: &str, line: &str) {
        let text = match self.several {
            true => format!("{job} | {line}\n"),
            false => format!("{line}\n"),
        };
        if self.json { say(&text) } else { out(&text) }
    }

    fn warn(&mut self, text: &str) {
        self.warn_of(text);
    }
}
