package feedback;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HexFormat;

/** Answers each line of standard input with what the recipe makes of it. */
final class Vectors {
    public static void main(String[] arguments) throws Exception {
        Feedback feedback = new Feedback(arguments[0]);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] given = line.split("\t", -1);
            System.out.println(switch (given[0]) {
                case "hash" -> feedback.hash(text(given[1]));
                case "length" -> Feedback.length(text(given[1]));
                case "subject" -> feedback.subject(text(given[1]));
                case "derived" -> HexFormat.of().formatHex(feedback.derived(text(given[1])));
                case "handle" -> feedback.handle(
                    given[1], given[2], Long.parseLong(given[3]), given[4].equals("true"));
                case "action" -> Feedback.actionId(text(given[1]), text(given[2]), text(given[3]));
                default -> throw new IllegalArgumentException(line);
            });
        }
    }

    /** Code units as they are, lone surrogates too, which no decoder lets pass. */
    private static String text(String hex) {
        StringBuilder found = new StringBuilder();
        for (int at = 0; at < hex.length(); at += 4) {
            found.append((char) Integer.parseInt(hex, at, at + 4, 16));
        }
        return found.toString();
    }
}
