# requires: graphene==3.4.3
# answers: {"hello": "hello ann"}
import graphene


class Query(graphene.ObjectType):
    hello = graphene.String(name=graphene.Argument(graphene.String))

    def resolve_hello(self, info, name):
        return f"hello {name}"


def handler(event, context):
    return graphene.Schema(query=Query).execute('{ hello(name: "ann") }').data
