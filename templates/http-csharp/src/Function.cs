using System.Text.Json;
using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.Core;

[assembly: LambdaSerializer(typeof(Amazon.Lambda.Serialization.SystemTextJson.DefaultLambdaJsonSerializer))]

namespace Hello;

public class Function
{
    public APIGatewayHttpApiV2ProxyResponse Handle(APIGatewayHttpApiV2ProxyRequest request, ILambdaContext context)
    {
        var name = request.PathParameters?.GetValueOrDefault("name") ?? "world";
        context.Logger.LogInformation($"greeting {name}");
        var greeting = Environment.GetEnvironmentVariable("GREETING") ?? "Hello";
        return new APIGatewayHttpApiV2ProxyResponse
        {
            StatusCode = 200,
            Headers = new Dictionary<string, string> { ["content-type"] = "application/json" },
            Body = JsonSerializer.Serialize(new { message = $"{greeting}, {name}!" }),
        };
    }
}
