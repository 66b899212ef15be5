//! What an attempt of an AWS Batch job does about those before it: a fault is never injected by two of them.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chaos_engine::journal::recovery;
use chaos_engine::value::python;
use tracing::{error, info, warn};

use crate::cli::log::Scrubber;
use crate::launch::{BatchJob, Finished, Here};
use crate::upload::{Bucket, Earlier, EndedAttempt, InProgress, Mirror};

/// An attempt, and where it leaves what the next one needs.
pub(super) struct Attempt {
    job: BatchJob,
    place: Option<InProgress>,
}

/// How an attempt begins.
pub(super) enum Begin {
    /// With a run.
    Afresh(Here),
    /// With what a run that died has left there.
    Recovering(Here),
    /// Not at all: an earlier attempt ended with this code.
    Over(u8),
}

impl Attempt {
    pub(super) fn new(job: BatchJob, bucket: Option<&Bucket>) -> Self {
        let place = bucket.map(|bucket| bucket.in_progress(&job.safe_id()));
        Self { job, place }
    }

    /// Looks for what earlier attempts left, and fetches it.
    ///
    /// # Errors
    /// When it cannot be told or read, so that nothing may be injected.
    pub(super) async fn begin(&self, here: Here) -> Result<Begin, String> {
        if self.job.attempt == 1 {
            return Ok(Begin::Afresh(here));
        }
        // where attempts share a disk, that file has more than its copy
        let is_here = self.job.left(&here.wal);
        let Some(place) = &self.place else {
            if is_here {
                return Ok(Begin::Recovering(here));
            }
            warn!(
                "This is attempt {} of the job {}, and there is no journals bucket that could tell what those before it \
                 did: the experiment is run; set CHAOS_JOURNALS_BUCKET so that attempts know of each other",
                self.job.attempt, self.job.id
            );
            return Ok(Begin::Afresh(here));
        };
        let earlier = place.earlier().await.map_err(|error| {
            format!(
                "{error}; so it cannot be told what earlier attempts of the job {} did, and nothing was run. The job's \
                 role needs s3:GetObject on {place}* and s3:ListBucket on the bucket",
                self.job.id
            )
        })?;
        match earlier {
            Earlier::Ended(outcome) => Ok(self.report(&outcome)),
            Earlier::Died(_) | Earlier::Nothing if is_here => Ok(Begin::Recovering(here)),
            Earlier::Died(copy) => {
                fetch(place, &copy, &here.wal)?;
                info!(
                    "An earlier attempt of this job died; its state is fetched from {}",
                    place.copy()
                );
                let may_be_behind = true;
                Ok(Begin::Recovering(Here {
                    may_be_behind,
                    ..here
                }))
            }
            Earlier::Nothing => Ok(Begin::Afresh(here)),
        }
    }

    fn report(&self, outcome: &EndedAttempt) -> Begin {
        let deviated = if outcome.deviated { ", deviated" } else { "" };
        warn!(
            "Attempt {} of this job has run the experiment to its end ({}{deviated}); nothing is run again. Its journal is \
             {}",
            outcome.attempt, outcome.status, outcome.journal
        );
        Begin::Over(outcome.exit_code)
    }

    /// Keeps a copy of the run's state for the next attempt from now on. `died`: there may be one already.
    pub(super) fn mirror(&self, here: &Here, scrubber: &Scrubber, died: bool) -> Option<Mirror> {
        let place = self.place.clone()?;
        info!(
            "The state of the run is copied to {} while it goes on",
            place.copy()
        );
        let scrubber = scrubber.clone();
        let mask = Box::new(move |value| scrubber.scrub_value(value));
        Some(Mirror::start(place, here.wal.clone(), mask, died))
    }

    /// Takes the copy back: nothing was run.
    pub(super) async fn withdraw(&self) {
        let Some(place) = &self.place else { return };
        if let Err(error) = place.withdraw().await {
            warn!("{error}; another attempt of this job would take it for that of a run that died");
        }
    }

    /// Notes the outcome for the next attempt, once the journal is in the bucket. Otherwise the copy is kept: the next
    /// attempt writes and uploads the journal from it.
    pub(super) async fn conclude(&self, finished: &Finished, exit_code: u8, journal: Option<String>) {
        let Some(place) = &self.place else { return };
        let Some(journal) = journal else {
            error!(
                "{} is kept: another attempt of this job makes the journal from it",
                place.copy()
            );
            return;
        };
        let outcome = EndedAttempt {
            attempt: self.job.attempt,
            exit_code,
            status: finished.status().to_owned(),
            deviated: finished.journal.get("deviated").is_some_and(python::truthy),
            journal,
        };
        if let Err(error) = place.conclude(&outcome).await {
            warn!("{error}; the journal is uploaded nonetheless");
        }
    }
}

/// Puts a copy where the write-ahead file belongs, once it is clear that it can be recovered from.
fn fetch(place: &InProgress, copy: &[u8], wal: &Path) -> Result<(), String> {
    recovery::parse(Path::new(&place.copy()), copy).map_err(|error| {
        format!(
            "{error}. An earlier attempt of this job began the experiment and what it left cannot be read, so nothing was \
             run: undo by hand what the experiment's rollbacks would, then submit a new job"
        )
    })?;
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(wal);
    let written = created.and_then(|mut file| {
        file.write_all(copy)?;
        file.sync_data()
    });
    written.map_err(|error| {
        format!(
            "{} cannot be written: {error}; the run that {} tells of is not recovered, and nothing was run",
            wal.display(),
            place.copy()
        )
    })
}
