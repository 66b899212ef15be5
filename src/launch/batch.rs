//! The AWS Batch job that a run is an attempt of, as Batch's own environment variables tell it.

use std::path::Path;

use chaos_engine::host::Host;
use chaos_engine::journal::recovery;
use chaos_engine::value::{Map, Value, map};

use super::recover::noted;

/// The journal's member about the job.
const MEMBER: &str = "batch";

/// An attempt of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchJob {
    /// `uuid`, or `uuid:3` for the child of an array.
    pub id: String,
    /// From 1 on.
    pub attempt: u32,
    /// The queue's name.
    pub queue: Option<String>,
    /// The position of an array's child.
    pub array_index: Option<u32>,
}

impl BatchJob {
    /// The job of that environment; none outside of Batch.
    ///
    /// # Errors
    /// When the number of the attempt cannot be told: without it a run could be injected twice.
    pub fn of(host: &Host) -> Result<Option<Self>, String> {
        let set = |name: &str| host.var(name).filter(|text| !text.is_empty());
        let Some(id) = set("AWS_BATCH_JOB_ID") else {
            return Ok(None);
        };
        let attempt = set("AWS_BATCH_JOB_ATTEMPT").unwrap_or("1");
        let attempt = attempt.parse().ok().filter(|attempt| *attempt > 0);
        Ok(Some(Self {
            id: id.to_owned(),
            attempt: attempt.ok_or(
                "AWS_BATCH_JOB_ATTEMPT is no number from 1 on, so that it cannot be told whether this job was tried \
                 before; nothing was run",
            )?,
            queue: set("AWS_BATCH_JQ_NAME").map(str::to_owned),
            array_index: set("AWS_BATCH_JOB_ARRAY_INDEX").and_then(|text| text.parse().ok()),
        }))
    }

    /// What the journal says of the job: one member at its top.
    pub fn annotation(&self) -> Map {
        let mut job = map([
            ("job_id", self.id.clone().into()),
            ("attempt", i64::from(self.attempt).into()),
        ]);
        if let Some(queue) = &self.queue {
            job.insert("queue".to_owned(), queue.clone().into());
        }
        if let Some(index) = self.array_index {
            job.insert("array_index".to_owned(), i64::from(index).into());
        }
        map([(MEMBER, job.into())])
    }

    /// The id as a part of a key or path: letters, digits, `.`, `-`, and `_` for all else.
    pub fn safe_id(&self) -> String {
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        self.id.chars().map(|c| if safe(c) { c } else { '_' }).collect()
    }

    /// Was that write-ahead file left by an attempt of this job?
    pub fn left(&self, wal: &Path) -> bool {
        let noted = recovery::read(wal).map(|dead| noted(&dead));
        let job = noted.as_ref().ok().and_then(|noted| noted.get(MEMBER));
        job.and_then(|job| job.get("job_id")).and_then(Value::as_str) == Some(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(variables: &[(&str, &str)]) -> Host {
        let mut host = Host::default();
        for (name, text) in variables {
            host.set_var(*name, *text);
        }
        host
    }

    #[test]
    fn outside_of_batch_there_is_no_job() {
        assert_eq!(BatchJob::of(&host(&[])), Ok(None));
        assert_eq!(BatchJob::of(&host(&[("AWS_BATCH_JOB_ID", "")])), Ok(None));
    }

    #[test]
    fn the_child_of_an_array_is_told_and_has_a_key_of_its_own() {
        let child = host(&[
            ("AWS_BATCH_JOB_ID", "0b1c-2d:3"),
            ("AWS_BATCH_JOB_ATTEMPT", "2"),
            ("AWS_BATCH_JQ_NAME", "chaos"),
            ("AWS_BATCH_JOB_ARRAY_INDEX", "3"),
        ]);
        let job = BatchJob::of(&child).unwrap().unwrap();
        assert_eq!(job.safe_id(), "0b1c-2d_3");
        let expected = map([
            ("job_id", "0b1c-2d:3".into()),
            ("attempt", 2.into()),
            ("queue", "chaos".into()),
            ("array_index", 3.into()),
        ]);
        assert_eq!(job.annotation(), map([("batch", expected.into())]));
    }

    #[test]
    fn a_first_attempt_may_be_unnumbered_and_nonsense_is_refused() {
        let attempt = |text| {
            BatchJob::of(&host(&[
                ("AWS_BATCH_JOB_ID", "a"),
                ("AWS_BATCH_JOB_ATTEMPT", text),
            ]))
        };
        assert_eq!(attempt("").unwrap().unwrap().attempt, 1);
        for bad in ["0", "-1", "two"] {
            assert!(
                attempt(bad).unwrap_err().contains("AWS_BATCH_JOB_ATTEMPT"),
                "{bad}"
            );
        }
    }
}
