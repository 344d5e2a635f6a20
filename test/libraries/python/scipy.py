# requires: scipy==1.17.1
# needs: 3.12
# answers: [1.0, 2.0]
from scipy import optimize, stats


def handler(event, context):
    root = optimize.brentq(lambda x: x**2 - 1, 0, 3)
    return [round(float(root), 6), float(stats.tmean([1, 2, 3]))]
