# requires: docopt==0.6.2
# answers: {"NAME": "x", "--loud": true}
import docopt


def handler(event, context):
    return dict(docopt.docopt("Usage: greet [--loud] NAME", ["--loud", "x"]))
