package app;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import java.util.Map;

public class Hello implements RequestHandler<APIGatewayV2HTTPEvent, Map<String, String>> {
    @Override
    public Map<String, String> handleRequest(APIGatewayV2HTTPEvent event, Context context) {
        Map<String, String> parameters = event.getPathParameters();
        String name = parameters == null ? "world" : parameters.get("name");
        System.out.println("greeting " + name);
        return Map.of("message", System.getenv("GREETING") + ", " + name + "!");
    }
}
