//! RDS: instances and clusters are servers that are cut and come back.
#![allow(clippy::unwrap_used, clippy::panic)]

mod database_support;

use std::net::SocketAddr;

use chaos_lab_database::Engine;
use database_support::{Lab, until};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

const ID: &str = "live-chaos-comments-db";

fn instance(id: &str) -> Value {
    json!({
        "DBInstanceIdentifier": id, "DBInstanceClass": "db.t3.micro", "Engine": "mysql", "MasterUsername": "comments",
        "MasterUserPassword": "not-a-secret", "DBName": "comments", "MultiAZ": "true", "AllocatedStorage": "20",
        "Tags": [{ "Key": "environment", "Value": "live" }],
    })
}

async fn in_status(lab: &Lab, id: &str, status: &str) -> Value {
    let ask = || async {
        lab.call(
            "rds",
            "DescribeDBInstances",
            json!({ "DBInstanceIdentifier": id }),
        )
        .await["DBInstances"][0]
            .clone()
    };
    until(ask, |instance| instance["DBInstanceStatus"] == status).await
}

async fn cluster_in(lab: &Lab, id: &str, status: &str) -> Value {
    let ask = || async {
        lab.call("rds", "DescribeDBClusters", json!({ "DBClusterIdentifier": id }))
            .await["DBClusters"][0]
            .clone()
    };
    until(ask, |cluster| cluster["Status"] == status).await
}

fn address(host: &Value, port: &Value) -> SocketAddr {
    format!("{}:{port}", host.as_str().unwrap()).parse().unwrap()
}

/// A client that was greeted by the server.
async fn client(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[4], 10, "MySQL greets with protocol version 10");
    stream
}

/// Reads until the connection ends, however it does.
async fn cut(mut client: TcpStream) {
    let mut rest = Vec::new();
    let _ = client.read_to_end(&mut rest).await;
}

