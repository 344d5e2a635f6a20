# requires: pyyaml==6.0.4
# answers: [{"a": [1, 2]}, true]
import yaml


def handler(event, context):
    return [yaml.safe_load("a: [1, 2]"), yaml.__with_libyaml__]
