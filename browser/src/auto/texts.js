/**
 * The texts in a response that may be its answer.
 *
 * Nothing is known of the protocol: strings at the same place of each JSON document are pieces of
 * one text, and what is not JSON is one text itself.
 */

const MOST = 200000; // characters of a text

/** Collects the texts of one response, piece by piece. */
export class Texts {
  #texts = new Map(); // by place
  #rest = "";
  #kind;

  #asked;

  /**
   * @param {string} type value of the Content-Type header
   * @param {{text: string}} asked body of the request: what it holds is no answer to it
   */
  constructor(type, asked) {
    this.#asked = asked;
    this.#kind = /event-stream|ndjson|jsonl|json-seq/.test(type)
      ? "lines"
      : /json/.test(type)
        ? "document"
        : "text";
  }

  /** Take the next piece of the body. */
  take(piece) {
    if (this.#kind == "text") {
      this.#add("", piece);
      return;
    }
    this.#rest += piece;
    if (this.#kind == "lines") {
      const lines = this.#rest.split(/\r\n|[\r\n]/);
      this.#rest = lines.pop();
      lines.forEach((line) => this.#line(line));
    }
  }

  /** Take the end of the body. */
  end() {
    this.#line(this.#rest);
  }

  /** The longest ones. */
  longest() {
    return [...this.#texts.values()]
      .filter((text) => text && !this.#asked.text.includes(JSON.stringify(text).slice(1, -1)))
      .sort((a, b) => b.length - a.length)
      .slice(0, 5);
  }

  #line(line) {
    const content = line.replace(/^data: ?/, "");
    try {
      this.#leaves(JSON.parse(content), "");
    } catch {
      if (content != line) {
        this.#add("", content);
      }
    }
  }

  #leaves(value, place) {
    if (typeof value == "string") {
      this.#add(place, value);
    } else if (value) {
      // A protocol of parts sends them under one name; their type tells reasoning from text.
      const kind = typeof value.type == "string" ? value.type : "";
      for (const [name, inner] of Object.entries(value)) {
        this.#leaves(inner, [place, kind, name].join("/"));
      }
    }
  }

  #add(place, piece) {
    const known = this.#texts.get(place) ?? "";
    // Some send all of the text so far each time.
    const text = known && piece.startsWith(known) ? piece : known + piece;
    this.#texts.set(place, text.slice(0, MOST));
  }
}
