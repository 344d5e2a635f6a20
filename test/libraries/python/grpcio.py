# requires: grpcio==1.85.3 protobuf==7.36.2
# answers: ["UNAVAILABLE", 3]
import grpc
from google.protobuf import wrappers_pb2


def handler(event, context):
    read = wrappers_pb2.Int32Value.FromString(wrappers_pb2.Int32Value(value=3).SerializeToString())
    channel = grpc.insecure_channel("127.0.0.1:1")
    try:
        channel.unary_unary("/a/b")(b"", timeout=2)
    except grpc.RpcError as error:
        return [error.code().name, read.value]
