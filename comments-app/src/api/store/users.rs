//! Users.

use super::super::cursor::{Listed, Page};
use super::super::statements as sql;
use super::super::things::User;
use super::{Store, Values};
use crate::problem::Answer;

impl Store {
    pub async fn user(&self, id: i64) -> Answer<Option<User>> {
        self.one(sql::USER, Values::of(id)).await
    }

    /// All users, or those with this handle.
    pub async fn users(&self, handle: Option<&str>, page: Page) -> Answer<Listed<User>> {
        match handle {
            Some(handle) => self.page(sql::USERS_BY_HANDLE, Values::of(handle), page).await,
            None => self.page(sql::USERS, Values::none(), page).await,
        }
    }

    pub async fn create_user(&self, id: Option<i64>, handle: &str, username: &str) -> Answer<User> {
        let make = |id| {
            let user = User {
                id,
                handle: handle.to_owned(),
                username: username.to_owned(),
            };
            (user, Values::of(id).and(handle).and(username))
        };
        self.create(sql::INSERT_USER, sql::USER, id, make).await
    }

    /// Sets what is given; gives the user, if there is one.
    pub async fn change_user(
        &self,
        id: i64,
        handle: Option<&str>,
        username: Option<&str>,
    ) -> Answer<Option<User>> {
        let values = Values::of(handle).and(username).and(id);
        self.database.execute(sql::UPDATE_USER, values.done()?).await?;
        self.user(id).await
    }

    /// Gives what was deleted.
    pub async fn delete_user(&self, id: i64) -> Answer<Option<User>> {
        let user = self.user(id).await?;
        if user.is_some() {
            let values = Values::of(id);
            self.database.execute(sql::DELETE_USER, values.done()?).await?;
        }
        Ok(user)
    }
}
