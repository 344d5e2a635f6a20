require "minitest/autorun"
require "net/http"
require_relative "local"

class HelloTest < Minitest::Test
  def get(path)
    Net::HTTP.get_response(URI(Local.outputs["HttpApiUrl"] + path))
  end

  def test_greets_by_name
    response = get("/hello/Ann")
    assert_equal "200", response.code
    assert_equal({ "message" => "Hello, Ann!" }, JSON.parse(response.body))
  end

  def test_greets_the_world
    assert_equal({ "message" => "Hello, world!" }, JSON.parse(get("/").body))
  end

  def test_has_no_other_routes
    assert_equal "404", get("/nowhere").code
  end
end
