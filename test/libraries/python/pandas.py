# requires: pandas==3.1.1
# needs: 3.12
# answers: {"a": 3, "b": 3}
import pandas


def handler(event, context):
    frame = pandas.DataFrame({"k": ["a", "b", "a"], "v": [1, 3, 2]})
    return {key: int(value) for key, value in frame.groupby("k")["v"].sum().items()}
