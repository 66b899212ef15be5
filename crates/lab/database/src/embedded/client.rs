//! One client's connection: it logs in, then sends commands.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::Value;
use tokio::net::TcpStream;

use super::fault::Fault;
use super::server::Server;
use super::session::Session;
use super::sql::Plan;
use super::store::Answer;
use super::wire::handshake::{self, Hello, PLUGIN, SALT};
use super::wire::packet::{Packets, Reader};
use super::wire::parameters::{self, Bound};
use super::wire::reply::{self, Done, MORE};

/// What max_connections is for MariaDB here too.
pub(crate) const MOST: usize = 100;
/// MySQL's connect_timeout.
const LOGIN: Duration = Duration::from_secs(10);

struct Client {
    packets: Packets,
    session: Session,
    prepared: HashMap<u32, Prepared>,
    next: u32,
}

struct Prepared {
    plan: Plan,
    parameters: usize,
    types: Vec<Bound>,
    long: HashMap<u16, Vec<u8>>,
}

/// Serves a client until it leaves.
pub(crate) async fn serve(server: Arc<Server>, stream: TcpStream) {
    let _counted = server.client();
    let id = server.next_id();
    if let Err(error) = talk(server, id, stream).await {
        tracing::debug!("connection {id} to the embedded database broke: {error}");
    }
}

async fn talk(server: Arc<Server>, id: u32, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut packets = Packets::new(stream);
    if server.connections() > MOST {
        return refuse(&mut packets, &Fault::new(1040, "08004", "Too many connections")).await;
    }
    let login = tokio::time::timeout(LOGIN, login(&server, id, &mut packets)).await;
    let Some(schema) = login.map_err(|_| io::ErrorKind::TimedOut)?? else {
        return Ok(());
    };
    let mut session = match Session::open(server, id).await {
        Ok(session) => session,
        Err(fault) => return refuse(&mut packets, &fault).await,
    };
    if let Some(fault) = schema.and_then(|schema| session.choose(&schema).err()) {
        return refuse(&mut packets, &fault).await;
    }
    reply::ok(&mut packets, &Done::default(), session.status()).await?;
    packets.flush().await?;
    Client {
        packets,
        session,
        prepared: HashMap::new(),
        next: 1,
    }
    .commands()
    .await
}

async fn refuse(packets: &mut Packets, fault: &Fault) -> io::Result<()> {
    reply::error(packets, fault).await?;
    packets.flush().await
}

/// Answers the schema that the client asked for, or `None` where it was refused.
async fn login(server: &Server, id: u32, packets: &mut Packets) -> io::Result<Option<Option<String>>> {
    let salt = handshake::salt();
    packets.put(&handshake::greeting(id, &salt)).await?;
    packets.flush().await?;
    let Some(payload) = packets.next().await? else {
        return Ok(None);
    };
    let Some(mut hello) = handshake::parse(&payload) else {
        refuse(packets, &Fault::new(1043, "08S01", "Bad handshake")).await?;
        return Ok(None);
    };
    if hello.plugin.as_deref().is_some_and(|plugin| plugin != PLUGIN) {
        packets.put(&handshake::switch(&salt)).await?;
        packets.flush().await?;
        let Some(answer) = packets.next().await? else {
            return Ok(None);
        };
        hello.answer = answer;
    }
    if !is_welcome(server, &hello, &salt) {
        refuse(
            packets,
            &Fault::access_denied(&hello.user, !hello.answer.is_empty()),
        )
        .await?;
        return Ok(None);
    }
    Ok(Some(hello.schema))
}

fn is_welcome(server: &Server, hello: &Hello, salt: &[u8; SALT]) -> bool {
    hello.user == server.user && hello.answer == handshake::scramble(&server.password, salt)
}

impl Client {
    async fn commands(mut self) -> io::Result<()> {
        while let Some(payload) = self.packets.command().await? {
            let Some((command, rest)) = payload.split_first() else {
                continue;
            };
            if *command == 1 {
                break;
            }
            if let Err(fault) = self.command(*command, rest).await? {
                reply::error(&mut self.packets, &fault).await?;
            }
            self.packets.flush().await?;
        }
        Ok(())
    }

    /// The inner error goes to the client, the outer ends the connection.
    /// <https://dev.mysql.com/doc/dev/mysql-server/latest/my__command_8h.html>
    async fn command(&mut self, command: u8, rest: &[u8]) -> io::Result<Result<(), Fault>> {
        match command {
            2 => match self.session.choose(&String::from_utf8_lossy(rest)) {
                Ok(()) => self.ok().await.map(Ok),
                Err(fault) => Ok(Err(fault)),
            },
            3 => self.query(rest).await,
            // No columns: clients ask only to complete names.
            4 | 27 => reply::end(&mut self.packets, self.session.status()).await.map(Ok),
            9 => self.packets.put(b"chaos-lab embedded database").await.map(Ok),
            14 => self.ok().await.map(Ok),
            22 => self.prepare(rest).await,
            23 => self.execute(rest).await,
            24 => Ok(self.long_data(rest).map_or(Ok(()), Ok)),
            25 => {
                self.statement(rest).map(|(id, _)| self.prepared.remove(&id));
                Ok(Ok(()))
            }
            26 => match self.statement(rest) {
                Some((id, _)) => {
                    self.prepared
                        .entry(id)
                        .and_modify(|prepared| prepared.long.clear());
                    self.ok().await.map(Ok)
                }
                None => Ok(Err(unknown_statement())),
            },
            31 => match self.session.reset().await {
                Ok(()) => {
                    self.prepared.clear();
                    self.ok().await.map(Ok)
                }
                Err(fault) => Ok(Err(fault)),
            },
            _ => Ok(Err(Fault::new(
                1047,
                "08S01",
                format!("Unknown command {command}"),
            ))),
        }
    }

