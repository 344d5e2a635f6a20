# The project on the local AWS of this machine, by the command fx.
require "json"
require "open3"

module Local
  # Runs fx and returns its result.
  def self.fx(*words)
    output, status = Open3.capture2("fx", *words, "--json", chdir: File.expand_path("..", __dir__))
    raise "fx #{words.join(" ")}: #{output}" unless status.success?

    JSON.parse(output.lines.last)["value"]
  end

  # The outputs of the stack, deployed once for all tests.
  def self.outputs
    @outputs ||= begin
      mine = !fx("local", "status")["running"]
      Minitest.after_run { fx("local", "stop") } if mine
      fx("deploy", "--env", "local")["outputs"]
    end
  end
end
