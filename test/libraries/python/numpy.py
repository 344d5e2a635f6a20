# requires: numpy==2.4.6
# needs: 3.12
# answers: [[19, 22], [43, 50], 6.0]
import numpy


def handler(event, context):
    product = numpy.array([[1, 2], [3, 4]]) @ numpy.array([[5, 6], [7, 8]])
    return [*product.tolist(), float(numpy.linalg.det(numpy.diag([1.0, 2.0, 3.0])).round(6))]
