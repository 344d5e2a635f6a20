package app

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent

class Hello : RequestHandler<APIGatewayV2HTTPEvent, Map<String, String>> {
    override fun handleRequest(event: APIGatewayV2HTTPEvent, context: Context): Map<String, String> {
        val name = event.pathParameters?.get("name") ?: "world"
        println("greeting $name")
        return mapOf("message" to "${System.getenv("GREETING")}, $name!")
    }
}
