// Runs a Java function against the Runtime API that AWS_LAMBDA_RUNTIME_API names, as Lambda's own client for Java does.
// Shipped as source and started by this machine's `java Java.java`, with the function's classes on the class path.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public class Java {
    static final String BASE = "http://" + System.getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/";
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static final String CORE = "com.amazonaws.services.lambda.runtime.";

    static HttpResponse<byte[]> call(String method, String path, byte[] body, String... headers) throws Exception {
        HttpRequest.BodyPublisher publisher =
            body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(BASE + path)).method(method, publisher);
        for (int i = 0; i < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** What Lambda's client itself finds wrong. */
    static class Fault extends Exception {
        final String type;

        Fault(String type, String message) {
            super(message);
            this.type = type;
        }
    }

    public static void main(String[] words) throws Exception {
        Handler handler;
        try {
            handler = Handler.load(System.getenv("_HANDLER"));
        } catch (Throwable error) {
            postError("init/error", error);
            System.exit(1);
            return;
        }
        try {
            while (true) handleOne(handler);
        } catch (java.io.IOException gone) {
            // The Runtime API has gone: so has the local AWS.
            System.exit(1);
        }
    }

    static void handleOne(Handler handler) throws Exception {
        HttpResponse<byte[]> next = call("GET", "invocation/next", null);
        String id = next.headers().firstValue("lambda-runtime-aws-request-id").orElse("");
        next.headers().firstValue("lambda-runtime-trace-id")
            .ifPresent(trace -> System.setProperty("com.amazonaws.xray.traceHeader", trace));
        byte[] answer;
        try {
            answer = handler.answer(next.body(), next.headers());
        } catch (Throwable error) {
            postError("invocation/" + id + "/error", error);
            // What is wrong with the machine itself leaves nothing to go on with.
            if (error instanceof VirtualMachineError) System.exit(1);
            return;
        }
        System.out.flush();
        call("POST", "invocation/" + id + "/response", answer, "Content-Type", "application/json");
    }

    static void postError(String path, Throwable error) throws Exception {
        Map<String, Object> described = describe(error);
        String type = String.valueOf(described.get("errorType"));
        log(described.get("errorMessage") + ": " + type + "\n" + trace(error));
        System.out.flush();
        byte[] body = Json.write(described).getBytes(StandardCharsets.UTF_8);
        call("POST", path, body, "Content-Type", "application/json", "Lambda-Runtime-Function-Error-Type", type);
    }

    static Map<String, Object> describe(Throwable error) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("errorMessage", String.valueOf(error.getMessage()));
        described.put("errorType", error instanceof Fault ? ((Fault) error).type : error.getClass().getName());
        List<String> lines = new ArrayList<>();
        for (StackTraceElement element : own(error)) lines.add(element.toString());
        described.put("stackTrace", lines);
        if (error.getCause() != null && error.getCause() != error) described.put("cause", describe(error.getCause()));
        return described;
    }

    /** The frames above ours. */
    static List<StackTraceElement> own(Throwable error) {
        List<StackTraceElement> kept = new ArrayList<>();
        for (StackTraceElement element : error.getStackTrace()) {
            String name = element.getClassName();
            if (name.equals("Java") || name.startsWith("Java$") || name.startsWith("jdk.internal.reflect")
                || name.startsWith("java.lang.reflect")) break;
            kept.add(element);
        }
        return kept;
    }

    static String trace(Throwable error) {
        StringBuilder text = new StringBuilder(error instanceof Fault ? "" : error + "\n");
        for (StackTraceElement element : own(error)) text.append("\tat ").append(element).append("\n");
        if (error.getCause() != null) text.append("Caused by: ").append(trace(error.getCause()));
        return text.toString();
    }

    /** One event, of as many lines as it has. */
    static synchronized void log(String message) {
        String descriptor = System.getenv("_LAMBDA_TELEMETRY_LOG_FD");
        byte[] data = message.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(16 + data.length);
        frame.putInt(0xa55a0003).putInt(data.length).putLong(System.currentTimeMillis() * 1000).put(data);
        try {
            if (pipe == null) pipe = open(Integer.parseInt(descriptor));
            pipe.write(frame.array());
        } catch (ReflectiveOperationException | java.io.IOException error) {
            System.out.println(message.replace('\n', '\r'));
        }
    }

    static FileOutputStream pipe;

    /** Java opens no descriptor by its number; java.io is opened to us by the command line. */
    static FileOutputStream open(int number) throws ReflectiveOperationException {
        FileDescriptor descriptor = new FileDescriptor();
        Field field = FileDescriptor.class.getDeclaredField("fd");
        field.setAccessible(true);
        field.setInt(descriptor, number);
        return new FileOutputStream(descriptor);
    }

    // ---- The handler

    static class Handler {
        final Object instance;
        final Method method;

        Handler(Object instance, Method method) {
            this.instance = instance;
            this.method = method;
        }

        static Handler load(String text) throws Throwable {
            String[] parts = text.split("::");
            Class<?> type;
            try {
                type = Class.forName(parts[0], true, ClassLoader.getSystemClassLoader());
            } catch (ClassNotFoundException error) {
                throw new Fault("java.lang.ClassNotFoundException", "Class not found: " + parts[0]);
            }
            Method method = find(type, parts.length > 1 ? parts[1] : "handleRequest");
            if (method == null)
                throw new Fault("java.lang.NoSuchMethodException", "No public method named " + parts[parts.length - 1] + " found in class " + parts[0]);
            method.setAccessible(true);
            try {
                boolean isStatic = Modifier.isStatic(method.getModifiers());
                return new Handler(isStatic ? null : type.getConstructor().newInstance(), method);
            } catch (InvocationTargetException error) {
                throw error.getCause();
            }
        }

        /** Of several the one with most parameters, the context last; what the compiler adds for generics is none. */
        static Method find(Class<?> type, String name) {
            Method best = null;
            for (Method one : type.getMethods()) {
                if (!one.getName().equals(name) || one.isBridge() || one.getParameterCount() > 3) continue;
                if (best == null || one.getParameterCount() > best.getParameterCount()) best = one;
            }
            return best;
        }

        byte[] answer(byte[] event, HttpHeaders headers) throws Throwable {
            Class<?>[] types = method.getParameterTypes();
            Type[] generic = resolved();
            boolean streams = Arrays.asList(types).contains(InputStream.class) || Arrays.asList(types).contains(OutputStream.class);
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            Object[] values = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                if (types[i].getName().equals(CORE + "Context")) values[i] = context(types[i], headers);
                else if (types[i] == InputStream.class) values[i] = new ByteArrayInputStream(event);
                else if (types[i] == OutputStream.class) values[i] = output;
                else values[i] = Json.convert(Json.read(new String(event, StandardCharsets.UTF_8)), generic[i]);
            }
            Object result;
            try {
                result = method.invoke(instance, values);
            } catch (InvocationTargetException error) {
                throw error.getCause();
            }
            if (streams && Arrays.asList(types).contains(OutputStream.class)) return output.toByteArray();
            return Json.write(result).getBytes(StandardCharsets.UTF_8);
        }

        Type[] resolved() {
            return method.getGenericParameterTypes();
        }
    }

    static Object context(Class<?> type, HttpHeaders headers) {
        Map<String, String> env = System.getenv();
        long deadline = Long.parseLong(headers.firstValue("lambda-runtime-deadline-ms").orElse("0"));
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> {
            switch (method.getName()) {
                case "getAwsRequestId": return headers.firstValue("lambda-runtime-aws-request-id").orElse(null);
                case "getInvokedFunctionArn": return headers.firstValue("lambda-runtime-invoked-function-arn").orElse(null);
                case "getFunctionName": return env.get("AWS_LAMBDA_FUNCTION_NAME");
                case "getFunctionVersion": return env.get("AWS_LAMBDA_FUNCTION_VERSION");
                case "getLogGroupName": return env.get("AWS_LAMBDA_LOG_GROUP_NAME");
                case "getLogStreamName": return env.get("AWS_LAMBDA_LOG_STREAM_NAME");
                case "getMemoryLimitInMB": return Integer.parseInt(env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
                case "getRemainingTimeInMillis": return (int) Math.max(0, deadline - System.currentTimeMillis());
                case "getLogger": return logger(method.getReturnType());
                case "toString": return "context of " + env.get("AWS_LAMBDA_FUNCTION_NAME");
                case "hashCode": return System.identityHashCode(proxy);
                case "equals": return proxy == values[0];
                default: return null;
            }
        });
    }

    static Object logger(Class<?> type) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> {
            if (method.getName().equals("log"))
                log(values[0] instanceof byte[] ? new String((byte[]) values[0], StandardCharsets.UTF_8) : String.valueOf(values[0]));
            return null;
        });
    }

    // ---- JSON, and the beans that events are

    static class Json {
        final String text;
        int at;

        Json(String text) {
            this.text = text;
        }

        static Object read(String text) throws Fault {
            Json json = new Json(text);
            Object value = json.value();
            json.space();
            if (json.at < text.length()) throw json.fault();
            return value;
        }

        Fault fault() {
            return new Fault("Runtime.UnmarshalError", "the event is no JSON at " + at);
        }

        void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        }

        boolean takes(char wanted) {
            space();
            if (at >= text.length() || text.charAt(at) != wanted) return false;
            at++;
            return true;
        }

        void need(char wanted) throws Fault {
            if (!takes(wanted)) throw fault();
        }

        Object value() throws Fault {
            space();
            if (takes('{')) {
                Map<String, Object> map = new LinkedHashMap<>();
                if (takes('}')) return map;
                do {
                    need('"');
                    String name = string();
                    need(':');
                    map.put(name, value());
                } while (takes(','));
                need('}');
                return map;
            }
            if (takes('[')) {
                List<Object> list = new ArrayList<>();
                if (takes(']')) return list;
                do list.add(value()); while (takes(','));
                need(']');
                return list;
            }
            if (takes('"')) return string();
            for (String word : new String[] {"true", "false", "null"}) {
                if (!text.startsWith(word, at)) continue;
                at += word.length();
                return word.equals("null") ? null : Boolean.valueOf(word);
            }
            return number();
        }

        Object number() throws Fault {
            int start = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
            String digits = text.substring(start, at);
            try {
                if (digits.matches("-?\\d{1,9}")) return Integer.valueOf(digits);
                if (digits.matches("-?\\d{1,18}")) return Long.valueOf(digits);
                return Double.valueOf(digits);
            } catch (NumberFormatException error) {
                throw fault();
            }
        }

        String string() throws Fault {
            StringBuilder out = new StringBuilder();
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c == '"') return out.toString();
                if (c != '\\') {
                    out.append(c);
                    continue;
                }
                char escaped = text.charAt(at++);
                int plain = "bfnrt".indexOf(escaped);
                if (escaped == 'u') {
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                } else out.append(plain < 0 ? escaped : "\b\f\n\r\t".charAt(plain));
            }
            throw fault();
        }

        /** A value as a type wants it: text, numbers, lists and maps, and beans by their setters. */
        static Object convert(Object value, Type wanted) throws Exception {
            Class<?> type = wanted instanceof Class ? (Class<?>) wanted
                : wanted instanceof ParameterizedType ? (Class<?>) ((ParameterizedType) wanted).getRawType() : Object.class;
            Type[] inner = wanted instanceof ParameterizedType ? ((ParameterizedType) wanted).getActualTypeArguments() : new Type[0];
            if (value == null || type == Object.class) return value;
            if (type == String.class) return value instanceof String ? value : write(value);
            if (value instanceof Number) return number((Number) value, type);
            if (value instanceof Boolean && (type == boolean.class || type == Boolean.class)) return value;
            if (value instanceof String && type.isEnum()) return enumValue(type, (String) value);
            if (value instanceof List && type.isAssignableFrom(ArrayList.class)) {
                List<Object> list = new ArrayList<>();
                for (Object one : (List<?>) value) list.add(convert(one, inner.length > 0 ? inner[0] : Object.class));
                return list;
            }
            if (value instanceof Map && type.isAssignableFrom(LinkedHashMap.class)) {
                Map<String, Object> map = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet())
                    map.put((String) entry.getKey(), convert(entry.getValue(), inner.length > 1 ? inner[1] : Object.class));
                return map;
            }
            if (value instanceof Map) return bean((Map<?, ?>) value, type);
            throw new Fault("Runtime.UnmarshalError", "An error occurred during JSON parsing: " + type.getName() + " cannot be made of " + write(value));
        }

        static Object number(Number value, Class<?> type) throws Fault {
            if (type == int.class || type == Integer.class) return value.intValue();
            if (type == long.class || type == Long.class) return value.longValue();
            if (type == double.class || type == Double.class) return value.doubleValue();
            if (type == float.class || type == Float.class) return value.floatValue();
            if (type.isInstance(value)) return value;
            throw new Fault("Runtime.UnmarshalError", "An error occurred during JSON parsing: " + type.getName() + " cannot be made of " + value);
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        static Object enumValue(Class type, String name) {
            return Enum.valueOf(type, name);
        }

        static Object bean(Map<?, ?> values, Class<?> type) throws Exception {
            Object bean = type.getConstructor().newInstance();
            for (Method method : type.getMethods()) {
                if (!method.getName().startsWith("set") || method.getParameterCount() != 1) continue;
                String name = decapitalized(method.getName().substring(3));
                for (Map.Entry<?, ?> entry : values.entrySet()) {
                    if (name.equalsIgnoreCase((String) entry.getKey()))
                        method.invoke(bean, convert(entry.getValue(), method.getGenericParameterTypes()[0]));
                }
            }
            return bean;
        }

        static String decapitalized(String name) {
            return name.isEmpty() ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
        }

        static String write(Object value) {
            StringBuilder out = new StringBuilder();
            write(value, out);
            return out.toString();
        }

        static void write(Object value, StringBuilder out) {
            if (value == null || value instanceof Boolean || value instanceof Number) out.append(value);
            else if (value instanceof Map) {
                String comma = "{";
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    quote(out.append(comma), String.valueOf(entry.getKey()));
                    write(entry.getValue(), out.append(':'));
                    comma = ",";
                }
                out.append(comma.equals("{") ? "{}" : "}");
            } else if (value instanceof Collection || value instanceof Object[]) {
                Collection<?> list = value instanceof Collection ? (Collection<?>) value : Arrays.asList((Object[]) value);
                String comma = "[";
                for (Object one : list) {
                    write(one, out.append(comma));
                    comma = ",";
                }
                out.append(comma.equals("[") ? "[]" : "]");
            } else if (value instanceof CharSequence || value instanceof Character || value instanceof Enum) quote(out, value.toString());
            else write(properties(value), out);
        }

        static Map<String, Object> properties(Object bean) {
            Map<String, Object> found = new java.util.TreeMap<>();
            for (Method method : bean.getClass().getMethods()) {
                String name = method.getName();
                int start = name.startsWith("get") && name.length() > 3 ? 3 : name.startsWith("is") && name.length() > 2 ? 2 : 0;
                if (start == 0 || method.getParameterCount() > 0 || name.equals("getClass") || Modifier.isStatic(method.getModifiers())) continue;
                try {
                    method.setAccessible(true);
                    found.put(decapitalized(name.substring(start)), method.invoke(bean));
                } catch (ReflectiveOperationException error) {
                    throw new IllegalStateException("An error occurred during serialization of " + name, error);
                }
            }
            return found;
        }

        static void quote(StringBuilder out, String text) {
            out.append('"');
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                int plain = "\"\\\b\f\n\r\t".indexOf(c);
                if (plain >= 0) out.append('\\').append("\"\\bfnrt".charAt(plain));
                else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
                else out.append(c);
            }
            out.append('"');
        }
    }
}
