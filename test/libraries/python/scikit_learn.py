# requires: scikit-learn==1.9.1
# needs: 3.12
# answers: [4.0]
from sklearn.linear_model import LinearRegression


def handler(event, context):
    model = LinearRegression().fit([[1], [2], [3]], [1, 2, 3])
    return [round(float(one), 6) for one in model.predict([[4]])]
