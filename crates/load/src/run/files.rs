//! Open files: each virtual user has connections, and many systems allow a process 1,024 unless it asks for more.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a user opens at the same time: one connection, or those of a batch.
const EACH: u64 = 8;

/// What the process opens beside its users.
const BESIDE: u64 = 256;

/// Has the system allow what so many users open; else a warning for the user.
pub fn allow_for(users: u64) -> Option<String> {
    let wanted = users.saturating_mul(EACH).saturating_add(BESIDE);
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    if current >= wanted {
        return None;
    }
    let most = limit.maximum.unwrap_or(u64::MAX);
    let asked = Rlimit {
        current: Some(wanted.min(most)),
        ..limit
    };
    let allowed = if setrlimit(Resource::Nofile, asked).is_ok() {
        wanted.min(most)
    } else {
        current
    };
    let needed = users.saturating_add(BESIDE);
    (allowed < needed).then(|| {
        format!(
            "{users} virtual users need about {needed} open files, and the system allows {allowed}: raise the limit (ulimit -n), \
             or requests will fail to connect"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_users_need_nothing_and_too_many_are_told() {
        assert_eq!(allow_for(1), None);
        let most = getrlimit(Resource::Nofile).maximum;
        if let Some(most) = most {
            let warning = allow_for(most).unwrap();
            assert!(warning.contains(&format!("{most} virtual users")), "{warning}");
            assert_eq!(getrlimit(Resource::Nofile).current, Some(most));
        }
    }
}
