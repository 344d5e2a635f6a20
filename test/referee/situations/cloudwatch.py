"""Situations of CloudWatch metrics."""
import datetime

from situations._situation import collected

SITUATIONS, situation = collected()

HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)


def hour_before():
    """The start of the hour before this one."""
    return datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0) - HOUR


def asked(name, stat="Sum", id="q", period=60, namespace="App", dimensions=(), **members):
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions]}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **members}


@situation
def values_and_statistics(run):
    start = hour_before()
    span = {"StartTime": start, "EndTime": start + HOUR}
    datum = {"MetricName": "Size", "Timestamp": start + 3 * MINUTE, "Unit": "Bytes"}
    put = lambda step, *data: run(step, "cloudwatch.put_metric_data", Namespace="App", MetricData=list(data))
    put("put a value", {**datum, "Value": 5})
    put("put values with counts", {**datum, "Values": [1, 2, 10], "Counts": [4, 4, 1]})
    put("put a later value", {**datum, "Timestamp": start + 17 * MINUTE, "Value": 100})
    for stat in ["Sum", "SampleCount", "Average", "Minimum", "Maximum", "p50", "p100"]:
        run(stat, "cloudwatch.get_metric_data", MetricDataQueries=[asked("Size", stat, period=3600)], **span)
    for stat in ["tm80", "IQM", "PR(:2)", "TC(2:)"]:
        run(stat, "cloudwatch.get_metric_data", MetricDataQueries=[asked("Size", stat, period=3600)], **span)
    run("by five minutes", "cloudwatch.get_metric_data", MetricDataQueries=[asked("Size", period=300)], ScanBy="TimestampAscending", **span)
    run("newest first", "cloudwatch.get_metric_data", MetricDataQueries=[asked("Size", period=300)], **span)
    queries = [asked("Size", period=300, id="a"), asked("Size", "Maximum", period=300, id="b"), {"Id": "c", "Expression": "a / b", "Label": "ratio"}]
    run("several", "cloudwatch.get_metric_data", MetricDataQueries=queries, ScanBy="TimestampAscending", **span)
    hidden = [{**queries[0], "ReturnData": False}, queries[1], queries[2]]
    run("hidden", "cloudwatch.get_metric_data", MetricDataQueries=hidden, ScanBy="TimestampAscending", **span)
    run("a page", "cloudwatch.get_metric_data", MetricDataQueries=queries[:2], MaxDatapoints=1, **span)
    run("no data", "cloudwatch.get_metric_data", MetricDataQueries=[asked("None")], **span)
    run("periods from an odd start", "cloudwatch.get_metric_data", MetricDataQueries=[asked("Size", period=1200)], StartTime=start + 2 * MINUTE, EndTime=start + HOUR, ScanBy="TimestampAscending")
    of = {"Namespace": "App", "MetricName": "Size", **span}
    run("statistics", "cloudwatch.get_metric_statistics", Period=3600, Statistics=["Sum", "Average", "Maximum"], **of)
    run("extended statistics", "cloudwatch.get_metric_statistics", Period=3600, ExtendedStatistics=["p50"], **of)
    run("statistics of a unit", "cloudwatch.get_metric_statistics", Period=3600, Statistics=["Sum"], Unit="Seconds", **of)


@situation
def sets_and_dimensions(run):
    start = hour_before()
    span = {"StartTime": start, "EndTime": start + HOUR}
    datum = {"MetricName": "Wait", "Timestamp": start}
    put = lambda step, *data: run(step, "cloudwatch.put_metric_data", Namespace="Sets", MetricData=list(data))
    put("put a set", {**datum, "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}})
    run("the sum of the set", "cloudwatch.get_metric_data", MetricDataQueries=[asked("Wait", namespace="Sets")], **span)
    run("its maximum", "cloudwatch.get_metric_data", MetricDataQueries=[asked("Wait", "Maximum", namespace="Sets")], **span)
    put("put with dimensions", {**datum, "Value": 1, "Dimensions": [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]})
    both = [("a", "1"), ("b", "2")]
    run("the dimensions in another order", "cloudwatch.get_metric_data", MetricDataQueries=[asked("Wait", namespace="Sets", dimensions=both)], **span)
    run("some of the dimensions", "cloudwatch.get_metric_data", MetricDataQueries=[asked("Wait", namespace="Sets", dimensions=both[:1])], **span)
    run("list by a dimension", "cloudwatch.list_metrics", Namespace="Sets", Dimensions=[{"Name": "a"}])
    run("list by a value that is none", "cloudwatch.list_metrics", Namespace="Sets", Dimensions=[{"Name": "a", "Value": "2"}])
    run("list nothing", "cloudwatch.list_metrics", Namespace="Nothing")


@situation
def refusals(run):
    start = hour_before()
    span = {"StartTime": start, "EndTime": start + HOUR}
    put = lambda step, **datum: run(step, "cloudwatch.put_metric_data", Namespace="Bad", MetricData=[{"MetricName": "m", **datum}])
    put("a value and values", Value=1, Values=[1])
    put("counts that do not match", Values=[1, 2], Counts=[1])
    put("nothing")
    put("too old", Value=1, Timestamp=start - datetime.timedelta(days=15))
    put("in the future", Value=1, Timestamp=start + 5 * HOUR)
    put("a minimum over the maximum", StatisticValues={"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1})
    run("the namespace of a service", "cloudwatch.put_metric_data", Namespace="AWS/Lambda", MetricData=[{"MetricName": "m", "Value": 1}])
    get = lambda step, *queries, **members: run(step, "cloudwatch.get_metric_data", MetricDataQueries=list(queries), **{**span, **members})
    get("the end before the start", asked("m"), StartTime=start, EndTime=start - HOUR)
    get("the same id twice", asked("m"), asked("m"))
    get("an id in capitals", asked("m", id="Q"))
    get("an unknown statistic", asked("m", "median"))
    get("neither a metric nor an expression", {"Id": "q"})
    get("an expression of nothing", {"Id": "q", "Expression": "a + b"})
    get("an unknown token", asked("m"), NextToken="none")
    of = {"Namespace": "Bad", "MetricName": "m", **span, "Period": 60}
    run("no statistics", "cloudwatch.get_metric_statistics", **of)
    run("both statistics", "cloudwatch.get_metric_statistics", Statistics=["Sum"], ExtendedStatistics=["p50"], **of)
    days = {**of, "StartTime": start - datetime.timedelta(days=3)}
    run("too many datapoints", "cloudwatch.get_metric_statistics", Statistics=["Sum"], **days)