/// Nothing listens there. A server that is being ended may close its connections a moment before its port.
async fn is_refused(address: SocketAddr) -> bool {
    let ask = || async { json!(TcpStream::connect(address).await.is_err()) };
    until(ask, |refused| *refused == true).await == true
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_instance_reboots_fails_over_stops_and_goes() {
    a_life(240, Engine::Embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_instance_reboots_fails_over_stops_and_goes() {
    match Engine::choose() {
        Engine::MariaDb => a_life(245, Engine::MariaDb).await,
        Engine::Embedded => println!("skipped: MariaDB is not installed"),
    }
}

async fn a_life(network: u8, engine: Engine) {
    let lab = Lab::new(network, 20.0, engine, "");
    let created = lab.call("rds", "CreateDBInstance", instance(ID)).await;
    assert_eq!(created["DBInstance"]["DBInstanceStatus"], "creating");
    assert!(created["DBInstance"]["Endpoint"].is_null(), "{created}");
    let made = in_status(&lab, ID, "available").await;
    let address = address(&made["Endpoint"]["Address"], &made["Endpoint"]["Port"]);
    assert_eq!(address, lab.region.settings().network.database());
    for failover in [false, true] {
        let before = in_status(&lab, ID, "available").await;
        let connected = client(address).await;
        let reboot = json!({ "DBInstanceIdentifier": ID, "ForceFailover": failover });
        let answer = lab.call("rds", "RebootDBInstance", reboot.clone()).await;
        assert_eq!(answer["DBInstance"]["DBInstanceStatus"], "rebooting");
        assert_eq!(
            lab.refusal("rds", "RebootDBInstance", reboot).await,
            "InvalidDBInstanceState"
        );
        cut(connected).await;
        assert!(is_refused(address).await);
        let after = in_status(&lab, ID, "available").await;
        client(address).await;
        let zone = if failover {
            "SecondaryAvailabilityZone"
        } else {
            "AvailabilityZone"
        };
        assert_eq!(after["AvailabilityZone"], before[zone]);
    }
    stops_starts_and_goes(&lab, address).await;
    lab.stop().await;
}

async fn stops_starts_and_goes(lab: &Lab, address: SocketAddr) {
    let id = json!({ "DBInstanceIdentifier": ID });
    let connected = client(address).await;
    lab.call("rds", "StopDBInstance", id.clone()).await;
    cut(connected).await;
    in_status(lab, ID, "stopped").await;
    assert!(is_refused(address).await);
    assert_eq!(
        lab.refusal("rds", "StopDBInstance", id.clone()).await,
        "InvalidDBInstanceState"
    );
    lab.call("rds", "StartDBInstance", id.clone()).await;
    in_status(lab, ID, "available").await;
    client(address).await;
    assert_eq!(
        lab.refusal("rds", "DeleteDBInstance", id.clone()).await,
        "InvalidParameterCombination"
    );
    let gone = json!({ "DBInstanceIdentifier": ID, "SkipFinalSnapshot": "true" });
    assert_eq!(
        lab.call("rds", "DeleteDBInstance", gone).await["DBInstance"]["DBInstanceStatus"],
        "deleting"
    );
    let all = || lab.call("rds", "DescribeDBInstances", json!({}));
    until(all, |all| all["DBInstances"] == json!([])).await;
    assert!(is_refused(address).await);
    assert!(!lab.folder.join("rds").join(ID).exists());
    assert_eq!(
        lab.refusal("rds", "DescribeDBInstances", id).await,
        "DBInstanceNotFound"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rds_refuses_is_refused_with_its_codes() {
    let lab = Lab::new(241, 100.0, Engine::Embedded, "");
    lab.call("rds", "CreateDBInstance", instance(ID)).await;
    in_status(&lab, ID, "available").await;
    let with = |member: &str, value: Value| {
        let mut input = instance("another");
        input[member] = value;
        input
    };
    for (input, code) in [
        (instance(ID), "DBInstanceAlreadyExists"),
        (
            with("DBInstanceIdentifier", json!("two--hyphens")),
            "InvalidParameterValue",
        ),
        (with("Engine", json!("postgres")), "InvalidParameterValue"),
        (
            with("DBInstanceClass", json!("t3.micro")),
            "InvalidParameterValue",
        ),
        (
            with("MasterUserPassword", json!("short")),
            "InvalidParameterValue",
        ),
        (
            with("AvailabilityZone", json!("us-east-1b")),
            "InvalidParameterCombination",
        ),
        (
            with("DBClusterIdentifier", json!("ghost")),
            "InvalidParameterCombination",
        ),
    ] {
        assert_eq!(
            lab.refusal("rds", "CreateDBInstance", input.clone()).await,
            code,
            "{input}"
        );
    }
    lab.call(
        "rds",
        "ModifyDBInstance",
        json!({ "DBInstanceIdentifier": ID, "MultiAZ": "false", "DeletionProtection": "true" }),
    )
    .await;
    let reboot = json!({ "DBInstanceIdentifier": ID, "ForceFailover": "true" });
    assert_eq!(
        lab.refusal("rds", "RebootDBInstance", reboot).await,
        "InvalidParameterCombination"
    );
    let delete = json!({ "DBInstanceIdentifier": ID, "SkipFinalSnapshot": "true" });
    assert_eq!(
        lab.refusal("rds", "DeleteDBInstance", delete).await,
        "InvalidParameterCombination"
    );
    let ghost = json!({ "DBInstanceIdentifier": "ghost" });
    assert_eq!(
        lab.refusal("rds", "RebootDBInstance", ghost).await,
        "DBInstanceNotFound"
    );
    let ghost = json!({ "DBClusterIdentifier": "ghost" });
    assert_eq!(
        lab.refusal("rds", "FailoverDBCluster", ghost).await,
        "DBClusterNotFoundFault"
    );
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_are_filtered_and_paged() {
    let lab = Lab::new(242, 100.0, Engine::Embedded, "");
    lab.call("rds", "CreateDBCluster", cluster("documents", "docdb"))
        .await;
    for number in 0..25 {
        lab.call("rds", "CreateDBInstance", member("documents", number))
            .await;
    }
    lab.call("rds", "CreateDBInstance", instance(ID)).await;
    let first = lab
        .call("rds", "DescribeDBInstances", json!({ "MaxRecords": "20" }))
        .await;
    let rest = json!({ "MaxRecords": "20", "Marker": first["Marker"] });
    let rest = lab.call("rds", "DescribeDBInstances", rest).await;
    assert_eq!(
        [&first, &rest].map(|page| page["DBInstances"].as_array().unwrap().len()),
        [20, 6]
    );
    assert!(rest["Marker"].is_null());
    for (name, value, count) in [
        ("engine", "docdb", 25),
        ("engine", "mysql", 1),
        ("db-cluster-id", "documents", 25),
        (
            "db-instance-id",
            "arn:aws:rds:us-east-1:123456789012:db:documents-3",
            1,
        ),
        ("db-instance-id", "ghost", 0),
    ] {
        let filters = json!({ "Filters": [{ "Name": name, "Values": [value] }] });
        let found = lab.call("rds", "DescribeDBInstances", filters).await;
        assert_eq!(
            found["DBInstances"].as_array().unwrap().len(),
            count,
            "{name}={value}"
        );
    }
    let unknown = json!({ "Filters": [{ "Name": "zone", "Values": ["a"] }] });
    assert_eq!(
        lab.refusal("rds", "DescribeDBInstances", unknown).await,
        "InvalidParameterValue"
    );
    lab.stop().await;
}

fn cluster(id: &str, engine: &str) -> Value {
    json!({ "DBClusterIdentifier": id, "Engine": engine, "MasterUsername": "admin", "MasterUserPassword": "not-a-secret" })
}

fn member(cluster: &str, number: usize) -> Value {
    let engine = if cluster == "documents" {
        "docdb"
    } else {
        "aurora-mysql"
    };
    json!({
        "DBInstanceIdentifier": format!("{cluster}-{number}"), "DBInstanceClass": "db.r5.large", "Engine": engine,
        "DBClusterIdentifier": cluster,
    })
}

fn writer(cluster: &Value) -> String {
    let members = cluster["DBClusterMembers"].as_array().unwrap();
    let writer = members
        .iter()
        .find(|member| member["IsClusterWriter"] == true)
        .unwrap();
    writer["DBInstanceIdentifier"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_fails_over_to_a_reader_and_its_clients_are_cut() {
    let lab = Lab::new(243, 20.0, Engine::Embedded, "");
    lab.call("rds", "CreateDBCluster", cluster("shop", "aurora-mysql"))
        .await;
    for number in 0..2 {
        lab.call("rds", "CreateDBInstance", member("shop", number)).await;
    }
    for number in 0..2 {
        in_status(&lab, &format!("shop-{number}"), "available").await;
    }
    let whole = cluster_in(&lab, "shop", "available").await;
    assert_eq!(writer(&whole), "shop-0");
    let address = address(&whole["Endpoint"], &whole["Port"]);
    for (target, new) in [(None, "shop-1"), (Some("shop-0"), "shop-0")] {
        let connected = client(address).await;
        let input = json!({ "DBClusterIdentifier": "shop", "TargetDBInstanceIdentifier": target });
        let answer = lab.call("rds", "FailoverDBCluster", input.clone()).await;
        assert_eq!(
            answer["DBCluster"]["DBClusterMembers"].as_array().unwrap().len(),
            2
        );
        assert_eq!(
            lab.refusal("rds", "FailoverDBCluster", input).await,
            "InvalidDBClusterStateFault"
        );
        cut(connected).await;
        assert!(is_refused(address).await);
        assert_eq!(writer(&cluster_in(&lab, "shop", "available").await), new);
        client(address).await;
    }
    let to_writer = json!({ "DBClusterIdentifier": "shop", "TargetDBInstanceIdentifier": "shop-0" });
    assert_eq!(
        lab.refusal("rds", "FailoverDBCluster", to_writer).await,
        "InvalidDBInstanceState"
    );
    let reader = client(address).await;
    lab.call(
        "rds",
        "RebootDBInstance",
        json!({ "DBInstanceIdentifier": "shop-1" }),
    )
    .await;
    in_status(&lab, "shop-1", "available").await;
    assert!(
        !matches!(reader.try_read(&mut [0]), Ok(0)),
        "a reader is no server of its own"
    );
    lab.call(
        "rds",
        "RebootDBInstance",
        json!({ "DBInstanceIdentifier": "shop-0" }),
    )
    .await;
    cut(reader).await;
    in_status(&lab, "shop-0", "available").await;
    a_cluster_goes_after_its_members(&lab, address).await;
    lab.stop().await;
}

async fn a_cluster_goes_after_its_members(lab: &Lab, address: SocketAddr) {
    let delete = json!({ "DBClusterIdentifier": "shop", "SkipFinalSnapshot": "true" });
    assert_eq!(
        lab.refusal("rds", "DeleteDBCluster", delete.clone()).await,
        "InvalidDBClusterStateFault"
    );
    // the writer goes: the reader takes over
    lab.call(
        "rds",
        "DeleteDBInstance",
        json!({ "DBInstanceIdentifier": "shop-0" }),
    )
    .await;
    let one = || async { lab.call("rds", "DescribeDBClusters", json!({})).await["DBClusters"][0].clone() };
    let left = until(one, |cluster| {
        cluster["DBClusterMembers"].as_array().unwrap().len() == 1
    })
    .await;
    assert_eq!(writer(&left), "shop-1");
    client(address).await;
    lab.call(
        "rds",
        "DeleteDBInstance",
        json!({ "DBInstanceIdentifier": "shop-1" }),
    )
    .await;
    lab.call("rds", "DeleteDBCluster", delete).await;
    until(
        || lab.call("rds", "DescribeDBClusters", json!({})),
        |all| all["DBClusters"] == json!([]),
    )
    .await;
    assert!(is_refused(address).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_documentdb_cluster_has_statuses_and_no_server() {
    let lab = Lab::new(244, 100.0, Engine::Embedded, "");
    lab.call("rds", "CreateDBCluster", cluster("documents", "docdb"))
        .await;
    for number in 0..2 {
        lab.call("rds", "CreateDBInstance", member("documents", number))
            .await;
        in_status(&lab, &format!("documents-{number}"), "available").await;
    }
    let whole = cluster_in(&lab, "documents", "available").await;
    assert_eq!(whole["Port"], 27017);
    assert!(is_refused(address(&whole["Endpoint"], &whole["Port"])).await);
    lab.call(
        "rds",
        "FailoverDBCluster",
        json!({ "DBClusterIdentifier": "documents" }),
    )
    .await;
    assert_eq!(
        writer(&cluster_in(&lab, "documents", "available").await),
        "documents-1"
    );
    for (operation, status) in [("StopDBCluster", "stopped"), ("StartDBCluster", "available")] {
        lab.call("rds", operation, json!({ "DBClusterIdentifier": "documents" }))
            .await;
        cluster_in(&lab, "documents", status).await;
        in_status(&lab, "documents-0", status).await;
    }
    lab.stop().await;
}