    async fn ok(&mut self) -> io::Result<()> {
        reply::ok(&mut self.packets, &Done::default(), self.session.status()).await
    }

    async fn query(&mut self, text: &[u8]) -> io::Result<Result<(), Fault>> {
        let plans = text_of(text).and_then(|sql| self.session.plans(sql));
        let plans = match plans {
            Ok((_, 1..)) => return Ok(Err(Fault::syntax("parameters need a prepared statement"))),
            Ok((plans, _)) if plans.is_empty() => {
                return Ok(Err(Fault::new(1065, "42000", "Query was empty")));
            }
            Ok((plans, _)) => plans,
            Err(fault) => return Ok(Err(fault)),
        };
        for (index, plan) in plans.iter().enumerate() {
            let more = if index + 1 < plans.len() { MORE } else { 0 };
            match self.session.run(plan, &[]).await {
                Ok(answer) => self.answer(answer, false, more).await?,
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Ok(Ok(()))
    }

    async fn answer(&mut self, answer: Answer, binary: bool, more: u16) -> io::Result<()> {
        let status = self.session.status() | more;
        match answer {
            Answer::Done(done) => reply::ok(&mut self.packets, &done, status).await,
            Answer::Rows { columns, rows } => {
                reply::rows(&mut self.packets, &columns, &rows, binary, status).await
            }
        }
    }

    async fn prepare(&mut self, text: &[u8]) -> io::Result<Result<(), Fault>> {
        let (plan, parameters) = match text_of(text)
            .and_then(|sql| self.session.plans(sql))
            .and_then(one)
        {
            Ok(one) => one,
            Err(fault) => return Ok(Err(fault)),
        };
        let columns = match self.session.describe(&plan).await {
            Ok(columns) => columns,
            Err(fault) => return Ok(Err(fault)),
        };
        let Ok(count) = u16::try_from(parameters) else {
            return Ok(Err(Fault::new(
                1390,
                "HY000",
                "Prepared statement contains too many placeholders",
            )));
        };
        let id = self.next;
        self.next += 1;
        self.prepared.insert(
            id,
            Prepared {
                plan,
                parameters,
                types: Vec::new(),
                long: HashMap::new(),
            },
        );
        reply::prepared(&mut self.packets, id, count, &columns)
            .await
            .map(Ok)
    }

    fn statement<'a>(&self, payload: &'a [u8]) -> Option<(u32, Reader<'a>)> {
        let mut reader = Reader(payload);
        let id = u32::from_le_bytes(reader.array()?);
        self.prepared.contains_key(&id).then_some((id, reader))
    }

    async fn execute(&mut self, payload: &[u8]) -> io::Result<Result<(), Fault>> {
        let bound = self.bind(payload);
        let (plan, values) = match bound {
            Ok(bound) => bound,
            Err(fault) => return Ok(Err(fault)),
        };
        match self.session.run(&plan, &values).await {
            Ok(answer) => self.answer(answer, true, 0).await.map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    }

    fn bind(&mut self, payload: &[u8]) -> Result<(Plan, Vec<Value>), Fault> {
        let (id, mut reader) = self.statement(payload).ok_or_else(unknown_statement)?;
        let prepared = self.prepared.get_mut(&id).ok_or_else(unknown_statement)?;
        // Flags of cursors, which are not offered, and a count that is always 1.
        let values = reader.take(5).and_then(|_| {
            parameters::read(reader.0, prepared.parameters, &mut prepared.types, &prepared.long)
        });
        prepared.long.clear();
        let values = values.ok_or_else(|| Fault::new(1210, "HY000", "Incorrect arguments to EXECUTE"))?;
        Ok((prepared.plan.clone(), values))
    }

    fn long_data(&mut self, payload: &[u8]) -> Option<()> {
        let (id, mut reader) = self.statement(payload)?;
        let index = u16::from_le_bytes(reader.array()?);
        self.prepared
            .get_mut(&id)?
            .long
            .entry(index)
            .or_default()
            .extend_from_slice(reader.0);
        Some(())
    }
}

fn unknown_statement() -> Fault {
    Fault::new(
        1243,
        "HY000",
        "Unknown prepared statement handler given to EXECUTE",
    )
}

fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|_| Fault::new(1300, "HY000", "Invalid utf8mb4 character string"))
}

fn one((mut plans, parameters): (Vec<Plan>, usize)) -> Result<(Plan, usize), Fault> {
    match (plans.pop(), plans.is_empty()) {
        (Some(plan), true) => Ok((plan, parameters)),
        (None, _) => Err(Fault::new(1065, "42000", "Query was empty")),
        (Some(_), false) => Err(Fault::syntax("a prepared statement holds one statement only")),
    }
}
