package app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/** The project on the local AWS of this machine, by the command fx. */
class Local implements AutoCloseable {
    private final boolean isMine = !fx("local", "status").get("running").asBoolean();
    /** The outputs of the stack. */
    final JsonNode outputs = fx("deploy", "--env", "local").get("outputs");

    /** Runs fx and returns its result. */
    static JsonNode fx(String... words) {
        List<String> command = new ArrayList<>(List.of("fx"));
        command.addAll(List.of(words));
        command.add("--json");
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            String output = new String(process.getInputStream().readAllBytes()).strip();
            if (process.waitFor() != 0) throw new IllegalStateException(command + ": " + output);
            return new ObjectMapper().readTree(output.substring(output.lastIndexOf('\n') + 1)).get("value");
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    @Override
    public void close() {
        if (isMine) fx("local", "stop");
    }
}
