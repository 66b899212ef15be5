"""DynamoDB: tables and items, as the notes of failed zones need them."""

from .asking import fresh, pages, patient, refused, same


def item(run, step, **more):
    return {"run": {"S": run}, "step": {"N": str(step)}, **more}


def check_tables_and_items(lab):
    dynamodb = lab.client("dynamodb")
    name = fresh("check")
    keys = [("run", "HASH", "S"), ("step", "RANGE", "N")]
    table = {
        "TableName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": role} for key, role, _ in keys],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind} for key, _, kind in keys],
        "BillingMode": "PAY_PER_REQUEST",
    }
    dynamodb.create_table(**table)
    patient(dynamodb, "table_exists", TableName=name)
    same(dynamodb.describe_table(TableName=name)["Table"]["TableStatus"], "ACTIVE")
    refused("ResourceInUseException", dynamodb.create_table, **table)
    nested = {"state": {"M": {"subnets": {"L": [{"S": "subnet-1"}]}, "on": {"BOOL": True}}}}
    for step in range(5):
        dynamodb.put_item(TableName=name, Item=item("a", step, **nested))
    dynamodb.put_item(TableName=name, Item=item("b", 0))
    same(dynamodb.get_item(TableName=name, Key=item("a", 1))["Item"], item("a", 1, **nested))
    refused("ConditionalCheckFailedException", dynamodb.put_item, TableName=name, Item=item("a", 1), ConditionExpression="attribute_not_exists(step)")
    asked = {"TableName": name, "KeyConditionExpression": "#r = :r AND step >= :s", "ExpressionAttributeNames": {"#r": "run"}, "ExpressionAttributeValues": {":r": {"S": "a"}, ":s": {"N": "1"}}}
    items, count = pages(dynamodb, "query", "Items", 2, **asked)
    same([one["step"]["N"] for one in items], ["1", "2", "3", "4"])
    assert count >= 2, count
    items, count = pages(dynamodb, "scan", "Items", 4, TableName=name)
    assert len(items) == 6 and count >= 2, (len(items), count)
    found = dynamodb.scan(TableName=name, FilterExpression="#r = :r", ExpressionAttributeNames={"#r": "run"}, ExpressionAttributeValues={":r": {"S": "b"}})
    same((found["Items"], found["ScannedCount"]), ([item("b", 0)], 6))
    same(dynamodb.delete_item(TableName=name, Key=item("b", 0), ReturnValues="ALL_OLD")["Attributes"], item("b", 0))
    assert "Item" not in dynamodb.get_item(TableName=name, Key=item("b", 0))
    dynamodb.delete_table(TableName=name)
    patient(dynamodb, "table_not_exists", TableName=name)
    refused("ResourceNotFoundException", dynamodb.get_item, TableName=name, Key=item("a", 1))
