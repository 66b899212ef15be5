//! `submit-job`: configuration files, jobs, and their outcome as an exit code.

mod console;
mod interrupt;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use aws_config::SdkConfig;
use chaos_engine::host::Host;
use clap::Parser;

use super::start::print;
use super::{block_on, complain};
use crate::batch::{
    self, CONTEXT, Ended, Environment, Follow, JOURNALS_BUCKET, JobRequest, Order, Planned, Retry, Service,
    Submission, Submitted,
};
use crate::cli::submit::SubmitArgs;
use crate::exit;
use crate::upload::configured_sdk;
use console::Console;
use interrupt::{Interrupts, Wish};

/// What Batch shows as the reason of a job that was ended.
const REASON: &str = "Ended by whoever ran submit-job";

/// Runs `submit-job` with this command line, the program's name first, and returns the exit code.
pub fn submit_job(line: impl IntoIterator<Item = OsString>) -> u8 {
    let args = match SubmitArgs::try_parse_from(line) {
        Ok(args) => args,
        Err(error) => {
            // clap knows whether this is help or a usage error, and where it goes
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(exit::USAGE);
        }
    };
    let host = match Host::current() {
        Ok(host) => host,
        Err(error) => return complain(&format!("error: the working folder cannot be told: {error}\n")),
    };
    let worked = block_on(async {
        match work(&args, &host).await {
            Ok(code) => code,
            Err(reason) => complain(&format!("error: {reason}\n")),
        }
    });
    worked.unwrap_or_else(|reason| complain(&format!("error: the program cannot start: {reason}\n")))
}

/// # Errors
/// When nothing was submitted: why.
async fn work(args: &SubmitArgs, host: &Host) -> Result<u8, String> {
    args.size()
        .check(args.compute)
        .map_err(|fault| fault.to_string())?;
    let mut order = order(args, host)?;
    if args.dry_run {
        let planned = planned(host, &order, args).await?;
        return Ok(print(&console::requests(&planned, args.sequential)));
    }
    let sdk = configured_sdk(host).await.map_err(|error| error.to_string())?;
    if sdk.region().is_none() {
        return Err(
            "no AWS region: set AWS_REGION, or choose a profile that has one (AWS_PROFILE)".to_owned(),
        );
    }
    let call = Call {
        args,
        service: Service::new(&sdk),
        sdk,
        console: Console::new(args),
    };
    order.defaults = call.defaults().await;
    let planned = planned(host, &order, args).await?;
    call.console.advise(&order);
    call.submit(&planned).await
}

async fn planned(host: &Host, order: &Order, args: &SubmitArgs) -> Result<Vec<Planned>, String> {
    let planned = batch::plan(host, order, &args.configs).await;
    planned.map_err(|error| error.to_string())
}

/// What all jobs have in common.
fn order(args: &SubmitArgs, host: &Host) -> Result<Order, String> {
    let mut environment = Environment::default();
    for text in &args.env {
        let here = |name: &str| host.var(name).map(str::to_owned);
        environment
            .add(text, here)
            .map_err(|fault| format!("--env: {fault}"))?;
    }
    let named = [(CONTEXT, &args.context), (JOURNALS_BUCKET, &args.journals_bucket)];
    for (name, value) in named {
        match value.as_deref().filter(|value| !value.is_empty()) {
            // the option's own variable stands below what is said for the jobs
            Some(value) if environment.get(name).is_none() => environment.set(name, value),
            _ => {}
        }
    }
    Ok(Order {
        job: JobRequest {
            job_name: String::new(),
            job_queue: args.queue.clone(),
            job_definition: args.job_definition.clone(),
            share_identifier: args.share_identifier.clone(),
            priority: args.priority,
            array_size: args.array_size,
            after: None,
            container_overrides: batch::Overrides {
                environment,
                size: args.size(),
            },
            retry: args.attempts.map(|attempts| Retry { attempts }),
            timeout: args.timeout,
            tags: args.tags.iter().cloned().collect::<BTreeMap<_, _>>(),
            propagate_tags: !args.tags.is_empty(),
        },
        defaults: Environment::default(),
        no_validation: args.no_validation,
        at: chrono::Utc::now(),
    })
}

