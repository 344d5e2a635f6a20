"""Situations of DynamoDB."""
from situations._situation import collected

SITUATIONS, situation = collected()

TEXT = lambda value: {"S": value}
NUMBER = lambda value: {"N": str(value)}


def table_of(run, name, index=False, **members):
    """A new table with the keys `id` and `at`. Made without steps."""
    attributes = [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}]
    schema = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
    if index:
        attributes.append({"AttributeName": "kind", "AttributeType": "S"})
        members["GlobalSecondaryIndexes"] = [
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
            }
        ]
    dynamodb = run.connect("dynamodb")
    dynamodb.create_table(TableName=name, AttributeDefinitions=attributes, KeySchema=schema, BillingMode="PAY_PER_REQUEST", **members)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})


@situation
def a_table(run):
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    complete = {"KeySchema": key, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST"}
    create = lambda step, **members: run(step, "dynamodb.create_table", **{"TableName": "refused", **complete, **members})
    run.until("create", lambda answer: True, "dynamodb.create_table", TableName="plain", **complete)
    is_active = lambda answer: answer["Table"]["TableStatus"] == "ACTIVE"
    table = run.until("describe", is_active, "dynamodb.describe_table", TableName="plain")["Table"]
    create("create again", TableName="plain")
    create("a name of two characters", TableName="ab")
    create("a name with a space", TableName="a table")
    create("an attribute that no key uses", AttributeDefinitions=[*attributes, {"AttributeName": "x", "AttributeType": "S"}])
    create("a key that is not defined", AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}])
    create("an unknown type", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "Z"}])
    create("two hash keys", KeySchema=[*key, *key])
    create("provisioned without capacity", BillingMode="PROVISIONED")
    create("capacity on demand", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    create("an index without keys", GlobalSecondaryIndexes=[{"IndexName": "by-x", "KeySchema": [], "Projection": {"ProjectionType": "ALL"}}])
    create("an index of an undefined attribute", GlobalSecondaryIndexes=[{"IndexName": "by-x", "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}])
    create("a local index without a range key", LocalSecondaryIndexes=[{"IndexName": "by-x", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}])
    create("a stream without a view", StreamSpecification={"StreamEnabled": True})
    run("describe none", "dynamodb.describe_table", TableName="unknown")
    run("list", "dynamodb.list_tables", ExclusiveStartTableName="plai", Limit=1)
    run("update nothing", "dynamodb.update_table", TableName="plain")
    run("protect", "dynamodb.update_table", TableName="plain", DeletionProtectionEnabled=True)
    run("delete what is protected", "dynamodb.delete_table", TableName="plain")
    run("unprotect", "dynamodb.update_table", TableName="plain", DeletionProtectionEnabled=False)
    run("ttl before", "dynamodb.describe_time_to_live", TableName="plain")
    ttl = lambda step, **spec: run(step, "dynamodb.update_time_to_live", TableName="plain", TimeToLiveSpecification=spec)
    ttl("enable ttl", Enabled=True, AttributeName="expires")
    run("ttl", "dynamodb.describe_time_to_live", TableName="plain")
    ttl("enable ttl again", Enabled=True, AttributeName="expires")
    ttl("enable ttl of another attribute", Enabled=True, AttributeName="other")
    run("ttl of none", "dynamodb.describe_time_to_live", TableName="unknown")
    run("backups", "dynamodb.describe_continuous_backups", TableName="plain")
    arn = table["TableArn"]
    run("tag", "dynamodb.tag_resource", ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    run("tags", "dynamodb.list_tags_of_resource", ResourceArn=arn)
    run("untag", "dynamodb.untag_resource", ResourceArn=arn, TagKeys=["a"])
    run("no tags", "dynamodb.list_tags_of_resource", ResourceArn=arn)
    run("tags of none", "dynamodb.list_tags_of_resource", ResourceArn=f"{arn}-gone")
    run("delete", "dynamodb.delete_table", TableName="plain")
    run("delete none", "dynamodb.delete_table", TableName="unknown")


@situation
def items(run):
    table_of(run, "items")
    key = {"id": TEXT("a"), "at": NUMBER(1)}
    put = lambda step, item, **members: run(step, "dynamodb.put_item", TableName="items", Item=item, **members)
    full = {
        **key,
        "text": TEXT("t"),
        "number": NUMBER("1.50"),
        "bytes": {"B": b"\x01"},
        "yes": {"BOOL": True},
        "null": {"NULL": True},
        "list": {"L": [TEXT("x"), NUMBER(2)]},
        "map": {"M": {"inner": TEXT("i"), "deep": {"M": {"n": NUMBER(7)}}}},
        "texts": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1"]},
    }
    put("put", full)
    run("get", "dynamodb.get_item", TableName="items", Key=key)
    run("get a part", "dynamodb.get_item", TableName="items", Key=key, ProjectionExpression="#t, map.deep.n, list[1]", ExpressionAttributeNames={"#t": "text"})
    run("get with the capacity", "dynamodb.get_item", TableName="items", Key=key, ReturnConsumedCapacity="TOTAL", ConsistentRead=True)
    put("replace", {**key, "text": TEXT("new")}, ReturnValues="ALL_OLD")
    put("put with the new values", {**key}, ReturnValues="ALL_NEW")
    run("get nothing", "dynamodb.get_item", TableName="items", Key={"id": TEXT("none"), "at": NUMBER(1)})
    run("get with a part of the key", "dynamodb.get_item", TableName="items", Key={"id": TEXT("a")})
    run("get with a key of another type", "dynamodb.get_item", TableName="items", Key={"id": NUMBER(1), "at": NUMBER(1)})
    run("get with another attribute", "dynamodb.get_item", TableName="items", Key={**key, "text": TEXT("t")})
    run("get from an unknown table", "dynamodb.get_item", TableName="unknown", Key=key)
    put("without a key", {"id": TEXT("a")})
    put("an empty key", {"id": TEXT(""), "at": NUMBER(1)})
    put("a key of another type", {"id": TEXT("a"), "at": TEXT("1")})
    put("an empty text", {**key, "text": TEXT("")})
    put("an empty set", {**key, "texts": {"SS": []}})
    put("a set with one twice", {**key, "texts": {"SS": ["a", "a"]}})
    put("a number that is a word", {**key, "number": NUMBER("many")})
    put("a number of 39 digits", {**key, "number": NUMBER("1" * 39)})
    put("a number that is too large", {**key, "number": NUMBER("1e126")})
    put("two types", {**key, "text": {"S": "a", "N": "1"}})
    put("no type", {**key, "text": {}})
    put("too large", {**key, "text": TEXT("x" * 410_000)})
    run("delete", "dynamodb.delete_item", TableName="items", Key=key, ReturnValues="ALL_OLD")
    run("delete again", "dynamodb.delete_item", TableName="items", Key=key, ReturnValues="ALL_OLD")


@situation
def conditions(run):
    table_of(run, "conditions")
    key = {"id": TEXT("a"), "at": NUMBER(1)}
    names = {"#n": "count"}
    put = lambda step, condition, item=None, **members: run(
        step, "dynamodb.put_item", TableName="conditions", Item={**key, **(item or {"count": NUMBER(1), "tags": {"SS": ["x"]}, "name": TEXT("abc")})}, ConditionExpression=condition, **members
    )
    put("if it is new", "attribute_not_exists(id)")
    put("if it is new again", "attribute_not_exists(id)")
    put("failed with the old item", "attribute_not_exists(id)", ReturnValuesOnConditionCheckFailure="ALL_OLD")
    put("equal", "#n = :one", ExpressionAttributeNames=names, ExpressionAttributeValues={":one": NUMBER(1)})
    put("between", "#n BETWEEN :a AND :b", ExpressionAttributeNames=names, ExpressionAttributeValues={":a": NUMBER(0), ":b": NUMBER(2)})
    put("in", "#n IN (:a, :b)", ExpressionAttributeNames=names, ExpressionAttributeValues={":a": NUMBER(5), ":b": NUMBER(6)})
    put("contains", "contains(tags, :x) AND begins_with(#a, :a)", ExpressionAttributeNames={"#a": "name"}, ExpressionAttributeValues={":x": TEXT("x"), ":a": TEXT("ab")})
    put("size and type", "size(#a) = :n AND attribute_type(#a, :t)", ExpressionAttributeNames={"#a": "name"}, ExpressionAttributeValues={":n": NUMBER(3), ":t": TEXT("S")})
    put("not", "NOT (#n < :one OR attribute_not_exists(tags))", ExpressionAttributeNames=names, ExpressionAttributeValues={":one": NUMBER(1)})
    put("a reserved word", "count = :one", ExpressionAttributeValues={":one": NUMBER(1)})
    put("an undefined name", "#x = :one", ExpressionAttributeValues={":one": NUMBER(1)})
    put("an undefined value", "id = :x")
    put("an unused value", "attribute_exists(id)", ExpressionAttributeValues={":one": NUMBER(1)})
    put("an unused name", "attribute_exists(id)", ExpressionAttributeNames=names)
    put("a syntax error", "id = = :one", ExpressionAttributeValues={":one": TEXT("a")})
    put("an empty condition", "")
    put("an unknown function", "exists(id)")
    put("two types compared", "id < :one", ExpressionAttributeValues={":one": NUMBER(1)})
    put("one operand twice", "id = id")
    delete = {"TableName": "conditions", "Key": key, "ConditionExpression": "attribute_exists(nothing)"}
    run("delete if", "dynamodb.delete_item", **delete)
    old = {"TableName": "conditions", "Key": key, "Expected": {"id": {"Exists": False}}}
    run("the older conditions", "dynamodb.delete_item", **old)
    run("older and newer conditions", "dynamodb.delete_item", **{**old, "ConditionExpression": "attribute_exists(id)"})


@situation
def updates(run):
    table_of(run, "updates")
    key = {"id": TEXT("a"), "at": NUMBER(1)}
    run("put", "dynamodb.put_item", TableName="updates", Item={**key, "n": NUMBER(1), "list": {"L": [TEXT("a")]}, "map": {"M": {"k": TEXT("v")}}, "set": {"SS": ["a", "b"]}})

    def update(step, expression, values=None, names=None, **members):
        if values:
            members["ExpressionAttributeValues"] = values
        if names:
            members["ExpressionAttributeNames"] = names
        return run(step, "dynamodb.update_item", **{"TableName": "updates", "Key": key, "UpdateExpression": expression, "ReturnValues": "ALL_NEW", **members})

    one = {":one": NUMBER(1)}
    update("set", "SET n = n + :one", one)
    update("set if not there", "SET m = if_not_exists(m, :one)", one)
    update("append", "SET #l = list_append(#l, :l)", {":l": {"L": [TEXT("b")]}}, {"#l": "list"})
    update("set in a map", "SET #m.k = :v, #m.other = :v", {":v": TEXT("w")}, {"#m": "map"})
    update("set an element", "SET #l[5] = :v", {":v": TEXT("far")}, {"#l": "list"})
    update("remove", "REMOVE m, #l[0]", None, {"#l": "list"})
    update("add", "ADD n :one, counter :one", one)
    update("add to a set", "ADD #s :s", {":s": {"SS": ["c"]}}, {"#s": "set"})
    update("delete from a set", "DELETE #s :s", {":s": {"SS": ["a", "b", "c"]}}, {"#s": "set"})
    update("several clauses", "SET x = :one REMOVE counter", one)
    update("return the updated", "SET x = :one, y = :one", one, ReturnValues="UPDATED_NEW")
    update("return the old updated", "SET x = :one", one, ReturnValues="UPDATED_OLD")
    update("return nothing", "SET x = :one", one, ReturnValues="NONE")
    update("an unknown return", "SET x = :one", one, ReturnValues="SOME")
    update("set a key", "SET id = :one", one)
    update("overlapping paths", "SET #m.k = :one, #m = :one", one, {"#m": "map"})
    update("one path twice", "SET x = :one, x = :one", one)
    update("two set clauses", "SET x = :one SET y = :one", one)
    update("a map that is not there", "SET nothing.k = :one", one)
    update("add to text", "ADD id2 :t", {":t": TEXT("x")})
    update("add a number to a map", "ADD #m :one", one, {"#m": "map"})
    update("a sum with text", "SET x = x + :t", {":t": TEXT("x")})
    update("a sum with nothing", "SET z = nothing + :one", one)
    update("a syntax error", "SET x :one", one)
    update("an empty expression", "")
    update("an undefined value", "SET x = :two", one)
    update("if a condition fails", "SET x = :one", one, ConditionExpression="attribute_not_exists(id)")
    update("a new item", "SET x = :one", one, Key={"id": TEXT("new"), "at": NUMBER(1)})
    run("a new item without an expression", "dynamodb.update_item", TableName="updates", Key={"id": TEXT("newer"), "at": NUMBER(1)}, ReturnValues="ALL_NEW")
    run("the older updates", "dynamodb.update_item", TableName="updates", Key=key, AttributeUpdates={"x": {"Action": "ADD", "Value": NUMBER(4)}, "y": {"Action": "DELETE"}}, ReturnValues="ALL_NEW")


@situation
def queries_and_scans(run):
    table_of(run, "queries", index=True)
    for number in range(5):
        item = {"id": TEXT("a"), "at": NUMBER(number), "kind": TEXT("even" if number % 2 == 0 else "odd"), "total": NUMBER(number * 10), "hidden": TEXT("x")}
        run(f"put {number}", "dynamodb.put_item", TableName="queries", Item=item)

    def query(step, condition, values=None, names=None, **members):
        if names:
            members["ExpressionAttributeNames"] = names
        values = {":a": TEXT("a"), **(values or {})}
        return run(step, "dynamodb.query", **{"TableName": "queries", "KeyConditionExpression": condition, "ExpressionAttributeValues": values, **members})

    at = {"#at": "at"}
    query("all", "id = :a")
    query("backwards", "id = :a", ScanIndexForward=False, Limit=2)
    page = query("a page", "id = :a", Limit=2)
    query("the next page", "id = :a", Limit=10, ExclusiveStartKey=page["LastEvaluatedKey"])
    query("a range", "id = :a AND #at BETWEEN :x AND :y", {":x": NUMBER(1), ":y": NUMBER(3)}, at)
    query("greater", "id = :a AND #at > :x", {":x": NUMBER(3)}, at)
    query("filtered", "id = :a", {":t": NUMBER(20)}, FilterExpression="total >= :t")
    query("filtered page", "id = :a", {":t": NUMBER(30)}, FilterExpression="total >= :t", Limit=2)
    query("counted", "id = :a", Select="COUNT")
    query("projected", "id = :a", None, at, ProjectionExpression="#at, total")
    query("by an index", "kind = :k", {":k": TEXT("odd")}, IndexName="by-kind", ExpressionAttributeValues={":k": TEXT("odd")})
    query("by an unknown index", "id = :a", IndexName="unknown")
    query("consistent by an index", "kind = :k", IndexName="by-kind", ConsistentRead=True, ExpressionAttributeValues={":k": TEXT("odd")})
    query("all attributes by an index", "kind = :k", IndexName="by-kind", Select="ALL_ATTRIBUTES", ExpressionAttributeValues={":k": TEXT("odd")})
    query("without the hash key", "#at = :x", {":x": NUMBER(1)}, at)
    query("hash key by greater", "id > :a")
    query("a key of another type", "id = :a", ExpressionAttributeValues={":a": NUMBER(1)})
    query("another attribute as key", "id = :a AND total = :x", {":x": NUMBER(1)})
    query("a filter by a key", "id = :a", {":x": NUMBER(1)}, at, FilterExpression="#at = :x")
    query("two ranges", "id = :a AND #at > :x AND #at < :y", {":x": NUMBER(1), ":y": NUMBER(3)}, at)
    query("a limit of 0", "id = :a", Limit=0)
    query("a start key that is none", "id = :a", ExclusiveStartKey={"id": TEXT("a")})
    query("count with a projection", "id = :a", Select="COUNT", ProjectionExpression="total")
    query("an unknown table", "id = :a", TableName="unknown")
    run("no condition", "dynamodb.query", TableName="queries")
    run("the older conditions", "dynamodb.query", TableName="queries", KeyConditions={"id": {"ComparisonOperator": "EQ", "AttributeValueList": [TEXT("a")]}}, Limit=1)
    scan = lambda step, **members: run(step, "dynamodb.scan", **{"TableName": "queries", **members})
    scan("scan")
    page = scan("scan a page", Limit=3)
    scan("scan the next", ExclusiveStartKey=page["LastEvaluatedKey"])
    scan("scan filtered", FilterExpression="total > :t", ExpressionAttributeValues={":t": NUMBER(20)})
    scan("count an index", IndexName="by-kind", Select="COUNT")
    scan("a segment without their number", Segment=0)
    scan("a segment that is too high", Segment=2, TotalSegments=2)
    scan("an unknown table to scan", TableName="unknown")


@situation
def batches_and_transactions(run):
    table_of(run, "batches")
    item = lambda number, **more: {"id": TEXT("a"), "at": NUMBER(number), **more}
    put = lambda number: {"PutRequest": {"Item": item(number)}}
    write = lambda step, *requests: run(step, "dynamodb.batch_write_item", RequestItems={"batches": list(requests)})
    write("write", put(1), put(2))
    write("write none")
    write("write one twice", put(1), put(1))
    write("write 26", *(put(number) for number in range(26)))
    write("put and delete one", put(1), {"DeleteRequest": {"Key": item(1)}})
    run("write to an unknown table", "dynamodb.batch_write_item", RequestItems={"unknown": [put(1)]})
    run("write to no table", "dynamodb.batch_write_item", RequestItems={})
    get = lambda step, *keys: run(step, "dynamodb.batch_get_item", RequestItems={"batches": {"Keys": list(keys)}})
    get("get one", item(1))
    get("get one that is not there", item(99))
    get("get one twice", item(1), item(1))
    get("get 101", *(item(number) for number in range(101)))
    run("get from an unknown table", "dynamodb.batch_get_item", RequestItems={"unknown": {"Keys": [item(1)]}})
    transact = lambda step, *requests, **members: run(step, "dynamodb.transact_write_items", TransactItems=list(requests), **members)
    name = {"TableName": "batches"}
    transact("transact", {"Put": {**name, "Item": item(10)}}, {"Update": {**name, "Key": item(1), "UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": NUMBER(1)}}})
    failing = {"ConditionCheck": {**name, "Key": item(1), "ConditionExpression": "attribute_not_exists(id)"}}
    transact("a condition fails", {"Put": {**name, "Item": item(11)}}, failing)
    run("what is not written", "dynamodb.get_item", **name, Key=item(11))
    with_old = {"Put": {**name, "Item": item(1), "ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
    transact("a condition fails with the old item", with_old)
    transact("one item twice", {"Put": {**name, "Item": item(12)}}, {"Delete": {**name, "Key": item(12)}})
    transact("none")
    transact("101", *({"Put": {**name, "Item": item(number)}} for number in range(200, 301)))
    transact("two actions in one", {"Put": {**name, "Item": item(12)}, "Delete": {**name, "Key": item(13)}})
    transact("no action", {})
    transact("an unknown table", {"Put": {"TableName": "unknown", "Item": item(1)}})
    transact("a key that is missing", {"Put": {**name, "Item": {"id": TEXT("a")}}})
    transact("with a token", {"Put": {**name, "Item": item(20)}}, ClientRequestToken="token-1")
    transact("with the token again", {"Put": {**name, "Item": item(20)}}, ClientRequestToken="token-1")
    transact("with the token for another", {"Put": {**name, "Item": item(21)}}, ClientRequestToken="token-1")
    reads = lambda step, *keys: run(step, "dynamodb.transact_get_items", TransactItems=[{"Get": {**name, "Key": key}} for key in keys])
    reads("read", item(1), item(99))
    reads("read none")
    reads("read one twice", item(1), item(1))


@situation
def expiry(run):
    table_of(run, "expiring")
    ttl = {"Enabled": True, "AttributeName": "expires"}
    run("enable ttl", "dynamodb.update_time_to_live", TableName="expiring", TimeToLiveSpecification=ttl)
    run("disable ttl at once", "dynamodb.update_time_to_live", TableName="expiring", TimeToLiveSpecification={**ttl, "Enabled": False})
    run("put what expires later", "dynamodb.put_item", TableName="expiring", Item={"id": TEXT("a"), "at": NUMBER(1), "expires": NUMBER(4_000_000_000)})
    run("put what cannot expire", "dynamodb.put_item", TableName="expiring", Item={"id": TEXT("b"), "at": NUMBER(1), "expires": TEXT("soon")})
    run("what is there", "dynamodb.query", TableName="expiring", KeyConditionExpression="id = :a", ExpressionAttributeValues={":a": TEXT("a")})
