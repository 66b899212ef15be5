//! Other clients than sqlx: MariaDB's own, and PyMySQL. Each is skipped, with a note, where it is not installed.

use std::net::SocketAddr;
use std::process::{Command, Output};

use crate::common::start;
use chaos_lab_database::Engine;

crate::in_both_engines!(the_command_line_client, pymysql);

const PASSWORD: &str = "it's a \\ secret";

async fn run(mut command: Command) -> Option<Output> {
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap();
    if output.is_err() {
        println!("skipped: the client is not installed");
    }
    output.ok()
}

fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn mariadb(address: SocketAddr, sql: &str) -> Command {
    let mut command = Command::new("mariadb");
    command.args(["--no-defaults", "--batch", "--user=app", "--database=lab_data"]);
    command.args([
        format!("--host={}", address.ip()),
        format!("--port={}", address.port()),
    ]);
    command.args([&format!("--password={PASSWORD}"), "--execute", sql]);
    command
}

async fn the_command_line_client(engine: Engine) {
    let lab = start(engine).await;
    let address = lab.database.address();
    let sql = "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20));
               INSERT INTO t (name) VALUES ('one'), (NULL);
               SELECT id, name, COUNT(*) OVER () AS `all of them` FROM t; SHOW TABLES; SELECT 1 + 1, DATABASE()";
    let Some(output) = run(mariadb(address, sql)).await else {
        return;
    };
    let expected = "id\tname\tall of them\n1\tone\t2\n2\tNULL\t2\nTables_in_lab_data\nt\n1 + 1\tDATABASE()\n2\tlab_data\n";
    assert_eq!(said(&output), expected);
    let failed = run(mariadb(address, "SELECT * FROM missing")).await.unwrap();
    assert!(
        String::from_utf8_lossy(&failed.stderr).contains("ERROR 1146 (42S02)"),
        "{failed:?}"
    );
    let mut wrong = mariadb(address, "SELECT 1");
    wrong.arg("--password=wrong");
    let refused = run(wrong).await.unwrap();
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("ERROR 1045 (28000)"),
        "{refused:?}"
    );
}

const PYTHON: &str = r#"
import sys
try:
    import pymysql
except ImportError:
    sys.exit(77)
db = pymysql.connect(host=sys.argv[1], port=int(sys.argv[2]), user="app", password=sys.argv[3], database="lab_data")
with db.cursor() as cursor:
    cursor.execute("CREATE TABLE p (id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME(3), raw BLOB, ok BOOLEAN)")
    cursor.execute("INSERT INTO p (at, raw, ok) VALUES (%s, %s, %s)", ("2026-11-21 20:06:39.5", b"\x00\xff'", True))
    print(cursor.lastrowid, cursor.rowcount)
    db.rollback()
    cursor.execute("INSERT INTO p (at, raw, ok) VALUES (%s, %s, %s)", ("2026-11-21 20:06:39.5", b"\x00\xff'", True))
    db.commit()
    cursor.execute("SELECT at, raw, ok, %s FROM p", ("it's",))
    print(cursor.fetchall())
    try:
        cursor.execute("INSERT INTO p (id) SELECT id FROM p")
    except pymysql.err.IntegrityError as error:
        print(error.args[0])
"#;

async fn pymysql(engine: Engine) {
    let lab = start(engine).await;
    let address = lab.database.address();
    let mut command = Command::new("python3");
    command.args([
        "-c",
        PYTHON,
        &address.ip().to_string(),
        &address.port().to_string(),
        PASSWORD,
    ]);
    let Some(output) = run(command).await else { return };
    if output.status.code() == Some(77) {
        return println!("skipped: PyMySQL is not installed");
    }
    let expected =
        "1 1\n((datetime.datetime(2026, 11, 21, 20, 6, 39, 500000), b\"\\x00\\xff'\", 1, \"it's\"),)\n1062\n";
    assert_eq!(said(&output), expected);
}
