//! The library's failovers of database clusters, run by `start-chaos` against moto's server on loopback, on a machine
//! whose Python does not work.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use chaos_engine::value::Value;
use common::{Ended, Folder, on_aws, root, run, start_chaos};
use support::moto::Moto;

/// An experiment of the library, and the environment variables by which it gets its cluster and its target.
struct Failover {
    name: &'static str,
    cluster: &'static str,
    target: &'static str,
}

const RDS: Failover = Failover {
    name: "rds-cluster-failover",
    cluster: "RDS_CLUSTER_IDENTIFIER",
    target: "RDS_TARGET_INSTANCE_IDENTIFIER",
};

const DOCDB: Failover = Failover {
    name: "docdb-cluster-failover",
    cluster: "DOCDB_CLUSTER_IDENTIFIER",
    target: "DOCDB_TARGET_INSTANCE_IDENTIFIER",
};

/// A cluster of that many instances, `name-0` being the writer. moto knows no DocumentDB, whose API is that of RDS.
fn create_cluster(moto: &Moto, name: &str, members: usize) {
    moto.form(
        "rds",
        &format!(
            "Action=CreateDBCluster&Version=2014-10-31&DBClusterIdentifier={name}&Engine=aurora-mysql\
             &MasterUsername=admin&MasterUserPassword=not-a-secret"
        ),
    );
    for member in 0..members {
        moto.form(
            "rds",
            &format!(
                "Action=CreateDBInstance&Version=2014-10-31&DBInstanceIdentifier={name}-{member}\
                 &DBInstanceClass=db.r5.large&Engine=aurora-mysql&DBClusterIdentifier={name}"
            ),
        );
    }
}

/// Who is the writer of that cluster now?
fn writer(moto: &Moto, name: &str) -> String {
    let form = format!("Action=DescribeDBClusters&Version=2014-10-31&DBClusterIdentifier={name}");
    let answer = moto.form("rds", &form);
    let mut members = answer.split("<DBClusterMember>").skip(1);
    let writer = members.find(|member| member.contains("<IsClusterWriter>true<"));
    let writer = writer.unwrap_or_else(|| panic!("{answer}"));
    let identifier = writer.split("<DBInstanceIdentifier>").nth(1).unwrap();
    identifier.split('<').next().unwrap().to_owned()
}

/// A copy of the experiment's folder, and a folder `bin` of Pythons that fail and tell that they were started.
fn folder(failover: &Failover) -> Folder {
    let folder = Folder::new();
    for file in ["experiment.conf", "experiment.yaml"] {
        let from = root().join("library/reliability").join(failover.name).join(file);
        folder.write(file, &fs::read_to_string(from).unwrap());
    }
    for name in ["python", "python3"] {
        let name = format!("bin/{name}");
        folder.write(&name, "#!/bin/sh\ntouch \"$0.was-started\"\nexit 1\n");
        fs::set_permissions(folder.path(&name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// `start-chaos` with the context for live clusters, which does not wait here.
fn command(failover: &Failover, folder: &Folder, moto: &Moto, cluster: &str) -> Command {
    let line = ["--context", "live", "--var", "failover_seconds:int=0", "."];
    let mut command = on_aws(start_chaos(folder, &line), moto.address);
    let path = std::env::var("PATH").unwrap();
    command
        .env("PATH", format!("{}:{path}", folder.path("bin").display()))
        .env_remove(failover.target)
        .env(failover.cluster, cluster);
    command
}

/// The run went through, and no Python was started.
fn assert_completed(ended: &Ended, folder: &Folder) {
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let journal = folder.json("journal.json");
    assert_eq!(journal.get("status"), Some(&"completed".into()));
    assert_eq!(journal.get("deviated"), Some(&false.into()));
    let states = journal.get("steady_states").unwrap();
    for when in ["before", "after"] {
        let state = states.get(when).unwrap();
        assert_eq!(state.get("steady_state_met"), Some(&true.into()), "{when}");
        let probes = state.get("probes").and_then(Value::as_list).unwrap();
        let outputs: Vec<_> = probes.iter().map(|probe| probe.get("output").unwrap()).collect();
        assert_eq!(outputs, [&"available".into(), &Value::Int(2)], "{when}");
    }
    let method = journal.get("run").and_then(Value::as_list).unwrap();
    let statuses: Vec<_> = method.iter().map(|activity| activity.get("status")).collect();
    assert_eq!(statuses, [Some(&"succeeded".into()); 3], "{}", ended.stderr);
    let cluster = method[0].get("output").and_then(|output| output.get("DBCluster"));
    let members = cluster.and_then(|cluster| cluster.get("DBClusterMembers"));
    assert_eq!(members.and_then(Value::as_list).map(<[_]>::len), Some(2));
    assert_no_python(folder);
}

fn assert_no_python(folder: &Folder) {
    for name in ["python", "python3"] {
        assert!(
            !folder.has(&format!("bin/{name}.was-started")),
            "{name} was started"
        );
    }
}

#[test]
fn clusters_fail_over_without_python() {
    let Some(moto) = Moto::start() else { return };
    for failover in [RDS, DOCDB] {
        let cluster = failover.name;
        create_cluster(&moto, cluster, 2);
        let old_writer = writer(&moto, cluster);
        let chosen_by_aws = folder(&failover);
        let ended = run(&mut command(&failover, &chosen_by_aws, &moto, cluster));
        assert_completed(&ended, &chosen_by_aws);
        assert_ne!(writer(&moto, cluster), old_writer);

        let back = folder(&failover);
        let ended = run(command(&failover, &back, &moto, cluster).env(failover.target, &old_writer));
        assert_completed(&ended, &back);
        assert_eq!(writer(&moto, cluster), old_writer);
    }
}

#[test]
fn nothing_happens_to_a_cluster_that_is_not_well() {
    let Some(moto) = Moto::start() else { return };
    create_cluster(&moto, "single", 1);
    for failover in [RDS, DOCDB] {
        for cluster in ["single", "ghost"] {
            let folder = folder(&failover);
            let ended = run(&mut command(&failover, &folder, &moto, cluster));
            assert!(matches!(ended.code, Some(1 | 4)), "{}", ended.stderr);
            let journal = folder.json("journal.json");
            assert_eq!(journal.get("run"), Some(&Value::List(Vec::new())));
            assert_no_python(&folder);
        }
        let nameless = folder(&failover);
        let ended = run(command(&failover, &nameless, &moto, "").env_remove(failover.cluster));
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(failover.cluster), "{}", ended.stderr);
    }
}
