package feedback;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;

/** Asks a model by the recipe, whole and as a stream, and one that fails; prints what was recorded. */
final class Chat {
    public static void main(String[] arguments) throws InterruptedException {
        InMemorySpanExporter exporter = InMemorySpanExporter.create();
        SdkTracerProvider provider =
            SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
        OpenTelemetrySdk telemetry = OpenTelemetrySdk.builder().setTracerProvider(provider).build();
        Model model = new Model();
        Span request = telemetry.getTracer("server").spanBuilder("POST /chat").startSpan();
        try (var scope = request.makeCurrent()) {
            ChatClientResponse whole = new Answers(model, telemetry, arguments[0]).answer("Where?");
            print("whole", Answers.handleOf(whole), exporter);
            FeedbackAdvisor advisor =
                new FeedbackAdvisor(new Feedback(arguments[0]), telemetry.getTracer("answers"));
            ChatClient client = ChatClient.builder(model).defaultAdvisors(advisor).build();
            List<ChatClientResponse> parts =
                client.prompt("Where?").stream().chatClientResponse().collectList().block();
            print("stream", Answers.handleOf(parts.get(0)), exporter);
            model.fails = true;
            try {
                new Answers(model, telemetry, arguments[0]).answer("Where?");
            } catch (IllegalStateException error) {
                print(error.getMessage(), "", exporter);
            }
        }
        request.end();
        System.out.println("request " + request.getSpanContext().getSpanId());
    }

    private static void print(String what, String handle, InMemorySpanExporter exporter)
            throws InterruptedException {
        // A stream ends its span on a thread of its own.
        while (exporter.getFinishedSpanItems().isEmpty()) {
            Thread.sleep(10);
        }
        SpanData span = exporter.getFinishedSpanItems().get(0);
        Map<AttributeKey<?>, Object> attributes = span.getAttributes().asMap();
        System.out.println(what + " handle=" + handle + " span=" + span.getSpanId()
            + " status=" + span.getStatus().getStatusCode());
        attributes.forEach((key, value) -> System.out.println(what + " " + key.getKey() + "=" + value));
        exporter.reset();
    }

    private static final class Model implements ChatModel {
        boolean fails;

        @Override
        public ChatResponse call(Prompt prompt) {
            if (fails) {
                throw new IllegalStateException("refused");
            }
            return part("Paris is the\ncapital.");
        }

        @Override
        public Flux<ChatResponse> stream(Prompt prompt) {
            return Flux.fromIterable(Arrays.asList(part("Paris is "), part("the\n"), part("capital.")));
        }

        private static ChatResponse part(String text) {
            return new ChatResponse(List.of(new Generation(new AssistantMessage(text))));
        }
    }
}
