package app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HelloTest {
    private static Local local;

    @BeforeAll
    static void deploy() {
        local = new Local();
    }

    @AfterAll
    static void stop() {
        local.close();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        URI url = URI.create(local.outputs.get("HttpApiUrl").asText() + path);
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void greetsByName() throws Exception {
        HttpResponse<String> response = get("/hello/Ann");
        assertEquals(200, response.statusCode());
        assertEquals("{\"message\":\"Hello, Ann!\"}", response.body());
    }

    @Test
    void greetsTheWorld() throws Exception {
        assertEquals("{\"message\":\"Hello, world!\"}", get("/").body());
    }

    @Test
    void hasNoOtherRoutes() throws Exception {
        assertEquals(404, get("/nowhere").statusCode());
    }
}
