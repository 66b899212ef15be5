//! One lab, from its ports to its teardown.

use std::net::SocketAddr;
use std::path::PathBuf;

use chaos_lab_database::Engine;
use chaos_lab_plain::{Plain, Policy};
use chaos_lab_processes::{Spawner, Warden, sweep};
use chaos_lab_region::gateway;
use chaos_lab_region::pace::Pace;
use chaos_lab_region::{Region, Settings, name};
use chaos_lab_toxiproxy::Toxiproxy;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::address::{self, Reserved, listen, local};
use crate::cli::{Database, LabArgs, TOXIPROXY_PORT};
use crate::error::Error;
use crate::folder::Folder;
use crate::registry::{self, Entry, Registered};
use crate::seed::Aws;
use crate::{seed, status};

/// The one region of a lab.
pub const REGION: &str = "us-east-1";
/// The one account of a lab, which AWS's own documentation uses as its example.
pub const ACCOUNT: &str = "123456789012";
/// Keys that the gateway takes; it checks none.
pub const ACCESS_KEY: &str = "chaos-lab";

/// Which port the gateway takes.
#[derive(Clone, Copy)]
pub enum GatewayPort {
    /// This one and no other.
    Only(u16),
    /// This one, or any free one where it is taken.
    Preferably(u16),
}

/// A lab that runs.
pub struct Lab {
    aws: Aws,
    id: String,
    toxiproxy: Toxiproxy,
    endpoint: SocketAddr,
    status_address: SocketAddr,
    servers: Vec<JoinHandle<()>>,
    warden: Warden,
    folder: Folder,
    has_clusters: bool,
    _network: Reserved,
    _registered: Registered,
}

impl Lab {
    /// Starts a lab without resources. [`Lab::deploy`] makes those of the live deployment.
    ///
    /// # Errors
    /// What keeps it from starting; nothing is left behind.
    pub async fn start(args: &LabArgs, port: GatewayPort) -> Result<Lab, Error> {
        let program = std::env::current_exe().map_err(Error::Program)?;
        let policy = args.iam_policy.as_deref().map(Policy::read).transpose()?;
        let gateway = gateway_listener(port).await?;
        let status = listen(args.status_port, "the status page", "--status-port").await?;
        let toxiproxy = toxiproxy(args.toxiproxy_port).await?;
        let network = address::reserve().await?;
        let folder = Folder::open(args.folder.as_deref())?;
        let id = name::uuid();
        let warden = Warden::start(&program, &id, folder.is_temporary().then(|| folder.path()))?;
        let endpoint = address_of(&gateway, "the gateway")?;
        let status_address = address_of(&status, "the status page")?;
        let settings = settings(args, &network, &folder, program, endpoint);
        let region = Region::new(settings, Spawner::new(&id));
        let plain = Plain::new(REGION, ACCOUNT, &url(endpoint), policy);
        region.start(plain.clone());
        let aws = Aws {
            region: region.clone(),
            plain: plain.clone(),
        };
        let servers = vec![
            tokio::spawn(gateway::serve(gateway, region, plain)),
            tokio::spawn(status::serve(status, aws.clone())),
        ];
        let entry = Entry::of_this_process(endpoint.port(), status_address.port());
        let registered = registry::register(&entry)?;
        Ok(Lab {
            aws,
            id,
            toxiproxy,
            endpoint,
            status_address,
            servers,
            warden,
            folder,
            has_clusters: args.clusters,
            _network: network,
            _registered: registered,
        })
    }

    /// Makes the live deployment and waits until it serves. `tell` hears of each step.
    ///
    /// # Errors
    /// [`Error::Seed`] and [`Error::NotReady`].
    pub async fn deploy(&self, args: &LabArgs, tell: impl FnMut(&str)) -> Result<(), Error> {
        seed::deploy(&self.aws, args, &self.logs(), tell).await
    }

    /// The services, for those who look at them.
    pub fn aws(&self) -> &Aws {
        &self.aws
    }

    /// Where the logs of tasks and servers are.
    pub fn logs(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// `http://127.0.0.1:4566`
    pub fn endpoint(&self) -> String {
        url(self.endpoint)
    }

    /// Where the status page is.
    pub fn status_page(&self) -> String {
        url(self.status_address)
    }

    /// Where Toxiproxy's API is.
    pub fn toxiproxy(&self) -> String {
        url(self.toxiproxy.address())
    }

    /// What a client of AWS needs in its environment to reach the lab, and what experiments want to know of it.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY.to_owned()),
            ("TOXIPROXY_URL", self.toxiproxy()),
        ];
        if self.has_clusters {
            let names = seed::names::CLUSTERS.map(|(name, _)| name.to_owned());
            variables.extend(
                ["RDS_CLUSTER_IDENTIFIER", "DOCDB_CLUSTER_IDENTIFIER"]
                    .into_iter()
                    .zip(names),
            );
        }
        variables
    }

    /// The lab's id, which its processes carry.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Ends everything that the lab runs, and removes its folder if it is temporary.
    pub async fn stop(self) {
        self.aws.region.stop().await;
        self.toxiproxy.close().await;
        for server in &self.servers {
            server.abort();
        }
        let left = sweep(&self.id).await;
        if left > 0 {
            tracing::warn!(left, "processes were left and were killed");
        }
        self.warden.dismiss().await;
    }

    /// Where the application is; empty before it is deployed.
    pub async fn web_url(&self) -> String {
        let wanted = serde_json::json!({ "Name": seed::names::parameter("web_url") });
        let found = self
            .aws
            .plain("ssm", "AmazonSSM.GetParameter", &wanted)
            .await
            .unwrap_or_default();
        found
            .pointer("/Parameter/Value")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

fn settings(
    args: &LabArgs,
    network: &Reserved,
    folder: &Folder,
    program: PathBuf,
    endpoint: SocketAddr,
) -> Settings {
    Settings {
        name: REGION.to_owned(),
        account: ACCOUNT.to_owned(),
        pace: Pace::new(args.speed),
        network: network.network,
        folder: folder.path().to_owned(),
        program,
        database: engine(args.database),
        endpoint: url(endpoint),
    }
}

fn engine(wanted: Database) -> Engine {
    match wanted {
        Database::Auto => Engine::choose(),
        Database::Mariadb => Engine::MariaDb,
        Database::Embedded => Engine::Embedded,
    }
}

async fn gateway_listener(port: GatewayPort) -> Result<TcpListener, Error> {
    let purpose = "the gateway";
    match port {
        GatewayPort::Only(port) => listen(port, purpose, "--port").await,
        GatewayPort::Preferably(port) => match listen(port, purpose, "--port").await {
            Ok(listener) => Ok(listener),
            Err(_) => listen(0, purpose, "--port").await,
        },
    }
}

/// The port that was named, or the original's, or any free one where that is taken.
async fn toxiproxy(port: Option<u16>) -> Result<Toxiproxy, Error> {
    let failed = |port| {
        move |source| Error::Port {
            purpose: "Toxiproxy",
            option: "--toxiproxy-port",
            address: local(port),
            source,
        }
    };
    match port {
        Some(port) => chaos_lab_toxiproxy::serve(local(port))
            .await
            .map_err(failed(port)),
        None => match chaos_lab_toxiproxy::serve(local(TOXIPROXY_PORT)).await {
            Ok(served) => Ok(served),
            Err(_) => chaos_lab_toxiproxy::serve(local(0)).await.map_err(failed(0)),
        },
    }
}

fn address_of(listener: &TcpListener, purpose: &'static str) -> Result<SocketAddr, Error> {
    listener
        .local_addr()
        .map_err(|source| Error::Serve { purpose, source })
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
