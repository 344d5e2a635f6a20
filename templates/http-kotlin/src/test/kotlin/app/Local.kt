package app

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper

/** Runs fx and returns its result. */
fun fx(vararg words: String): JsonNode {
    val command = listOf("fx", *words, "--json")
    val process = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    val output = process.inputStream.bufferedReader().readText().trim()
    check(process.waitFor() == 0) { "$command: $output" }
    return ObjectMapper().readTree(output.lines().last())["value"]
}

/** The project on the local AWS of this machine, by the command fx. */
class Local : AutoCloseable {
    private val isMine = !fx("local", "status")["running"].asBoolean()

    /** The outputs of the stack. */
    val outputs: JsonNode = fx("deploy", "--env", "local")["outputs"]

    override fun close() {
        if (isMine) fx("local", "stop")
    }
}
