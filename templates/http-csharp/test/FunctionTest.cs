using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.TestUtilities;
using Xunit;

namespace Hello.Test;

public class FunctionTest
{
    private static string Answer(Dictionary<string, string>? parameters)
    {
        var request = new APIGatewayHttpApiV2ProxyRequest { PathParameters = parameters };
        return new Function().Handle(request, new TestLambdaContext()).Body;
    }

    [Fact]
    public void GreetsByName() =>
        Assert.Equal("""{"message":"Hello, Ann!"}""", Answer(new() { ["name"] = "Ann" }));

    [Fact]
    public void GreetsTheWorld() => Assert.Equal("""{"message":"Hello, world!"}""", Answer(null));
}
