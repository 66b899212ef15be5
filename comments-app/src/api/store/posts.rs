//! Posts.

use super::super::cursor::{Listed, Page};
use super::super::statements as sql;
use super::super::things::Post;
use super::{Store, Values};
use crate::problem::Answer;

impl Store {
    pub async fn post(&self, id: i64) -> Answer<Option<Post>> {
        self.one(sql::POST, Values::of(id)).await
    }

    pub async fn posts(&self, page: Page) -> Answer<Listed<Post>> {
        self.page(sql::POSTS, Values::none(), page).await
    }

    pub async fn create_post(&self, id: Option<i64>, url: &str, title: &str) -> Answer<Post> {
        let make = |id| {
            let post = Post {
                id,
                url: url.to_owned(),
                title: title.to_owned(),
            };
            (post, Values::of(id).and(url).and(title))
        };
        self.create(sql::INSERT_POST, sql::POST, id, make).await
    }

    /// Sets what is given; gives the post, if there is one.
    pub async fn change_post(&self, id: i64, url: Option<&str>, title: Option<&str>) -> Answer<Option<Post>> {
        let values = Values::of(url).and(title).and(id);
        self.database.execute(sql::UPDATE_POST, values.done()?).await?;
        self.post(id).await
    }

    /// Deletes a post with all its comments. Gives what was deleted.
    pub async fn delete_post(&self, id: i64) -> Answer<Option<Post>> {
        let post = self.post(id).await?;
        if post.is_some() {
            let values = Values::of(id);
            self.database.execute(sql::DELETE_POST, values.done()?).await?;
        }
        Ok(post)
    }
}
