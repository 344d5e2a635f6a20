"""Situations of IoT's topic rules."""
from situations._situation import collected, function_of, queue_of, role_of

SITUATIONS, situation = collected()


@situation
def topic_rules(run):
    url, _ = queue_of(run, "from-iot")
    role = role_of(run, "iot", "iot.amazonaws.com")
    function = function_of(run, "from-iot")
    action = {"sqs": {"roleArn": role, "queueUrl": url, "useBase64": False}}
    payload = lambda **members: {"sql": "SELECT * FROM 'shop/#'", "actions": [action], "awsIotSqlVersion": "2016-03-23", **members}
    create = lambda step, name="orders", **members: run(step, "iot.create_topic_rule", ruleName=name, topicRulePayload=payload(**members))
    create("create", description="of the shop")
    create("create again")
    create("a name with a hyphen", "a-rule")
    create("no actions", "none", actions=[])
    create("sql that is none", "wrong", sql="FROM 'a'")
    create("sql without a topic", "wrong2", sql="SELECT *")
    create("a topic with a wildcard inside", "wrong3", sql="SELECT * FROM 'a/#/b'")
    create("a function", "function", actions=[{"lambda": {"functionArn": function}}])
    create("an action of two kinds", "two", actions=[{"lambda": {"functionArn": function}, **action}])
    create("an unknown version", "version", awsIotSqlVersion="2000-01-01")
    run("get", "iot.get_topic_rule", ruleName="orders")
    run("get none", "iot.get_topic_rule", ruleName="unknown")
    run("list", "iot.list_topic_rules", topic="shop/#")
    run("disable", "iot.disable_topic_rule", ruleName="orders")
    run("get what is disabled", "iot.get_topic_rule", ruleName="orders")
    run("enable", "iot.enable_topic_rule", ruleName="orders")
    run("enable none", "iot.enable_topic_rule", ruleName="unknown")
    run("replace", "iot.replace_topic_rule", ruleName="orders", topicRulePayload=payload(sql="SELECT a FROM 'shop/+'"))
    run("get what was replaced", "iot.get_topic_rule", ruleName="orders")
    run("replace none", "iot.replace_topic_rule", ruleName="unknown", topicRulePayload=payload())
    run("publish", "iot-data.publish", topic="shop/one", payload=b'{"a": 1, "b": 2}')
    run.messages("what arrived", url, 1)
    run("delete", "iot.delete_topic_rule", ruleName="orders")
    run("delete again", "iot.delete_topic_rule", ruleName="orders")


@situation
def what_rules_select(run):
    role = role_of(run, "iot-sql", "iot.amazonaws.com")
    queues = []
    for number, sql in enumerate(
        (
            "SELECT a, b.c AS d FROM 'sql/#'",
            "SELECT * FROM 'sql/#' WHERE a > 10",
            "SELECT topic(2) AS device, a + 1 AS next, upper(name) AS name FROM 'sql/+'",
            "SELECT * , topic() AS topic FROM 'sql/one'",
            "SELECT VALUE b FROM 'sql/#'",
            "SELECT CASE a WHEN 15 THEN 'yes' ELSE 'no' END AS is FROM 'sql/#'",
        )
    ):
        url, _ = queue_of(run, f"sql-{number}")
        queues.append((sql, url))
        actions = [{"sqs": {"roleArn": role, "queueUrl": url, "useBase64": False}}]
        run(f"create {sql}", "iot.create_topic_rule", ruleName=f"sql_{number}", topicRulePayload={"sql": sql, "actions": actions, "awsIotSqlVersion": "2016-03-23"})
    run("publish", "iot-data.publish", topic="sql/one", payload=b'{"a": 15, "b": {"c": 2}, "name": "ann"}')
    for number, (sql, url) in enumerate(queues):
        run.messages(f"by {sql}", url, 1, _seconds=0.5 if number else 3)
