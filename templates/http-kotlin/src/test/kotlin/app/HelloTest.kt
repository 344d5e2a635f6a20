package app

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HelloTest {
    private val local = Local()

    @AfterAll
    fun stop() = local.close()

    private fun get(path: String): HttpResponse<String> {
        val url = URI.create(local.outputs["HttpApiUrl"].asText() + path)
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
    }

    @Test
    fun `greets by name`() {
        val response = get("/hello/Ann")
        assertEquals(200, response.statusCode())
        assertEquals("""{"message":"Hello, Ann!"}""", response.body())
    }

    @Test
    fun `greets the world`() = assertEquals("""{"message":"Hello, world!"}""", get("/").body())

    @Test
    fun `has no other routes`() = assertEquals(404, get("/nowhere").statusCode())
}
