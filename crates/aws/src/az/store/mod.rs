//! What was there before a fault, in a DynamoDB table: the table of aws-fail-az 0.0.7, so that either program can
//! restore what the other has failed.
//!
//! An item is one resource of one namespace: `namespace` (hash key), `key` = `/<namespace>/<type>/<resource key>` (range
//! key), `resourceKey`, `resourceType`, `createdTime` (seconds) and `state` (bytes, JSON). Ours have `savedBy` as well,
//! by which a save that is sent twice knows its own item.

mod item;
mod table;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use chaos_engine::activity::Context;
use chaos_engine::host::Host;

use crate::AwsError;
use crate::client::{Aws, output};
pub use item::State;
use item::{KEY, NAMESPACE, SAVED_BY, text};

/// The table when nobody names another.
pub const DEFAULT_TABLE: &str = "aws-fail-az-state-table";

/// Variables that name the table: the one that aws-fail-az reads, and the one that it read up to 0.0.4 and that the
/// starter pack set.
pub const TABLE_VARIABLES: [&str; 2] = ["AWS_FAIL_AZ_STATE_TABLE", "AWS_FAILAZ_STATE_TABLE"];

/// The table's name: as given, else from the environment, else [`DEFAULT_TABLE`]; empty counts as not given.
pub fn table_name(given: Option<&str>, host: &Host) -> String {
    let named = TABLE_VARIABLES.into_iter().map(|variable| host.var(variable));
    let mut names = std::iter::once(given).chain(named).flatten();
    names
        .find(|name| !name.is_empty())
        .unwrap_or(DEFAULT_TABLE)
        .to_owned()
}

/// The state table.
pub struct Store {
    dynamodb: Client,
    table: String,
    /// Between two looks at a table that is being created.
    interval: Duration,
    /// What [`SAVED_BY`] is for this call of the program.
    call: String,
}

impl Store {
    /// A table in the account and region of `aws`; see [`table_name`].
    pub fn new(aws: &Aws, table: String, context: &Context) -> Self {
        Self {
            dynamodb: aws.dynamodb(),
            table,
            interval: context.poll_interval(Duration::from_secs(2)),
            call: uuid::Uuid::new_v4().to_string(),
        }
    }

    /// Saves a state unless there is one of that resource. Sending it twice does no harm.
    ///
    /// # Errors
    /// Also when there is one.
    pub async fn save(&self, state: &State) -> Result<(), AwsError> {
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(state.to_item(&self.call)))
            .condition_expression("attribute_not_exists(#key) OR #savedBy = :savedBy")
            .expression_attribute_names("#key", KEY)
            .expression_attribute_names("#savedBy", SAVED_BY)
            .expression_attribute_values(":savedBy", text(&self.call));
        match output(put.send()).await {
            Err(error) if is_conditional(&error) => {
                Err(already_saved(&state.namespace, &state.kind, &state.key))
            }
            result => result.map(drop),
        }
    }

    /// Replaces what is saved of that resource.
    pub async fn replace(&self, state: &State) -> Result<(), AwsError> {
        let put = self.dynamodb.put_item().table_name(&self.table);
        let put = put.set_item(Some(state.to_item(&self.call)));
        output(put.send()).await.map(drop)
    }

    /// Removes states that this call of the program has saved, and no others. All are tried.
    ///
    /// # Errors
    /// The first.
    pub async fn take_back(&self, states: &[State]) -> Result<(), AwsError> {
        let mut first = Ok(());
        for state in states {
            let delete = self.delete(state).condition_expression("#savedBy = :savedBy");
            let delete = delete
                .expression_attribute_names("#savedBy", SAVED_BY)
                .expression_attribute_values(":savedBy", text(&self.call));
            match output(delete.send()).await {
                Err(error) if !is_conditional(&error) && first.is_ok() => first = Err(error),
                _ => {}
            }
        }
        first
    }

    /// Removes a state, which need not be there.
    pub async fn remove(&self, state: &State) -> Result<(), AwsError> {
        output(self.delete(state).send()).await.map(drop)
    }

    fn delete(
        &self,
        state: &State,
    ) -> aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder {
        let delete = self.dynamodb.delete_item().table_name(&self.table);
        delete
            .key(NAMESPACE, text(&state.namespace))
            .key(KEY, text(&state.item_key()))
    }

    /// All states of a namespace, the oldest first.
    pub async fn read(&self, namespace: &str) -> Result<Vec<State>, AwsError> {
        let query = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("#namespace = :namespace")
            .expression_attribute_names("#namespace", NAMESPACE)
            .expression_attribute_values(":namespace", text(namespace));
        let items: Vec<_> = output(query.into_paginator().items().send().collect::<Result<_, _>>()).await?;
        let mut states: Vec<State> = items.iter().filter_map(State::from_item).collect();
        states.sort_by_key(|state| state.created);
        Ok(states)
    }

    /// The state of one resource.
    pub async fn get(&self, namespace: &str, kind: &str, key: &str) -> Result<Option<State>, AwsError> {
        let wanted = State::new(namespace, kind, key, Vec::new());
        let item = self.get_item(namespace, &wanted.item_key()).await?;
        Ok(item.as_ref().and_then(State::from_item))
    }

    async fn get_item(&self, namespace: &str, key: &str) -> Result<Option<item::Item>, AwsError> {
        let get = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .consistent_read(true);
        let get = get.key(NAMESPACE, text(namespace)).key(KEY, text(key));
        Ok(output(get.send()).await?.item)
    }
}

/// The error for a resource that is failed already.
pub(super) fn already_saved(namespace: &str, kind: &str, key: &str) -> AwsError {
    AwsError::because(format!(
        "the state table has a state of {kind} {key} in namespace {namespace} already, so this may be failed: recover \
         first (or, if the state is of no use any more, remove it with `chaos fail-az state-delete --ns {namespace} \
         --type {kind} --key {key}`)"
    ))
}

fn is_conditional(error: &AwsError) -> bool {
    error.code() == Some("ConditionalCheckFailedException")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_named_by_argument_then_environment_then_default() {
        let mut host = Host::default();
        assert_eq!(table_name(None, &host), DEFAULT_TABLE);
        host.set_var("AWS_FAILAZ_STATE_TABLE", "old");
        assert_eq!(table_name(Some(""), &host), "old");
        host.set_var("AWS_FAIL_AZ_STATE_TABLE", "new");
        assert_eq!(table_name(None, &host), "new");
        assert_eq!(table_name(Some("mine"), &host), "mine");
    }
}
