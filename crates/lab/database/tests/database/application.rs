//! The schema of the sample application, from its own files.

use std::fs;
use std::path::PathBuf;

use chaos_lab_database::Engine;
use sqlx::{AssertSqlSafe, Executor};

use crate::common::start;

crate::in_both_engines!(its_schema_can_be_made_again_and_again);

async fn its_schema_can_be_made_again_and_again(engine: Engine) {
    let lab = start(engine).await;
    let pool = lab.pool().await;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../comments-app/migrations");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files.iter().chain(&files) {
        let sql = fs::read_to_string(file).unwrap();
        pool.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
    }
    let post = "INSERT INTO posts (id, url, title) VALUES (0, 'u', 't')";
    pool.execute(post).await.unwrap();
    let comment =
        "INSERT INTO comments (id, post, author, thread, reply_to, content, created, checked, token)
                   VALUES (?, 0, 1, 1, NULL, 'c', 1, 1, ?)";
    for id in [1i64, 2] {
        sqlx::query(comment)
            .bind(id)
            .bind(format!("token {id}"))
            .execute(&pool)
            .await
            .unwrap();
    }
    let row: (i64, Option<String>, Option<i64>, String, i8) = sqlx::query_as(
        "SELECT c.id, u.handle, c.reply_to, c.content, c.checked FROM comments c LEFT JOIN users u ON u.id = c.author
         WHERE c.post = ? AND c.deleted = 0 AND (c.thread > ? OR (c.thread = ? AND c.id > ?)) ORDER BY c.thread, c.id LIMIT ?",
    )
    .bind(0i64)
    .bind(1i64)
    .bind(1i64)
    .bind(1i64)
    .bind(10i64)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(row, (2, None, None, "c".to_owned(), 1));
    let update = sqlx::query("UPDATE posts SET url = COALESCE(?, url) WHERE id = 0").bind(None::<String>);
    assert!(update.execute(&pool).await.is_ok());
    pool.execute("DELETE FROM posts WHERE id = 0").await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM comments")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left, 0, "comments go with their post");
}
