"""Situations of EventBridge Scheduler."""
from situations._situation import collected, queue_of, role_of

SITUATIONS, situation = collected()

OFF = {"Mode": "OFF"}


@situation
def a_schedule(run):
    _, queue = queue_of(run, "scheduled")
    role = role_of(run, "scheduler", "scheduler.amazonaws.com")
    target = {"Arn": queue, "RoleArn": role}
    complete = {"Name": "daily", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": target}
    create = lambda step, **members: run(step, "scheduler.create_schedule", **{**complete, **members})
    create("create")
    create("create again")
    run("get", "scheduler.get_schedule", Name="daily")
    for number, expression in enumerate(("rate(1 hours)", "rate(5 minutes)", "rate(0 minutes)", "rate(5 weeks)", "cron(0 9 * * ? *)", "cron(0 9 * * * *)", "cron(0 9 * *)", "at(2099-01-01T00:00:00)", "at(tomorrow)", "every day")):
        create(f"expression {expression}", Name=f"expression-{number}", ScheduleExpression=expression)
    create("a name with a space", Name="a schedule")
    create("a name of 65 characters", Name="s" * 65)
    create("an unknown time zone", Name="zone", ScheduleExpressionTimezone="Mars/Phobos")
    create("a time zone", Name="zone-2", ScheduleExpressionTimezone="Europe/Berlin")
    create("a flexible window without minutes", Name="flexible", FlexibleTimeWindow={"Mode": "FLEXIBLE"})
    create("minutes without a flexible window", Name="flexible-2", FlexibleTimeWindow={"Mode": "OFF", "MaximumWindowInMinutes": 5})
    create("a window of 1441 minutes", Name="flexible-3", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441})
    create("a flexible window", Name="flexible-4", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5})
    create("an unknown mode", Name="mode", FlexibleTimeWindow={"Mode": "SOMETIMES"})
    create("an unknown state", Name="state", State="ON")
    create("an unknown group", Name="group", GroupName="unknown")
    create("a target that is no arn", Name="target", Target={**target, "Arn": "queue"})
    create("a role that is no arn", Name="target-2", Target={**target, "RoleArn": "role"})
    create("without a role", Name="target-3", Target={"Arn": queue})
    create("too many retries", Name="retries", Target={**target, "RetryPolicy": {"MaximumRetryAttempts": 186}})
    create("too young an event", Name="retries-2", Target={**target, "RetryPolicy": {"MaximumEventAgeInSeconds": 59}})
    create("deletion after completion", Name="deleted", ActionAfterCompletion="DELETE")
    create("a call of a service", Name="call", Target={"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": role, "Input": '{"QueueUrl": "x", "MessageBody": "y"}'})
    create("a call of an unknown service", Name="call2", Target={"Arn": "arn:aws:scheduler:::aws-sdk:nothing:run", "RoleArn": role})
    run("get a flexible one", "scheduler.get_schedule", Name="flexible-4")
    run("update", "scheduler.update_schedule", **{**complete, "ScheduleExpression": "rate(2 days)", "State": "DISABLED", "Description": "rare"})
    run("get what was updated", "scheduler.get_schedule", Name="daily")
    run("update none", "scheduler.update_schedule", **{**complete, "Name": "unknown"})
    run("list by prefix", "scheduler.list_schedules", NamePrefix="dai")
    run("list by state", "scheduler.list_schedules", State="DISABLED")
    run("list of an unknown group", "scheduler.list_schedules", GroupName="unknown")
    run("list too many", "scheduler.list_schedules", MaxResults=101)
    run("delete", "scheduler.delete_schedule", Name="daily")
    run("delete again", "scheduler.delete_schedule", Name="daily")
    run("get none", "scheduler.get_schedule", Name="daily")


@situation
def groups(run):
    _, queue = queue_of(run, "grouped")
    target = {"Arn": queue, "RoleArn": role_of(run, "grouped", "scheduler.amazonaws.com")}
    create = lambda step, **members: run(step, "scheduler.create_schedule_group", **members)
    arn = create("create", Name="reports", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
    create("create again", Name="reports")
    create("create the default", Name="default")
    create("a name with a space", Name="a group")
    run("get", "scheduler.get_schedule_group", Name="reports")
    run("get the default", "scheduler.get_schedule_group", Name="default")
    run("get none", "scheduler.get_schedule_group", Name="unknown")
    run("list", "scheduler.list_schedule_groups", NamePrefix="rep")
    schedule = {"Name": "weekly", "GroupName": "reports", "ScheduleExpression": "rate(7 days)", "FlexibleTimeWindow": OFF, "Target": target}
    run("a schedule in it", "scheduler.create_schedule", **schedule)
    run("the schedule", "scheduler.get_schedule", Name="weekly", GroupName="reports")
    run("the schedule without its group", "scheduler.get_schedule", Name="weekly")
    run("schedules", "scheduler.list_schedules", GroupName="reports")
    run("tag", "scheduler.tag_resource", ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    run("tags", "scheduler.list_tags_for_resource", ResourceArn=arn)
    run("untag", "scheduler.untag_resource", ResourceArn=arn, TagKeys=["a"])
    run("what is left", "scheduler.list_tags_for_resource", ResourceArn=arn)
    run("tag none", "scheduler.tag_resource", ResourceArn=f"{arn}-gone", Tags=[{"Key": "b", "Value": "2"}])
    run("delete", "scheduler.delete_schedule_group", Name="reports")
    run("delete the default", "scheduler.delete_schedule_group", Name="default")
    run("delete none", "scheduler.delete_schedule_group", Name="unknown")
