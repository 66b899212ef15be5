//! Making sure of the state table.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
    ProjectionType, ProvisionedThroughput, ScalarAttributeType, TableStatus,
};
use chaos_engine::activity::poll;

use super::item::{CREATED, Item, KEY, NAMESPACE, RESOURCE_KEY, RESOURCE_TYPE, STATE, text};
use super::{Store, is_conditional};
use crate::AwsError;
use crate::az::Log;
use crate::client::output;

/// The form of the table, which an item of its own names.
const VERSION: &str = "2023-09-06";
const VERSION_NAMESPACE: &str = "_system";
const VERSION_KEY: &str = "/schema/version";
const INDEX: &str = "LSINamespace";

/// How long a new table may take.
const CREATION: Duration = Duration::from_secs(300);

impl Store {
    /// Creates the table if there is none, and waits until it can be used.
    ///
    /// # Errors
    /// Also when the table is of another form.
    pub async fn ensure(&self, log: &Log) -> Result<(), AwsError> {
        if self.status().await?.is_none() {
            log.say(format!("State table {} is missing and is created", self.table));
            self.create().await?;
        }
        self.wait_until_usable().await?;
        match self.version().await? {
            None if self.is_empty().await? => self.put_version().await,
            version => self.check(version.as_ref()),
        }
    }

    /// Whether there is a table; waits for one that is being created.
    ///
    /// # Errors
    /// Also when the table is of another form.
    pub async fn exists(&self) -> Result<bool, AwsError> {
        if self.status().await?.is_none() {
            return Ok(false);
        }
        self.wait_until_usable().await?;
        match self.version().await? {
            // whoever created it died before the version was written
            None if self.is_empty().await? => Ok(false),
            version => self.check(version.as_ref()).map(|()| true),
        }
    }

    async fn status(&self) -> Result<Option<TableStatus>, AwsError> {
        let describe = self.dynamodb.describe_table().table_name(&self.table);
        match output(describe.send()).await {
            Ok(answer) => Ok(answer.table.and_then(|table| table.table_status)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn create(&self) -> Result<(), AwsError> {
        let create = self
            .dynamodb
            .create_table()
            .table_name(&self.table)
            .attribute_definitions(attribute(NAMESPACE, ScalarAttributeType::S)?)
            .attribute_definitions(attribute(KEY, ScalarAttributeType::S)?)
            .attribute_definitions(attribute(CREATED, ScalarAttributeType::N)?)
            .key_schema(key(NAMESPACE, KeyType::Hash)?)
            .key_schema(key(KEY, KeyType::Range)?)
            .local_secondary_indexes(index()?)
            .provisioned_throughput(
                ProvisionedThroughput::builder()
                    .read_capacity_units(1)
                    .write_capacity_units(1)
                    .build()?,
            );
        match output(create.send()).await {
            // somebody else was faster
            Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
            result => result.map(drop),
        }
    }

    async fn wait_until_usable(&self) -> Result<(), AwsError> {
        let usable = poll(self.interval, CREATION, async || match self.status().await? {
            Some(TableStatus::Active | TableStatus::Updating) => Ok(Some(())),
            // a table is not seen everywhere at once
            Some(TableStatus::Creating) | None => Ok(None),
            Some(status) => Err(AwsError::because(format!(
                "state table {} cannot be used: its status is {}",
                self.table,
                status.as_str()
            ))),
        });
        usable.await?.ok_or_else(|| {
            let waited = CREATION.as_secs();
            AwsError::because(format!(
                "state table {} is not there after {waited} s; try again later",
                self.table
            ))
        })
    }

    async fn version(&self) -> Result<Option<Item>, AwsError> {
        self.get_item(VERSION_NAMESPACE, VERSION_KEY).await
    }

    fn check(&self, version: Option<&Item>) -> Result<(), AwsError> {
        let found = version.and_then(|item| item.get(RESOURCE_KEY)?.as_s().ok());
        match found.map(String::as_str) {
            Some(VERSION) => Ok(()),
            found => Err(AwsError::because(format!(
                "table {} does not hold states of version {VERSION} but {}: name another table (AWS_FAIL_AZ_STATE_TABLE, \
                 or the argument `state_table`), or migrate this one",
                self.table,
                found.unwrap_or("something else"),
            ))),
        }
    }

    async fn is_empty(&self) -> Result<bool, AwsError> {
        let scan = self.dynamodb.scan().table_name(&self.table);
        let answer = output(scan.limit(1).consistent_read(true).send()).await?;
        Ok(answer.count == 0)
    }

    async fn put_version(&self) -> Result<(), AwsError> {
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(version_item()))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", KEY);
        match output(put.send()).await {
            Err(error) if is_conditional(&error) => Ok(()),
            result => result.map(drop),
        }
    }
}

fn version_item() -> Item {
    let attributes = [
        (NAMESPACE, text(VERSION_NAMESPACE)),
        (KEY, text(VERSION_KEY)),
        (RESOURCE_KEY, text(VERSION)),
        (RESOURCE_TYPE, text("nil")),
        (CREATED, AttributeValue::N("0".to_owned())),
        (STATE, AttributeValue::Null(true)),
    ];
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

fn attribute(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, AwsError> {
    let attribute = AttributeDefinition::builder().attribute_name(name);
    Ok(attribute.attribute_type(kind).build()?)
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, AwsError> {
    let element = KeySchemaElement::builder().attribute_name(name);
    Ok(element.key_type(kind).build()?)
}

fn index() -> Result<LocalSecondaryIndex, AwsError> {
    let all = Projection::builder().projection_type(ProjectionType::All).build();
    let index = LocalSecondaryIndex::builder()
        .index_name(INDEX)
        .key_schema(key(NAMESPACE, KeyType::Hash)?)
        .key_schema(key(CREATED, KeyType::Range)?)
        .projection(all);
    Ok(index.build()?)
}
