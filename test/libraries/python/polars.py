# requires: polars==2.1.0
# answers: [["a", "b"], [3, 3]]
import polars


def handler(event, context):
    frame = polars.DataFrame({"k": ["a", "b", "a"], "v": [1, 3, 2]})
    grouped = frame.lazy().group_by("k").agg(polars.col("v").sum()).sort("k").collect()
    return [grouped["k"].to_list(), grouped["v"].to_list()]