/// A call that has its jobs planned.
struct Call<'a> {
    args: &'a SubmitArgs,
    service: Service,
    sdk: SdkConfig,
    console: Console,
}

impl Call<'_> {
    /// What the job definition sets, as the configuration files are read for it.
    async fn defaults(&self) -> Environment {
        let found = self.service.environment_of(&self.args.job_definition).await;
        found.unwrap_or_else(|error| {
            self.console.warn_of(&format!(
                "what the job definition sets cannot be told ({error}); the files are read without it"
            ));
            Environment::default()
        })
    }

    /// # Errors
    /// When nothing was submitted: why.
    async fn submit(mut self, planned: &[Planned]) -> Result<u8, String> {
        let mut interrupts = Interrupts::listen(self.args.cancel_on_interrupt);
        let mut jobs = Vec::new();
        let console = &mut self.console;
        let submitting = batch::submit(&self.service, planned, self.args.sequential, |one, job| {
            console.submitted(one, job);
            jobs.push(job.clone());
        });
        let submission = tokio::select! {
            submission = submitting => Some(submission),
            () = interrupts.came() => None,
        };
        let Some(Submission { jobs, error }) = submission else {
            // the call that was under way may have reached Batch
            let left = planned.get(jobs.len()..).unwrap_or_default();
            self.console.interrupted(left);
            return Ok(self.after_interrupt(&jobs, &mut interrupts).await);
        };
        if let Some(error) = error {
            if jobs.is_empty() {
                return Err(format!("{error}. Nothing was submitted"));
            }
            self.console.partial(&planned[jobs.len()..], &error.to_string());
            self.console.report(planned, &jobs, &[]);
            return Ok(exit::NOT_AS_HOPED);
        }
        if !self.args.stays() {
            self.console.report(planned, &jobs, &[]);
            return Ok(exit::DONE);
        }
        Ok(self.stay(planned, &jobs, interrupts).await)
    }

    /// Follows the jobs to their end, or until nobody wants to wait any more.
    async fn stay(mut self, planned: &[Planned], jobs: &[Submitted], mut interrupts: Interrupts) -> u8 {
        let interval = Duration::from_secs_f64(self.args.interval);
        let mut follow = Follow::new(&self.sdk, self.service.clone(), interval, self.args.follow);
        loop {
            let ended = tokio::select! {
                ended = follow.to_the_end(jobs, &mut self.console) => ended,
                () = interrupts.came() => match interrupts.wish(jobs.len()).await {
                    Wish::Cancel => {
                        self.cancel(jobs).await;
                        continue;
                    }
                    Wish::GoOn => {
                        self.console.goes_on();
                        continue;
                    }
                    Wish::Leave => {
                        self.console.left_alone(jobs);
                        return exit::NOT_AS_HOPED;
                    }
                },
            };
            return match ended {
                Ok(ended) => {
                    self.console.report(planned, jobs, &ended);
                    ended
                        .iter()
                        .map(Ended::code)
                        .find(|code| *code != exit::DONE)
                        .unwrap_or(exit::DONE)
                }
                Err(error) => {
                    self.console.left_alone(jobs);
                    complain(&format!("error: {error}\n"));
                    exit::NOT_AS_HOPED
                }
            };
        }
    }

    async fn after_interrupt(&mut self, jobs: &[Submitted], interrupts: &mut Interrupts) -> u8 {
        if !jobs.is_empty() && interrupts.wish(jobs.len()).await == Wish::Cancel {
            self.cancel(jobs).await;
        } else {
            self.console.left_alone(jobs);
        }
        exit::NOT_AS_HOPED
    }

    async fn cancel(&mut self, jobs: &[Submitted]) {
        for job in jobs {
            let ended = self.service.terminate(&job.id, REASON).await;
            self.console
                .cancelled(job, ended.err().map(|error| error.to_string()));
        }
    }
}
