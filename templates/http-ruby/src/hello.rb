def handler(event:, context:)
  name = event.dig("pathParameters", "name") || "world"
  puts "greeting #{name}"
  { message: "#{ENV.fetch("GREETING", "Hello")}, #{name}!" }
end
