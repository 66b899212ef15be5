//! Users, posts and comments in the database.

mod comments;
mod posts;
mod users;

use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments as _, Encode, MySql, Type};

use super::cursor::{Listed, Page};
use super::database::{Database, DatabaseError};
use super::things::Thing;
use super::{identity, statements as sql};
use crate::problem::{Answer, Problem};

pub use comments::Draft;

/// How often an id that is taken is drawn anew.
const DRAWS: u32 = 5;

/// All things. Clones share one pool.
#[derive(Clone)]
pub struct Store {
    database: Database,
}

impl Store {
    /// Keeps things in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Whether the schema was ever seen.
    pub fn is_ready(&self) -> bool {
        self.database.is_ready()
    }

    /// Whether the database answers now.
    pub async fn is_alive(&self) -> bool {
        self.database
            .rows(sql::ALIVE, MySqlArguments::default())
            .await
            .is_ok()
    }

    async fn one<T: Thing>(&self, sql: &'static str, values: Values) -> Answer<Option<T>> {
        Ok(self.all(sql, values).await?.pop())
    }

    async fn all<T: Thing>(&self, sql: &'static str, values: Values) -> Answer<Vec<T>> {
        let rows = self.database.rows(sql, values.done()?).await?;
        things(&rows)
    }

    /// A page of things by id, which `values` may narrow.
    async fn page<T: Thing>(&self, sql: &'static str, values: Values, page: Page) -> Answer<Listed<T>> {
        let things = if page.more < 0 {
            Vec::new()
        } else {
            self.all(sql, values.and(page.more).and(page.limit())).await?
        };
        Ok(page.listed(things, |last| last.id().saturating_add(1)))
    }

    /// Inserts a thing under the id that a client gave, or else one that is drawn.
    ///
    /// The same thing may be there already: a client tried twice, or two at once. That is what it asked for.
    async fn create<T: Thing + PartialEq>(
        &self,
        insert: &'static str,
        select: &'static str,
        given: Option<i64>,
        make: impl Fn(i64) -> (T, Values) + Send + Sync,
    ) -> Answer<T> {
        for _ in 0..DRAWS {
            let id = given.unwrap_or_else(identity::draw);
            let (thing, values) = make(id);
            match self.database.execute(insert, values.done()?).await {
                Ok(_) => return Ok(thing),
                Err(DatabaseError::Duplicate) => {}
                Err(failure) => return Err(failure.into()),
            }
            match self.one::<T>(select, Values::of(id)).await? {
                Some(there) if there == thing => return Ok(there),
                Some(_) if given.is_some() => {
                    return Err(Problem::conflict("there is another one with this id", id));
                }
                // somebody else's draw, or deleted meanwhile
                _ => {}
            }
        }
        Err(no_id())
    }
}

fn no_id() -> Problem {
    Problem::unavailable("no free id was found")
}

fn things<T: Thing>(rows: &[MySqlRow]) -> Answer<Vec<T>> {
    let things: Result<Vec<_>, _> = rows.iter().map(T::from_row).collect();
    things.map_err(|error| DatabaseError::Fault(error).into())
}

/// The values of a statement, in the order of its question marks.
struct Values(Result<MySqlArguments, sqlx::Error>);

impl Values {
    fn of<'v>(value: impl Encode<'v, MySql> + Type<MySql>) -> Self {
        Self::none().and(value)
    }

    fn and<'v>(self, value: impl Encode<'v, MySql> + Type<MySql>) -> Self {
        Self(self.0.and_then(|mut values| {
            values.add(value).map_err(sqlx::Error::Encode)?;
            Ok(values)
        }))
    }

    fn none() -> Self {
        Self(Ok(MySqlArguments::default()))
    }

    fn done(self) -> Result<MySqlArguments, DatabaseError> {
        self.0.map_err(DatabaseError::Fault)
    }
}
